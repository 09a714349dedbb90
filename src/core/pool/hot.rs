//! The hot path: messages, which change nothing that anybody is told of. The clock is not read here, and there is
//! nothing to drain afterwards, except after `acknowledge`.

use crate::core::connection::Connection;
use crate::core::event::{ConnId, Heard, Output, SocketId};
use crate::core::queue::Payload;
use crate::core::time::Now;

use super::Pool;

impl<P: Payload> Pool<P> {
    /// The open plain socket that a message may go to at once. Only between drains: what waits goes first.
    pub fn passes(&self, id: ConnId) -> Option<SocketId> {
        self.connection(id)?.passes(id)
    }

    /// Numbers and keeps a message that the driver then hands to the connection's open `envsocket.v1` socket
    /// itself. `Err` gives it back: it is one for [`send`](Self::send). `now` as [`stamps`](Self::stamps) says.
    pub fn record(&mut self, id: ConnId, payload: P, now: Option<Now>) -> Result<(), P> {
        let is_settled = self.out.is_empty();
        match self.connection_mut(id) {
            Some(connection) if is_settled => connection.record(payload, now),
            _ => Err(payload),
        }
    }

    /// Whether [`record`](Self::record) wants the time.
    pub fn stamps(&self, id: ConnId) -> bool {
        self.connection(id).is_some_and(|connection| connection.stamps(&self.defaults))
    }

    /// A message was handed to the connection's socket: to the open one, or while what follows is done.
    pub fn sent(&mut self, id: ConnId, bytes: u64) {
        if let Some(event) = self.connection_mut(id).and_then(|connection| connection.sent(bytes)) {
            self.out.push_back(Output::Emit { conn: id, event });
            self.next_timeout = None;
        }
    }

    /// Keeps a message for the next socket, because this one had stopped taking any.
    pub fn put_back(&mut self, id: ConnId, payload: P) {
        if let Some(connection) = self.connection_mut(id) {
            connection.put_back(payload);
        }
    }

    /// The socket has brought a message. Who wants it.
    pub fn hears(&mut self, socket: SocketId) -> Heard {
        self.position_of_socket(socket).map_or(Heard::Nobody, |at| self.connections[at].1.hears())
    }

    /// The message is one of the application, which is told of it next. Whether [`acknowledge`] is due.
    ///
    /// [`acknowledge`]: Self::acknowledge
    pub fn received(&mut self, id: ConnId, bytes: u64) -> bool {
        self.connection_mut(id).is_some_and(|connection| connection.received(bytes))
    }

    /// Whether the message that was received last is one that the present socket brings late, because it was sent
    /// before that one was there, or a snapshot of such.
    pub fn is_replaying(&self, id: ConnId) -> bool {
        self.connection(id).is_some_and(|connection| connection.is_replaying())
    }

    /// The application is not done with the message that was received last, which it is being told of: until the
    /// answer is handed to [`release`](Self::release), the server knows neither it nor what follows as consumed. Of
    /// any number of holds each counts. 0 where the server does not count.
    pub fn hold(&mut self, id: ConnId) -> u32 {
        self.connection_mut(id).map_or(0, Connection::hold)
    }

    /// Gives a hold up. One that was given up, or whose session is over, changes nothing. Whether [`acknowledge`]
    /// is due.
    ///
    /// [`acknowledge`]: Self::acknowledge
    pub fn release(&mut self, id: ConnId, ticket: u32) -> bool {
        self.connection_mut(id).is_some_and(|connection| connection.release(ticket))
    }

    /// Tells the server what was received and consumed, now or soon.
    pub fn acknowledge(&mut self, now: Now, id: ConnId) {
        self.with(now, id, |connection, cx| connection.acknowledge(cx));
    }

    /// The message was the answer to the heartbeat.
    pub fn replied(&mut self, now: Now, id: ConnId) {
        if let Some(connection) = self.connection_mut(id) {
            connection.replied(now.instant);
        }
    }
}
