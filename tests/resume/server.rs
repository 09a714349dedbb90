//! The server's driver: sessions and their sources, the links attached to them, and which sessions are forgotten.
//!
//! It does what a real server does around [`Session`], and tells the oracle everything that it sees.

use std::collections::{BTreeMap, VecDeque};

use envsocket::core::close::{ABANDONED, VIOLATION};
use envsocket::core::event::Offer;
use envsocket::core::queue::Payload;
use envsocket::core::resume::frame::{ClientFrame, Hello, ServerFrame};
use envsocket::core::resume::session::{Entry, Farewell, LinkId, Recorder, Session, Shelf, Ticket};
use envsocket::core::resume::{Id, NO_HELLO, Size, Violation};

use crate::account::Said;
use crate::lives::Lives;
use crate::network::{Down, Happening, Msg, Served, Up, What};
use crate::world::World;

/// How long the server waits for a hello, in ms.
const HELLO_MS: u64 = 5_000;

/// How long it waits for the answer to its close frame, in ms.
const CLOSE_MS: u64 = 2_000;

/// A session and its source.
pub(crate) struct Host {
    pub(crate) session: Session<Msg>,
    /// Which of all lives this is.
    pub(crate) life: usize,
    /// What the source wants to say, and may not as long as it is held.
    pub(crate) backlog: VecDeque<Saying>,
    /// What it is busy with.
    pub(crate) busy: Option<Ticket>,
    pub(crate) is_ended: bool,
    /// Since when it is held without any progress.
    pub(crate) held_since: Option<u64>,
    /// Those that it still speaks over.
    pub(crate) links: Vec<usize>,
    /// Its next deadline, in ms.
    pub(crate) deadline: Option<u64>,
}

/// What a source wants to say.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Saying {
    Message(u64),
    /// To a message that a person has sent.
    Answer(u32),
    Size(Size),
    End,
}

#[derive(Default)]
pub(crate) struct Server {
    pub(crate) hosts: BTreeMap<Id, Host>,
    pub(crate) shelf: Shelf<Id, ()>,
    /// All sources that were ever started.
    pub(crate) lives: Lives,
    pub(crate) is_down: bool,
}

/// Draws a picture of everything that a source has said.
struct Painter {
    life: usize,
    upto: u64,
}

impl Recorder<Msg> for Painter {
    fn record(&mut self, entry: &Entry<Msg>) {
        // The end is in no picture: it is said.
        self.upto += u64::from(!matches!(entry, Entry::End { .. }));
    }

    fn snapshot(&self) -> Option<Msg> {
        let what = What::Picture { life: self.life, upto: self.upto };
        (self.upto > 0).then_some(Msg { what, bytes: 40 })
    }
}

// What arrives.
impl World {
    pub(crate) fn accept(&mut self, at: usize) {
        let speaks = !self.dice.percent(self.climate.plain);
        let link = &mut self.network.links[at];
        // A server that knows nothing of subprotocols echoes none: Chromium fails the connection then.
        let refused = self.server.is_down || (!speaks && link.offer != Offer::Nothing);
        if refused {
            return self.refuse(at);
        }
        link.v1 = matches!(link.offer, Offer::Both | Offer::V1);
        let v1 = link.v1;
        link.served = if v1 { Served::Waiting } else { Served::Plain };
        self.network.send_down(self.now, at, Down::Accepted { v1 });
        if v1 {
            self.network.plan(self.now + HELLO_MS, Happening::HelloDue(at));
        } else {
            let msg = Msg { what: What::Chatter, bytes: 5 };
            self.network.send_down(self.now, at, Down::Message(msg));
        }
    }

    pub(crate) fn hello_due(&mut self, at: usize) {
        if self.network.links[at].served == Served::Waiting {
            self.tally.unheard += 1;
            self.close_link(at, VIOLATION, NO_HELLO, None);
        }
    }

    pub(crate) fn close_due(&mut self, at: usize) {
        if let Served::Closing(_, session) = self.network.links[at].served {
            self.network.links[at].served = Served::Nobody;
            self.link_is_gone(at, session, false);
        }
    }

    /// The next frame of a link arrives at the server.
    pub(crate) fn arrives(&mut self, at: usize, parcel: Up) {
        if self.network.links[at].said.is_none() || self.is_current(at) {
            self.network.links[at].heard_at = self.now;
        }
        match (parcel, self.network.links[at].served) {
            (_, Served::Nobody) => {}
            (Up::Close(code), served) => self.client_closes(at, code, served),
            (Up::Lost, Served::Attached(session) | Served::Closing(_, Some(session))) => {
                self.network.links[at].served = Served::Nobody;
                self.link_is_gone(at, Some(session), false);
            }
            (Up::Lost, _) => self.network.links[at].served = Served::Nobody,
            (_, Served::Closing(..)) => {}
            (Up::Message(msg), Served::Plain) => self.arrives_at_plain(at, msg),
            (Up::Frame(frame), Served::Plain) => panic!("a plain server would run {frame:?}"),
            (Up::Frame(ClientFrame::Hello(hello)), Served::Waiting) => self.says_hello(at, &hello),
            (what, Served::Waiting) => panic!("{what:?} before the hello"),
            (Up::Frame(frame), Served::Attached(session)) => self.frame_arrives(at, session, frame),
            (Up::Message(msg), Served::Attached(session)) => {
                self.message_arrives(at, msg);
                let (now, link) = (self.instant(), LinkId(at as u64));
                self.host(session).session.message(now, link, msg);
                self.pump(session);
                self.checks_token(at);
            }
        }
    }

    fn client_closes(&mut self, at: usize, code: u16, served: Served) {
        self.network.links[at].served = Served::Nobody;
        self.network.send_down(self.now, at, Down::Close(code, "".into()));
        match served {
            // Nothing said, or a code of the application: it will not come back.
            Served::Attached(session) => {
                let comes_back = matches!(code, 1001 | 1006 | ABANDONED);
                if !comes_back && (self.is_current(at) || self.network.links[at].is_corrupted) {
                    self.forget_attachment(at);
                }
                self.link_is_gone(at, Some(session), !comes_back);
            }
            Served::Closing(said, session) => {
                let for_good = said == 1000 && code == 1000;
                if for_good {
                    self.forget_attachment(at);
                }
                self.link_is_gone(at, session, for_good);
            }
            _ => {}
        }
    }

    /// Tells the session that a link is over; whether it was closed for good.
    fn link_is_gone(&mut self, at: usize, session: Option<Id>, for_good: bool) {
        let Some(id) = session.filter(|id| self.server.hosts.contains_key(id)) else { return };
        let (now, link) = (self.instant(), LinkId(at as u64));
        self.note(|_| format!("    link {at} is gone, {for_good}"));
        if for_good {
            self.host(id).session.left(now, link);
        } else {
            self.host(id).session.lost(now, link);
        }
        self.pump(id);
    }

    fn says_hello(&mut self, at: usize, hello: &Hello) {
        if !self.lets_in(at, hello.token.as_ref()) {
            return;
        }
        let (now, id) = (self.instant(), hello.session);
        if !self.server.hosts.contains_key(&id) {
            self.start(id);
        }
        let life = self.host(id).life;
        let fresh = self.fresh_id();
        let expected = self.expect_attachment(at, hello, life, fresh);
        let access = self.draw_access(at);
        let answer = self.host(id).session.attach(now, LinkId(at as u64), hello, access, fresh);
        self.check_answer(at, hello, &expected, &answer);
        match answer {
            Ok(()) => {
                self.network.links[at].served = Served::Attached(id);
                self.gives_up_controls(at);
                self.host(id).links.push(at);
            }
            Err(Farewell { code, reason }) => self.close_link(at, code, &reason, None),
        }
        self.pump(id);
    }

    fn start(&mut self, id: Id) {
        let life = self.server.lives.begin(id, self.climate.terms);
        self.tally.lives += 1;
        let painter = self.climate.paints.then_some(Painter { life, upto: 0 });
        let recorder = painter.map(|painter| Box::new(painter) as Box<dyn Recorder<Msg> + Send>);
        let host = Host {
            session: Session::new(self.climate.terms, recorder),
            life,
            backlog: VecDeque::new(),
            busy: None,
            is_ended: false,
            held_since: None,
            links: Vec::new(),
            deadline: None,
        };
        self.server.hosts.insert(id, host);
        // A prompt.
        self.host(id).backlog.push_back(Saying::Message(2));
    }

    fn frame_arrives(&mut self, at: usize, session: Id, frame: ClientFrame) {
        let (now, link) = (self.instant(), LinkId(at as u64));
        let frame = match self.corrupted_up(at, frame) {
            Ok(frame) => frame,
            Err(why) => {
                self.host(session).session.violated(link, why);
                return self.pump(session);
            }
        };
        self.client_frame_arrives(at, &frame);
        if let ClientFrame::Token(token) = &frame {
            self.takes_token(at, token);
        }
        self.host(session).session.frame(now, link, frame);
        self.pump(session);
        self.checks_token(at);
    }

    /// Now and then a byte is not what was sent.
    fn corrupted_up(&mut self, at: usize, frame: ClientFrame) -> Result<ClientFrame, Violation> {
        let (ClientFrame::Ack(mut counts) | ClientFrame::Ping(mut counts) | ClientFrame::Pong(mut counts)) =
            frame
        else {
            return Ok(frame);
        };
        if !self.is_current(at) || self.dice.up_to(9_999) >= self.climate.corrupted {
            return Ok(frame);
        }
        self.corrupts(at, true);
        match self.dice.up_to(3) {
            0 => counts.sent += 1,
            1 if counts.sent > 0 => counts.sent -= 1,
            2 => counts.received += 1_000_000,
            _ => return Err(Violation("not JSON".into())),
        }
        Ok(ClientFrame::Ack(counts))
    }

    /// Sends a close frame and waits for the answer.
    pub(crate) fn close_link(&mut self, at: usize, code: u16, reason: &str, session: Option<Id>) {
        if reason != NO_HELLO {
            self.tally.farewells.count(code);
        }
        self.network.links[at].served = Served::Closing(code, session);
        self.network.send_down(self.now, at, Down::Close(code, reason.into()));
        self.network.plan(self.now + CLOSE_MS, Happening::CloseDue(at));
    }

    /// The server's operator closes a link, announced or not.
    pub(crate) fn operator_closes(&mut self, at: usize, code: u16) {
        match self.network.links[at].served {
            Served::Attached(id) => {
                let farewell = Farewell { code, reason: "".into() };
                self.network.links[at].is_dismissed = true;
                let after = self.dice.percent(50).then_some(self.dice.pick(&[0, 500]));
                self.host(id).session.say_bye(LinkId(at as u64), farewell, after);
                self.pump(id);
            }
            Served::Waiting | Served::Plain => self.close_link(at, code, "", None),
            Served::Nobody | Served::Closing(..) => {}
        }
    }
}

// What else it does.
impl World {
    /// The server dies, and with it everything that it knew.
    pub(crate) fn dies(&mut self, is_noticed: bool) {
        self.tally.restarts += 1;
        for id in std::mem::take(&mut self.server.hosts).into_keys() {
            self.server.lives.forget_session(id);
        }
        self.server.shelf = Shelf::default();
        for at in self.oldest_link..self.network.links.len() {
            if self.network.links[at].served != Served::Nobody {
                self.network.links[at].served = Served::Nobody;
                self.network.cut(self.now, at, is_noticed, false, false);
            }
        }
    }

    fn arrives_at_plain(&mut self, at: usize, msg: Msg) {
        let What::Input(number) = msg.what else { panic!("{msg:?} is no input") };
        self.people.writers.applied(number);
        self.note(|_| format!("    a plain server has {number} over {at}, {} bytes", msg.byte_len()));
    }

    /// What the server's end of a link has said so far.
    pub(crate) fn said(&mut self, at: usize) -> &mut Said {
        self.network.links[at].said.as_mut().expect("it was welcomed")
    }

    /// The first frame must be the welcome; all others go by the account.
    pub(crate) fn server_says(&mut self, at: usize, frame: &ServerFrame) {
        self.note(|_| format!("    server on {at}: {frame:?}"));
        match frame {
            ServerFrame::Welcome(welcome) => self.welcomes(at, welcome),
            _ => self.said_frame(at, frame),
        }
    }
}
