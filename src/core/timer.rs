//! Every deadline of a connection, in one table.

use super::time::Instant;

/// What a connection waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Timer {
    /// The backoff is over: try again.
    Attempt,
    /// The attempt took too long: give it up.
    Connect,
    /// The closing handshake took too long: end without it.
    Close,
}

const ALL: [Timer; 3] = [Timer::Attempt, Timer::Connect, Timer::Close];

/// At most one deadline for each [`Timer`].
#[derive(Debug, Default)]
pub(crate) struct Timers([Option<Instant>; ALL.len()]);

impl Timers {
    pub(crate) fn set(&mut self, timer: Timer, at: Instant) {
        self.0[timer as usize] = Some(at);
    }

    pub(crate) fn stop(&mut self, timer: Timer) {
        self.0[timer as usize] = None;
    }

    pub(crate) fn stop_all(&mut self) {
        self.0 = Default::default();
    }

    /// The earliest deadline.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.0.iter().flatten().min().copied()
    }

    /// Takes one timer whose deadline has come, with that deadline.
    pub(crate) fn expire(&mut self, now: Instant) -> Option<(Timer, Instant)> {
        ALL.into_iter().find_map(|timer| {
            let at = self.0[timer as usize].filter(|at| *at <= now)?;
            self.stop(timer);
            Some((timer, at))
        })
    }
}
