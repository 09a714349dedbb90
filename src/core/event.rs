//! What goes into the state machine and what comes out of it.

use std::borrow::Cow;
use std::collections::VecDeque;

use super::close::ABNORMAL;
use super::poll::PollId;
use super::question::Loss;
use super::resume::frame::{ClientFrame, ServerFrame};
use super::resume::{Id, Size, Violation};
use super::status::Status;
use super::token::Token;

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

/// Where an attempt goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Whom the handshake is with: at most four at a time with each.
    pub origin: Box<str>,
    /// Who gets the messages: what was queued for one destination is never sent to another.
    pub destination: Box<str>,
}

/// A token, as whoever was asked for it gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The token.
    pub token: Token,
    /// How long it is still good, in ms; `None` when nobody can say.
    pub expires_in_ms: Option<u64>,
}

/// Why a token is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Occasion {
    /// There is none.
    First,
    /// The one that there is has expired, or is about to; or nobody can say that it has not.
    Expired,
    /// The server wants another one.
    Rejected,
}

/// Why an attempt has nowhere to go, or nothing to show there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoAnswer {
    /// In the words of whoever was asked.
    pub why: String,
    /// Whether asking again would be of no use.
    pub is_final: bool,
}

/// What a socket turned out to speak when it opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spoken {
    /// Data and nothing else: whatever was offered, the server did not choose `envsocket.v1`.
    Plain,
    /// The resume protocol. With ids in case new ones are needed.
    V1(Fresh),
}

/// Ids that nobody can guess, from the platform's best randomness: the core has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fresh {
    /// For a new session.
    pub session: Id,
    /// For a new attachment to it.
    pub attachment: Id,
    /// For what proves that this attachment is one's own.
    pub secret: Id,
}

/// Which subprotocols a socket offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Offer {
    /// The application's own.
    Given,
    /// None.
    Nothing,
    /// `envsocket.plain`, then `envsocket.v1`.
    Both,
    /// `envsocket.v1`.
    V1,
}

/// Who wants to know of a message that a socket has brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Heard {
    /// Nobody: the socket is of an older generation, or closing.
    Nobody,
    /// The application: everything is data.
    Plain,
    /// Text that begins with U+0000 is for the protocol, everything else for the application.
    V1,
    /// The same, before the `welcome`: a message of the application is a violation, to be handed in as
    /// [`Input::Control`].
    Greeting,
}

/// What happened, told by the driver.
#[derive(Debug)]
pub enum Input {
    /// The answer to [`Output::Locate`].
    Located(SocketId, Result<Place, NoAnswer>),
    /// The answer to [`Output::Authorize`].
    Authorized(SocketId, Result<Grant, NoAnswer>),
    /// The socket is open.
    Opened(SocketId, Spoken),
    /// The socket has brought a control frame, or what was to be one: with what is wrong with it.
    Control(SocketId, Result<ServerFrame, Violation>),
    /// The platform has reported an error; the close follows.
    Errored(SocketId),
    /// The socket is closed.
    Closed(SocketId, CloseInfo),
    /// The platform threw when it was to make the socket; with its words.
    Unopenable(SocketId, String),
    /// The answer to [`Output::Judge`]: whether to try again after this close; `None` leaves it to the code.
    Judged(SocketId, CloseInfo, Option<bool>),
    /// What the platform says of the page and its network.
    Page(Page),
    /// The deadline of [`Pool::poll_timeout`](super::pool::Pool::poll_timeout) has come.
    Timeout,
}

/// What the platform says of the page and its network. None of it is proof of anything: the network's flag
/// is wrong often enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// There may be a network.
    Online,
    /// There is none.
    Offline,
    /// The page is seen again, or goes on after it was frozen or the machine slept.
    Awake,
}

/// What the driver must do, in this order.
#[derive(Debug, PartialEq)]
pub enum Output<P> {
    /// Ask where the attempt goes, and answer with [`Input::Located`].
    Locate {
        /// The name that its socket will have.
        socket: SocketId,
    },
    /// Ask for a token, for the attempt or for the open socket, and answer with [`Input::Authorized`].
    Authorize {
        /// The name that the attempt's socket will have, or has.
        socket: SocketId,
        /// Why.
        reason: Occasion,
        /// Whether the last question had no answer in its time.
        late: bool,
    },
    /// Make a socket to where the attempt goes and report on it under this name.
    OpenSocket {
        /// Its name.
        socket: SocketId,
        /// What it offers.
        offer: Offer,
    },
    /// Hand a message to an open socket. One that a plain socket cannot take any more: [`put_back`]. One of
    /// `envsocket.v1` is dropped then, because it is kept until the server has it.
    ///
    /// [`put_back`]: super::pool::Pool::put_back
    Send {
        /// The socket.
        socket: SocketId,
        /// The message.
        payload: P,
    },
    /// Hand a control frame to an open socket, in order with the messages. One that it cannot take any more
    /// is dropped.
    Control {
        /// The socket.
        socket: SocketId,
        /// The frame.
        frame: ClientFrame,
    },
    /// Send the token to an open plain socket, before all that follows.
    Credential {
        /// The socket.
        socket: SocketId,
    },
    /// Send the application's heartbeat.
    Beat {
        /// The open socket.
        socket: SocketId,
    },
    /// Ask the application whether this close is worth another try, and answer with [`Input::Judged`].
    Judge {
        /// The socket that it was.
        socket: SocketId,
        /// How it ended.
        info: CloseInfo,
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

/// Which way messages were going.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Direction {
    /// From the server.
    In,
    /// To the server.
    Out,
}

/// What a connection's listeners are told.
#[derive(Debug, PartialEq)]
pub enum Event<P> {
    /// Usable for the first time, or again after a reconnect that may have lost something.
    Open,
    /// What comes next was made for a terminal of this size.
    Size(Size),
    /// Whether this is the connection whose terminal answers, and whose size counts, has changed. Each life begins
    /// as if it was.
    Role {
        /// Whether it is from now on.
        controller: bool,
    },
    /// Whether messages may be sent has changed. Each life begins as if they might.
    Access {
        /// Whether they may not, from now on.
        read_only: bool,
    },
    /// Something was, or may have been, lost.
    Gap {
        /// Which way it was going.
        direction: Direction,
        /// The number of the first message that is missing; `None` when nobody counted.
        from: Option<u64>,
        /// The last one; `None` when nobody knows.
        to: Option<u64>,
        /// Why.
        reason: Cow<'static, str>,
        /// Whether the next message is a picture of what the missing ones led to.
        snapshot: bool,
    },
    /// What was queued will not be sent.
    Discarded {
        /// The messages, oldest first.
        payloads: VecDeque<P>,
        /// Why not.
        reason: &'static str,
        /// Whether the application may still take them back.
        kept: bool,
    },
    /// The question that waited will have no answer. Another one may wait already when this is heard.
    QuestionLost {
        /// Its number.
        number: u32,
        /// Why not.
        why: Loss,
    },
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
