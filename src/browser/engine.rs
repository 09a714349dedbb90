//! What the TypeScript facade calls. It has checked the types of the arguments; what a name or a close code
//! may be is decided in the core.
//!
//! Every method takes `&self`, because listeners call back in. Connections are named by numbers; what
//! the facade gives for one of them (its `Sink`) is handed back when the pair is asked for again.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::Function;
use wasm_bindgen::prelude::*;

use super::driver::{Driver, Target};
use super::error::bad_name;
use super::platform;
use super::report;
use super::sink::Sink;
use crate::core::close::CloseError;
use crate::core::connection::SendError;
use crate::core::event::{ConnId, Input, Place, SocketId, Unlocated};
use crate::core::key::{Key, check_name};
use crate::core::options::Overrides;
use crate::core::poll::PollId;
use crate::core::pool::ReconnectError;
use crate::core::status::Status;

/// Replaces every `{project}` and `{env}` of a template with the percent-encoded names.
#[wasm_bindgen]
pub fn expand(template: &str, project: &str, env: &str) -> Result<String, JsValue> {
    Ok(key(project, env)?.expand(template))
}

/// The connections of a page.
#[wasm_bindgen]
pub struct Engine {
    driver: Rc<Driver>,
    next_subscriber: Cell<u32>,
}

// The whole.
#[wasm_bindgen]
impl Engine {
    /// An engine without connections. `stale` is called at once whenever a snapshot would show something
    /// else; it must not call back.
    #[wasm_bindgen(constructor)]
    pub fn new(stale: Function) -> Self {
        Self { driver: Driver::new(stale), next_subscriber: Cell::new(0) }
    }

    /// Merges into what holds for all connections: numbers in the order of `Knob`, NaN where nothing is said.
    pub fn configure(&self, numbers: &[f64]) {
        self.driver.command(|pool, _| pool.configure(Overrides::from_numbers(numbers)));
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

    /// Calls back every `interval_ms` (NaN: as configured), and after every change. Returns the poll's number.
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

    /// Closes every connection, those without a pair included.
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
    /// lost, discarded], rtt, failures]` of a connection, or of all that there ever were.
    pub fn metrics(&self, id: Option<u32>) -> JsValue {
        let now = self.driver.now();
        self.driver.ask(|pool| match id {
            Some(id) => pool.metrics(now, ConnId(id)).map_or(JsValue::UNDEFINED, |(metrics, connected, queued)| {
                report::metrics(metrics, connected, queued)
            }),
            None => {
                let (metrics, connected, queued) = pool.totals(now);
                report::metrics(&metrics, connected, queued)
            }
        })
    }

    /// `[count, p50Us, p99Us]` of what `setActive` took.
    pub fn switches(&self) -> Vec<f64> {
        self.driver.ask(report::switches)
    }

    /// `[sockets, timers, closures, listeners, retainedBytes]`.
    pub fn resources(&self) -> Vec<f64> {
        let held = self.driver.held().map(|count| count as f64);
        held.into_iter().chain([self.driver.ask(|pool| pool.retained_bytes()) as f64]).collect()
    }
}

// Pairs.
#[wasm_bindgen]
impl Engine {
    /// What the facade gave for the pair's connection, if the pair has one that can be shared.
    pub fn find(&self, project: &str, env: &str) -> Result<Option<Sink>, JsValue> {
        let id = self.listed(project, env)?;
        let shared = self.driver.ask(|pool| pool.is_shared(id));
        Ok(self.driver.sink(id).filter(|_| shared).map(|sink| Sink::clone(&sink)))
    }

    /// Makes a connection for the pair, in the place of one that is closing.
    pub fn connect(&self, sink: Sink, project: &str, env: &str, numbers: &[f64]) -> Result<(), JsValue> {
        let key = key(project, env)?;
        self.driver.connect(sink, Some(key), Overrides::from_numbers(numbers));
        Ok(())
    }

    /// The number of the pair's public status.
    #[wasm_bindgen(js_name = pairStatus)]
    pub fn pair_status(&self, project: &str, env: &str) -> Result<u8, JsValue> {
        let id = self.listed(project, env)?;
        Ok(self.status(id.0).unwrap_or(Status::Disconnected as u8))
    }

    /// Whether the pair exists and is the active one.
    #[wasm_bindgen(js_name = isActive)]
    pub fn is_active(&self, project: &str, env: &str) -> Result<bool, JsValue> {
        let id = self.listed(project, env)?;
        Ok(self.driver.ask(|pool| pool.active() == Some(id)))
    }

    /// Makes the pair the active one, now or as soon as it exists.
    #[wasm_bindgen(js_name = setActive)]
    pub fn set_active(&self, project: &str, env: &str) -> Result<(), JsValue> {
        let key = key(project, env)?;
        let (began, _) = platform::clocks();
        self.driver.command(|pool, now| pool.set_active(now, key));
        let (ended, _) = platform::clocks();
        self.driver.pool.borrow_mut().switched(ended.saturating_sub(began));
        Ok(())
    }

    /// Closes the pair's connection, if there is one. As `close`.
    #[wasm_bindgen(js_name = closePair)]
    pub fn close_pair(&self, project: &str, env: &str, code: Option<u16>, reason: &str) -> Result<u8, JsValue> {
        let id = self.listed(project, env)?;
        Ok(self.close(id.0, code, reason))
    }

    /// Closes all connections of a project.
    #[wasm_bindgen(js_name = closeProject)]
    pub fn close_project(&self, project: &str) -> Result<(), JsValue> {
        check_name(project).map_err(|why| bad_name("projectName", why))?;
        self.close_chosen(|key| key.is_some_and(|key| key.project() == project));
        Ok(())
    }

    /// Tries again now, if the pair has a connection.
    #[wasm_bindgen(js_name = reconnectPair)]
    pub fn reconnect_pair(&self, project: &str, env: &str) -> Result<(), JsValue> {
        let id = self.listed(project, env)?;
        self.reconnect(id.0);
        Ok(())
    }

    /// `[at, from, to, because][]`, oldest first.
    pub fn log(&self, project: &str, env: &str) -> Result<JsValue, JsValue> {
        let key = key(project, env)?;
        Ok(self.driver.ask(|pool| report::log(pool.log(&key))))
    }

    /// The connection that has the pair's place; a number that none has where there is none.
    fn listed(&self, project: &str, env: &str) -> Result<ConnId, JsValue> {
        let key = key(project, env)?;
        Ok(self.driver.ask(|pool| pool.listed(&key)).unwrap_or(ConnId(u32::MAX)))
    }

    fn close_chosen(&self, choose: impl Fn(Option<&Key>) -> bool) {
        self.driver.command(|pool, now| {
            for id in pool.ids(choose) {
                // No code and no reason are always allowed.
                let _ = pool.close(now, id, None, "");
            }
        });
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

    /// Says where an attempt goes: the full URL, its origin, what queued messages are bound to, the
    /// subprotocols (`undefined` or an array), and how binary messages are wanted.
    #[expect(clippy::too_many_arguments, reason = "an object would have to be read property by property")]
    pub fn located(
        &self,
        id: u32,
        generation: u32,
        url: String,
        origin: String,
        destination: String,
        protocols: JsValue,
        array_buffers: bool,
    ) {
        let socket = SocketId { conn: ConnId(id), generation };
        let place = Place { origin: origin.into(), destination: destination.into() };
        self.driver.located(socket, Target { url, protocols }, place, array_buffers);
    }

    /// Says that an attempt has nowhere to go, and whether asking again would be of no use.
    pub fn unlocated(&self, id: u32, generation: u32, why: String, is_final: bool) {
        let socket = SocketId { conn: ConnId(id), generation };
        let answer = Input::Located(socket, Err(Unlocated { why, is_final }));
        // Never before the call that began the attempt has returned: nobody could listen yet.
        self.driver.in_next_turn(move |driver| driver.handle(answer));
    }

    /// Hands a message over or queues it: 0. It is closed: 1. The queue is full: 2.
    pub fn send(&self, id: u32, data: JsValue, bytes: f64) -> Result<u8, JsValue> {
        Ok(match self.driver.send(ConnId(id), data, bytes as u64)? {
            Ok(()) => 0,
            Err(SendError::Closed) => 1,
            Err(SendError::QueueFull) => 2,
        })
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

    /// The message that is being told was the heartbeat's answer.
    pub fn replied(&self, id: u32) {
        let now = self.driver.now();
        self.driver.pool.borrow_mut().replied(now, ConnId(id));
    }

    /// Takes back what is queued.
    pub fn drain(&self, id: u32) -> Vec<JsValue> {
        let queue = self.driver.command(|pool, _| pool.take_queue(ConnId(id)));
        queue.into_iter().map(super::payload::Message::into_value).collect()
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

    /// Bytes that were sent and are not on the network yet, those that wait for a socket included.
    #[wasm_bindgen(js_name = bufferedAmount)]
    pub fn buffered_amount(&self, id: u32) -> f64 {
        let queued = self.driver.ask(|pool| pool.waiting_bytes(ConnId(id)));
        let native = self.driver.socket(ConnId(id)).map_or(0, |socket| socket.native().buffered_amount());
        queued as f64 + f64::from(native)
    }

    /// How it delivers binary messages from now on: as `arraybuffer`, or as `blob`.
    #[wasm_bindgen(js_name = setBinaryType)]
    pub fn set_binary_type(&self, id: u32, array_buffers: bool) {
        self.driver.set_array_buffers(ConnId(id), array_buffers);
    }
}

/// Inlined, it would be in the wasm eight times.
#[inline(never)]
fn key(project: &str, env: &str) -> Result<Key, JsValue> {
    Ok(Key::new(project, env)?)
}
