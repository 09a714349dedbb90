//! What people order, and what follows at once.

use std::collections::VecDeque;

use envsocket::core::event::CloseInfo;
use envsocket::core::options::Overrides;

use super::{CLOSE_MS, Counts, Expect, Model, Phase, Twin};

impl Model {
    pub(crate) fn connect(&mut self, id: u32, pair: Option<usize>, own: Overrides) {
        let twin = Twin {
            pair,
            phase: Phase::Ended,
            generation: 0,
            opened_before: false,
            settings: own.resolve(),
            attempt: 0,
            counts: Counts::default(),
            expected: VecDeque::new(),
            released: false,
            own,
            failures: 0,
            spot: None,
            not_before: 0,
            fault: false,
            excused: false,
            last_active: self.moment(),
            pulse: Default::default(),
            idle_at: None,
            tokens: Default::default(),
            mail: Default::default(),
            question: None,
        };
        self.twins.insert(id, twin);
        if let Some(pair) = pair {
            self.listed.insert(pair, id);
        }
        self.begin(id);
        self.settle(id);
        self.evict(Some(id));
    }

    fn moment(&mut self) -> u64 {
        self.moments += 1;
        self.moments
    }

    pub(crate) fn evict(&mut self, newest: Option<u32>) {
        let limit = self.max_connections;
        loop {
            let staying = self.listed.values().filter(|id| !self.twins[id].is_leaving());
            let staying: Vec<u32> = staying.copied().collect();
            if staying.len() <= limit {
                return;
            }
            let others = staying.into_iter().filter(|id| Some(*id) != newest && !self.is_active(*id));
            let Some(first) = others.min_by_key(|id| self.twins[id].last_active) else { return };
            self.close(first, None);
        }
    }

    pub(crate) fn close(&mut self, id: u32, code: Option<u16>) {
        if self.get(id).is_some() {
            self.close_one(id, code);
            self.settle(id);
        }
    }

    /// Those that have no socket go first, so that none of them gets a turn that another leaves.
    pub(crate) fn close_all(&mut self, ids: impl Iterator<Item = u32>) {
        let (with_socket, without): (Vec<_>, Vec<_>) = ids.partition(|id| self.twins[id].socket().is_some());
        for id in without.into_iter().chain(with_socket) {
            self.close(id, None);
        }
    }

    pub(super) fn close_one(&mut self, id: u32, code: Option<u16>) {
        let now = self.now;
        let twin = self.twin(id);
        match twin.phase {
            Phase::Opening { .. } | Phase::Open { .. } => {
                twin.count_uptime(now);
                twin.stop_timers();
                twin.forget_tokens();
                twin.expect(Expect::CloseSocket(twin.generation, code));
                twin.enter(Phase::Closing { socket: true, by: now + CLOSE_MS });
            }
            Phase::Failed => twin.enter(Phase::Ended),
            Phase::Closing { .. } | Phase::Ended => {}
            _ => {
                twin.fault |= !twin.opened_before;
                twin.stop_timers();
                twin.forget_tokens();
                twin.enter(Phase::Closing { socket: false, by: now });
            }
        }
    }

    /// Whether the order was taken: not by one that is gone, nor by one whose place another has.
    pub(crate) fn reconnect(&mut self, id: u32) -> bool {
        let now = self.now;
        let Some(twin) = self.get(id) else { return false };
        if twin.pair.is_some_and(|pair| self.listed.get(&pair) != Some(&id)) {
            return false;
        }
        let twin = self.twin(id);
        if twin.socket().is_some() {
            twin.expect(Expect::Abandon(twin.generation));
        }
        if matches!(twin.phase, Phase::Closing { .. }) {
            self.finish(id, Phase::Ended, CloseInfo::abnormal());
        }
        let twin = self.twin(id);
        if matches!(twin.phase, Phase::Failed | Phase::Ended) {
            (twin.opened_before, twin.spot, twin.attempt) = (false, None, 0);
        }
        twin.count_uptime(now);
        twin.failures = 0;
        self.begin(id);
        self.settle(id);
        true
    }

    pub(crate) fn set_active(&mut self, pair: usize) {
        if self.active == Some(pair) {
            return;
        }
        let left = self.active.replace(pair);
        for pair in [left, Some(pair)].into_iter().flatten() {
            let Some(id) = self.listed.get(&pair).copied() else { continue };
            let moment = self.moment();
            let twin = self.twin(id);
            twin.last_active = moment;
            if !twin.is_leaving() && twin.phase != Phase::Failed {
                self.watch_idle(id);
            }
        }
    }

    pub(crate) fn configure_connection(&mut self, id: u32, overrides: Overrides) {
        if let Some(twin) = self.twins.get_mut(&id).filter(|twin| !twin.released) {
            twin.own = overrides.over(twin.own);
        }
    }
}
