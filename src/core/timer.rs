//! Every deadline of a connection, in one table.

use super::time::Instant;

/// What a connection waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Timer {
    /// The backoff is over: try again.
    Attempt,
    /// The attempt took too long: give it up.
    Connect,
    /// The handshake took long enough: let another one begin beside it.
    Slot,
    /// The closing handshake took too long: end without it.
    Close,
    /// Time to ask the peer whether it is alive.
    Beat,
    /// It had its time to answer.
    Reply,
    /// Tell the server what was received.
    Ack,
    /// Ask for another token, or again.
    Token,
    /// A question has waited long enough for its answer.
    Question,
    /// Look whether anybody used it in the background.
    Idle,
}

/// In the order in which those that are due at the same time are heard.
pub(crate) const ALL: [Timer; 10] = [
    Timer::Attempt,
    Timer::Connect,
    Timer::Slot,
    Timer::Close,
    Timer::Beat,
    Timer::Reply,
    Timer::Ack,
    Timer::Token,
    Timer::Question,
    Timer::Idle,
];

/// At most one deadline for each [`Timer`].
#[derive(Debug, Default)]
pub(crate) struct Timers([Option<Instant>; ALL.len()]);

impl Timers {
    pub(crate) fn set(&mut self, timer: Timer, at: Instant) {
        self.0[timer as usize] = Some(at);
    }

    pub(crate) fn get(&self, timer: Timer) -> Option<Instant> {
        self.0[timer as usize]
    }

    pub(crate) fn stop(&mut self, timer: Timer) {
        self.0[timer as usize] = None;
    }

    pub(crate) fn stop_all(&mut self) {
        self.0 = Default::default();
    }

    /// Stops all but those that no link began.
    pub(crate) fn stop_for_next_state(&mut self) {
        let kept = [Timer::Question, Timer::Idle].map(|timer| (timer, self.get(timer)));
        self.stop_all();
        for (timer, at) in kept {
            self.0[timer as usize] = at;
        }
    }

    /// The earliest deadline.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.0.iter().flatten().min().copied()
    }

    /// Takes the timer if its deadline has come, and returns that.
    pub(crate) fn expire(&mut self, timer: Timer, now: Instant) -> Option<Instant> {
        self.0[timer as usize].take_if(|at| *at <= now)
    }
}
