//! The loop between the state machine and the platform: what happens goes in, what comes out is done.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use gloo_timers::callback::Timeout;
use js_sys::Function;
use wasm_bindgen::prelude::*;

use super::alarm::Alarm;
use super::listeners::Listeners;
use super::page::{Change, PageListener, network};
use super::payload::Message;
use super::platform;
use super::sink::Sink;
use super::socket::{self, Socket};
use crate::core::connection::{Readiness, SendError};
use crate::core::event::{CloseInfo, ConnId, Input, Page, Place, SocketId};
use crate::core::key::Key;
use crate::core::options::Overrides;
use crate::core::pool::Pool;
use crate::core::time::{Clock, Now};

/// What the driver holds of a connection that is in the pool.
pub(super) struct Entry {
    id: ConnId,
    pub(super) sink: Rc<Sink>,
    /// Where the latest attempt goes, until its socket is made.
    pub(super) target: Option<Target>,
    pub(super) array_buffers: bool,
    pub(super) socket: Option<Rc<Socket>>,
}

/// Where an attempt goes, in the platform's terms.
pub(super) struct Target {
    pub(super) url: String,
    /// `undefined`, or an array.
    pub(super) protocols: JsValue,
}

/// One page's connections and everything that they hold of the platform.
pub(crate) struct Driver {
    pub(super) me: Weak<Self>,
    pub(super) pool: RefCell<Pool<Message>>,
    clock: RefCell<Clock>,
    /// How often the machine was seen to have slept.
    sleeps: Cell<u32>,
    /// In the order of their ids.
    entries: RefCell<Vec<Entry>>,
    pub(crate) subscribers: Listeners,
    pub(crate) polls: Listeners,
    alarm: RefCell<Option<Alarm>>,
    /// What waits for the next turn of the event loop.
    pending: Cell<usize>,
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
            pool: RefCell::new(Pool::new(seed, platform::is_online())),
            clock: RefCell::new(Clock::new(monotonic, wall)),
            sleeps: Cell::new(0),
            entries: RefCell::default(),
            subscribers: Listeners::default(),
            polls: Listeners::default(),
            alarm: RefCell::default(),
            pending: Cell::new(0),
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
        self.drain();
        answer
    }

    /// Tells the state machine what happened and does what follows.
    pub(crate) fn handle(&self, input: Input) {
        let now = self.now();
        self.pool.borrow_mut().handle(now, input);
        self.drain();
    }

    /// The socket is closed. It is let go of only when that was told, because `bufferedAmount` counts what
    /// it never sent.
    pub(crate) fn closed(&self, id: SocketId, info: CloseInfo) {
        let closed = self.socket(id.conn);
        self.handle(Input::Closed(id, info));
        drop(self.with_entry(id.conn, |entry| {
            let is_same = |(one, other): (&Rc<Socket>, &Rc<Socket>)| Rc::ptr_eq(one, other);
            let stays = !entry.socket.as_ref().zip(closed.as_ref()).is_some_and(is_same);
            if stays { None } else { entry.socket.take() }
        }));
    }

    /// Makes a connection and begins its first attempt.
    pub(crate) fn connect(&self, sink: Sink, key: Option<Key>, overrides: Overrides) {
        let (now, sink) = (self.now(), Rc::new(sink));
        let id = self.pool.borrow_mut().connect(now, key, overrides);
        let entry = Entry { id, sink: Rc::clone(&sink), target: None, array_buffers: false, socket: None };
        self.entries.borrow_mut().push(entry);
        // Whatever the drain calls may use it already.
        sink.begun(id.0);
        self.drain();
    }

    /// Where an attempt goes. That of an older one is not heard.
    pub(crate) fn located(&self, socket: SocketId, target: Target, place: Place, array_buffers: bool) {
        if !self.ask(|pool| pool.asks_where(socket)) {
            return;
        }
        self.with_entry(socket.conn, |entry| {
            entry.target = Some(target);
            entry.array_buffers = array_buffers;
        });
        self.handle(Input::Located(socket, Ok(place)));
    }

    /// A message is there: the hot path. It changes nothing that others are told of, so that there is
    /// nothing to drain, and the clock is not read.
    pub(crate) fn message(&self, socket: SocketId, event: &JsValue) {
        if !self.pool.borrow_mut().hears(socket) {
            return;
        }
        let Some(sink) = self.sink(socket.conn) else { return };
        let bytes = sink.message(event);
        if bytes >= 0.0 {
            self.pool.borrow_mut().received(socket.conn, bytes as u64);
        }
    }

    /// Hands a message to the connection's socket at once, or has it wait. The outer error is the platform's.
    pub(crate) fn send(&self, id: ConnId, data: JsValue, bytes: u64) -> Result<Result<(), SendError>, JsValue> {
        let socket = self.socket(id);
        let readiness = socket.as_deref().map_or(Readiness::Drops, Socket::readiness);
        if let Some(socket) = socket
            && readiness == Readiness::Takes
            && !self.draining.get()
            && self.ask(|pool| pool.passes(id)).is_some()
        {
            socket.native().send_value(&data)?;
            self.pool.borrow_mut().sent(id, bytes);
            return Ok(Ok(()));
        }
        let message = Message::waiting(data, bytes);
        Ok(self.command(|pool, now| pool.send(now, id, message, readiness)))
    }

    /// How binary messages arrive from now on.
    pub(crate) fn set_array_buffers(&self, id: ConnId, array_buffers: bool) {
        self.with_entry(id, |entry| entry.array_buffers = array_buffers);
        if let Some(socket) = self.socket(id) {
            socket.set_array_buffers(array_buffers);
        }
    }

    /// What the facade gave for the connection.
    pub(crate) fn sink(&self, id: ConnId) -> Option<Rc<Sink>> {
        self.with_entry(id, |entry| Rc::clone(&entry.sink))
    }

    pub(crate) fn socket(&self, id: ConnId) -> Option<Rc<Socket>> {
        self.with_entry(id, |entry| entry.socket.clone()).flatten()
    }

    /// What is held of the platform: sockets, timers, closures, listeners.
    pub(crate) fn held(&self) -> [usize; 4] {
        let sockets = self.entries.borrow().iter().filter(|entry| entry.socket.is_some()).count();
        let timers = usize::from(self.alarm.borrow().is_some()) + self.pending.get();
        let page = self.page.borrow();
        let listeners = page.as_ref().map_or(0, PageListener::count);
        [sockets, timers, sockets * socket::CLOSURES + timers + usize::from(page.is_some()), listeners]
    }

    pub(super) fn with_entry<T>(&self, id: ConnId, with: impl FnOnce(&mut Entry) -> T) -> Option<T> {
        let mut entries = self.entries.borrow_mut();
        let at = entries.binary_search_by_key(&id, |entry| entry.id).ok()?;
        Some(with(&mut entries[at]))
    }

    pub(super) fn forget(&self, id: ConnId) {
        let mut entries = self.entries.borrow_mut();
        let entry = entries.binary_search_by_key(&id, |entry| entry.id).ok().map(|at| entries.remove(at));
        // Its socket closes when it is dropped, and nothing may be borrowed then.
        drop(entries);
        drop(entry);
    }

    /// Does all that the state machine asks for. Calls from listeners only mutate: the outermost call
    /// drains, so that events keep their order.
    fn drain(&self) {
        let revision = self.pool.borrow().revision();
        if self.noted.replace(revision) != revision
            && let Err(error) = self.stale.call0(&JsValue::UNDEFINED)
        {
            platform::report_error(&error);
        }
        if self.draining.replace(true) {
            return;
        }
        self.watch_page();
        loop {
            let output = self.pool.borrow_mut().poll_output();
            let Some(output) = output else { break };
            self.perform(output);
        }
        self.draining.set(false);
        self.watch_page();
        self.set_alarm();
    }

    /// The platform never reports a failure before the call that caused it has returned.
    pub(super) fn in_next_turn(&self, then: impl FnOnce(&Self) + 'static) {
        self.pending.set(self.pending.get() + 1);
        let me = self.me.clone();
        Timeout::new(0, move || {
            if let Some(driver) = me.upgrade() {
                driver.pending.set(driver.pending.get() - 1);
                then(&driver);
            }
        })
        .forget();
    }

    /// Listens to the page while anybody could want to know.
    fn watch_page(&self) {
        let wanted =
            !(self.entries.borrow().is_empty() && self.subscribers.is_empty() && self.polls.is_empty());
        if wanted == self.page.borrow().is_some() {
            return;
        }
        if !wanted {
            self.page.replace(None);
            return;
        }
        let me = self.me.clone();
        self.page.replace(Some(PageListener::new(move |change| {
            if let Some(driver) = me.upgrade() {
                driver.page_changed(change);
            }
        })));
        // What changed while nobody listened.
        if self.ask(Pool::is_online) != platform::is_online() {
            self.handle(Input::Page(network()));
        }
    }

    fn page_changed(&self, change: Change) {
        let Change::Told(page) = change else {
            let entries = self.entries.borrow();
            let closed = |entry: &&Entry| entry.socket.as_ref().is_some_and(|socket| socket.is_closed());
            let gone: Vec<ConnId> = entries.iter().filter(closed).map(|entry| entry.id).collect();
            drop(entries);
            for id in gone {
                if let Some(socket) = self.ask(|pool| pool.socket(id)) {
                    self.closed(socket, CloseInfo::abnormal());
                }
            }
            return self.handle(Input::Page(Page::Awake));
        };
        self.handle(Input::Page(page));
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

    /// The time. A machine that slept since the last look has timers that did not count that time, and
    /// sockets that may be dead.
    pub(crate) fn now(&self) -> Now {
        let (monotonic, wall) = platform::clocks();
        let mut clock = self.clock.borrow_mut();
        let (now, sleeps) = (clock.read(monotonic, wall), clock.sleeps());
        drop(clock);
        if self.sleeps.replace(sleeps) != sleeps {
            self.alarm.replace(None);
            self.in_next_turn(|driver| driver.handle(Input::Page(Page::Awake)));
        }
        now
    }
}
