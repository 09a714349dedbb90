//! What goes into the state machine and what comes out of it.

use super::close::ABNORMAL;
use super::poll::PollId;
use super::status::Status;

/// Names a connection. Never used again for another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConnId(pub u32);

/// Names one of the sockets that a connection has had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SocketId {
    /// The connection.
    pub conn: ConnId,
    /// Rises with every attempt.
    pub generation: u32,
}

/// How a socket, or a connection, ended: the fields of a `CloseEvent`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloseInfo {
    /// The close code.
    pub code: u16,
    /// The peer's reason, at most 123 bytes.
    pub reason: Box<str>,
    /// Whether the closing handshake was completed.
    pub clean: bool,
}

impl CloseInfo {
    /// Ended without a word: 1006.
    pub fn abnormal() -> Self {
        Self { code: ABNORMAL, reason: "".into(), clean: false }
    }
}

/// What happened, told by the driver.
#[derive(Debug)]
pub enum Input<P> {
    /// The socket is open.
    Opened(SocketId),
    /// The socket has brought a message.
    Received(SocketId, P),
    /// The platform has reported an error; the close follows.
    Errored(SocketId),
    /// The socket is closed.
    Closed(SocketId, CloseInfo),
    /// The platform threw when it was to make the socket; with its words.
    Unopenable(SocketId, String),
    /// What the platform says of the network. The flag is wrong often enough to be a hint only.
    Network(Network),
    /// The deadline of [`Pool::poll_timeout`](super::pool::Pool::poll_timeout) has come.
    Timeout,
}

/// What the platform says of the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// There may be one.
    Online,
    /// There is none.
    Offline,
}

/// What the driver must do, in this order.
#[derive(Debug, PartialEq)]
pub enum Output<P> {
    /// Make a socket and report on it under this name.
    OpenSocket {
        /// Its name.
        socket: SocketId,
    },
    /// Hand a message to an open socket.
    Send {
        /// The socket.
        socket: SocketId,
        /// The message.
        payload: P,
    },
    /// Begin the closing handshake and go on listening.
    CloseSocket {
        /// The socket.
        socket: SocketId,
        /// The code to send, if any.
        code: Option<u16>,
        /// The reason to send with it.
        reason: Box<str>,
    },
    /// Close the socket and listen no more.
    AbandonSocket {
        /// The socket.
        socket: SocketId,
    },
    /// Tell the connection's listeners.
    Emit {
        /// The connection.
        conn: ConnId,
        /// What to tell.
        event: Event<P>,
    },
    /// The connection is gone from the pool: nothing more will be said of it.
    Release {
        /// The connection.
        conn: ConnId,
    },
    /// A subscriber's interval is over.
    Poll(PollId),
    /// What a snapshot shows has changed. Comes last, and once for any number of changes.
    Changed,
}

/// What a connection's listeners are told.
#[derive(Debug, PartialEq)]
pub enum Event<P> {
    /// Usable for the first time, or again after a reconnect that may have lost something.
    Open,
    /// A message.
    Message(P),
    /// Only right before the final close.
    Error,
    /// Over.
    Close(CloseInfo),
    /// The public status has changed.
    Status {
        /// The new one.
        status: Status,
        /// The one before.
        previous: Status,
        /// Why it is not connected; `None` when it is.
        reason: Option<String>,
    },
}
