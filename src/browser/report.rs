//! Snapshots, metrics and logs: arrays of values, whose names the facade knows. Objects would bring the
//! names, and a table of them, into the wasm.

use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::JsValue;

use super::payload::Message;
use crate::core::histogram::Summary;
use crate::core::log::Entry;
use crate::core::metrics::Metrics;
use crate::core::pool::{Facts, Pool};

/// What stands in a listing where there is no connection.
const NONE: u32 = u32::MAX;

/// `[online, active id, id, revision, id, revision, …]`, in the order of the keys.
pub(crate) fn listing(pool: &Pool<Message>) -> Vec<u32> {
    let active = pool.active().map_or(NONE, |id| id.0);
    let head = [u32::from(pool.is_online()), active];
    head.into_iter().chain(pool.listing().flat_map(|(id, revision)| [id.0, revision])).collect()
}

/// Project, environment, status, reason, attempt, next attempt at, connected at, protocol.
#[derive(Serialize)]
struct Row<'a>(
    &'a str,
    &'a str,
    u8,
    Option<&'a str>,
    u32,
    Option<f64>,
    Option<f64>,
    Option<&'static str>,
);

/// What a snapshot shows of a connection.
pub(crate) fn row(facts: &Facts<'_>) -> JsValue {
    // Unix ms stay exact in a double for 280,000 years.
    let ms = |ms: Option<u64>| ms.map(|ms| ms as f64);
    value(&Row(
        facts.key.project(),
        facts.key.env(),
        facts.status as u8,
        facts.reason,
        facts.attempt,
        ms(facts.next_attempt_at),
        ms(facts.connected_at),
        facts.protocol,
    ))
}

/// Attempts, opens, reconnects, messages in and out, bytes in and out, connected ms, queued bytes, lost,
/// discarded; then round trips and failures.
#[derive(Serialize)]
struct Numbers<'a>([f64; 11], Option<[f64; 4]>, &'a [(&'static str, u64)]);

/// What a connection, or all of them, did.
pub(crate) fn metrics(metrics: &Metrics, connected_ms: u64, queued_bytes: u64) -> JsValue {
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
    ];
    let round_trips = metrics.round_trips.as_ref().and_then(|trips| trips.summary());
    let round_trips = round_trips.map(|Summary { last_us, mean_us, p50_us, p99_us }| {
        [last_us, mean_us, p50_us, p99_us].map(|us| f64::from(us) / 1_000.0)
    });
    value(&Numbers(counts.map(|count| count as f64), round_trips, &metrics.failures))
}

/// How many switches there were, and how long they took: the median and the 99th percentile, in µs.
pub(crate) fn switches(pool: &Pool<Message>) -> Vec<f64> {
    let Some((count, Summary { p50_us, p99_us, .. })) = pool.switches() else { return vec![0.0; 3] };
    vec![count as f64, f64::from(p50_us), f64::from(p99_us)]
}

/// Unix ms, from, to, because; oldest first.
pub(crate) fn log<'a>(entries: impl Iterator<Item = &'a Entry>) -> JsValue {
    let rows = entries.map(|entry| (entry.at as f64, entry.from, entry.to, &*entry.because));
    value(&rows.collect::<Vec<_>>())
}

fn value(of: &impl Serialize) -> JsValue {
    let serializer = Serializer::new().serialize_missing_as_null(true);
    // Only maps with strange keys and numbers beyond 2⁵³ can fail; there are none.
    of.serialize(&serializer).unwrap_or(JsValue::NULL)
}
