//! What a connection can be in, and what its methods may use besides it. Nothing here decides anything.

use std::collections::VecDeque;

use crate::core::event::{ConnId, Event, Output};
use crate::core::options::Overrides;
use crate::core::rng::Rng;
use crate::core::status::Status;
use crate::core::time::{Instant, Now};
use crate::core::wire::Wire;

/// A timer that fires more than this after its deadline, in ms, says more about the page (hidden tabs
/// have their timers throttled, sleeping machines have none) than about the peer.
const LATE_MS: u64 = 1_000;

/// What a method may use and change besides the connection itself.
pub(crate) struct Context<'a, P> {
    pub(crate) now: Now,
    pub(crate) id: ConnId,
    pub(crate) defaults: &'a Overrides,
    pub(crate) online: bool,
    /// Whether this connection is the active one.
    pub(crate) is_active: bool,
    pub(crate) rng: &'a mut Rng,
    pub(crate) out: &'a mut VecDeque<Output<P>>,
    /// Rises when something changes that a snapshot shows.
    pub(crate) revision: &'a mut u32,
    /// Set when a slot is wanted or free again.
    pub(crate) slots: &'a mut Slots,
}

impl<P> Context<'_, P> {
    pub(super) fn emit(&mut self, event: Event<P>) {
        self.out.push_back(Output::Emit { conn: self.id, event });
    }

    /// Whether the driver has still to hand messages of this connection to a socket.
    pub(super) fn is_handing_over(&self) -> bool {
        let is_ours =
            |output: &Output<P>| matches!(output, Output::Send { socket, .. } if socket.conn == self.id);
        self.out.iter().any(is_ours)
    }

    /// Whether the driver has still to show a server the token that there is by then.
    pub(super) fn is_introducing(&self) -> bool {
        let is_ours = |output: &Output<P>| match output {
            Output::OpenSocket { socket, .. } | Output::Credential { socket } => socket.conn == self.id,
            _ => false,
        };
        self.out.iter().any(is_ours)
    }

    pub(super) fn is_late_for(&self, deadline: Instant) -> bool {
        self.now.instant.since(deadline) > LATE_MS
    }
}

/// Whether the pool must look who may begin a handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slots {
    Settled,
    Changed,
}

/// Whether the platform reported an `error` for the socket: it does so for every failed connection, and
/// right before the close.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    None,
    Reported,
}

/// Whether a deadline was found to have run out unobserved: it is put off once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lateness {
    None,
    Excused,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// No socket; the backoff runs.
    Waiting,
    /// Asked where to go.
    Locating,
    /// Knows where to go, and has asked for a token.
    Authorizing,
    /// Knows where to go, and waits for others to finish their handshakes there. What is left of the
    /// connect timeout, in ms: waiting for one's turn is not the server's fault.
    Queued {
        left_ms: u64,
        /// In the order of their coming.
        turn: u32,
    },
    /// A socket that is not open yet.
    Opening,
    /// An open socket over which the server has still to say its `welcome`.
    Greeting,
    /// A usable socket.
    Open(Wire, Now),
    /// The application is asked whether to try again; until then people see what they saw, and the log
    /// is not written.
    Judging(Status, &'static str),
    /// `close()` was called: over an existing socket, or with none.
    Closing(Socket),
    /// Gave up.
    Failed,
    /// Over, or not begun.
    Ended,
}

impl State {
    /// The word in the log.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Locating => "locating",
            Self::Authorizing => "authorizing",
            Self::Queued { .. } => "queued",
            Self::Opening => "opening",
            Self::Greeting => "greeting",
            Self::Open(..) => "open",
            Self::Judging(_, before) => before,
            Self::Closing(_) => "closing",
            Self::Failed => "failed",
            Self::Ended => "ended",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Socket {
    None,
    Exists,
}
