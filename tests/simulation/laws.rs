//! What must hold whenever the page is at rest: the model and the real one agree, and what people rely on is
//! so, whatever either of them says.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use envsocket::core::event::{ConnId, SocketId};
use envsocket::core::metrics::Metrics;
use envsocket::core::status::Status;

use crate::model::{Counts, Phase, SLOT_MS, SLOTS};
use crate::network::Ready;
use crate::world::World;

/// What a snapshot shows: of each row its revision and what is in it.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Shown {
    rows: BTreeMap<u32, (u32, u64)>,
    page: (bool, Option<ConnId>),
}

impl World {
    pub(crate) fn show(&self) -> Shown {
        let mut rows = BTreeMap::new();
        for (id, revision) in self.pool.listing() {
            let facts = self.pool.facts(id).expect("it is listed");
            assert_eq!(facts.revision, revision);
            let mut hasher = DefaultHasher::new();
            (facts.status as u8, facts.reason, facts.attempt).hash(&mut hasher);
            (facts.next_attempt_at, facts.connected_at, facts.protocol).hash(&mut hasher);
            rows.insert(id.0, (revision, hasher.finish()));
        }
        Shown { rows, page: (self.pool.is_online(), self.pool.active()) }
    }

    pub(crate) fn check(&mut self) {
        self.check_connections();
        self.check_questions();
        self.check_membership();
        self.check_timers();
        self.check_sockets();
        self.check_snapshot();
        if self.tally.steps.is_multiple_of(16) {
            self.check_metrics();
        }
    }

    fn check_connections(&self) {
        for (id, twin) in self.model.present() {
            let (conn, status) = (ConnId(id), twin.status());
            assert_eq!(
                self.pool.connection_status(conn),
                Some(status),
                "the status of {id}: {:?}",
                twin.phase
            );
            assert_eq!(self.pool.ready_state(conn), Some(twin.ready_state()), "the ready state of {id}");
            assert_eq!(self.pool.waiting_bytes(conn), twin.waiting_bytes(), "the bytes that wait in {id}");
            assert_eq!(self.listeners[&id].believed(), status, "what was told of {id}");
            assert!(twin.expected.is_empty(), "not done for {id}: {:?}", twin.expected);
            let socket = SocketId { conn, generation: twin.generation };
            assert_eq!(self.pool.socket(conn), twin.socket().map(|_| socket), "the socket of {id}");
            let locating = matches!(twin.phase, Phase::Locating { .. });
            assert_eq!(self.pool.asks_where(socket), locating, "whether {id} asks where");
            let authorizing = matches!(twin.phase, Phase::Authorizing { .. });
            assert_eq!(self.pool.asks_token(socket), authorizing, "whether {id} asks for a token");
            let settled = !matches!(twin.phase, Phase::Judging { .. });
            assert!(settled, "a verdict is still out");
            if let Some(facts) = self.pool.facts(conn) {
                assert_eq!(facts.attempt, twin.attempt, "the attempts of {id}");
                let waits = matches!(twin.phase, Phase::Waiting { .. });
                assert_eq!(facts.next_attempt_at.is_some(), waits, "whether {id} tells of a next attempt");
            }
            self.check_truth(id, status);
        }
    }

    /// The status says what the platform's socket would say.
    fn check_truth(&self, id: u32, status: Status) {
        let native = self.entries[&id].native.map(|at| &self.network.natives[at]);
        let is_open = native.is_some_and(|native| native.told_open);
        let is_true = match status {
            Status::Connected => is_open,
            Status::Connecting | Status::Reconnecting => !is_open,
            Status::Disconnecting => native.is_none_or(|native| native.ready != Ready::Open),
            Status::Disconnected | Status::Failed => native.is_none(),
        };
        assert!(is_true, "{id} is said to be {status:?}, and its socket is {native:?}");
    }

    fn check_membership(&self) {
        let ids: Vec<u32> = self.pool.ids(|_| true).into_iter().map(|id| id.0).collect();
        assert_eq!(ids, self.model.ids(), "who is in the pool");
        let listed = self.pool.listing().map(|(id, _)| id.0);
        assert!(listed.eq(self.model.listed.values().copied()), "who is listed");
        let active = self.model.active.and_then(|pair| self.model.listed.get(&pair));
        assert_eq!(self.pool.active().map(|id| id.0), active.copied(), "who is active");
        let count = self.keys.iter().filter(|key| self.pool.is_active(key)).count();
        assert_eq!(count, usize::from(active.is_some()), "how many are active");
        assert_eq!(self.pool.is_online(), self.model.online);
        assert_eq!(self.model.expected_polls.len(), 0, "subscribers are not called");
    }

    /// Exactly what waits has a deadline, and the next one is known.
    fn check_timers(&mut self) {
        let (known, unknown) = self.model.next_deadline();
        let next = self.pool.poll_timeout().map(|at| at.since(Default::default()));
        match next {
            None => assert!(known.is_none() && unknown.is_empty(), "something waits without a timer"),
            Some(next) => {
                assert!(
                    known.is_none_or(|known| next <= known),
                    "a deadline is forgotten: {next}, {known:?}"
                );
                let in_bounds = unknown.iter().any(|(from, to)| (from..=to).contains(&&next));
                assert!(known == Some(next) || in_bounds, "a timer for nothing: {next}, {known:?}");
            }
        }
    }

    fn check_sockets(&self) {
        let mut pairs: Vec<usize> = Vec::new();
        let mut fresh = [0; 2];
        for native in self.network.live() {
            // A socket that closes may overlap with its successor; one that opens or is open may not.
            let twin = self.model.get(native.conn).expect("whoever left the pool has no live socket");
            if let Some(pair) = twin.pair {
                assert!(!pairs.contains(&pair), "two live sockets for one pair");
                pairs.push(pair);
            }
            let is_fresh = self.model.now - native.born < SLOT_MS;
            if native.ready == Ready::Connecting && is_fresh {
                fresh[usize::from(native.spot.origin)] += 1;
            }
        }
        assert!(fresh.iter().all(|count| *count <= SLOTS), "more than four handshakes with one origin");
        let held_up = self.model.in_line().find(|(_, _, origin)| self.model.holders(*origin) < SLOTS);
        assert_eq!(held_up, None, "a slot is free and somebody waits");
    }

    /// A change is announced: a row that shows something else has another revision.
    pub(crate) fn note_what_is_shown(&mut self) {
        let shown = self.show();
        for (id, (revision, row)) in &shown.rows {
            let before = self.shown.rows.get(id).filter(|before| before.0 == *revision);
            assert!(before.is_none_or(|before| before.1 == *row), "{id} shows something else");
        }
        self.shown = shown;
    }

    /// Nothing that a snapshot shows changes in silence.
    fn check_snapshot(&self) {
        let shown = self.show();
        assert_eq!(shown, self.shown, "a snapshot would show something that was not announced");
    }

    fn check_metrics(&self) {
        let mut all = self.model.gone;
        let now = self.model.now;
        for (id, twin) in self.model.present() {
            let mut counts = twin.counts;
            if let Phase::Open { since } = twin.phase {
                counts.connected_ms += now - since;
            }
            let (metrics, connected, waiting) = self.pool.metrics(self.now, ConnId(id)).expect("it is there");
            assert_eq!(counted(metrics, connected), counts, "the metrics of {id}");
            assert_eq!(waiting, twin.waiting_bytes());
            all.add(&counts);
        }
        let (totals, connected, waiting) = self.pool.totals(self.now);
        assert_eq!(counted(&totals, connected), all, "the totals");
        assert_eq!(waiting, self.pool.retained_bytes());
    }

    /// The sockets that are open, before time tells.
    pub(crate) fn open_natives(&self) -> Vec<usize> {
        let natives = self.entries.values().filter_map(|entry| entry.native);
        natives.filter(|at| self.network.natives[*at].told_open).collect()
    }

    /// Time alone takes an open socket from nobody but a peer that was asked, had its time, and was silent.
    pub(crate) fn check_only_the_silent_are_let_go(&self, open: &[usize]) {
        for native in open.iter().map(|at| &self.network.natives[*at]) {
            let status = self.pool.connection_status(ConnId(native.conn));
            if matches!(status, Some(Status::Connected | Status::Disconnecting))
                || native.ready != Ready::Open
            {
                continue;
            }
            let heartbeat = self.model.twins[&native.conn].settings.heartbeat.expect("somebody asked");
            let asked_at = native.asked_at.expect("it was not asked, or has answered");
            let patience = heartbeat.timeout_ms.min(3_000);
            assert!(self.model.now - asked_at >= patience, "it had no time to answer");
        }
    }

    pub(crate) fn check_nothing_is_left(&mut self) {
        self.check_metrics();
        self.check_every_question_has_come_to_something();
        assert!(self.pool.ids(|_| true).is_empty() && self.model.twins.is_empty(), "somebody has stayed");
        assert_eq!(self.pool.poll_timeout(), None, "a timer has stayed");
        assert_eq!(self.pool.retained_bytes(), 0, "messages have stayed");
        assert_eq!(
            self.network.natives.iter().filter(|native| native.heeded).count(),
            0,
            "sockets have stayed"
        );
        assert_eq!(self.ledger.waiting(), 0, "messages were lost in silence");
        assert!(self.entries.is_empty() && self.listeners.is_empty() && self.alarm.is_none());
    }
}

fn counted(metrics: &Metrics, connected_ms: u64) -> Counts {
    Counts {
        attempts: metrics.attempts,
        opens: metrics.opens,
        reconnects: metrics.reconnects,
        messages_in: metrics.messages_in,
        messages_out: metrics.messages_out,
        bytes_in: metrics.bytes_in,
        bytes_out: metrics.bytes_out,
        connected_ms,
        lost: metrics.lost,
        discarded: metrics.discarded,
        round_trips: metrics.round_trips.as_ref().map_or(0, |trips| trips.count()),
        failures: metrics.failures.iter().map(|(_, count)| count).sum(),
        asked: metrics.asked,
        answered: metrics.answered,
        unanswered: metrics.unanswered,
    }
}
