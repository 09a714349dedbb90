//! The regular look at the status: any number of subscribers, one deadline.

use super::time::Instant;

/// How often a subscriber is told the status when it does not say, in ms.
pub const DEFAULT_INTERVAL_MS: u64 = 2_000;

/// Names a subscriber.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PollId(pub u32);

#[derive(Debug)]
struct Subscriber {
    id: PollId,
    interval_ms: u64,
    due: Instant,
}

/// Who wants to be told, and when.
#[derive(Debug, Default)]
pub(crate) struct Polls {
    subscribers: Vec<Subscriber>,
    next_id: u32,
}

impl Polls {
    pub(crate) fn add(&mut self, now: Instant, interval_ms: u64) -> PollId {
        let id = PollId(self.next_id);
        self.next_id += 1;
        self.subscribers.push(Subscriber { id, interval_ms, due: now + interval_ms });
        id
    }

    pub(crate) fn remove(&mut self, id: PollId) {
        self.subscribers.retain(|subscriber| subscriber.id != id);
    }

    pub(crate) fn next(&self) -> Option<Instant> {
        self.subscribers.iter().map(|subscriber| subscriber.due).min()
    }

    /// The subscribers whose time has come. Each is due again one interval from now: a page that slept
    /// is told once, not once for every interval that it missed.
    pub(crate) fn expire(&mut self, now: Instant) -> impl Iterator<Item = PollId> {
        self.subscribers.iter_mut().filter(move |subscriber| subscriber.due <= now).map(move |subscriber| {
            subscriber.due = now + subscriber.interval_ms;
            subscriber.id
        })
    }
}
