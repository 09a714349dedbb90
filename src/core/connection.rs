//! One connection's life, over any number of sockets.
//!
//! ```text
//!              ┌────────────── lost, worth a retry ─────────────┐
//!              ▼                                                │
//!           Waiting ── backoff over ──► Opening ── opened ──► Open
//!              │                           │                    │
//!              │          close()          │                    │
//!              └───────────────────────────┼────────────────────┤
//!                                          ▼                    ▼
//!            Failed ◄─ refused for good ─ (any)   Closing ──► Ended
//! ```
//!
//! It decides and describes; the sockets are the driver's. A connection that is over holds no timer and
//! no payload.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::rc::Rc;

use super::close::{self, Verdict};
use super::event::{CloseInfo, ConnId, Event, Output, SocketId};
use super::key::Key;
use super::options::{Overrides, Settings};
use super::queue::{Payload, SendQueue};
use super::rng::Rng;
use super::status::{ReadyState, Status};
use super::time::Now;
use super::timer::{Timer, Timers};
use super::wire::Wire;

/// How long the peer has to answer a close, in ms. Browsers wait 20 to 60 s for it.
pub const CLOSE_TIMEOUT_MS: u64 = 3_000;

/// A timer that fires more than this after its deadline, in ms, says more about the page (hidden tabs
/// have their timers throttled, sleeping machines have none) than about the peer.
const LATE_MS: u64 = 1_000;

/// What an attempt gets, in ms, when its own time ran out while nobody was looking.
const PROBE_MS: u64 = 3_000;

/// What a method may use and change besides the connection itself.
pub(crate) struct Context<'a, P> {
    pub(crate) now: Now,
    pub(crate) id: ConnId,
    pub(crate) defaults: Overrides,
    pub(crate) rng: &'a mut Rng,
    pub(crate) out: &'a mut VecDeque<Output<P>>,
    /// Rises when something changes that a snapshot shows.
    pub(crate) revision: &'a mut u32,
}

impl<P> Context<'_, P> {
    fn emit(&mut self, event: Event<P>) {
        self.out.push_back(Output::Emit { conn: self.id, event });
    }
}

/// Whether the platform reported an `error` for the socket: it does so for every failed connection, and
/// right before the close.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    Reported,
}

/// How often the connect timeout of an attempt was found to have run out unobserved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lateness {
    None,
    Excused,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// No socket; the backoff runs.
    Waiting,
    /// A socket that is not open yet.
    Opening(Lateness),
    /// An open socket.
    Open(Wire, Now),
    /// `close()` was called: over an existing socket, or with none.
    Closing(Socket),
    /// Gave up.
    Failed,
    /// Over, or not begun.
    Ended,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Socket {
    None,
    Exists,
}

/// Why a message was not taken. Nothing was queued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendError {
    /// `close()` was called, or the connection is over.
    Closed,
    /// As many bytes as may wait for an open socket wait already.
    QueueFull,
}

pub(crate) struct Connection<P> {
    pub(crate) key: Option<Rc<Key>>,
    pub(crate) overrides: Overrides,
    settings: Settings,
    state: State,
    fault: Fault,
    timers: Timers,
    generation: u32,
    opened_before: bool,
    /// Retries in a row, without a stable connection in between.
    failures: u32,
    /// Attempts since the last open.
    attempt: u32,
    next_attempt_at: Option<u64>,
    reason: Cow<'static, str>,
    queue: SendQueue<P>,
}

// What can be asked.
impl<P: Payload> Connection<P> {
    pub(crate) fn new(key: Option<Rc<Key>>, overrides: Overrides) -> Self {
        Self {
            key,
            overrides,
            settings: overrides.resolve(),
            state: State::Ended,
            fault: Fault::None,
            timers: Timers::default(),
            generation: 0,
            opened_before: false,
            failures: 0,
            attempt: 0,
            next_attempt_at: None,
            reason: Cow::Borrowed("connecting"),
            queue: SendQueue::new(),
        }
    }

    pub(crate) fn status(&self) -> Status {
        match self.state {
            State::Waiting | State::Opening(_) if self.opened_before => Status::Reconnecting,
            State::Waiting | State::Opening(_) => Status::Connecting,
            State::Open(..) => Status::Connected,
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
        match self.state {
            State::Open(..) => None,
            _ => Some(&self.reason),
        }
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

    pub(crate) fn wire(&self) -> Option<Wire> {
        match self.state {
            State::Open(wire, _) => Some(wire),
            _ => None,
        }
    }

    pub(crate) fn queued_bytes(&self) -> u64 {
        self.queue.bytes()
    }

    pub(crate) fn next_deadline(&self) -> Option<super::time::Instant> {
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
            && matches!(self.state, State::Opening(_) | State::Open(..) | State::Closing(Socket::Exists))
    }
}

// What can be commanded.
impl<P: Payload> Connection<P> {
    /// Begins an attempt at once: the first one, or another, whatever the state.
    pub(crate) fn reconnect(&mut self, cx: &mut Context<'_, P>) {
        if matches!(self.state, State::Closing(_)) {
            self.abandon(cx);
            self.finish(cx, State::Ended, Cow::Borrowed("closed"), CloseInfo::abnormal());
        }
        self.abandon(cx);
        if matches!(self.state, State::Failed | State::Ended) {
            self.opened_before = false;
            self.attempt = 0;
            self.reason = Cow::Borrowed("connecting");
        } else if matches!(self.state, State::Open(..)) {
            self.reason = Cow::Borrowed("asked to reconnect");
        }
        self.failures = 0;
        self.begin_attempt(cx);
    }

    /// Hands the message to the open socket, or keeps it for the next one.
    pub(crate) fn send(&mut self, cx: &mut Context<'_, P>, payload: P) -> Result<(), SendError> {
        match self.state {
            State::Open(..) => {
                cx.out.push_back(Output::Send { socket: self.socket(cx.id), payload });
                Ok(())
            }
            State::Waiting | State::Opening(_) => {
                self.queue.push(payload, self.settings.max_queued_bytes).map_err(|_| SendError::QueueFull)
            }
            State::Closing(_) | State::Failed | State::Ended => Err(SendError::Closed),
        }
    }

    /// Begins the closing handshake; the arguments were checked. Without a socket there is nobody to
    /// shake hands with: it ends in the next turn, so that the caller has time to listen.
    pub(crate) fn close(&mut self, cx: &mut Context<'_, P>, code: Option<u16>, reason: &str) {
        match self.state {
            State::Opening(_) | State::Open(..) => {
                let socket = self.socket(cx.id);
                cx.out.push_back(Output::CloseSocket { socket, code, reason: reason.into() });
                self.await_close(cx, Socket::Exists, CLOSE_TIMEOUT_MS);
            }
            State::Waiting => self.await_close(cx, Socket::None, 0),
            State::Failed => self.enter(cx, State::Ended, Cow::Borrowed("closed")),
            State::Closing(_) | State::Ended => {}
        }
    }
}

// What can happen.
impl<P: Payload> Connection<P> {
    pub(crate) fn opened(&mut self, cx: &mut Context<'_, P>) {
        if !matches!(self.state, State::Opening(_)) {
            return;
        }
        self.timers.stop(Timer::Connect);
        self.opened_before = true;
        self.attempt = 0;
        self.enter(cx, State::Open(Wire::Plain, cx.now), Cow::Borrowed(""));
        let socket = self.socket(cx.id);
        cx.out.extend(self.queue.take().into_iter().map(|payload| Output::Send { socket, payload }));
        cx.emit(Event::Open);
    }

    pub(crate) fn received(&mut self, cx: &mut Context<'_, P>, payload: P) {
        if matches!(self.state, State::Open(..)) {
            cx.emit(Event::Message(payload));
        }
    }

    pub(crate) fn errored(&mut self) {
        self.fault = Fault::Reported;
    }

    pub(crate) fn closed(&mut self, cx: &mut Context<'_, P>, info: CloseInfo) {
        match self.state {
            State::Closing(_) => self.finish(cx, State::Ended, Cow::Borrowed("closed"), info),
            State::Opening(_) if info.code == close::ABNORMAL => {
                self.lost(cx, info, "the server cannot be reached");
            }
            _ => {
                let (_, meaning) = close::judge(info.code);
                self.lost(cx, info, meaning);
            }
        }
    }

    /// The platform refused to make the socket at all; `why` is what it said.
    pub(crate) fn unopenable(&mut self, cx: &mut Context<'_, P>, why: String) {
        self.fault = Fault::Reported;
        let (end, why) = match self.state {
            State::Closing(_) => (State::Ended, Cow::Borrowed("closed")),
            _ => (State::Failed, Cow::Owned(why)),
        };
        self.finish(cx, end, why, CloseInfo::abnormal());
    }

    pub(crate) fn online(&mut self, cx: &mut Context<'_, P>) {
        if self.state == State::Waiting {
            self.begin_attempt(cx);
        }
    }

    pub(crate) fn timeout(&mut self, cx: &mut Context<'_, P>) {
        while let Some((timer, deadline)) = self.timers.expire(cx.now.instant) {
            let late = cx.now.instant.since(deadline) > LATE_MS;
            match timer {
                Timer::Attempt => self.begin_attempt(cx),
                Timer::Connect if late && self.state == State::Opening(Lateness::None) => {
                    self.state = State::Opening(Lateness::Excused);
                    self.timers.set(Timer::Connect, cx.now.instant + PROBE_MS);
                }
                Timer::Connect => {
                    self.abandon(cx);
                    self.fault = Fault::Reported;
                    self.lost(cx, CloseInfo::abnormal(), "no answer within the connect timeout");
                }
                Timer::Close => {
                    self.abandon(cx);
                    self.finish(cx, State::Ended, Cow::Borrowed("closed"), CloseInfo::abnormal());
                }
            }
        }
    }
}

// The steps that these are made of.
impl<P: Payload> Connection<P> {
    fn socket(&self, conn: ConnId) -> SocketId {
        SocketId { conn, generation: self.generation }
    }

    fn begin_attempt(&mut self, cx: &mut Context<'_, P>) {
        self.settings = self.overrides.over(cx.defaults).resolve();
        self.generation += 1;
        self.attempt += 1;
        self.fault = Fault::None;
        let timeout = if self.opened_before {
            self.settings.reconnect_timeout_ms
        } else {
            self.settings.connect_timeout_ms
        };
        self.timers.stop_all();
        self.timers.set(Timer::Connect, cx.now.instant + timeout);
        let reason = self.reason.clone();
        self.enter(cx, State::Opening(Lateness::None), reason);
        cx.out.push_back(Output::OpenSocket { socket: self.socket(cx.id) });
    }

    fn await_close(&mut self, cx: &mut Context<'_, P>, socket: Socket, timeout_ms: u64) {
        self.timers.stop_all();
        self.timers.set(Timer::Close, cx.now.instant + timeout_ms);
        self.queue.take();
        self.enter(cx, State::Closing(socket), Cow::Borrowed("closing"));
    }

    /// Lets go of the socket, if there is one: nothing that it still says will be heard.
    fn abandon(&mut self, cx: &mut Context<'_, P>) {
        if matches!(self.state, State::Opening(_) | State::Open(..) | State::Closing(Socket::Exists)) {
            cx.out.push_back(Output::AbandonSocket { socket: self.socket(cx.id) });
        }
    }

    /// The socket is gone and nobody here asked for it.
    fn lost(&mut self, cx: &mut Context<'_, P>, info: CloseInfo, meaning: &'static str) {
        if let State::Open(_, since) = self.state
            && cx.now.instant.since(since.instant) >= self.settings.backoff.stable_after_ms
        {
            self.failures = 0;
        }
        let why: Cow<'static, str> =
            if info.reason.is_empty() { meaning.into() } else { String::from(&*info.reason).into() };
        match close::judge(info.code).0 {
            Verdict::Retry if self.failures < self.settings.max_retries => self.wait(cx, why),
            Verdict::Retry => {
                let why = if self.failures == 0 { why } else { ["out of retries: ", &why].concat().into() };
                self.finish(cx, State::Failed, why, info);
            }
            Verdict::Ended => self.finish(cx, State::Ended, why, info),
            Verdict::Refused => self.finish(cx, State::Failed, why, info),
        }
    }

    fn wait(&mut self, cx: &mut Context<'_, P>, why: Cow<'static, str>) {
        let delay = self.settings.backoff.delay_ms(self.failures, cx.rng);
        self.failures += 1;
        self.timers.stop_all();
        let at = cx.now.instant + delay;
        self.timers.set(Timer::Attempt, at);
        self.enter(cx, State::Waiting, why);
        self.next_attempt_at = Some(cx.now.unix_at(at));
    }

    fn finish(&mut self, cx: &mut Context<'_, P>, end: State, why: Cow<'static, str>, info: CloseInfo) {
        self.timers.stop_all();
        self.queue.take();
        self.enter(cx, end, why);
        if self.fault == Fault::Reported {
            cx.emit(Event::Error);
        }
        cx.emit(Event::Close(info));
    }

    fn enter(&mut self, cx: &mut Context<'_, P>, state: State, reason: Cow<'static, str>) {
        let previous = self.status();
        self.state = state;
        self.reason = reason;
        self.next_attempt_at = None;
        *cx.revision += 1;
        let status = self.status();
        if status != previous {
            cx.emit(Event::Status { status, previous, reason: self.reason().map(String::from) });
        }
    }
}
