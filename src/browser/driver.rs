//! The loop between the state machine and the platform: what happens goes in, what comes out is done.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use gloo_timers::callback::Timeout;
use wasm_bindgen::prelude::*;

use super::host::Host;
use super::listeners::Listeners;
use super::payload::Message;
use super::platform;
use super::sink::Sink;
use super::socket::{self, Socket};
use crate::core::connection::{Readiness, SendError};
use crate::core::event::{CloseInfo, ConnId, Fresh, Input, Page, SocketId, Spoken};
use crate::core::key::Key;
use crate::core::options::Overrides;
use crate::core::pool::Pool;
use crate::core::time::{Clock, Instant, Now};

/// What the driver holds of a connection that is in the pool.
pub(super) struct Entry {
    id: ConnId,
    pub(super) sink: Rc<Sink>,
    pub(super) socket: Option<Rc<Socket>>,
}

/// Timers do not count the time that a machine sleeps, and nothing says that it did: whoever waits for a
/// deadline looks at the clock at least this often.
const MAX_DELAY_MS: u64 = 10_000;

/// The one timer: set to the state machine's next deadline, whoever's it is, or earlier when that is far
/// away. Dropping it stops it.
struct Alarm {
    at: Instant,
    _timeout: Timeout,
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
    watches: Cell<bool>,
    pub(super) host: Host,
    noted: Cell<u32>,
    draining: Cell<bool>,
}

impl Driver {
    pub(crate) fn new(host: Host) -> Rc<Self> {
        let (monotonic, wall) = platform::clocks();
        // 53 bits that differ from page to page: jitter needs no more.
        let seed = (js_sys::Math::random() * 9_007_199_254_740_992.0) as u64;
        Rc::new_cyclic(|me| Self {
            me: me.clone(),
            pool: RefCell::new(Pool::new(seed, host.is_online())),
            clock: RefCell::new(Clock::new(monotonic, wall)),
            sleeps: Cell::new(0),
            entries: RefCell::default(),
            subscribers: Listeners::default(),
            polls: Listeners::default(),
            alarm: RefCell::default(),
            pending: Cell::new(0),
            watches: Cell::new(false),
            host,
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

    /// The socket is open, and may speak the resume protocol.
    pub(crate) fn opened(&self, id: SocketId, resumes: bool) {
        let is_present = self.ask(|pool| pool.socket(id.conn)) == Some(id);
        let spoken = match self.socket(id.conn).filter(|_| resumes && is_present) {
            Some(socket) => {
                socket.set_resumes();
                let [session, attachment, secret] = [(); 3].map(|()| platform::fresh_id());
                Spoken::V1(Fresh { session, attachment, secret })
            }
            None => Spoken::Plain,
        };
        self.handle(Input::Opened(id, spoken));
    }

    /// The socket is closed. It is let go of only when that was told, because `bufferedAmount` counts what
    /// it never sent.
    pub(crate) fn closed(&self, id: SocketId, info: CloseInfo) {
        let is_present = self.ask(|pool| pool.socket(id.conn)) == Some(id);
        let closed = self.socket(id.conn).filter(|_| is_present);
        self.handle(Input::Closed(id, info));
        let is_it =
            |present: &mut Rc<Socket>| closed.as_ref().is_some_and(|closed| Rc::ptr_eq(present, closed));
        drop(self.with_entry(id.conn, |entry| entry.socket.take_if(is_it)));
    }

    /// Makes a connection and begins its first attempt.
    pub(crate) fn connect(&self, sink: Sink, key: Option<Key>, overrides: Overrides) {
        let (now, sink) = (self.now(), Rc::new(sink));
        let id = self.pool.borrow_mut().connect(now, key, overrides);
        let entry = Entry { id, sink: Rc::clone(&sink), socket: None };
        self.entries.borrow_mut().push(entry);
        // Whatever the drain calls may use it already.
        sink.begun(id.0);
        self.drain();
    }

    /// Whether a message may go straight to the connection's open socket, past nothing that waits. It counts
    /// as sent: the hot path, in which the message itself stays where it is.
    pub(crate) fn passes(&self, id: ConnId, bytes: u64) -> bool {
        let mut pool = self.pool.borrow_mut();
        let passes = !self.draining.get() && pool.passes(id).is_some();
        if passes {
            pool.sent(id, bytes);
        }
        passes
    }

    /// Whether a message was numbered and kept, and may go straight to the connection's open socket, past
    /// nothing that waits: the hot path, too.
    pub(crate) fn record(&self, id: ConnId, data: JsValue, bytes: u64) -> bool {
        let stamp = self.ask(|pool| pool.stamps(id)).then(|| self.now());
        !self.draining.get() && self.pool.borrow_mut().record(id, Message::new(data, bytes), stamp).is_ok()
    }

    /// Hands a message to the connection's socket, or has it wait.
    pub(crate) fn send(&self, id: ConnId, data: JsValue, bytes: u64) -> Result<(), SendError> {
        let readiness = self.socket(id).map_or(Readiness::Drops, |socket| socket.readiness());
        let message = Message::new(data, bytes);
        self.command(|pool, now| pool.send(now, id, message, readiness))
    }

    /// What the facade gave for the connection.
    pub(crate) fn sink(&self, id: ConnId) -> Option<Rc<Sink>> {
        self.with_entry(id, |entry| Rc::clone(&entry.sink))
    }

    pub(crate) fn socket(&self, id: ConnId) -> Option<Rc<Socket>> {
        self.with_entry(id, |entry| entry.socket.clone()).flatten()
    }

    /// What is held of the platform: sockets, timers, and the closures that they call.
    pub(crate) fn held(&self) -> [usize; 3] {
        let sockets = self.entries.borrow().iter().filter(|entry| entry.socket.is_some()).count();
        let timers = usize::from(self.alarm.borrow().is_some()) + self.pending.get();
        [sockets, timers, sockets * socket::HANDLERS + timers]
    }

    /// Who is called back: subscribers and polls.
    pub(crate) fn callbacks(&self) -> usize {
        self.subscribers.count() + self.polls.count()
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
        if self.noted.replace(revision) != revision {
            self.host.stale();
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

    /// For the next turn of the event loop: the platform never reports a failure before the call that caused
    /// it has returned.
    pub(super) fn in_next_turn(&self, input: Input) {
        self.pending.set(self.pending.get() + 1);
        self.after(0, input).forget();
    }

    /// Every timer's closure, so that there is one in the wasm.
    fn after(&self, delay_ms: u32, input: Input) -> Timeout {
        let me = self.me.clone();
        Timeout::new(delay_ms, move || {
            let Some(driver) = me.upgrade() else { return };
            match input {
                Input::Timeout => drop(driver.alarm.replace(None)),
                _ => driver.pending.set(driver.pending.get() - 1),
            }
            driver.handle(input);
        })
    }

    /// Listens to the page while anybody could want to know.
    fn watch_page(&self) {
        let wanted = !self.entries.borrow().is_empty() || self.callbacks() > 0;
        if self.watches.replace(wanted) == wanted {
            return;
        }
        self.host.watch(wanted);
        // What changed while nobody listened.
        let online = self.host.is_online();
        if wanted && self.ask(Pool::is_online) != online {
            self.handle(Input::Page(if online { Page::Online } else { Page::Offline }));
        }
    }

    /// The page is shown, perhaps after it lay in the back/forward cache: its sockets were closed there, and
    /// not every browser says so.
    pub(crate) fn shown(&self) {
        let entries = self.entries.borrow();
        let closed = |entry: &&Entry| entry.socket.as_ref().is_some_and(|socket| socket.is_closed());
        let gone: Vec<ConnId> = entries.iter().filter(closed).map(|entry| entry.id).collect();
        drop(entries);
        for id in gone {
            if let Some(socket) = self.ask(|pool| pool.socket(id)) {
                self.closed(socket, CloseInfo::abnormal());
            }
        }
        self.handle(Input::Page(Page::Awake));
    }

    /// Sets the timer to the next deadline, if it is not set to it already.
    fn set_alarm(&self) {
        let next = self.pool.borrow_mut().poll_timeout();
        if next == self.alarm.borrow().as_ref().map(|alarm| alarm.at) {
            return;
        }
        let alarm = next.map(|at| {
            let delay = at.delay_from(self.now().instant).min(MAX_DELAY_MS) as u32;
            Alarm { at, _timeout: self.after(delay, Input::Timeout) }
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
            self.in_next_turn(Input::Page(Page::Awake));
        }
        now
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if self.watches.get() {
            self.host.watch(false);
        }
    }
}
