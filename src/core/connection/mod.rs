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
//! It decides and describes; the sockets are the driver's. A connection that is over holds no timer and
//! no payload.
//!
//! | file | idea |
//! | --- | --- |
//! | this one | what can be asked, what can be commanded |
//! | `state` | what it can be in |
//! | `attempt` | from the decision to try until the socket is open |
//! | `loss` | how a socket ends, and what follows |
//! | `liveness` | whether an open socket is alive, and whether anybody uses it |

mod attempt;
mod liveness;
mod loss;
mod state;

use std::borrow::Cow;
use std::collections::VecDeque;
use std::rc::Rc;

use super::event::{CloseInfo, ConnId, Event, Output, Place, SocketId};
use super::key::Key;
use super::log::{Entry, Log};
use super::metrics::Metrics;
use super::options::{Overrides, Settings};
use super::queue::{Payload, SendQueue};
use super::status::{ReadyState, Status};
use super::time::Instant;
use super::timer::{self, Timer, Timers};
use super::wire::Wire;
use liveness::Pulse;
pub(crate) use loss::CLOSING;
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
    opened_before: bool,
    /// Retries in a row, without a stable connection in between.
    failures: u32,
    /// Attempts since the last open.
    attempt: u32,
    next_attempt_at: Option<u64>,
    /// Until when the server has asked to stay away.
    not_before: Instant,
    reason: Cow<'static, str>,
    pulse: Pulse,
    queue: SendQueue<P>,
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
            opened_before: false,
            failures: 0,
            attempt: 0,
            next_attempt_at: None,
            not_before: Instant::default(),
            reason: Cow::Borrowed("connecting"),
            pulse: Pulse::default(),
            queue: SendQueue::new(),
        }
    }

    pub(crate) fn status(&self) -> Status {
        match self.state {
            State::Waiting | State::Locating | State::Queued { .. } | State::Opening => {
                if self.opened_before { Status::Reconnecting } else { Status::Connecting }
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
        let exists = matches!(self.state, State::Opening | State::Open(..) | State::Closing(Socket::Exists));
        exists.then(|| self.socket(id))
    }

    /// The open socket that a message may go to right away, past nothing that waits.
    pub(crate) fn passes(&self, id: ConnId) -> Option<SocketId> {
        (self.wire().is_some() && self.queue.is_empty()).then(|| self.socket(id))
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
            self.opened_before = false;
            self.place = None;
            self.attempt = 0;
            self.reason = Cow::Borrowed("connecting");
        } else if matches!(self.state, State::Open(..)) {
            self.settle_connected_time(cx);
            self.reason = Cow::Borrowed("asked to reconnect");
        }
        self.failures = 0;
        self.begin_attempt(cx);
    }

    /// Hands the message to the open socket, or keeps it for the next one.
    pub(crate) fn send(
        &mut self,
        cx: &mut Context<'_, P>,
        payload: P,
        readiness: Readiness,
    ) -> Result<(), SendError> {
        match self.state {
            State::Open(..) if readiness == Readiness::Takes && self.queue.is_empty() => {
                cx.out.push_back(Output::Send { socket: self.socket(cx.id), payload });
                return Ok(());
            }
            State::Closing(_) | State::Failed | State::Ended => return Err(SendError::Closed),
            _ => {}
        }
        let Settings { max_queued_bytes, queue_policy, .. } = self.settings;
        let dropped =
            self.queue.push(payload, max_queued_bytes, queue_policy).map_err(|_| SendError::QueueFull)?;
        self.discard(cx, dropped, "the send queue is full", false);
        Ok(())
    }

    /// Keeps a message that was taken and that its socket dropped.
    pub(crate) fn put_back(&mut self, payload: P) {
        self.queue.put_back(payload);
    }

    /// Takes back what no socket has taken.
    pub(crate) fn take_queue(&mut self) -> VecDeque<P> {
        self.queue.take()
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
            State::Opening | State::Open(..) => {
                self.settle_connected_time(cx);
                let socket = self.socket(cx.id);
                cx.out.push_back(Output::CloseSocket { socket, code, reason: reason.into() });
                self.await_close(cx, Socket::Exists, CLOSE_TIMEOUT_MS, why);
            }
            State::Waiting | State::Locating | State::Queued { .. } | State::Judging(..) => {
                // As the platform does for a socket that was closed before it opened.
                if !self.opened_before {
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
    }

    /// Notes that a snapshot shows something else now.
    fn changed(&mut self, cx: &mut Context<'_, P>) {
        *cx.revision += 1;
        self.revision = *cx.revision;
    }
}
