//! Who may be in the pool, who may begin a handshake, and who leaves.

use crate::core::connection::Slots;
use crate::core::event::{ConnId, Output};
use crate::core::queue::Payload;
use crate::core::time::Now;

use super::Pool;

/// How many handshakes with one origin may be under way: after a restart, a page with many connections
/// must not storm the server.
const SLOTS: usize = 4;

impl<P: Payload> Pool<P> {
    /// What follows from any change of the connection at this place.
    pub(super) fn settle(&mut self, now: Now, at: usize) {
        self.next_timeout = None;
        self.release_if_over(at);
        while self.slots == Slots::Changed {
            self.slots = Slots::Settled;
            while let Some(next) = self.next_in_turn() {
                let (connection, mut cx) = self.split(now, next);
                connection.granted(&mut cx);
            }
        }
    }

    /// The connection that may begin its handshake now: the active one, else who has waited longest.
    fn next_in_turn(&self) -> Option<usize> {
        let held = |origin: &str| {
            let others = self.connections.iter().filter_map(|(_, other)| other.holds_slot());
            others.filter(|held| *held == origin).count()
        };
        let active = self.active();
        // Counting for each that waits would be quadratic, and most of them go where the one before them goes.
        let mut counted: Option<(&str, bool)> = None;
        let waiting = self.connections.iter().enumerate().filter_map(|(at, (id, connection))| {
            let (origin, turn) = connection.waits_for_slot()?;
            let is_free = match counted {
                Some((other, is_free)) if other == origin => is_free,
                _ => held(origin) < SLOTS,
            };
            counted = Some((origin, is_free));
            is_free.then_some((Some(*id) != active, turn, at))
        });
        waiting.min().map(|(_, _, at)| at)
    }

    /// Closes the pairs that are too many, but for the active one and the one that has just come. Bare
    /// connections have no pair: whoever made them counts them.
    pub(super) fn evict(&mut self, now: Now, newest: Option<ConnId>) {
        let limit = self.defaults.max_connections();
        while self.index.iter().filter(|(_, id)| self.is_shared(*id)).count() > limit {
            let active = self.active();
            let candidates = self
                .index
                .iter()
                .map(|(_, id)| *id)
                .filter(|id| Some(*id) != newest && Some(*id) != active && self.is_shared(*id));
            let moment = |id: &ConnId| self.connection(*id).map(|connection| connection.last_active);
            let Some(least_recent) = candidates.min_by_key(moment) else { return };
            self.with(now, least_recent, |connection, cx| {
                connection.close(cx, None, "", "evicted: the pool is full");
            });
        }
    }

    /// A failed connection stays listed, so that people see why; anything else that is over leaves.
    fn release_if_over(&mut self, at: usize) {
        let (id, connection) = &self.connections[at];
        let id = *id;
        if !connection.is_ended() && !connection.is_failed() {
            return;
        }
        let listed = self.index.iter().position(|(_, listed)| *listed == id);
        if connection.is_failed() && listed.is_some() {
            return;
        }
        let (_, connection) = self.connections.remove(at);
        if let Some(listed) = listed {
            let (key, _) = self.index.remove(listed);
            self.past.keep(key, connection.log);
        }
        self.gone.add(&connection.metrics);
        self.out.push_back(Output::Release { conn: id });
    }
}
