//! What can be asked of the pool. Nothing here changes anything.

use crate::core::connection::Connection;
use crate::core::event::{ConnId, Output, SocketId};
use crate::core::histogram::Summary;
use crate::core::key::Key;
use crate::core::log::{Entry, Log};
use crate::core::metrics::Metrics;
use crate::core::queue::Payload;
use crate::core::status::{ReadyState, Status};
use crate::core::time::Now;
use crate::core::wire::Wire;

use super::Pool;

/// What a snapshot shows of a connection.
#[derive(Debug)]
pub struct Facts<'a> {
    /// Its number.
    pub id: ConnId,
    /// Its pair.
    pub key: &'a Key,
    /// Another number whenever one of the following would show something else.
    pub revision: u32,
    /// Its public status.
    pub status: Status,
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

impl<P: Payload> Pool<P> {
    /// The pair's connection that a second request shares: not one that is closing.
    pub fn find(&self, key: &Key) -> Option<ConnId> {
        self.listed(key).filter(|id| self.is_shared(*id))
    }

    /// Whether a second request for its pair shares the connection: it is there, and not closing.
    pub fn is_shared(&self, id: ConnId) -> bool {
        self.connection(id).is_some_and(|connection| !connection.is_leaving())
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

    /// Bytes that were sent and are not handed to a socket yet: those that wait for an open one, and
    /// those that the driver has not been given.
    pub fn waiting_bytes(&self, id: ConnId) -> u64 {
        let on_their_way = self.out.iter().map(|output| match output {
            Output::Send { socket, payload } if socket.conn == id => payload.byte_len(),
            _ => 0,
        });
        self.connection(id).map_or(0, Connection::queued_bytes) + on_their_way.sum::<u64>()
    }

    /// Whether the attempt is the present one, and waits to be told where to go.
    pub fn asks_where(&self, socket: SocketId) -> bool {
        self.position_of_socket(socket).is_some_and(|at| self.connections[at].1.is_locating())
    }

    /// Whether the attempt or the open socket is the present one, and waits for a token.
    pub fn asks_token(&self, socket: SocketId) -> bool {
        self.position_of_socket(socket).is_some_and(|at| self.connections[at].1.is_asking_token())
    }

    /// Whether any connection has a token in memory.
    #[cfg(test)]
    pub(crate) fn has_token(&self) -> bool {
        self.connections.iter().any(|(_, connection)| connection.has_token())
    }

    /// The connection's present socket, if it has one.
    pub fn socket(&self, id: ConnId) -> Option<SocketId> {
        self.connection(id)?.present_socket(id)
    }

    /// Whether the pair exists and is the active one.
    pub fn is_active(&self, key: &Key) -> bool {
        self.active.as_ref() == Some(key) && self.place(key).is_ok()
    }

    /// The active connection, if the active pair has one.
    pub fn active(&self) -> Option<ConnId> {
        self.listed(self.active.as_ref()?)
    }

    /// Another number whenever a snapshot would show something else.
    pub fn revision(&self) -> u32 {
        self.revision
    }

    /// What the platform last said of the network.
    pub fn is_online(&self) -> bool {
        self.online
    }

    /// The connections that a snapshot shows, in the order of the keys, with their revisions.
    pub fn listing(&self) -> impl Iterator<Item = (ConnId, u32)> {
        self.index.iter().filter_map(|(_, id)| Some((*id, self.connection(*id)?.revision)))
    }

    /// What a snapshot shows of a connection that has a pair.
    pub fn facts(&self, id: ConnId) -> Option<Facts<'_>> {
        let connection = self.connection(id)?;
        Some(Facts {
            id,
            key: connection.key.as_deref()?,
            revision: connection.revision,
            status: connection.status(),
            reason: connection.reason(),
            attempt: connection.attempt(),
            next_attempt_at: connection.next_attempt_at(),
            connected_at: connection.connected_at(),
            protocol: connection.wire().map(Wire::as_str),
        })
    }

    /// The ids of the connections that `choose` picks by their keys; those of `EnvSocket`s made alone
    /// have none.
    pub fn ids(&self, choose: impl Fn(Option<&Key>) -> bool) -> Vec<ConnId> {
        let chosen = self.connections.iter().filter(|(_, connection)| choose(connection.key.as_deref()));
        chosen.map(|(id, _)| *id).collect()
    }

    /// A connection's numbers, and how long it was connected, in ms, and how many bytes wait.
    pub fn metrics(&self, now: Now, id: ConnId) -> Option<(&Metrics, u64, u64)> {
        let connection = self.connection(id)?;
        Some((&connection.metrics, connection.connected_ms(now.instant), self.waiting_bytes(id)))
    }

    /// The same over all connections, those that are gone included.
    pub fn totals(&self, now: Now) -> (Metrics, u64, u64) {
        let mut all = Metrics::default();
        all.add(&self.gone);
        let (mut connected_ms, mut waiting) = (self.gone.connected_ms, 0);
        for (id, connection) in &self.connections {
            all.add(&connection.metrics);
            connected_ms += connection.connected_ms(now.instant);
            waiting += self.waiting_bytes(*id);
        }
        (all, connected_ms, waiting)
    }

    /// The number of the question that waits for its answer.
    pub fn question(&self, id: ConnId) -> Option<u32> {
        self.connection(id)?.question()
    }

    /// How many connections could be asked or wait for an answer, and how many wait: of one, or of all.
    pub fn conversations(&self, of: Option<ConnId>) -> (u64, u64) {
        let (mut active, mut waiting) = (0, 0);
        for (id, connection) in &self.connections {
            if of.is_none_or(|one| one == *id) {
                active += u64::from(connection.can_converse());
                waiting += u64::from(connection.question().is_some());
            }
        }
        (active, waiting)
    }

    /// How many switches were timed, and how long they took.
    pub fn switches(&self) -> Option<(u64, Summary)> {
        let switches = self.switches.as_ref()?;
        Some((switches.count(), switches.summary()?))
    }

    /// The last transitions of the pair, over all its lives, oldest first. Of the pairs that have left, the
    /// last ones are remembered.
    pub fn log(&self, key: &Key) -> impl Iterator<Item = &Entry> {
        let present = self.listed(key).and_then(|id| self.connection(id)).map(|connection| &connection.log);
        present.or_else(|| self.past.of(key)).into_iter().flat_map(Log::entries)
    }

    /// Bytes of messages that are held: they wait for a socket, or for the server to have them.
    pub fn retained_bytes(&self) -> u64 {
        let kept =
            |(id, connection): &(ConnId, Connection<P>)| self.waiting_bytes(*id) + connection.kept_bytes();
        self.connections.iter().map(kept).sum()
    }
}
