//! The words between a session and its driver: what goes in, what comes out, and what both keep to.

use std::borrow::Cow;

use super::super::frame::ServerFrame;
use super::super::{ENTRY_COST, Size, Violation, cost};
use crate::core::close::{MAX_REASON_BYTES, VIOLATION};
use crate::core::queue::Payload;

/// One socket, as the driver names it. Never used again within a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkId(pub u64);

/// What a session keeps to, and tells its clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// The most output that is kept, as costs; one entry that costs more is kept alone.
    pub ring: u64,
    /// How much output is sent beyond what the client has consumed, as costs, and how much the controller may lack
    /// before the source is held. Half of the ring at most: the other half is room for what the source says until
    /// the client answers. More than a way there and back carries is of no use, and delays what a user does.
    pub window: u64,
    /// How much of the newest output is kept for those who attach later, as costs. With a recorder they begin with all
    /// of it, or with a picture.
    pub tail: u64,
    /// How much input a client may send beyond what was consumed, as costs.
    pub credit: u64,
    /// The longest message taken from a client, in bytes.
    pub max_message: u64,
    /// How often a client is pinged, in ms.
    pub heartbeat_ms: u64,
    /// How long the source is held for a controller that makes no progress, in ms.
    pub patience_ms: u64,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            ring: 2 << 20,
            window: 1 << 20,
            tail: 64 << 10,
            credit: 1 << 20,
            max_message: 1 << 20,
            heartbeat_ms: 15_000,
            patience_ms: 5_000,
        }
    }
}

impl Terms {
    /// The window that there is.
    pub(super) fn window(&self) -> u64 {
        self.window.min(self.ring / 2).max(1)
    }
}

/// One entry of the output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry<P> {
    /// A message of the source.
    Message(P),
    /// The terminal has another size.
    Size(Size),
    /// The source has ended; nothing follows.
    End {
        /// What it ended with, if it says so.
        code: Option<i32>,
        /// The words of the close frame that follows, with the code 1000; cut to what such a frame can hold.
        reason: Box<str>,
    },
}

impl<P: Payload> Entry<P> {
    pub(super) fn cost(&self) -> u64 {
        match self {
            Self::Message(payload) => cost(payload.byte_len()),
            Self::Size(_) | Self::End { .. } => ENTRY_COST,
        }
    }
}

/// One entry of the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input<P> {
    /// A message for the source.
    Message(P),
    /// The controller's terminal has this size.
    Resize(Size),
}

impl<P: Payload> Input<P> {
    pub(super) fn cost(&self) -> u64 {
        match self {
            Self::Message(payload) => cost(payload.byte_len()),
            Self::Resize(_) => ENTRY_COST,
        }
    }
}

/// How a link is to be closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Farewell {
    /// The close code.
    pub code: u16,
    /// The close reason, at most 123 bytes.
    pub reason: Cow<'static, str>,
}

impl Farewell {
    /// A reason that is longer than a close frame can hold is cut.
    pub fn new(code: u16, reason: impl Into<Cow<'static, str>>) -> Self {
        let mut reason = reason.into();
        if reason.len() > MAX_REASON_BYTES {
            let end = reason.floor_char_boundary(MAX_REASON_BYTES);
            reason.to_mut().truncate(end);
        }
        Self { code, reason }
    }
}

impl From<Violation> for Farewell {
    fn from(Violation(why): Violation) -> Self {
        Self::new(VIOLATION, why)
    }
}

/// What a link says next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next<P> {
    /// A control frame.
    Frame(ServerFrame),
    /// A message of the source, or a picture of what is missing.
    Message(P),
    /// Nothing for now.
    Idle,
    /// Nothing any more: close it like this. Said again whenever it is asked.
    Over(Farewell),
}

/// Sees every entry that is appended, in order, and can draw what they led to, for gaps with a snapshot.
pub trait Recorder<P> {
    /// This entry is appended.
    fn record(&mut self, entry: &Entry<P>);
    /// A picture of what all entries so far have led to, as one message; `None` if there is none.
    fn snapshot(&self) -> Option<P>;
}
