//! What sockets bring to the page: told to the connections, and to the oracle.

use envsocket::core::event::{ConnId, Heard as Hears, Input};
use envsocket::core::resume::frame::{ServerFrame, Welcome};
use envsocket::core::resume::{MAX_NUMBER, Violation};

use crate::account::Heard;
use crate::lives::Logged;
use crate::network::{Msg, Ready, What};
use crate::world::World;

impl World {
    pub(crate) fn frame_delivered(&mut self, at: usize, frame: ServerFrame) {
        let link = &self.network.links[at];
        if link.ready != Ready::Open || !link.is_heeded {
            return self.stale_frame(at, frame);
        }
        let socket = link.socket();
        let hears = self.page.pool.hears(socket);
        assert!(matches!(hears, Hears::V1 | Hears::Greeting), "{frame:?} for nobody");
        let conn = socket.conn;
        self.settle_flow(conn);
        match &frame {
            ServerFrame::Welcome(welcome) => {
                assert_eq!(hears, Hears::Greeting);
                self.welcomed(at, welcome);
                self.hears_rights(conn, welcome.read_only);
            }
            ServerFrame::Ack(counts) | ServerFrame::Ping(counts) | ServerFrame::Pong(counts) => {
                if self.dice.up_to(9_999) < self.climate.corrupted {
                    return self.deliver_corrupted(at, frame);
                }
                let flow = self.people.writers.flow(conn.0);
                flow.received = flow.received.max(counts.received);
                flow.consumed = flow.consumed.max(counts.consumed);
            }
            ServerFrame::Size(size) => self.entry_delivered(conn, Logged::Size(*size)),
            ServerFrame::End { .. } => self.entry_delivered(conn, Logged::End),
            ServerFrame::Role { controller } => self.twin(conn).role = Some(*controller),
            ServerFrame::Gap { .. } | ServerFrame::Bye { .. } => {}
        }
        self.tell(Input::Control(socket, Ok(frame)));
        if let Some(twin) = self.page.twins.get_mut(&conn.0) {
            twin.oldest = None;
        }
    }

    /// What a socket says that nobody listens to any more would change nothing.
    fn stale_frame(&mut self, at: usize, frame: ServerFrame) {
        let socket = self.network.links[at].socket();
        let now = self.read_clocks();
        assert_eq!(self.page.pool.hears(socket), Hears::Nobody);
        self.page.pool.handle(now, Input::Control(socket, Ok(frame)));
        let output = self.page.pool.poll_output();
        assert_eq!(output, None, "a stale frame changes something");
    }

    fn entry_delivered(&mut self, conn: ConnId, entry: Logged) {
        let (life, number) = self.twin(conn).reader.entry();
        assert_eq!(
            self.server.lives.0[life].entry(number),
            Some(entry),
            "another entry than number {number}"
        );
        if entry == Logged::End {
            self.twin(conn).reader.hears_end();
        }
    }

    /// A frame arrives with another number than was sent: the session is given up, with a word.
    fn deliver_corrupted(&mut self, at: usize, frame: ServerFrame) {
        let (ServerFrame::Ack(mut counts) | ServerFrame::Ping(mut counts) | ServerFrame::Pong(mut counts)) =
            frame
        else {
            unreachable!("only counts are corrupted")
        };
        self.corrupts(at, false);
        let socket = self.network.links[at].socket();
        let corrupted = match self.dice.up_to(3) {
            0 => {
                counts.sent += 1;
                Ok(ServerFrame::Ping(counts))
            }
            1 if counts.sent > 0 => {
                counts.sent -= 1;
                Ok(ServerFrame::Pong(counts))
            }
            2 => {
                counts.received = MAX_NUMBER;
                Ok(ServerFrame::Ack(counts))
            }
            _ => Err(Violation("not JSON".into())),
        };
        self.twin(socket.conn).must_renew = true;
        self.tell(Input::Control(socket, corrupted));
        assert_ne!(self.network.links[at].ready, Ready::Open, "a miscount is taken");
    }

    /// The welcome: the session goes on, begins, or begins anew.
    fn welcomed(&mut self, at: usize, welcome: &Welcome) {
        let (conn, now) = (self.network.links[at].conn, self.page_ms());
        let life = self.network.links[at].said.as_ref().expect("it was welcomed").life;
        let twin = self.twin(conn);
        (twin.role, twin.spoke_v1) = (Some(welcome.controller), true);
        let before = twin.epoch.replace(welcome.epoch);
        self.questions.belong_to(conn, welcome.epoch);
        let twin = self.twin(conn);
        let place = (life, welcome.next - 1);
        let goes_on = before == Some(welcome.epoch);
        if goes_on {
            twin.reader.resumes(place, welcome.live);
            twin.oldest = (twin.max_age > 0).then_some(now.saturating_sub(twin.max_age));
            self.tally.resumed += 1;
        } else {
            twin.reader.begins(place, welcome.live, before.is_some());
            if before.is_some() {
                self.tally.lost += 1;
                self.people.writers.loses_session(conn.0);
            }
        }
        let number = if goes_on { welcome.received } else { 0 };
        self.network.links[at].heard = Some(Heard { number });
        if goes_on {
            let flow = self.people.writers.flow(conn.0);
            flow.received = flow.received.max(welcome.received);
            (flow.credit, flow.max_message) = (welcome.credit, welcome.max_message);
        } else if before.is_none() {
            self.people.writers.begins(conn.0, welcome.credit, welcome.max_message);
        } else {
            self.twin(conn).anew = Some((welcome.credit, welcome.max_message));
        }
    }

    pub(crate) fn message_delivered(&mut self, at: usize, msg: Msg) {
        let link = &self.network.links[at];
        if link.ready != Ready::Open || !link.is_heeded {
            return;
        }
        let (socket, v1) = (link.socket(), link.v1);
        let expected = if v1 { Hears::V1 } else { Hears::Plain };
        assert_eq!(self.page.pool.hears(socket), expected, "who is told {msg:?}");
        let is_due = self.page.pool.received(socket.conn, msg.bytes);
        self.note(|_| format!("    told {msg:?}"));
        self.twin(socket.conn).reader.message(msg);
        self.tally.told += 1;
        if let What::Output { life, number } = msg.what {
            self.heard(socket.conn, (life, number));
        }
        self.maybe_order();
        if is_due {
            let now = self.read_clocks();
            self.page.pool.acknowledge(now, socket.conn);
        }
        self.follow();
    }
}
