//! Snapshots, metrics and logs: arrays of values, whose names the facade knows. Objects would bring the
//! names, and a table of them, into the wasm.

use serde::{Serialize, Serializer};
use wasm_bindgen::JsValue;

use super::payload::Message;
use crate::core::histogram::{Histogram, Summary};
use crate::core::log::Entry;
use crate::core::metrics::Metrics;
use crate::core::pool::{Facts, Pool};

/// What stands in a listing where there is no connection.
const NONE: u32 = u32::MAX;

/// A value on its way to JavaScript. One type for all of them: each further one that is serialised would be
/// compiled into the wasm by itself.
enum Value<'a> {
    Null,
    Number(f64),
    Text(&'a str),
    List(Vec<Value<'a>>),
}

use Value::{List, Null, Number, Text};

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Null => to.serialize_unit(),
            Number(number) => to.serialize_f64(*number),
            Text(text) => to.serialize_str(text),
            List(values) => to.collect_seq(values),
        }
    }
}

impl<'a> Value<'a> {
    fn text(text: Option<&'a str>) -> Self {
        text.map_or(Null, Text)
    }

    /// Counts, and Unix ms, which stay exact in a double for 280,000 years.
    fn count(count: u64) -> Self {
        Number(count as f64)
    }

    fn told(self) -> JsValue {
        let serializer = serde_wasm_bindgen::Serializer::new().serialize_missing_as_null(true);
        // Only maps with strange keys and numbers beyond 2⁵³ can fail; there are none.
        self.serialize(&serializer).unwrap_or(JsValue::NULL)
    }
}

/// `[online, active id, id, revision, id, revision, …]`, in the order of the keys.
pub(crate) fn listing(pool: &Pool<Message>) -> Vec<u32> {
    let mut listing = vec![u32::from(pool.is_online()), pool.active().map_or(NONE, |id| id.0)];
    for (id, revision) in pool.listing() {
        listing.extend_from_slice(&[id.0, revision]);
    }
    listing
}

/// What a snapshot shows of a connection: project, environment, status, reason, attempt, next attempt at,
/// connected at, protocol.
pub(crate) fn row(facts: &Facts<'_>) -> JsValue {
    List(vec![
        Text(facts.key.project()),
        Text(facts.key.env()),
        Number(f64::from(facts.status as u8)),
        Value::text(facts.reason),
        Number(f64::from(facts.attempt)),
        facts.next_attempt_at.map_or(Null, Value::count),
        facts.connected_at.map_or(Null, Value::count),
        Value::text(facts.protocol),
    ])
    .told()
}

/// What a connection, or all of them, did: attempts, opens, reconnects, messages in and out, bytes in and
/// out, connected ms, queued bytes, lost, discarded, resumed, replayed; then round trips and failures; then of
/// questions how many connections could be asked or wait, how many wait, asked, answered and unanswered; then how long
/// answers took.
pub(crate) fn metrics(
    metrics: &Metrics,
    connected_ms: u64,
    queued_bytes: u64,
    (active, waiting): (u64, u64),
) -> JsValue {
    let counts = [
        metrics.attempts,
        metrics.opens,
        metrics.reconnects,
        metrics.messages_in,
        metrics.messages_out,
        metrics.bytes_in,
        metrics.bytes_out,
        connected_ms,
        queued_bytes,
        metrics.lost,
        metrics.discarded,
        metrics.resumed,
        metrics.replayed,
    ];
    let questions = [active, waiting, metrics.asked, metrics.answered, metrics.unanswered];
    let failure = |(reason, count): &(&'static str, u64)| List(vec![Text(reason), Value::count(*count)]);
    List(vec![
        List(counts.map(Value::count).into()),
        durations(metrics.round_trips.as_ref()),
        List(metrics.failures.iter().map(failure).collect()),
        List(questions.map(Value::count).into()),
        durations(metrics.answers.as_ref()),
    ])
    .told()
}

/// The last, the mean, the median and the 99th percentile, in ms.
fn durations(of: Option<&Histogram>) -> Value<'static> {
    let summary = of.and_then(Histogram::summary);
    summary.map_or(Null, |Summary { last_us, mean_us, p50_us, p99_us }| {
        List([last_us, mean_us, p50_us, p99_us].map(|us| Number(f64::from(us) / 1_000.0)).into())
    })
}

/// How many switches there were, and how long they took: the median and the 99th percentile, in µs.
pub(crate) fn switches(pool: &Pool<Message>) -> JsValue {
    let switches =
        pool.switches().map(|(count, summary)| [count, summary.p50_us.into(), summary.p99_us.into()]);
    numbers(switches.unwrap_or_default())
}

/// A list of counts.
pub(crate) fn numbers<const N: usize>(counts: [u64; N]) -> JsValue {
    List(counts.map(Value::count).into()).told()
}

/// Unix ms, from, to, because; oldest first.
pub(crate) fn log<'a>(entries: impl Iterator<Item = &'a Entry>) -> JsValue {
    let row = |entry: &'a Entry| {
        List(vec![Value::count(entry.at), Text(entry.from), Text(entry.to), Text(&entry.because)])
    };
    List(entries.map(row).collect()).told()
}
