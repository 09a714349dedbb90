//! What the TypeScript facade calls: arguments are checked here, by name, before anything changes.
//!
//! Every method takes `&self`, because listeners call back in. Connections are named by numbers; what
//! the facade gives for one of them (its `Sink`) is handed back when the pair is asked for again.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::{Function, JsString};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::BinaryType;

use super::driver::{Driver, Sink};
use super::error::type_error;
use super::options::{self, Options};
use crate::core::event::ConnId;
use crate::core::key::Key;
use crate::core::poll::{DEFAULT_INTERVAL_MS, PollId};
use crate::core::pool::ReconnectError;

/// The connections of a page.
#[wasm_bindgen]
pub struct Engine {
    driver: Rc<Driver>,
    status_interval_ms: Cell<u64>,
    next_subscriber: Cell<u32>,
}

// The whole.
#[wasm_bindgen]
impl Engine {
    /// An engine without connections. `stale` is called at once whenever `snapshot` would say something
    /// else; it must not call back.
    #[wasm_bindgen(constructor)]
    pub fn new(stale: Function) -> Self {
        Self {
            driver: Driver::new(stale),
            status_interval_ms: Cell::new(DEFAULT_INTERVAL_MS),
            next_subscriber: Cell::new(0),
        }
    }

    /// Merges into what holds for all connections.
    pub fn configure(&self, options: &JsValue) -> Result<(), JsValue> {
        let Options { overrides, endpoint, status_interval_ms } = options::read(options)?;
        if endpoint.url.is_some() {
            // Any names do: what is wrong with a template is wrong for all of them.
            self.driver.resolve(&endpoint, Some(&Key::new("project", "env")?), "options.url")?;
        }
        self.driver.command(|pool, _| pool.configure(overrides));
        self.driver.set_defaults(endpoint);
        if let Some(ms) = status_interval_ms {
            self.status_interval_ms.set(ms);
        }
        Ok(())
    }

    /// A new frozen `ManagerSnapshot`.
    pub fn snapshot(&self) -> Result<JsValue, JsValue> {
        self.driver.snapshot()
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

    /// Calls back every `interval_ms`, and after every change. Returns the poll's number.
    pub fn poll(&self, callback: Function, interval_ms: &JsValue) -> Result<u32, JsValue> {
        let interval = options::interval(interval_ms)?.unwrap_or(self.status_interval_ms.get());
        Ok(self.driver.command(|pool, now| {
            let PollId(id) = pool.start_poll(now, interval);
            self.driver.polls.add(id, callback);
            id
        }))
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
}

// Pairs.
#[wasm_bindgen]
impl Engine {
    /// What the facade gave for the pair's connection, if the pair has one that can be shared; its
    /// options are merged then. Checks all arguments in either case.
    pub fn find(
        &self,
        project: &JsValue,
        env: &JsValue,
        token: &JsValue,
        options: &JsValue,
    ) -> Result<Option<Sink>, JsValue> {
        let key = key(project, env)?;
        check_token(token)?;
        let options = options::read(options)?;
        let Some(id) = self.driver.ask(|pool| pool.find(&key)) else { return Ok(None) };
        self.driver.configure_connection(id, options)?;
        Ok(self.driver.sink(id).map(|sink| Sink::clone(&sink)))
    }

    /// What the facade gave for the pair's connection, if the pair has one that can be shared.
    pub fn peek(&self, project: &JsValue, env: &JsValue) -> Result<Option<Sink>, JsValue> {
        let key = key(project, env)?;
        let id = self.driver.ask(|pool| pool.find(&key));
        Ok(id.and_then(|id| self.driver.sink(id)).map(|sink| Sink::clone(&sink)))
    }

    /// Makes a connection for the pair, in the place of one that is closing.
    pub fn connect(
        &self,
        sink: Sink,
        project: &JsValue,
        env: &JsValue,
        options: &JsValue,
    ) -> Result<(), JsValue> {
        let key = key(project, env)?;
        let options = options::read(options)?;
        let url = self.driver.resolve(&options.endpoint, Some(&key), "options.url")?;
        self.driver.connect(sink, Some(key), options, url)
    }

    /// The number of the pair's public status.
    #[wasm_bindgen(js_name = pairStatus)]
    pub fn pair_status(&self, project: &JsValue, env: &JsValue) -> Result<u8, JsValue> {
        let key = key(project, env)?;
        Ok(self.driver.ask(|pool| pool.status(&key)) as u8)
    }

    /// Whether the pair exists and is the active one.
    #[wasm_bindgen(js_name = isActive)]
    pub fn is_active(&self, project: &JsValue, env: &JsValue) -> Result<bool, JsValue> {
        let key = key(project, env)?;
        Ok(self.driver.ask(|pool| pool.is_active(&key)))
    }

    /// Makes the pair the active one, now or as soon as it exists.
    #[wasm_bindgen(js_name = setActive)]
    pub fn set_active(&self, project: &JsValue, env: &JsValue) -> Result<(), JsValue> {
        let key = key(project, env)?;
        self.driver.command(|pool, _| pool.set_active(key));
        Ok(())
    }

    /// Closes the pair's connection, if there is one.
    #[wasm_bindgen(js_name = closePair)]
    pub fn close_pair(
        &self,
        project: &JsValue,
        env: &JsValue,
        code: Option<u16>,
        reason: &str,
    ) -> Result<(), JsValue> {
        let key = key(project, env)?;
        crate::core::close::check_close(code, reason)?;
        let Some(id) = self.driver.ask(|pool| pool.find(&key)) else { return Ok(()) };
        Ok(self.driver.command(|pool, now| pool.close(now, id, code, reason))?)
    }

    /// Closes all connections of a project.
    #[wasm_bindgen(js_name = closeProject)]
    pub fn close_project(&self, project: &JsValue) -> Result<(), JsValue> {
        let project = name(project, "projectName")?;
        crate::core::key::check_name(&project).map_err(|why| type_error("projectName", why.message()))?;
        self.close_chosen(|key| key.is_some_and(|key| key.project() == project));
        Ok(())
    }

    /// Tries again now, if the pair has a connection.
    #[wasm_bindgen(js_name = reconnectPair)]
    pub fn reconnect_pair(&self, project: &JsValue, env: &JsValue) -> Result<(), JsValue> {
        let key = key(project, env)?;
        match self.driver.ask(|pool| pool.listed(&key)) {
            Some(id) => Ok(self.driver.command(|pool, now| pool.reconnect(now, id))?),
            None => Ok(()),
        }
    }

    fn close_chosen(&self, choose: impl Fn(Option<&Key>) -> bool) {
        self.driver.command(|pool, now| {
            for id in pool.ids(choose) {
                pool.close(now, id, None, "").expect("no code and no reason are always allowed");
            }
        });
    }
}

// Connections, by number. One that has left the pool is closed.
#[wasm_bindgen]
impl Engine {
    /// Makes a connection without a pair, for an `EnvSocket` of its own.
    #[wasm_bindgen(js_name = connectAlone)]
    pub fn connect_alone(
        &self,
        sink: Sink,
        url: &str,
        protocols: &JsValue,
        options: &JsValue,
    ) -> Result<(), JsValue> {
        let mut options = options::read(options)?;
        options.endpoint.url = Some(url.into());
        let protocols = options::protocols(protocols)?;
        if !protocols.is_undefined() {
            options.endpoint.protocols = protocols;
        }
        let url = self.driver.resolve(&options.endpoint, None, "url")?;
        self.driver.connect(sink, None, options, url)
    }

    /// Hands a message over or queues it.
    pub fn send(&self, id: u32, data: JsValue) -> Result<(), JsValue> {
        self.driver.send(ConnId(id), data)
    }

    /// Begins the close.
    pub fn close(&self, id: u32, code: Option<u16>, reason: &str) -> Result<(), JsValue> {
        Ok(self.driver.command(|pool, now| pool.close(now, ConnId(id), code, reason))?)
    }

    /// Tries again now. `false` when the connection has left the pool.
    pub fn reconnect(&self, id: u32) -> Result<bool, JsValue> {
        match self.driver.command(|pool, now| pool.reconnect(now, ConnId(id))) {
            Err(ReconnectError::Gone) => Ok(false),
            Err(error) => Err(error.into()),
            Ok(()) => Ok(true),
        }
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

    /// Where its latest attempt went.
    pub fn url(&self, id: u32) -> Option<String> {
        self.driver.url(ConnId(id))
    }

    /// The subprotocol that the server chose; empty without a socket.
    pub fn protocol(&self, id: u32) -> String {
        self.driver.socket(ConnId(id)).map_or_else(String::new, |socket| socket.native().protocol())
    }

    /// The extensions that the server chose; empty without a socket.
    pub fn extensions(&self, id: u32) -> String {
        self.driver.socket(ConnId(id)).map_or_else(String::new, |socket| socket.native().extensions())
    }

    /// Whether it delivers binary messages as `arraybuffer`, and not as `blob`; `undefined` when it has
    /// left the pool.
    #[wasm_bindgen(js_name = usesArrayBuffers)]
    pub fn uses_array_buffers(&self, id: u32) -> Option<bool> {
        self.driver.binary_type(ConnId(id)).map(|kind| kind == BinaryType::Arraybuffer)
    }

    /// How it delivers binary messages from now on: as `arraybuffer`, or as `blob`.
    #[wasm_bindgen(js_name = setBinaryType)]
    pub fn set_binary_type(&self, id: u32, array_buffer: bool) {
        let binary_type = if array_buffer { BinaryType::Arraybuffer } else { BinaryType::Blob };
        self.driver.set_binary_type(ConnId(id), binary_type);
    }
}

fn key(project: &JsValue, env: &JsValue) -> Result<Key, JsValue> {
    Ok(Key::new(&name(project, "projectName")?, &name(env, "envId")?)?)
}

/// Text as it is: what only resembles text in Unicode would become another name.
fn name(value: &JsValue, argument: &str) -> Result<String, JsValue> {
    let text = value.dyn_ref::<JsString>().ok_or_else(|| type_error(argument, "must be a string"))?;
    if !text.is_valid_utf16() {
        return Err(type_error(argument, "must not contain half a surrogate pair"));
    }
    Ok(text.into())
}

/// Plain servers are sent no token; a wrong one is still the caller's mistake.
fn check_token(token: &JsValue) -> Result<(), JsValue> {
    if token.is_undefined() || token.is_null() || token.is_string() {
        Ok(())
    } else {
        Err(type_error("token", "must be a string"))
    }
}
