//! One connection's life, over any number of sockets.
//!
//! ```text
//!            ┌──────────────────────── lost, worth a retry ───────────────────────┐
//!            ▼                                                                    │
//!         waiting ── backoff over ──► locating ── located ──► queued ── slot ──► opening ──► open
//!            │                           │                      │                    │         │
//!            └──────── close() ──────────┴──────────────────────┴────────────────────┴─────────┤
//!                                                                                              ▼
//!         failed ◄── refused for good ── (any)                                  closing ──► ended
//! ```
//!
//! Where a token is wanted, there is a state between locating and queued: authorizing, until somebody has given one.
//! Over `envsocket.v1` there is one between opening and open: greeting, until the server's welcome.
//!
//! It decides and describes; the sockets are the driver's. A connection that is over holds no timer and
//! no payload.
//!
//! | file | idea |
//! | --- | --- |
//! | this one | what can be asked, what can be commanded |
//! | `state` | what it can be in |
//! | `attempt` | from the decision to try until the socket is open |
//! | `asking` | the question that waits for its answer, and what ends it |
//! | `credentials` | the token: when an attempt asks for one, what it means that it is rejected |
//! | `renewing` | the token of an open link, renewed before it expires |
//! | `loss` | how a socket ends, and what follows |
//! | `negotiation` | what a socket offers, and what it means that the server chose none of it |
//! | `resuming` | the handshake and the frames of `envsocket.v1` |
//! | `flow` | messages, both ways |
//! | `liveness` | whether an open socket is alive, and whether anybody uses it |

mod asking;
mod attempt;
mod credentials;
mod flow;
mod liveness;
mod loss;
mod negotiation;
mod renewing;
mod resuming;
mod state;

use std::borrow::Cow;
use std::collections::VecDeque;
use std::rc::Rc;

use super::close;
use super::event::{CloseInfo, ConnId, Direction, Event, Offer, Output, Place, SocketId};
use super::key::Key;
use super::log::{Entry, Log};
use super::metrics::Metrics;
use super::options::{Overrides, Settings};
use super::question::Gate;
use super::queue::{Payload, SendQueue};
use super::resume::attachment::Attachment;
use super::resume::{Access, Size};
use super::status::{ReadyState, Status};
use super::time::Instant;
use super::timer::{self, Timer, Timers};
use super::wire::Wire;
use credentials::Credentials;
use liveness::Pulse;
pub(crate) use loss::CLOSING;
use negotiation::Turn;
pub(crate) use state::{Context, Slots};
use state::{Fault, Lateness, Socket, State};

/// How long the peer has to answer a close, in ms. Browsers wait 20 to 60 s for it.
pub const CLOSE_TIMEOUT_MS: u64 = 3_000;

/// What a peer gets, in ms, to show that it is there, when its own time ran out while nobody was looking.
const PROBE_MS: u64 = 3_000;

/// Why a message was not taken. Nothing was queued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendError {
    /// `close()` was called, or the connection is over.
    Closed,
    /// As many bytes as may wait for an open socket wait already.
    QueueFull,
    /// The server takes no messages from this connection.
    ReadOnly,
}

/// Whether the platform's socket would take a message. It stops doing so before it tells of its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readiness {
    /// It would.
    Takes,
    /// It would drop it without a word.
    Drops,
}

pub(crate) struct Connection<P> {
    pub(crate) key: Option<Rc<Key>>,
    pub(crate) overrides: Overrides,
    /// When it was last made active, or made; in the pool's count of such moments.
    pub(crate) last_active: u32,
    /// The pool's revision at the last change that a snapshot shows.
    pub(crate) revision: u32,
    pub(crate) metrics: Metrics,
    pub(crate) log: Log,
    settings: Settings,
    state: State,
    fault: Fault,
    lateness: Lateness,
    timers: Timers,
    generation: u32,
    place: Option<Place>,
    /// What was spoken when it was last usable; `None` before the first time.
    spoke: Option<Wire>,
    /// Retries in a row, without a stable connection in between.
    failures: u32,
    /// Attempts since the last open.
    attempt: u32,
    next_attempt_at: Option<u64>,
    /// Until when the server has asked to stay away.
    not_before: Instant,
    reason: Cow<'static, str>,
    /// The code that our own close was sent with, as its answer shows it.
    close_code: u16,
    pulse: Pulse,
    queue: SendQueue<P>,
    /// What the present attempt's socket offers.
    offer: Offer,
    turn: Turn,
    /// Destinations that have chosen `envsocket.v1`.
    known: Vec<Box<str>>,
    /// Its place in a session. Boxed, because plain connections have none.
    attachment: Option<Box<Attachment<P>>>,
    /// When one of the two last broke the protocol.
    violated_at: Option<Instant>,
    /// The terminal's size, if there is a terminal.
    size: Option<Size>,
    /// Whether the server heeds this terminal's size and answers. A plain one heeds everybody's.
    controller: bool,
    /// Whether the server takes messages. A plain one cannot say that it does not.
    access: Access,
    credentials: Credentials,
    gate: Gate,
    /// How often somebody held on to a message, over all sessions: each hold's name is its number.
    holds: u32,
}

// What can be asked.
impl<P: Payload> Connection<P> {
    pub(crate) fn new(key: Option<Rc<Key>>, overrides: Overrides) -> Self {
        Self {
            key,
            overrides,
            last_active: 0,
            revision: 0,
            metrics: Metrics::default(),
            log: Log::default(),
            settings: overrides.resolve(),
            state: State::Ended,
            fault: Fault::None,
            lateness: Lateness::None,
            timers: Timers::default(),
            generation: 0,
            place: None,
            spoke: None,
            failures: 0,
            attempt: 0,
            next_attempt_at: None,
            not_before: Instant::default(),
            reason: Cow::Borrowed("connecting"),
            close_code: close::NO_CODE,
            pulse: Pulse::default(),
            queue: SendQueue::new(),
            offer: Offer::Given,
            turn: Turn::First,
            known: Vec::new(),
            attachment: None,
            violated_at: None,
            size: None,
            controller: true,
            access: Access::ReadWrite,
            credentials: Credentials::default(),
            gate: Gate::default(),
            holds: 0,
        }
    }

    pub(crate) fn status(&self) -> Status {
        match self.state {
            State::Waiting
            | State::Locating
            | State::Authorizing
            | State::Queued { .. }
            | State::Opening
            | State::Greeting => {
                if self.spoke.is_some() {
                    Status::Reconnecting
                } else {
                    Status::Connecting
                }
            }
            State::Open(..) => Status::Connected,
            State::Judging(status, _) => status,
            State::Closing(_) => Status::Disconnecting,
            State::Failed => Status::Failed,
            State::Ended => Status::Disconnected,
        }
    }

    pub(crate) fn ready_state(&self) -> ReadyState {
        match self.status() {
            Status::Connecting => ReadyState::Connecting,
            Status::Connected | Status::Reconnecting => ReadyState::Open,
            Status::Disconnecting => ReadyState::Closing,
            Status::Disconnected | Status::Failed => ReadyState::Closed,
        }
    }

    /// Why it is not connected; `None` when it is.
    pub(crate) fn reason(&self) -> Option<&str> {
        (self.status() != Status::Connected).then_some(&*self.reason)
    }

    pub(crate) fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Unix ms.
    pub(crate) fn next_attempt_at(&self) -> Option<u64> {
        self.next_attempt_at
    }

    /// Unix ms.
    pub(crate) fn connected_at(&self) -> Option<u64> {
        match self.state {
            State::Open(_, since) => Some(since.unix_ms),
            _ => None,
        }
    }

    /// How long sockets were open, the present one included, in ms.
    pub(crate) fn connected_ms(&self, now: Instant) -> u64 {
        match self.state {
            State::Open(_, since) => self.metrics.connected_ms + now.since(since.instant),
            _ => self.metrics.connected_ms,
        }
    }

    pub(crate) fn wire(&self) -> Option<Wire> {
        match self.state {
            State::Open(wire, _) => Some(wire),
            _ => None,
        }
    }

    pub(crate) fn queued_bytes(&self) -> u64 {
        self.queue.bytes()
    }

    /// Bytes of the messages that were handed to a socket and may have to be handed to another one.
    pub(crate) fn kept_bytes(&self) -> u64 {
        self.attachment.as_ref().map_or(0, |attachment| attachment.kept_bytes())
    }

    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        self.timers.next()
    }

    /// `close()` was called, or nothing will happen any more.
    pub(crate) fn is_leaving(&self) -> bool {
        matches!(self.state, State::Closing(_) | State::Ended)
    }

    pub(crate) fn is_failed(&self) -> bool {
        self.state == State::Failed
    }

    pub(crate) fn is_ended(&self) -> bool {
        self.state == State::Ended
    }

    /// Whether the socket is the one that counts. What an older one reports changes nothing.
    pub(crate) fn owns(&self, socket: SocketId) -> bool {
        socket.generation == self.generation
            && !matches!(
                self.state,
                State::Waiting | State::Closing(Socket::None) | State::Failed | State::Ended
            )
    }

    pub(crate) fn is_locating(&self) -> bool {
        self.state == State::Locating
    }

    /// The socket that the driver was asked for and that was not let go of.
    pub(crate) fn present_socket(&self, id: ConnId) -> Option<SocketId> {
        let exists = matches!(
            self.state,
            State::Opening | State::Greeting | State::Open(..) | State::Closing(Socket::Exists)
        );
        exists.then(|| self.socket(id))
    }
}

// What can be commanded.
impl<P: Payload> Connection<P> {
    /// Begins an attempt at once: the first one, or another, whatever the state.
    pub(crate) fn reconnect(&mut self, cx: &mut Context<'_, P>) {
        if matches!(self.state, State::Closing(_)) {
            self.abandon(cx);
            self.finish_closing(cx, CloseInfo::abnormal());
        }
        self.abandon(cx);
        if matches!(self.state, State::Failed | State::Ended) {
            self.spoke = None;
            self.violated_at = None;
            self.place = None;
            self.attempt = 0;
            // As in a connection that is made anew. Who hears that it is connecting knows.
            self.controller = true;
            self.access = Access::ReadWrite;
            self.reason = Cow::Borrowed("connecting");
        } else if matches!(self.state, State::Open(..)) {
            self.settle_connected_time(cx);
            self.reason = Cow::Borrowed("asked to reconnect");
        }
        self.failures = 0;
        self.turn = Turn::First;
        self.begin_attempt(cx);
    }

    /// Begins the closing handshake; the arguments were checked. Without a socket there is nobody to
    /// shake hands with: it ends in the next turn, so that the caller has time to listen. `why` is what
    /// people read meanwhile and afterwards.
    pub(crate) fn close(
        &mut self,
        cx: &mut Context<'_, P>,
        code: Option<u16>,
        reason: &str,
        why: &'static str,
    ) {
        match self.state {
            State::Opening | State::Greeting | State::Open(..) => {
                self.settle_connected_time(cx);
                let socket = self.socket(cx.id);
                self.close_code = code.unwrap_or(close::NO_CODE);
                cx.out.push_back(Output::CloseSocket { socket, code, reason: reason.into() });
                self.await_close(cx, Socket::Exists, CLOSE_TIMEOUT_MS, why);
            }
            State::Waiting
            | State::Locating
            | State::Authorizing
            | State::Queued { .. }
            | State::Judging(..) => {
                // As the platform does for a socket that was closed before it opened.
                if self.spoke.is_none() {
                    self.fault = Fault::Reported;
                }
                self.await_close(cx, Socket::None, 0, why);
            }
            State::Failed => {
                self.reason = Cow::Borrowed(why);
                self.enter(cx, State::Ended, self.reason_afterwards());
            }
            State::Closing(_) | State::Ended => {}
        }
    }
}

// What the other files share.
impl<P: Payload> Connection<P> {
    pub(crate) fn timeout(&mut self, cx: &mut Context<'_, P>) {
        // Each once: with delays of 0, one would lead to the next for ever, and the page would hang.
        for timer in timer::ALL {
            let Some(deadline) = self.timers.expire(timer, cx.now.instant) else { continue };
            match timer {
                Timer::Attempt => self.begin_attempt(cx),
                Timer::Connect => self.connect_timed_out(cx, deadline),
                Timer::Slot => Self::slot_due(cx),
                Timer::Close => {
                    self.abandon(cx);
                    self.finish_closing(cx, CloseInfo::abnormal());
                }
                Timer::Beat => self.beat_due(cx, deadline),
                Timer::Reply => self.reply_due(cx, deadline),
                Timer::Ack => self.ack(cx),
                Timer::Token => self.token_due(cx, deadline),
                Timer::Question => self.question_due(cx, deadline),
                Timer::Idle => self.idle_due(cx),
            }
        }
    }

    fn socket(&self, conn: ConnId) -> SocketId {
        SocketId { conn, generation: self.generation }
    }

    fn discard(&mut self, cx: &mut Context<'_, P>, payloads: VecDeque<P>, reason: &'static str, kept: bool) {
        if !payloads.is_empty() {
            self.metrics.discarded += payloads.len() as u64;
            cx.emit(Event::Discarded { payloads, reason, kept });
        }
    }

    fn enter(&mut self, cx: &mut Context<'_, P>, state: State, reason: Cow<'static, str>) {
        let previous = self.status();
        let (from, to) = (self.state.name(), state.name());
        self.state = state;
        self.reason = reason;
        self.next_attempt_at = None;
        self.changed(cx);
        self.log.note(Entry { at: cx.now.unix_ms, from, to, because: self.reason.clone() });
        let status = self.status();
        if status != previous {
            cx.emit(Event::Status { status, previous, reason: self.reason().map(String::from) });
        }
        self.judge_question(cx);
    }

    /// Says that messages are, or may be, lost: their first number and their last one, where they are known.
    fn tell_gap(
        &mut self,
        cx: &mut Context<'_, P>,
        direction: Direction,
        (from, to): (Option<u64>, Option<u64>),
        reason: Cow<'static, str>,
        snapshot: bool,
    ) {
        self.metrics.lost += 1;
        cx.emit(Event::Gap { direction, from, to, reason, snapshot });
    }

    /// Notes that a snapshot shows something else now.
    fn changed(&mut self, cx: &mut Context<'_, P>) {
        *cx.revision += 1;
        self.revision = *cx.revision;
    }
}
