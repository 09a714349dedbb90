//! What waits for an open socket: bounded in bytes, in order, nothing dropped without a word.

use std::collections::VecDeque;

use super::time::Instant;

/// A message as the driver holds it: a `JsValue` in the browser, anything in a test. A clone is another handle
/// to the same bytes: `envsocket.v1` keeps one until the server has the message.
pub trait Payload: Clone {
    /// Its size on the wire, in bytes.
    fn byte_len(&self) -> u64;
}

/// What happens to a message that does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// It is refused.
    Refuse,
    /// The oldest messages make room for it.
    DropOldest,
}

/// The message does not fit: nothing was queued, nothing was dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueFull;

/// A message that waits.
#[derive(Debug)]
pub(crate) struct Waiting<P> {
    pub(crate) payload: P,
    /// When the application sent it.
    pub(crate) since: Instant,
}

/// Messages that no socket has taken yet.
#[derive(Debug)]
pub struct SendQueue<P> {
    items: VecDeque<Waiting<P>>,
    bytes: u64,
    /// How many of the oldest were handed out before and came back.
    returned: usize,
}

impl<P: Payload> SendQueue<P> {
    pub(crate) fn new() -> Self {
        Self { items: VecDeque::new(), bytes: 0, returned: 0 }
    }

    /// Takes the message, unless more than `limit` bytes, or more messages than that, would wait then:
    /// empty messages cost memory too. Returns what had to make room for it.
    pub(crate) fn push(
        &mut self,
        payload: P,
        since: Instant,
        limit: u64,
        policy: Policy,
    ) -> Result<VecDeque<P>, QueueFull> {
        let size = payload.byte_len();
        let fits = |waiting: &Self| {
            waiting.bytes.saturating_add(size) <= limit && (waiting.items.len() as u64) < limit
        };
        let mut dropped = VecDeque::new();
        if !fits(self) {
            if policy == Policy::Refuse || size > limit || limit == 0 {
                return Err(QueueFull);
            }
            while !fits(self) {
                if let Some(oldest) = self.pop() {
                    dropped.push_back(oldest.payload);
                }
            }
        }
        self.bytes += size;
        self.items.push_back(Waiting { payload, since });
        Ok(dropped)
    }

    /// Takes back a message that was handed out: before those that have never been, after those that came
    /// back already. It counts as old, because nobody knows any more when it was sent.
    pub(crate) fn put_back(&mut self, payload: P) {
        self.bytes += payload.byte_len();
        self.items.insert(self.returned, Waiting { payload, since: Instant::default() });
        self.returned += 1;
    }

    /// How many bytes wait.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// How many messages wait.
    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The message that has waited longest.
    pub(crate) fn front(&self) -> Option<&P> {
        self.items.front().map(|oldest| &oldest.payload)
    }

    /// Since when it waits.
    pub(crate) fn oldest(&self) -> Option<Instant> {
        self.items.front().map(|oldest| oldest.since)
    }

    /// Hands over the message that has waited longest.
    pub(crate) fn pop(&mut self) -> Option<Waiting<P>> {
        let oldest = self.items.pop_front()?;
        self.bytes -= oldest.payload.byte_len();
        self.returned = self.returned.saturating_sub(1);
        Some(oldest)
    }

    /// Hands everything over, oldest first, and keeps no memory for it.
    pub(crate) fn take(&mut self) -> VecDeque<P> {
        let mut payloads = VecDeque::new();
        self.drain_to(&mut payloads);
        payloads
    }

    /// The same, behind what is there already.
    pub(crate) fn drain_to(&mut self, payloads: &mut VecDeque<P>) {
        // A loop, where iterators and `append` would bring a kilobyte of their own into the wasm.
        let mut all = std::mem::replace(self, Self::new());
        while let Some(waiting) = all.pop() {
            payloads.push_back(waiting.payload);
        }
    }
}
