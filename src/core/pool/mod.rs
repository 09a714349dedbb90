//! All connections of a page: who is who, who is active, and what the driver must do next.
//!
//! | file | idea |
//! | --- | --- |
//! | this one | the commands, what can happen, what comes out |
//! | `hot` | messages, which change nothing that anybody is told of |
//! | `report` | what can be asked: status, snapshots, metrics, logs |
//! | `members` | who may be in the pool, who may begin a handshake, who leaves |

mod hot;
mod members;
mod report;

use std::collections::VecDeque;
use std::rc::Rc;

use super::close::{self, CloseError};
use super::connection::{CLOSING, Connection, Context, Readiness, SendError, Slots};
use super::event::{ConnId, Grant, Input, Output, Page, SocketId};
use super::histogram::Histogram;
use super::key::Key;
use super::log::PastLogs;
use super::metrics::Metrics;
use super::options::Overrides;
use super::poll::{PollId, Polls};
use super::question::AskError;
use super::queue::Payload;
use super::resume::Size;
use super::rng::Rng;
use super::time::{Instant, Now};
pub use report::Facts;

/// Why a connection cannot be revived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReconnectError {
    /// It has left the pool; the pair, or the caller, needs a new one.
    Gone,
    /// It is closing, and the pair has another connection already.
    Superseded,
}

/// The state machine of a page. See the [module's](super) head for how to drive it.
pub struct Pool<P> {
    /// In the order of their ids.
    connections: Vec<(ConnId, Connection<P>)>,
    /// In the order of the keys. A connection that is closing may have lost its place to a new one.
    index: Vec<(Rc<Key>, ConnId)>,
    active: Option<Key>,
    online: bool,
    defaults: Overrides,
    polls: Polls,
    rng: Rng,
    next_id: u32,
    /// Counts who becomes active, or new, for the eviction of the least recent.
    moments: u32,
    /// The number of the last question. No other one will ever have it, whatever its connection.
    asked: u32,
    /// Counts who waits for a slot.
    turns: u32,
    slots: Slots,
    out: VecDeque<Output<P>>,
    /// Rises whenever something changes that a snapshot shows.
    revision: u32,
    announced: u32,
    /// What connections did that have left.
    gone: Metrics,
    switches: Option<Histogram>,
    /// The logs of pairs that have left.
    past: PastLogs,
    /// `None` when it must be looked for again.
    next_timeout: Option<Option<Instant>>,
}

// Construction and options.
impl<P: Payload> Pool<P> {
    /// A pool without connections.
    pub fn new(seed: u64, online: bool) -> Self {
        Self {
            connections: Vec::new(),
            index: Vec::new(),
            active: None,
            online,
            defaults: Overrides::default(),
            polls: Polls::default(),
            rng: Rng::new(seed),
            next_id: 0,
            moments: 0,
            asked: 0,
            turns: 0,
            slots: Slots::Settled,
            out: VecDeque::new(),
            revision: 0,
            announced: 0,
            gone: Metrics::default(),
            switches: None,
            past: PastLogs::default(),
            next_timeout: None,
        }
    }

    /// Merges into what holds for all connections, each from its next attempt on. Pairs that are too many
    /// now are closed.
    pub fn configure(&mut self, now: Now, overrides: Overrides) {
        self.defaults = overrides.over(self.defaults);
        self.evict(now, None);
    }

    /// Merges into what holds for one connection, from its next attempt on.
    pub fn configure_connection(&mut self, id: ConnId, overrides: Overrides) {
        if let Some(connection) = self.connection_mut(id) {
            connection.overrides = overrides.over(connection.overrides);
        }
    }
}

// What can be commanded.
impl<P: Payload> Pool<P> {
    /// Makes a connection and begins its first attempt. With a key it takes the pair's place in the
    /// pool: look for one to share with [`Pool::find`] first. When that is one too many, the one that was
    /// not active for longest is closed.
    pub fn connect(&mut self, now: Now, key: Option<Key>, overrides: Overrides) -> ConnId {
        let id = ConnId(self.next_id);
        self.next_id += 1;
        let key = key.map(Rc::new);
        if let Some(key) = &key {
            match self.place(key) {
                Ok(at) => self.index[at].1 = id,
                Err(at) => self.index.insert(at, (Rc::clone(key), id)),
            }
        }
        let mut connection = Connection::new(key, overrides);
        if let Some(key) = &connection.key {
            connection.log = self.past.take(key);
        }
        connection.last_active = self.moment();
        self.connections.push((id, connection));
        self.with(now, id, |connection, cx| connection.reconnect(cx));
        self.evict(now, Some(id));
        id
    }

    /// Tries again now, in every state. Refused, and nothing changes, when there is nothing to revive.
    pub fn reconnect(&mut self, now: Now, id: ConnId) -> Result<(), ReconnectError> {
        let key = &self.connection(id).ok_or(ReconnectError::Gone)?.key;
        if key.as_ref().is_some_and(|key| self.listed(key) != Some(id)) {
            return Err(ReconnectError::Superseded);
        }
        self.with(now, id, |connection, cx| connection.reconnect(cx));
        Ok(())
    }

    /// Hands a message to the open socket or queues it for the next one. `readiness` is what the platform
    /// says of the socket.
    pub fn send(&mut self, now: Now, id: ConnId, payload: P, readiness: Readiness) -> Result<(), SendError> {
        let Some(at) = self.position(id) else { return Err(SendError::Closed) };
        let (connection, mut cx) = self.split(now, at);
        connection.send(&mut cx, payload, readiness)
    }

    /// Takes back what no socket has taken, oldest first.
    pub fn take_queue(&mut self, id: ConnId) -> VecDeque<P> {
        self.connection_mut(id).map_or_else(VecDeque::new, Connection::take_queue)
    }

    /// Lets a question in, whose message is the next that is sent over the connection; unless another one waits. Its
    /// number, which [`settle_question`](Self::settle_question) takes. Without a `timeout_ms` it waits as long as the
    /// session does.
    pub fn ask(&mut self, now: Now, id: ConnId, timeout_ms: Option<u64>) -> Result<u32, AskError> {
        let (number, mut answer) = (self.asked + 1, Err(AskError::Refused));
        self.with(now, id, |connection, cx| answer = connection.ask_question(cx, number, timeout_ms));
        answer?;
        self.asked = number;
        Ok(number)
    }

    /// The question has its answer; or it has `failed`, and will have none. One that does not wait any more changes
    /// nothing.
    pub fn settle_question(&mut self, now: Now, id: ConnId, number: u32, failed: bool) {
        self.with(now, id, |connection, _| connection.settle_question(now.instant, number, failed));
    }

    /// The terminal has this size: the server is told at once over `envsocket.v1`, or when that is spoken next.
    pub fn resize(&mut self, now: Now, id: ConnId, size: Size) {
        self.with(now, id, |connection, cx| connection.resize(cx, size));
    }

    /// The application gives another token for a connection, which nobody has asked for: an open `envsocket.v1` socket
    /// is told at once, anything else has it from the next handshake on.
    pub fn replace_token(&mut self, now: Now, id: ConnId, grant: Grant) {
        let turn = self.turn();
        self.with(now, id, |connection, cx| connection.replace_token(cx, grant, turn));
    }

    /// The token that it has is not to be used any more, if it has one: the next attempt asks for the first one.
    pub fn forget_token(&mut self, now: Now, id: ConnId) {
        self.with(now, id, |connection, _| connection.forget_token());
    }

    /// Begins the close of a connection. One that is closing already, or over, is left alone.
    pub fn close(&mut self, now: Now, id: ConnId, code: Option<u16>, reason: &str) -> Result<(), CloseError> {
        close::check_close(code, reason)?;
        self.with(now, id, |connection, cx| connection.close(cx, code, reason, CLOSING));
        Ok(())
    }

    /// Begins the close of all that `choose` picks by their keys, without a code or a reason.
    pub fn close_chosen(&mut self, now: Now, choose: impl Fn(Option<&Key>) -> bool) {
        let ids = self.ids(choose);
        // Those that wait for their turn first: it would come with the end of each handshake before them.
        for has_socket in [false, true] {
            for id in ids.iter().copied() {
                if self.socket(id).is_some() == has_socket {
                    self.with(now, id, |connection, cx| connection.close(cx, None, "", CLOSING));
                }
            }
        }
    }

    /// Makes the pair the active one, now and whenever it exists, until another one is.
    pub fn set_active(&mut self, now: Now, key: Key) {
        if self.active.as_ref() == Some(&key) {
            return;
        }
        let before = self.active.replace(key);
        let [left, entered] = [before.as_ref(), self.active.as_ref()].map(|key| self.listed(key?));
        for id in [left, entered].into_iter().flatten() {
            self.revision += 1;
            let moment = self.moment();
            if let Some(connection) = self.connection_mut(id) {
                // It has been active until now, or is so from now on.
                connection.last_active = moment;
            }
            self.with(now, id, |connection, cx| {
                if !connection.is_leaving() && !connection.is_failed() {
                    connection.arm_idle(cx);
                }
            });
        }
    }

    /// Notes how long a switch took, in µs.
    pub fn switched(&mut self, us: u64) {
        self.switches.get_or_insert_default().record(us);
    }

    /// Asks for an [`Output::Poll`] every `interval_ms`.
    pub fn start_poll(&mut self, now: Now, interval_ms: Option<u64>) -> PollId {
        self.next_timeout = None;
        let interval_ms = interval_ms.unwrap_or_else(|| self.defaults.status_interval_ms());
        self.polls.add(now.instant, interval_ms)
    }

    /// Ends it.
    pub fn stop_poll(&mut self, id: PollId) {
        self.next_timeout = None;
        self.polls.remove(id);
    }
}

// What can happen, and what follows.
impl<P: Payload> Pool<P> {
    /// Takes note of what happened. Everything that a socket of an older generation says is ignored.
    pub fn handle(&mut self, now: Now, input: Input) {
        match input {
            Input::Located(socket, answer) => {
                let turn = self.turn();
                self.with_socket(now, socket, |connection, cx| connection.located(cx, answer, turn));
            }
            Input::Authorized(socket, answer) => {
                let turn = self.turn();
                self.with_socket(now, socket, |connection, cx| connection.authorized(cx, answer, turn));
            }
            Input::Opened(socket, spoken) => {
                self.with_socket(now, socket, |connection, cx| connection.opened(cx, spoken));
            }
            Input::Control(socket, frame) => {
                self.with_socket(now, socket, |connection, cx| connection.control(cx, frame));
            }
            Input::Errored(socket) => self.with_socket(now, socket, |connection, _| connection.errored()),
            Input::Closed(socket, info) => {
                self.with_socket(now, socket, |connection, cx| connection.closed(cx, info));
            }
            Input::Unopenable(socket, why) => {
                self.with_socket(now, socket, |connection, cx| connection.unopenable(cx, why));
            }
            Input::Judged(socket, info, retry) => {
                self.with_socket(now, socket, |connection, cx| connection.judged(cx, retry, info));
            }
            Input::Page(page) => self.page(now, page),
            Input::Timeout => self.timeout(now),
        }
    }

    /// The next thing to do; call it until there is none.
    pub fn poll_output(&mut self) -> Option<Output<P>> {
        self.out.pop_front().or_else(|| {
            let announced = std::mem::replace(&mut self.announced, self.revision);
            (announced != self.revision).then_some(Output::Changed)
        })
    }

    /// When to hand in [`Input::Timeout`], if nothing happens before.
    pub fn poll_timeout(&mut self) -> Option<Instant> {
        *self.next_timeout.get_or_insert_with(|| {
            let deadlines = self.connections.iter().filter_map(|(_, connection)| connection.next_deadline());
            deadlines.chain(self.polls.next()).min()
        })
    }

    fn page(&mut self, now: Now, page: Page) {
        let online = match page {
            Page::Online => true,
            Page::Offline => false,
            Page::Awake => self.online,
        };
        self.revision += u32::from(online != self.online);
        self.online = online;
        for id in self.ids(|_| true) {
            self.with(now, id, |connection, cx| match page {
                Page::Online | Page::Awake => connection.awake(cx),
                Page::Offline => connection.offline(cx),
            });
        }
    }

    fn timeout(&mut self, now: Now) {
        let is_due = |(_, connection): &&(ConnId, Connection<P>)| {
            connection.next_deadline().is_some_and(|deadline| deadline <= now.instant)
        };
        let due: Vec<ConnId> = self.connections.iter().filter(is_due).map(|(id, _)| *id).collect();
        for id in due {
            self.with(now, id, |connection, cx| connection.timeout(cx));
        }
        for poll in self.polls.expire(now.instant) {
            self.out.push_back(Output::Poll(poll));
        }
        self.next_timeout = None;
    }
}

// How a connection is reached.
impl<P: Payload> Pool<P> {
    fn place(&self, key: &Key) -> Result<usize, usize> {
        self.index.binary_search_by(|(other, _)| (**other).cmp(key))
    }

    fn position(&self, id: ConnId) -> Option<usize> {
        self.connections.binary_search_by_key(&id, |(id, _)| *id).ok()
    }

    fn position_of_socket(&self, socket: SocketId) -> Option<usize> {
        self.position(socket.conn).filter(|at| self.connections[*at].1.owns(socket))
    }

    fn connection(&self, id: ConnId) -> Option<&Connection<P>> {
        self.position(id).map(|at| &self.connections[at].1)
    }

    fn connection_mut(&mut self, id: ConnId) -> Option<&mut Connection<P>> {
        self.position(id).map(|at| &mut self.connections[at].1)
    }

    fn moment(&mut self) -> u32 {
        self.moments = self.moments.wrapping_add(1);
        self.moments
    }

    /// Whoever waits for a slot does so in the order of these.
    fn turn(&mut self) -> u32 {
        self.turns = self.turns.wrapping_add(1);
        self.turns
    }

    fn split(&mut self, now: Now, at: usize) -> (&mut Connection<P>, Context<'_, P>) {
        let (id, connection) = &mut self.connections[at];
        let cx = Context {
            now,
            id: *id,
            defaults: &self.defaults,
            online: self.online,
            is_active: connection.key.is_some() && connection.key.as_deref() == self.active.as_ref(),
            rng: &mut self.rng,
            out: &mut self.out,
            revision: &mut self.revision,
            slots: &mut self.slots,
        };
        (connection, cx)
    }

    fn with_socket(
        &mut self,
        now: Now,
        socket: SocketId,
        change: impl FnOnce(&mut Connection<P>, &mut Context<'_, P>),
    ) {
        if self.position_of_socket(socket).is_some() {
            self.with(now, socket.conn, change);
        }
    }

    /// Changes a connection, and clears up if that was its end.
    fn with(&mut self, now: Now, id: ConnId, change: impl FnOnce(&mut Connection<P>, &mut Context<'_, P>)) {
        let Some(at) = self.position(id) else { return };
        let (connection, mut cx) = self.split(now, at);
        change(connection, &mut cx);
        self.settle(now, at);
    }
}
