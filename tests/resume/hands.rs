//! What the page hands to its sockets: every number in it must be the truth, by the oracle's own account.

use envsocket::core::event::{ConnId, SocketId};
use envsocket::core::resume::frame::ClientFrame;
use envsocket::core::resume::{ENTRY_COST, Size};

use crate::network::{Msg, Ready, Up};
use crate::twin::Twin;
use crate::world::World;
use crate::writer::{self, Numbered};

impl World {
    pub(crate) fn hand_over(&mut self, socket: SocketId, msg: Msg) {
        let takes = |at: &usize| {
            let link = &self.network.links[*at];
            link.v1 || link.ready == Ready::Open
        };
        match self.native(socket).filter(takes) {
            Some(at) => self.take(at, msg),
            None => self.page.pool.put_back(socket.conn, msg),
        }
    }

    /// A platform's socket can stop to take anything before it tells so; the next one gets it then.
    pub(crate) fn maybe_stops(&mut self, at: usize) {
        let link = &self.network.links[at];
        if link.v1 && link.ready == Ready::Open && !self.is_calm && self.dice.up_to(999) == 0 {
            self.note(|_| format!("    {at} stops to take anything"));
            self.network.links[at].ready = Ready::Closing;
            self.network.cut(self.now, at, true, true, false);
        }
    }

    /// The platform's socket takes the message.
    pub(crate) fn take(&mut self, at: usize, msg: Msg) {
        self.maybe_stops(at);
        let (conn, id) = (self.network.links[at].conn, writer::id(&msg));
        if self.network.links[at].v1 {
            assert!(!self.network.links[at].read_only, "input to a server that takes none");
            self.settle_flow(conn);
            let heard = self.network.links[at].heard.as_mut().expect("no data before the welcome");
            heard.number += 1;
            let number = heard.number;
            let oldest = self.twin(conn).oldest;
            self.people.writers.hands_over(conn.0, number, id, oldest);
        } else {
            self.people.writers.hands_over_plain(id);
            self.page.pool.sent(conn, msg.bytes);
        }
        if self.network.links[at].ready == Ready::Open {
            self.network.send_up(self.now, at, Up::Message(msg));
        }
    }

    /// A control frame is handed to the socket: it must say the truth.
    pub(crate) fn page_says(&mut self, at: usize, frame: &ClientFrame) {
        let conn = self.network.links[at].conn;
        let place = self.twin(conn).reader.at;
        match frame {
            ClientFrame::Hello(hello) => {
                assert!(self.network.links[at].v1 && self.network.links[at].heard.is_none());
                self.shows(conn, hello.token.as_ref());
                self.settle_flow(conn);
                let sent = self.people.writers.flow(conn.0).sent();
                let received = self.people.writers.flow(conn.0).received;
                let twin = self.twin(conn);
                says_size(twin, hello.size);
                let ids = [hello.session, hello.attachment, hello.secret];
                if twin.ids.replace(ids) != Some(ids) {
                    let is_first = twin.attempt == 0;
                    assert!(is_first || std::mem::take(&mut twin.corrupted), "new ids for no reason");
                    (twin.attempt, twin.epoch, twin.must_renew) = (0, None, false);
                    self.people.writers.begins(conn.0, 0, 0);
                    return self.says_first_hello(conn, hello.attempt);
                }
                assert!(!twin.must_renew, "back to a session in which a rule was broken");
                assert!(hello.attempt > twin.attempt, "an attempt that is not higher");
                twin.attempt = hello.attempt;
                assert_eq!(hello.epoch, twin.epoch);
                let counted = place.filter(|_| hello.epoch.is_some()).map_or(0, |(_, number)| number);
                assert_eq!((hello.received, hello.sent), (counted, sent), "what was received and sent");
                assert_eq!(hello.acked, received, "what was acknowledged");
            }
            ClientFrame::Ack(counts) | ClientFrame::Ping(counts) | ClientFrame::Pong(counts) => {
                let number = place.expect("counts follow the welcome").1;
                let heard = self.network.links[at].heard.as_ref().expect("it was welcomed");
                assert_eq!(counts.sent, heard.number, "what was sent on {at}");
                assert_eq!(counts.received, number, "what was received on {at}");
                assert!(counts.consumed <= number, "more consumed than was told");
            }
            ClientFrame::Skip { to } => {
                self.people.writers.skips(conn.0, *to);
                self.network.links[at].heard.as_mut().expect("it was welcomed").number = *to;
            }
            ClientFrame::Token(token) => {
                assert!(self.network.links[at].heard.is_some(), "a token before the welcome");
                self.shows(conn, Some(token));
            }
            ClientFrame::Resize(size) => {
                assert!(!self.network.links[at].read_only, "a size to a server that takes none");
                self.settle_flow(conn);
                let heard = self.network.links[at].heard.as_mut().expect("it was welcomed");
                heard.number += 1;
                let number = heard.number;
                says_size(self.twin(conn), Some(*size));
                self.people.writers.flow(conn.0).hand_over(number, Numbered::Size, ENTRY_COST);
            }
        }
    }

    /// What is sent from now on is numbered for the session that began anew.
    pub(crate) fn settle_flow(&mut self, conn: ConnId) {
        if let Some((credit, max_message)) = self.twin(conn).anew.take() {
            self.people.writers.begins(conn.0, credit, max_message);
        }
    }

    fn says_first_hello(&mut self, conn: ConnId, attempt: u64) {
        let twin = self.twin(conn);
        twin.attempt = attempt;
        assert_eq!(twin.reader.at, None, "another session, and no word of the loss of the old one");
    }
}

/// Sizes grow here: an older one never follows a newer one.
fn says_size(twin: &mut Twin, size: Option<Size>) {
    let cols = |size: Option<Size>| size.map_or(0, |size| size.cols);
    assert!((cols(twin.said_size)..=cols(twin.size)).contains(&cols(size)), "{size:?} is not the size");
    twin.said_size = size;
}
