//! For how long the source is held for an attachment while that is the controller. New links and new turns as
//! the controller are waited for only once for each progress: or whoever comes back again and again, and takes
//! nothing, would hold the source for ever.

use crate::core::time::Instant;

#[derive(Debug)]
pub(super) struct Patience {
    since: Since,
    /// It made progress since the last time that it was waited for anew.
    is_earned: bool,
}

#[derive(Debug)]
enum Since {
    /// It made progress then, began to lack something, or came.
    At(Instant),
    /// It made none for too long, and waits for nothing but its own progress.
    Lapsed,
}

impl Patience {
    /// Whoever is new is waited for once.
    pub(super) fn new() -> Self {
        Self { since: Since::Lapsed, is_earned: true }
    }

    /// It has consumed something.
    pub(super) fn progress(&mut self, now: Instant) {
        *self = Self { since: Since::At(now), is_earned: true };
    }

    /// It begins to lack something: until now it had everything.
    pub(super) fn begin(&mut self, now: Instant) {
        self.since = Since::At(now);
    }

    /// It comes back, or becomes the controller.
    pub(super) fn renew(&mut self, now: Instant) {
        if std::mem::take(&mut self.is_earned) {
            self.since = Since::At(now);
        }
    }

    pub(super) fn lapse(&mut self) {
        self.since = Since::Lapsed;
    }

    /// Since when it is waited for, if it is.
    pub(super) fn since(&self) -> Option<Instant> {
        match self.since {
            Since::At(since) => Some(since),
            Since::Lapsed => None,
        }
    }
}
