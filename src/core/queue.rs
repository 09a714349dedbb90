//! What waits for an open socket: bounded in bytes, in order, nothing dropped.

use std::collections::VecDeque;

/// A message as the driver holds it: a `JsValue` in the browser, anything in a test.
pub trait Payload {
    /// Its size on the wire, in bytes. Asked only when it has to wait.
    fn byte_len(&self) -> u64;
}

/// The message does not fit: nothing was queued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueFull;

/// Messages that no socket has taken yet.
#[derive(Debug)]
pub struct SendQueue<P> {
    items: VecDeque<P>,
    bytes: u64,
}

impl<P: Payload> SendQueue<P> {
    pub(crate) fn new() -> Self {
        Self { items: VecDeque::new(), bytes: 0 }
    }

    /// Takes the message, unless more than `limit` bytes, or more messages than that, would wait then:
    /// empty messages cost memory too.
    pub(crate) fn push(&mut self, payload: P, limit: u64) -> Result<(), QueueFull> {
        let bytes = self.bytes.saturating_add(payload.byte_len());
        if bytes > limit || self.items.len() as u64 >= limit {
            return Err(QueueFull);
        }
        self.bytes = bytes;
        self.items.push_back(payload);
        Ok(())
    }

    /// How many bytes wait.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Hands everything over, oldest first, and keeps no memory for it.
    pub(crate) fn take(&mut self) -> VecDeque<P> {
        self.bytes = 0;
        std::mem::take(&mut self.items)
    }
}
