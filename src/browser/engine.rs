//! What the TypeScript facade calls. It has checked the types of the arguments; what a name or a close code
//! may be is decided in the core.
//!
//! Every method takes `&self`, because listeners call back in. Connections are named by numbers; what
//! the facade gives for one of them (its `Sink`) is handed back when the pair is asked for again.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::Function;
use wasm_bindgen::prelude::*;

use super::driver::Driver;
use super::error::bad_name;
use super::frames;
use super::host::Host;
use super::payload::into_values;
use super::platform;
use super::report;
use super::sink::Sink;
use crate::core::close::CloseError;
use crate::core::connection::SendError;
use crate::core::event::{CloseInfo, ConnId, Grant, Input, NoAnswer, Page, Place, SocketId};
use crate::core::key::{Key, check_name};
use crate::core::options::Overrides;
use crate::core::poll::PollId;
use crate::core::pool::{Pool, ReconnectError};
use crate::core::question::AskError;
use crate::core::resume::frame::ServerFrame;
use crate::core::resume::{Size, Violation};
use crate::core::token::Token;

/// The connections of a page.
#[wasm_bindgen]
pub struct Engine {
    driver: Rc<Driver>,
    next_subscriber: Cell<u32>,
}

// The whole.
#[wasm_bindgen]
impl Engine {
    /// An engine without connections.
    #[wasm_bindgen(constructor)]
    pub fn new(host: Host) -> Self {
        Self { driver: Driver::new(host), next_subscriber: Cell::new(0) }
    }

    /// Merges into what holds for all connections: numbers in the order of `Knob`, NaN where nothing is said.
    pub fn configure(&self, numbers: &[f64]) {
        self.driver.command(|pool, now| pool.configure(now, Overrides::from_numbers(numbers)));
    }

    /// Calls back after every change. Returns the subscription's number.
    pub fn subscribe(&self, callback: Function) -> u32 {
        let id = self.next_subscriber.get();
        self.next_subscriber.set(id + 1);
        self.driver.subscribers.add(id, callback);
        self.driver.command(|_, _| ());
        id
    }

    /// Ends a subscription.
    pub fn unsubscribe(&self, id: u32) {
        self.driver.subscribers.remove(id);
        self.driver.command(|_, _| ());
    }

    /// Calls back every `interval_ms` (NaN: as configured), and after every change. Returns its number.
    pub fn poll(&self, callback: Function, interval_ms: f64) -> u32 {
        let interval = Some(interval_ms as u64).filter(|_| !interval_ms.is_nan());
        self.driver.command(|pool, now| {
            let PollId(id) = pool.start_poll(now, interval);
            self.driver.polls.add(id, callback);
            id
        })
    }

    /// Ends a poll.
    #[wasm_bindgen(js_name = stopPoll)]
    pub fn stop_poll(&self, id: u32) {
        self.driver.polls.remove(id);
        self.driver.command(|pool, _| pool.stop_poll(PollId(id)));
    }

    /// Closes every connection, those without a pair included. One that begins to close forgets its token.
    #[wasm_bindgen(js_name = closeAll)]
    pub fn close_all(&self) {
        self.close_chosen(|_| true);
    }

    /// `[online, active id or 2³² − 1, id, revision, id, revision, …]`, in the order of the keys. Another
    /// revision is another row.
    pub fn listing(&self) -> Vec<u32> {
        self.driver.ask(report::listing)
    }

    /// `[project, env, status, reason, attempt, nextAttemptAt, connectedAt, protocol]`.
    pub fn row(&self, id: u32) -> JsValue {
        self.driver.ask(|pool| pool.facts(ConnId(id)).map_or(JsValue::UNDEFINED, |facts| report::row(&facts)))
    }

    /// `[[attempts, opens, reconnects, messagesIn, messagesOut, bytesIn, bytesOut, connectedMs, queuedBytes,
    /// lost, discarded, resumed, replayed], rtt, failures, [active, waiting, asked, answered, unanswered], answers]` of a
    /// connection, or of all that there ever were.
    pub fn metrics(&self, id: Option<u32>) -> JsValue {
        let now = self.driver.now();
        self.driver.ask(|pool| match id {
            Some(id) => {
                pool.metrics(now, ConnId(id)).map_or(JsValue::UNDEFINED, |(metrics, connected, queued)| {
                    report::metrics(metrics, connected, queued, pool.conversations(Some(ConnId(id))))
                })
            }
            None => {
                let (metrics, connected, queued) = pool.totals(now);
                report::metrics(&metrics, connected, queued, pool.conversations(None))
            }
        })
    }

    /// `[count, p50Us, p99Us]` of what `setActive` took.
    pub fn switches(&self) -> JsValue {
        self.driver.ask(report::switches)
    }

    /// `[sockets, timers, closures, callbacks, retainedBytes]`.
    pub fn resources(&self) -> JsValue {
        let [sockets, timers, closures] = self.driver.held().map(|count| count as u64);
        let (callbacks, bytes) = (self.driver.callbacks() as u64, self.driver.ask(Pool::retained_bytes));
        report::numbers([sockets, timers, closures, callbacks, bytes])
    }

    /// The page says that there is no network: 0. There may be one: 1. It is seen again, or goes on: 2. It is
    /// shown, perhaps after it lay in the back/forward cache: 3.
    pub fn page(&self, change: u8) {
        match change {
            0 => self.driver.handle(Input::Page(Page::Offline)),
            1 => self.driver.handle(Input::Page(Page::Online)),
            2 => self.driver.handle(Input::Page(Page::Awake)),
            _ => self.driver.shown(),
        }
    }
}

// Pairs.
#[wasm_bindgen]
impl Engine {
    /// The connection that has the pair's place, one that is closing included; 2³² − 1 where there is none.
    pub fn listed(&self, project: &str, env: &str) -> Result<u32, JsValue> {
        let key = Key::new(project, env)?;
        Ok(self.driver.ask(|pool| pool.listed(&key)).map_or(u32::MAX, |id| id.0))
    }

    /// Makes a connection for the pair, in the place of one that is closing.
    pub fn connect(&self, sink: Sink, project: &str, env: &str, numbers: &[f64]) -> Result<(), JsValue> {
        let key = Key::new(project, env)?;
        self.driver.connect(sink, Some(key), Overrides::from_numbers(numbers));
        Ok(())
    }

    /// Makes the pair the active one, now or as soon as it exists.
    #[wasm_bindgen(js_name = setActive)]
    pub fn set_active(&self, project: &str, env: &str) -> Result<(), JsValue> {
        let key = Key::new(project, env)?;
        let (began, _) = platform::clocks();
        self.driver.command(|pool, now| pool.set_active(now, key));
        let (ended, _) = platform::clocks();
        self.driver.pool.borrow_mut().switched(ended.saturating_sub(began));
        Ok(())
    }

    /// Closes all connections of a project.
    #[wasm_bindgen(js_name = closeProject)]
    pub fn close_project(&self, project: &str) -> Result<(), JsValue> {
        check_name(project).map_err(|why| bad_name("projectName", why))?;
        self.close_chosen(|key| key.is_some_and(|key| key.project() == project));
        Ok(())
    }

    /// `[at, from, to, because][]` of the pair's lives, oldest first.
    pub fn log(&self, project: &str, env: &str) -> Result<JsValue, JsValue> {
        let key = Key::new(project, env)?;
        Ok(self.driver.ask(|pool| report::log(pool.log(&key))))
    }

    fn close_chosen(&self, choose: impl Fn(Option<&Key>) -> bool) {
        self.driver.command(|pool, now| pool.close_chosen(now, choose));
    }
}

// Connections, by number. One that has left the pool is closed.
#[wasm_bindgen]
impl Engine {
    /// Makes a connection without a pair, for an `EnvSocket` of its own.
    #[wasm_bindgen(js_name = connectAlone)]
    pub fn connect_alone(&self, sink: Sink, numbers: &[f64]) {
        self.driver.connect(sink, None, Overrides::from_numbers(numbers));
    }

    /// Merges into what holds for one connection.
    #[wasm_bindgen(js_name = configureConnection)]
    pub fn configure_connection(&self, id: u32, numbers: &[f64]) {
        self.driver
            .command(|pool, _| pool.configure_connection(ConnId(id), Overrides::from_numbers(numbers)));
    }

    /// Says where an attempt goes: with whom the handshake is, and what queued messages are bound to.
    pub fn located(&self, id: u32, generation: u32, origin: String, destination: String) {
        let place = Place { origin: origin.into(), destination: destination.into() };
        self.driver.handle(Input::Located(socket(id, generation), Ok(place)));
    }

    /// Says that an attempt has nowhere to go, and whether asking again would be of no use.
    pub fn unlocated(&self, id: u32, generation: u32, why: String, is_final: bool) {
        let answer = Input::Located(socket(id, generation), Err(NoAnswer { why, is_final }));
        // Never before the call that began the attempt has returned: nobody could listen yet.
        self.driver.in_next_turn(answer);
    }

    /// Whether a token was asked for, and an answer is still wanted.
    #[wasm_bindgen(js_name = asksToken)]
    pub fn asks_token(&self, id: u32, generation: u32) -> bool {
        self.driver.ask(|pool| pool.asks_token(socket(id, generation)))
    }

    /// Gives the token that was asked for, and how long it is still good, in ms; NaN where nobody can say.
    pub fn authorized(&self, id: u32, generation: u32, token: String, expires_in_ms: f64) {
        let answer =
            grant(token, expires_in_ms).ok_or_else(|| NoAnswer { why: BAD_TOKEN.into(), is_final: false });
        self.driver.handle(Input::Authorized(socket(id, generation), answer));
    }

    /// Says that there is no token, and whether asking again would be of no use. Without words it is as the server said.
    pub fn unauthorized(&self, id: u32, generation: u32, why: String, is_final: bool) {
        let answer = Input::Authorized(socket(id, generation), Err(NoAnswer { why, is_final }));
        self.driver.in_next_turn(answer);
    }

    /// Another token takes the place of that which the connection has; `expires_in_ms` as with `authorized`.
    #[wasm_bindgen(js_name = replaceToken)]
    pub fn replace_token(&self, id: u32, token: String, expires_in_ms: f64) -> Result<(), JsValue> {
        let grant = grant(token, expires_in_ms).ok_or_else(|| js_sys::TypeError::new(BAD_TOKEN))?;
        self.driver.command(|pool, now| pool.replace_token(now, ConnId(id), grant));
        Ok(())
    }

    /// The token that the connection has is not to be used for another attempt.
    #[wasm_bindgen(js_name = forgetToken)]
    pub fn forget_token(&self, id: u32) {
        self.driver.command(|pool, now| pool.forget_token(now, ConnId(id)));
    }

    /// Whether a message may go straight to the latest native socket, a plain one that is open. It counts as
    /// sent.
    pub fn passes(&self, id: u32, bytes: f64) -> bool {
        self.driver.passes(ConnId(id), bytes as u64)
    }

    /// Whether a message was numbered and is kept, and is to go straight to the latest native socket, which
    /// speaks the resume protocol and is open. Its bytes must be nobody else's.
    pub fn record(&self, id: u32, data: JsValue, bytes: f64) -> bool {
        self.driver.record(ConnId(id), data, bytes as u64)
    }

    /// Hands a message over or queues it: 0. It is closed: 1. The queue is full: 2. The server takes none: 3. Its bytes
    /// must be nobody else's.
    pub fn send(&self, id: u32, data: JsValue, bytes: f64) -> u8 {
        match self.driver.send(ConnId(id), data, bytes as u64) {
            Ok(()) => 0,
            Err(SendError::Closed) => 1,
            Err(SendError::QueueFull) => 2,
            Err(SendError::ReadOnly) => 3,
        }
    }

    /// Lets a question in: its number, which is never that of another one of this engine. Its message is the next that
    /// is handed over with `passes`, `record` or `send`. Another one waits: 0. The connection is over, or closing, or
    /// read-only: −1. `timeout_ms` may be infinite.
    pub fn ask(&self, id: u32, timeout_ms: f64) -> i32 {
        let timeout_ms = Some(timeout_ms as u64).filter(|_| timeout_ms.is_finite());
        match self.driver.command(|pool, now| pool.ask(now, ConnId(id), timeout_ms)) {
            Ok(number) => number as i32,
            Err(AskError::Busy) => 0,
            Err(AskError::Refused) => -1,
        }
    }

    /// The question with this number has its answer, or has `failed`: another one may be asked. A question that does
    /// not wait any more changes nothing.
    #[wasm_bindgen(js_name = settleQuestion)]
    pub fn settle_question(&self, id: u32, number: u32, failed: bool) {
        self.driver.command(|pool, now| pool.settle_question(now, ConnId(id), number, failed));
    }

    /// The number of the question that waits; 0 when none does.
    pub fn question(&self, id: u32) -> u32 {
        self.driver.ask(|pool| pool.question(ConnId(id))).unwrap_or(0)
    }

    /// The terminal has this size, in cells.
    pub fn resize(&self, id: u32, cols: u16, rows: u16) {
        self.driver.command(|pool, now| pool.resize(now, ConnId(id), Size { cols, rows }));
    }

    /// Begins the close: 0. Not with this code: 1. The reason is too long: 2.
    pub fn close(&self, id: u32, code: Option<u16>, reason: &str) -> u8 {
        match self.driver.command(|pool, now| pool.close(now, ConnId(id), code, reason)) {
            Ok(()) => 0,
            Err(CloseError::Code) => 1,
            Err(CloseError::Reason) => 2,
        }
    }

    /// Tries again now: 0. It has left the pool: 1. Another one has its place: 2.
    pub fn reconnect(&self, id: u32) -> u8 {
        match self.driver.command(|pool, now| pool.reconnect(now, ConnId(id))) {
            Ok(()) => 0,
            Err(ReconnectError::Gone) => 1,
            Err(ReconnectError::Superseded) => 2,
        }
    }

    /// Takes back what is queued.
    pub fn drain(&self, id: u32) -> Vec<JsValue> {
        into_values(self.driver.command(|pool, _| pool.take_queue(ConnId(id)))).0
    }

    /// The number of its public status; `undefined` when it has left the pool.
    pub fn status(&self, id: u32) -> Option<u8> {
        self.driver.ask(|pool| pool.connection_status(ConnId(id))).map(|status| status as u8)
    }

    /// Its `readyState`; `undefined` when it has left the pool.
    #[wasm_bindgen(js_name = readyState)]
    pub fn ready_state(&self, id: u32) -> Option<u8> {
        self.driver.ask(|pool| pool.ready_state(ConnId(id))).map(|state| state as u8)
    }

    /// Bytes that count against the queue's bound.
    #[wasm_bindgen(js_name = queuedBytes)]
    pub fn queued_bytes(&self, id: u32) -> f64 {
        self.driver.ask(|pool| pool.waiting_bytes(ConnId(id))) as f64
    }

    /// Bytes that were sent and are not on the network yet, those that wait for a socket included.
    #[wasm_bindgen(js_name = bufferedAmount)]
    pub fn buffered_amount(&self, id: u32) -> f64 {
        let native = self.driver.socket(ConnId(id)).map_or(0, |socket| socket.native().buffered_amount());
        self.queued_bytes(id) + f64::from(native)
    }

    /// What the facade gave for it, if it can be shared: it is there, and not closing.
    pub fn find(&self, id: u32) -> Option<Sink> {
        let shared = self.driver.ask(|pool| pool.is_shared(ConnId(id)));
        self.driver.sink(ConnId(id)).filter(|_| shared).map(|sink| Sink::clone(&sink))
    }

    /// Whether it is the active one.
    #[wasm_bindgen(js_name = isActive)]
    pub fn is_active(&self, id: u32) -> bool {
        self.driver.ask(|pool| pool.active() == Some(ConnId(id)))
    }
}

// Native sockets, by their connection's number and their generation: what an older one says changes nothing.
#[wasm_bindgen]
impl Engine {
    /// It is open, and may speak the resume protocol.
    #[wasm_bindgen(js_name = socketOpened)]
    pub fn socket_opened(&self, id: u32, generation: u32, resumes: bool) {
        self.driver.opened(socket(id, generation), resumes);
    }

    /// The platform has reported an error.
    #[wasm_bindgen(js_name = socketErrored)]
    pub fn socket_errored(&self, id: u32, generation: u32) {
        self.driver.handle(Input::Errored(socket(id, generation)));
    }

    /// It is closed.
    #[wasm_bindgen(js_name = socketClosed)]
    pub fn socket_closed(&self, id: u32, generation: u32, code: u16, reason: String, clean: bool) {
        self.driver.closed(socket(id, generation), CloseInfo { code, reason: reason.into(), clean });
    }

    /// It has brought a message. Who wants it: nobody (0); the application (1); the protocol, if it is text
    /// that begins with U+0000, else the application (2); the protocol, for the application must not have
    /// any yet (3). This, and what follows, is the hot path: nothing changes that others are told of, so that
    /// there is nothing to drain, and the clock is not read.
    pub fn hears(&self, id: u32, generation: u32) -> u8 {
        self.driver.pool.borrow_mut().hears(socket(id, generation)) as u8
    }

    /// The message is one of the application, which is told of it next. 1 if to `acknowledge` it then; and 2 if it
    /// was sent before this socket was there.
    pub fn received(&self, id: u32, bytes: f64) -> u8 {
        let mut pool = self.driver.pool.borrow_mut();
        let due = pool.received(ConnId(id), bytes as u64);
        u8::from(due) | u8::from(pool.is_replaying(ConnId(id))) << 1
    }

    /// The application, which is being told of a message, is not done with it when it returns. What `release` takes.
    pub fn hold(&self, id: u32) -> u32 {
        self.driver.pool.borrow_mut().hold(ConnId(id))
    }

    /// It is done with it. Whether to `acknowledge`.
    pub fn release(&self, id: u32, ticket: u32) -> bool {
        self.driver.pool.borrow_mut().release(ConnId(id), ticket)
    }

    /// The application has seen what was received, or is done with it.
    pub fn acknowledge(&self, id: u32) {
        self.driver.command(|pool, now| pool.acknowledge(now, ConnId(id)));
    }

    /// The message was a control frame, whose text this is; or, before there may be any, one of the
    /// application: then there is none.
    pub fn control(&self, id: u32, generation: u32, text: JsValue) {
        let frame = if text.is_undefined() {
            Err(Violation("data before the welcome".into()))
        } else {
            frames::parse(&text).and_then(|frame| ServerFrame::read(&frame))
        };
        self.driver.handle(Input::Control(socket(id, generation), frame));
    }

    /// The message was the heartbeat's answer.
    pub fn replied(&self, id: u32) {
        let now = self.driver.now();
        self.driver.pool.borrow_mut().replied(now, ConnId(id));
    }
}

/// What is said of a text that cannot be a token. The text is not.
const BAD_TOKEN: &str = "token must be a text of 1 to 8192 bytes";

fn grant(token: String, expires_in_ms: f64) -> Option<Grant> {
    // What has expired has no time left; a float becomes an integer by saturation.
    let expires_in_ms = Some(expires_in_ms as u64).filter(|_| !expires_in_ms.is_nan());
    Token::new(token).map(|token| Grant { token, expires_in_ms })
}

fn socket(id: u32, generation: u32) -> SocketId {
    SocketId { conn: ConnId(id), generation }
}
