//! What waits for an open socket: bounded in bytes, in order, nothing dropped without a word.

use std::collections::VecDeque;

/// A message as the driver holds it: a `JsValue` in the browser, anything in a test.
pub trait Payload {
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

/// Messages that no socket has taken yet.
#[derive(Debug)]
pub struct SendQueue<P> {
    items: VecDeque<P>,
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
    pub(crate) fn push(&mut self, payload: P, limit: u64, policy: Policy) -> Result<VecDeque<P>, QueueFull> {
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
                dropped.extend(self.pop());
            }
        }
        self.bytes += size;
        self.items.push_back(payload);
        Ok(dropped)
    }

    /// Takes back a message that was handed out: before those that have never been, after those that came
    /// back already.
    pub(crate) fn put_back(&mut self, payload: P) {
        self.bytes += payload.byte_len();
        self.items.insert(self.returned, payload);
        self.returned += 1;
    }

    /// How many bytes wait.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Hands everything over, oldest first, and keeps no memory for it.
    pub(crate) fn take(&mut self) -> VecDeque<P> {
        (self.bytes, self.returned) = (0, 0);
        std::mem::take(&mut self.items)
    }

    fn pop(&mut self) -> Option<P> {
        let oldest = self.items.pop_front()?;
        self.bytes -= oldest.byte_len();
        self.returned = self.returned.saturating_sub(1);
        Some(oldest)
    }
}
