//! All connections of a page: who is who, who is active, and what the driver must do next.

use std::collections::VecDeque;
use std::rc::Rc;

use super::close::{self, CloseError};
use super::connection::{Connection, Context, SendError};
use super::event::{ConnId, Input, Network, Output, SocketId};
use super::key::Key;
use super::options::Overrides;
use super::poll::{PollId, Polls};
use super::queue::Payload;
use super::rng::Rng;
use super::status::{ReadyState, Status};
use super::time::{Instant, Now};

/// What a snapshot shows of a connection.
#[derive(Debug)]
pub struct Facts<'a> {
    /// Its pair.
    pub key: &'a Key,
    /// Its public status.
    pub status: Status,
    /// Whether it is the active one.
    pub is_active: bool,
    /// Why it is not connected; `None` when it is.
    pub reason: Option<&'a str>,
    /// Attempts since the last open.
    pub attempt: u32,
    /// When the next attempt begins, in Unix ms.
    pub next_attempt_at: Option<u64>,
    /// Since when it is connected, in Unix ms.
    pub connected_at: Option<u64>,
    /// What the open socket speaks.
    pub protocol: Option<&'static str>,
}

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
    out: VecDeque<Output<P>>,
    /// Rises whenever something changes that a snapshot shows.
    revision: u32,
    announced: u32,
    /// `None` when it must be looked for again.
    next_timeout: Option<Option<Instant>>,
}

// Construction and options.
impl<P: Payload> Pool<P> {
    /// A pool without connections.
    pub fn new(seed: u64, network: Network) -> Self {
        Self {
            connections: Vec::new(),
            index: Vec::new(),
            active: None,
            online: network == Network::Online,
            defaults: Overrides::default(),
            polls: Polls::default(),
            rng: Rng::new(seed),
            next_id: 0,
            out: VecDeque::new(),
            revision: 0,
            announced: 0,
            next_timeout: None,
        }
    }

    /// Merges into what holds for all connections, each from its next attempt on.
    pub fn configure(&mut self, overrides: Overrides) {
        self.defaults = overrides.over(self.defaults);
    }

    /// Merges into what holds for one connection, from its next attempt on.
    pub fn configure_connection(&mut self, id: ConnId, overrides: Overrides) {
        if let Some(connection) = self.connection_mut(id) {
            connection.overrides = overrides.over(connection.overrides);
        }
    }
}

// What can be asked.
impl<P: Payload> Pool<P> {
    /// The pair's connection that a second request shares: not one that is closing.
    pub fn find(&self, key: &Key) -> Option<ConnId> {
        let id = self.listed(key)?;
        self.connection(id).filter(|connection| !connection.is_leaving()).map(|_| id)
    }

    /// The connection that has the pair's place, one that is closing included.
    pub fn listed(&self, key: &Key) -> Option<ConnId> {
        self.place(key).ok().map(|at| self.index[at].1)
    }

    /// The pair's public status: `Disconnected` for one never seen.
    pub fn status(&self, key: &Key) -> Status {
        let listed = self.listed(key).and_then(|id| self.connection(id));
        listed.map_or(Status::Disconnected, Connection::status)
    }

    /// A connection's public status, as long as it is in the pool.
    pub fn connection_status(&self, id: ConnId) -> Option<Status> {
        self.connection(id).map(Connection::status)
    }

    /// A connection's `readyState`, as long as it is in the pool.
    pub fn ready_state(&self, id: ConnId) -> Option<ReadyState> {
        self.connection(id).map(Connection::ready_state)
    }

    /// Whether a message would go to a socket, and not wait for one.
    pub fn is_open(&self, id: ConnId) -> bool {
        self.connection(id).is_some_and(|connection| connection.wire().is_some())
    }

    /// Bytes that were sent and are not handed to a socket yet: those that wait for an open one, and
    /// those that the driver has not been given.
    pub fn waiting_bytes(&self, id: ConnId) -> u64 {
        let on_their_way = self.out.iter().map(|output| match output {
            Output::Send { socket, payload } if socket.conn == id => payload.byte_len(),
            _ => 0,
        });
        self.connection(id).map_or(0, Connection::queued_bytes) + on_their_way.sum::<u64>()
    }

    /// Whether the pair exists and is the active one.
    pub fn is_active(&self, key: &Key) -> bool {
        self.active.as_ref() == Some(key) && self.place(key).is_ok()
    }

    /// Another number whenever a snapshot would show something else.
    pub fn revision(&self) -> u32 {
        self.revision
    }

    /// What the platform last said of the network.
    pub fn is_online(&self) -> bool {
        self.online
    }

    /// What a snapshot shows, in the order of the keys.
    pub fn facts(&self) -> impl Iterator<Item = Facts<'_>> {
        self.index.iter().filter_map(|(key, id)| {
            let connection = self.connection(*id)?;
            Some(Facts {
                key,
                status: connection.status(),
                is_active: self.active.as_ref() == Some(key),
                reason: connection.reason(),
                attempt: connection.attempt(),
                next_attempt_at: connection.next_attempt_at(),
                connected_at: connection.connected_at(),
                protocol: connection.wire().map(super::wire::Wire::as_str),
            })
        })
    }

    /// The ids of the connections that `choose` picks by their keys; those of `EnvSocket`s made alone
    /// have none.
    pub fn ids(&self, choose: impl Fn(Option<&Key>) -> bool) -> Vec<ConnId> {
        let chosen = self.connections.iter().filter(|(_, connection)| choose(connection.key.as_deref()));
        chosen.map(|(id, _)| *id).collect()
    }
}

// What can be commanded.
impl<P: Payload> Pool<P> {
    /// Makes a connection and begins its first attempt. With a key it takes the pair's place in the
    /// pool: look for one to share with [`Pool::find`] first.
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
        self.connections.push((id, Connection::new(key, overrides)));
        self.with(now, id, |connection, cx| connection.reconnect(cx));
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

    /// Hands a message to the open socket or queues it for the next one.
    pub fn send(&mut self, now: Now, id: ConnId, payload: P) -> Result<(), SendError> {
        let Some(at) = self.position(id) else { return Err(SendError::Closed) };
        let (connection, mut cx) = self.split(now, at);
        connection.send(&mut cx, payload)
    }

    /// Begins the close of a connection. One that is closing already, or over, is left alone.
    pub fn close(&mut self, now: Now, id: ConnId, code: Option<u16>, reason: &str) -> Result<(), CloseError> {
        close::check_close(code, reason)?;
        self.with(now, id, |connection, cx| connection.close(cx, code, reason));
        Ok(())
    }

    /// Makes the pair the active one, now and whenever it exists, until another one is.
    pub fn set_active(&mut self, key: Key) {
        if self.active.as_ref() != Some(&key) {
            let shown = [self.active.as_ref(), Some(&key)];
            if shown.into_iter().flatten().any(|key| self.place(key).is_ok()) {
                self.revision += 1;
            }
            self.active = Some(key);
        }
    }

    /// Asks for an [`Output::Poll`] every `interval_ms`.
    pub fn start_poll(&mut self, now: Now, interval_ms: u64) -> PollId {
        self.next_timeout = None;
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
    pub fn handle(&mut self, now: Now, input: Input<P>) {
        match input {
            Input::Received(socket, payload) => {
                let Some(at) = self.position_of_socket(socket) else { return };
                let (connection, mut cx) = self.split(now, at);
                connection.received(&mut cx, payload);
            }
            Input::Opened(socket) => self.with_socket(now, socket, |connection, cx| connection.opened(cx)),
            Input::Errored(socket) => self.with_socket(now, socket, |connection, _| connection.errored()),
            Input::Closed(socket, info) => {
                self.with_socket(now, socket, |connection, cx| connection.closed(cx, info));
            }
            Input::Unopenable(socket, why) => {
                self.with_socket(now, socket, |connection, cx| connection.unopenable(cx, why));
            }
            Input::Network(network) => self.network(now, network),
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

    fn network(&mut self, now: Now, network: Network) {
        let online = network == Network::Online;
        self.revision += u32::from(online != self.online);
        self.online = online;
        if self.online {
            for id in self.ids(|_| true) {
                self.with(now, id, |connection, cx| connection.online(cx));
            }
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
        self.out.extend(self.polls.expire(now.instant).map(Output::Poll));
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

    fn split(&mut self, now: Now, at: usize) -> (&mut Connection<P>, Context<'_, P>) {
        let (id, connection) = &mut self.connections[at];
        let cx = Context {
            now,
            id: *id,
            defaults: self.defaults,
            rng: &mut self.rng,
            out: &mut self.out,
            revision: &mut self.revision,
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
    fn with<T>(
        &mut self,
        now: Now,
        id: ConnId,
        change: impl FnOnce(&mut Connection<P>, &mut Context<'_, P>) -> T,
    ) -> Option<T> {
        let at = self.position(id)?;
        let (connection, mut cx) = self.split(now, at);
        let answer = change(connection, &mut cx);
        self.next_timeout = None;
        self.release_if_over(at);
        Some(answer)
    }

    /// A failed connection stays listed, so that people see why; anything else that is over leaves.
    fn release_if_over(&mut self, at: usize) {
        let (id, connection) = &self.connections[at];
        let id = *id;
        let listed = self.index.iter().position(|(_, listed)| *listed == id);
        if !(connection.is_ended() || (connection.is_failed() && listed.is_none())) {
            return;
        }
        if let Some(listed) = listed {
            self.index.remove(listed);
        }
        self.connections.remove(at);
        self.revision += 1;
        self.out.push_back(Output::Release { conn: id });
    }
}
