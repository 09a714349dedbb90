//! The loop between the state machine and the platform: what happens goes in, what comes out is done.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use gloo_timers::callback::Timeout;
use js_sys::Function;
use wasm_bindgen::prelude::*;
use web_sys::BinaryType;

use super::alarm::Alarm;
use super::endpoint::Endpoint;
use super::listeners::Listeners;
use super::options::Options;
use super::page::PageListener;
use super::payload::Message;
use super::platform;
use super::snapshot;
use super::socket::Socket;
use crate::core::event::{ConnId, Event, Input, Network, Output, SocketId};
use crate::core::key::Key;
use crate::core::pool::Pool;
use crate::core::time::{Clock, Now};

#[wasm_bindgen(typescript_custom_section)]
const SINK: &str = r"
/** What a connection's events are delivered to. */
export interface Sink {
  /** Its number, before anything else of it is told. */
  begun(id: number): void;
  opened(): void;
  message(data: unknown): void;
  failed(): void;
  closed(code: number, reason: string, wasClean: boolean): void;
  statusChanged(status: number, previous: number, reason: string | undefined): void;
}
";

#[wasm_bindgen]
extern "C" {
    /// The facade's half of a connection.
    #[derive(Clone)]
    #[wasm_bindgen(typescript_type = "Sink")]
    pub type Sink;

    #[wasm_bindgen(method, catch)]
    fn begun(this: &Sink, id: u32) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch)]
    fn opened(this: &Sink) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch)]
    fn message(this: &Sink, data: &JsValue) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch)]
    fn failed(this: &Sink) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch)]
    fn closed(this: &Sink, code: u16, reason: &str, clean: bool) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch, js_name = statusChanged)]
    fn status_changed(this: &Sink, status: u8, previous: u8, reason: Option<&str>) -> Result<(), JsValue>;
}

/// What the driver holds of a connection that is in the pool.
struct Entry {
    id: ConnId,
    key: Option<Key>,
    sink: Rc<Sink>,
    endpoint: Endpoint,
    /// Where the latest attempt went.
    url: String,
    socket: Option<Rc<Socket>>,
}

/// One page's connections and everything that they hold of the platform.
pub(crate) struct Driver {
    me: Weak<Self>,
    pool: RefCell<Pool<Message>>,
    clock: RefCell<Clock>,
    /// In the order of their ids.
    entries: RefCell<Vec<Entry>>,
    defaults: RefCell<Endpoint>,
    pub(crate) subscribers: Listeners,
    pub(crate) polls: Listeners,
    alarm: RefCell<Option<Alarm>>,
    /// Whether anybody could want to know of the page. Where there is none, there is nothing to listen to.
    watching: Cell<bool>,
    page: RefCell<Option<PageListener>>,
    /// Called whenever a snapshot would show something else, before any listener runs.
    stale: Function,
    noted: Cell<u32>,
    draining: Cell<bool>,
}

impl Driver {
    pub(crate) fn new(stale: Function) -> Rc<Self> {
        let (monotonic, wall) = platform::clocks();
        // 53 bits that differ from page to page: jitter needs no more.
        let seed = (js_sys::Math::random() * 9_007_199_254_740_992.0) as u64;
        Rc::new_cyclic(|me| Self {
            me: me.clone(),
            pool: RefCell::new(Pool::new(seed, network())),
            clock: RefCell::new(Clock::new(monotonic, wall)),
            entries: RefCell::default(),
            defaults: RefCell::default(),
            subscribers: Listeners::default(),
            polls: Listeners::default(),
            alarm: RefCell::default(),
            watching: Cell::new(false),
            page: RefCell::default(),
            stale,
            noted: Cell::new(0),
            draining: Cell::new(false),
        })
    }

    /// Asks the state machine. The answer must not need it again.
    pub(crate) fn ask<T>(&self, question: impl FnOnce(&Pool<Message>) -> T) -> T {
        question(&self.pool.borrow())
    }

    /// Commands the state machine and does what follows.
    pub(crate) fn command<T>(&self, command: impl FnOnce(&mut Pool<Message>, Now) -> T) -> T {
        let now = self.now();
        let answer = command(&mut self.pool.borrow_mut(), now);
        if let Err(error) = self.drain() {
            platform::report_error(&error);
        }
        answer
    }

    /// Tells the state machine what happened and does what follows.
    pub(crate) fn handle(&self, input: Input<Message>) {
        if let Input::Closed(id, _) = &input {
            self.with_entry(id.conn, |entry| entry.socket.take());
        }
        self.command(|pool, now| pool.handle(now, input));
    }

    pub(crate) fn set_defaults(&self, endpoint: Endpoint) {
        let merged = endpoint.over(&self.defaults.borrow());
        self.defaults.replace(merged);
    }

    /// Where a connection with these settings would go.
    pub(crate) fn resolve(
        &self,
        endpoint: &Endpoint,
        key: Option<&Key>,
        argument: &str,
    ) -> Result<String, JsValue> {
        endpoint.clone().over(&self.defaults.borrow()).resolve(key, argument)
    }

    /// Makes a connection whose URL was resolved before, and opens its first socket.
    pub(crate) fn connect(
        &self,
        sink: Sink,
        key: Option<Key>,
        options: Options,
        url: String,
    ) -> Result<(), JsValue> {
        let (now, sink, endpoint) = (self.now(), Rc::new(sink), options.endpoint);
        let id = self.pool.borrow_mut().connect(now, key.clone(), options.overrides);
        let entry = Entry { id, key, sink: Rc::clone(&sink), endpoint, url, socket: None };
        self.entries.borrow_mut().push(entry);
        // Listeners that the drain calls may use it already.
        let begun = sink.begun(id.0);
        begun.and(self.drain())
    }

    /// Hands a message to the connection's socket at once, or has it wait.
    pub(crate) fn send(&self, id: ConnId, data: JsValue) -> Result<(), JsValue> {
        let at_once = !self.draining.get() && self.ask(|pool| pool.is_open(id));
        let message = if at_once { Message::passing(data) } else { Message::waiting(data)? };
        let now = self.now();
        self.pool.borrow_mut().send(now, id, message)?;
        self.drain()
    }

    /// Merges into what a connection goes by from its next attempt on; how binary messages arrive
    /// changes at once. Throws when it would have nowhere to go then, and changes nothing.
    pub(crate) fn configure_connection(&self, id: ConnId, options: Options) -> Result<(), JsValue> {
        let Options { overrides, endpoint, .. } = options;
        let own = self.with_entry(id, |entry| (entry.endpoint.clone(), entry.key.clone()));
        let Some((own, key)) = own else { return Ok(()) };
        let merged = endpoint.clone().over(&own);
        if endpoint.url.is_some() {
            self.resolve(&merged, key.as_ref(), "options.url")?;
        }
        self.pool.borrow_mut().configure_connection(id, overrides);
        self.with_entry(id, |entry| entry.endpoint = merged);
        if let Some(binary_type) = endpoint.binary_type {
            self.set_binary_type(id, binary_type);
        }
        Ok(())
    }

    pub(crate) fn set_binary_type(&self, id: ConnId, binary_type: BinaryType) {
        let socket = self.with_entry(id, |entry| {
            entry.endpoint.binary_type = Some(binary_type);
            entry.socket.clone()
        });
        if let Some(Some(socket)) = socket {
            socket.native().set_binary_type(binary_type);
        }
    }

    pub(crate) fn binary_type(&self, id: ConnId) -> Option<BinaryType> {
        let (own, socket) =
            self.with_entry(id, |entry| (entry.endpoint.binary_type, entry.socket.clone()))?;
        if let Some(socket) = socket {
            return Some(socket.native().binary_type());
        }
        Some(own.or(self.defaults.borrow().binary_type).unwrap_or(BinaryType::Blob))
    }

    /// What the facade gave for the connection.
    pub(crate) fn sink(&self, id: ConnId) -> Option<Rc<Sink>> {
        self.with_entry(id, |entry| Rc::clone(&entry.sink))
    }

    /// Where the connection's latest attempt went.
    pub(crate) fn url(&self, id: ConnId) -> Option<String> {
        self.with_entry(id, |entry| entry.url.clone())
    }

    pub(crate) fn socket(&self, id: ConnId) -> Option<Rc<Socket>> {
        self.with_entry(id, |entry| entry.socket.clone()).flatten()
    }

    /// A new frozen snapshot.
    pub(crate) fn snapshot(&self) -> Result<JsValue, JsValue> {
        snapshot::take(&self.pool.borrow())
    }

    /// Does all that the state machine asks for. Calls from listeners only mutate: the outermost call
    /// drains, so that events keep their order. What the platform refused does not stop the rest; the
    /// first refusal is returned.
    fn drain(&self) -> Result<(), JsValue> {
        let revision = self.pool.borrow().revision();
        if self.noted.replace(revision) != revision
            && let Err(error) = self.stale.call0(&JsValue::UNDEFINED)
        {
            platform::report_error(&error);
        }
        if self.draining.replace(true) {
            return Ok(());
        }
        let mut done = Ok(());
        self.watch_page();
        loop {
            let output = self.pool.borrow_mut().poll_output();
            let Some(output) = output else { break };
            done = done.and(self.perform(output));
        }
        self.draining.set(false);
        self.watch_page();
        self.set_alarm();
        done
    }

    fn perform(&self, output: Output<Message>) -> Result<(), JsValue> {
        match output {
            Output::OpenSocket { socket } => self.open_socket(socket),
            Output::Send { socket, payload } => {
                if let Some(socket) = self.socket(socket.conn) {
                    socket.native().send_value(payload.value())?;
                }
            }
            Output::CloseSocket { socket, code, reason } => {
                if let Some(socket) = self.socket(socket.conn) {
                    socket.close(code, &reason)?;
                }
            }
            Output::AbandonSocket { socket } => {
                self.with_entry(socket.conn, |entry| entry.socket.take());
            }
            Output::Emit { conn, event } => {
                if let Some(sink) = self.sink(conn) {
                    emit(&sink, &event)?;
                }
            }
            Output::Release { conn } => {
                let mut entries = self.entries.borrow_mut();
                let released = position(&entries, conn).map(|at| entries.remove(at));
                drop(entries);
                drop(released);
            }
            Output::Poll(id) => self.polls.call(id.0),
            Output::Changed => {
                self.subscribers.call_all();
                self.polls.call_all();
            }
        }
        Ok(())
    }

    fn open_socket(&self, id: SocketId) {
        let place = self.with_entry(id.conn, |entry| (entry.endpoint.clone(), entry.key.clone()));
        let Some((endpoint, key)) = place else { return };
        let endpoint = endpoint.over(&self.defaults.borrow());
        let binary_type = endpoint.binary_type.unwrap_or(BinaryType::Blob);
        let opened = endpoint.resolve(key.as_ref(), "options.url").and_then(|url| {
            self.with_entry(id.conn, |entry| entry.url.clone_from(&url));
            let socket = Socket::open(&self.me, id, &url, &endpoint.protocols, binary_type)?;
            self.with_entry(id.conn, |entry| entry.socket.replace(Rc::new(socket)));
            Ok(())
        });
        if let Err(error) = opened {
            let why = platform::property(&error, "message").as_string().unwrap_or_default();
            self.in_next_turn(move |driver| driver.handle(Input::Unopenable(id, why)));
        }
    }

    /// The platform never reports a failure before the call that caused it has returned.
    fn in_next_turn(&self, then: impl FnOnce(&Self) + 'static) {
        let me = self.me.clone();
        Timeout::new(0, move || {
            if let Some(driver) = me.upgrade() {
                then(&driver);
            }
        })
        .forget();
    }

    fn with_entry<T>(&self, id: ConnId, with: impl FnOnce(&mut Entry) -> T) -> Option<T> {
        let mut entries = self.entries.borrow_mut();
        let at = position(&entries, id)?;
        Some(with(&mut entries[at]))
    }

    /// Listens to the page while anybody could want to know.
    fn watch_page(&self) {
        let wanted =
            !(self.entries.borrow().is_empty() && self.subscribers.is_empty() && self.polls.is_empty());
        if wanted == self.watching.replace(wanted) {
            return;
        }
        if !wanted {
            self.page.replace(None);
            return;
        }
        let me = self.me.clone();
        self.page.replace(PageListener::new(move || {
            if let Some(driver) = me.upgrade() {
                driver.handle(Input::Network(network()));
            }
        }));
        // What changed while nobody listened.
        self.handle(Input::Network(network()));
    }

    /// Sets the timer to the next deadline, if it is not set to it already.
    fn set_alarm(&self) {
        let next = self.pool.borrow_mut().poll_timeout();
        if next == self.alarm.borrow().as_ref().map(|alarm| alarm.at) {
            return;
        }
        let alarm = next.map(|at| {
            let me = self.me.clone();
            Alarm::set(self.now().instant, at, move || {
                if let Some(driver) = me.upgrade() {
                    driver.alarm.replace(None);
                    driver.handle(Input::Timeout);
                }
            })
        });
        self.alarm.replace(alarm);
    }

    fn now(&self) -> Now {
        let (monotonic, wall) = platform::clocks();
        self.clock.borrow_mut().read(monotonic, wall)
    }
}

fn emit(sink: &Sink, event: &Event<Message>) -> Result<(), JsValue> {
    match event {
        Event::Open => sink.opened(),
        Event::Message(message) => sink.message(message.value()),
        Event::Error => sink.failed(),
        Event::Close(info) => sink.closed(info.code, &info.reason, info.clean),
        Event::Status { status, previous, reason } => {
            sink.status_changed(*status as u8, *previous as u8, reason.as_deref())
        }
    }
}

fn position(entries: &[Entry], id: ConnId) -> Option<usize> {
    entries.binary_search_by_key(&id, |entry| entry.id).ok()
}

fn network() -> Network {
    if platform::is_online() { Network::Online } else { Network::Offline }
}
