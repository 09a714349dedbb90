//! The server's driver: sessions and their sources, the links attached to them, and which sessions are forgotten.
//!
//! It does what a real server does around [`Session`], and tells the oracle everything that it sees.

use std::collections::{BTreeMap, VecDeque};

use envsocket::core::event::Offer;
use envsocket::core::queue::Payload;
use envsocket::core::resume::frame::{ClientFrame, Hello, ServerFrame};
use envsocket::core::resume::session::{Entry, Farewell, Input, LinkId, Next, Recorder, Session, Shelf, Ticket};
use envsocket::core::resume::{ABANDONED, Id, NO_HELLO, Size, VIOLATION, Violation};
use envsocket::core::time::Instant;

use crate::account::Said;
use crate::lives::{Lives, Logged};
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
    busy: Option<Ticket>,
    pub(crate) is_ended: bool,
    /// Since when it is held without any progress.
    held_since: Option<u64>,
    /// Those that it still speaks over.
    links: Vec<usize>,
    /// Its next deadline, in ms.
    deadline: Option<u64>,
}

/// What a source wants to say.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Saying {
    Message(u64),
    Size(Size),
    End,
}

#[derive(Default)]
pub(crate) struct Server {
    pub(crate) hosts: BTreeMap<Id, Host>,
    pub(crate) shelf: Shelf<Id>,
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
        let (now, id) = (self.instant(), hello.session);
        if !self.server.hosts.contains_key(&id) {
            self.start(id);
        }
        let life = self.host(id).life;
        let fresh = self.fresh_id();
        let expected = self.expect_attachment(at, hello, life, fresh);
        let answer = self.host(id).session.attach(now, LinkId(at as u64), hello, fresh);
        self.check_answer(at, hello, &expected, &answer);
        match answer {
            Ok(()) => {
                self.network.links[at].served = Served::Attached(id);
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
        self.host(session).session.frame(now, link, frame);
        self.pump(session);
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
    fn close_link(&mut self, at: usize, code: u16, reason: &str, session: Option<Id>) {
        self.tally.farewells.count(code);
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

// The sources, and what follows from any change.
impl World {
    pub(crate) fn host(&mut self, id: Id) -> &mut Host {
        self.server.hosts.get_mut(&id).expect("a link's session is there")
    }

    pub(crate) fn consumes(&mut self, life: usize) {
        let now = self.instant();
        let found = self.server.hosts.iter_mut().find(|(_, host)| host.life == life);
        let Some((id, host)) = found.map(|(id, host)| (*id, host)) else { return };
        let ticket = host.busy.take().expect("it was busy");
        self.server.lives.consumed(life);
        host.session.consumed(now, ticket);
        self.pump(id);
    }

    /// After every change of a session: the source goes on, and all links are pulled.
    pub(crate) fn pump(&mut self, id: Id) {
        let mut rounds = 0;
        while self.feed(id) | self.speak(id) | self.pull(id) {
            rounds += 1;
            assert!(rounds < 1_000, "a session that never comes to rest");
        }
        self.check_session(id);
        let now = self.instant();
        let host = self.host(id);
        host.deadline = host.session.poll_timeout().map(|at| at.since(Instant::default()));
        let (cost, since) = (host.session.cost(), host.session.detached_since());
        let (is_spent, is_busy, life) = (host.session.is_spent(), host.busy.is_some(), host.life);
        let is_left = !is_busy && self.server.lives.0[life].is_left();
        assert!(is_spent || !is_left, "all have left, and the session stays");
        if is_spent {
            self.drop_session(id);
        } else {
            self.server.shelf.note(id, cost, since);
        }
        self.evict(now);
    }

    pub(crate) fn evict(&mut self, now: Instant) {
        for id in self.server.shelf.evict(now, self.climate.limits) {
            self.tally.evicted += 1;
            assert!(self.host(id).session.detached_since().is_some(), "evicted while somebody is attached");
            self.drop_session(id);
        }
    }

    fn drop_session(&mut self, id: Id) {
        let held = self.server.hosts[&id].links.iter().any(|at| self.is_current(*at));
        assert!(!held, "forgotten while somebody is attached");
        self.note(|_| format!("    session {id} is forgotten"));
        self.server.shelf.forget(&id);
        self.server.hosts.remove(&id);
        self.server.lives.forget_session(id);
        for at in self.oldest_link..self.network.links.len() {
            match &mut self.network.links[at].served {
                // It was over, and could not be told so yet.
                Served::Attached(of) if *of == id => self.close_link(at, 1011, "", None),
                Served::Closing(_, of) => *of = of.filter(|of| *of != id),
                _ => {}
            }
        }
    }

    /// Gives the source its input, one by one. One that has ended goes on taking it.
    fn feed(&mut self, id: Id) -> bool {
        let (now, slowness) = (self.instant(), self.climate.slowness);
        let host = self.server.hosts.get_mut(&id).expect("it is there");
        if host.busy.is_some() {
            return false;
        }
        let Some((ticket, input)) = host.session.take_input() else { return false };
        match input {
            Input::Message(msg) => {
                let What::Input(number) = msg.what else { panic!("{msg:?} is no input") };
                self.server.lives.applied(host.life, number);
                self.people.writers.applied(number);
                self.tally.applied += 1;
            }
            Input::Resize(size) => {
                self.server.lives.resized(host.life, size);
                if !host.is_ended {
                    host.backlog.push_back(Saying::Size(size));
                }
            }
        }
        let busy = self.dice.up_to(slowness);
        let host = self.server.hosts.get_mut(&id).expect("it is there");
        if busy == 0 {
            self.server.lives.consumed(host.life);
            host.session.consumed(now, ticket);
        } else {
            host.busy = Some(ticket);
            let life = host.life;
            self.network.plan(self.now + busy, Happening::Consumed(life));
        }
        true
    }

    /// Lets the source speak, unless it is held.
    fn speak(&mut self, id: Id) -> bool {
        let now = self.instant();
        let host = self.server.hosts.get_mut(&id).expect("it is there");
        let held = match host.backlog.front() {
            _ if host.is_ended => true,
            None => return false,
            // Some drivers know what comes next, others do not.
            Some(Saying::Message(bytes)) if self.climate.looks_ahead => !host.session.has_room(*bytes),
            Some(Saying::Size(_) | Saying::End) if self.climate.looks_ahead => !host.session.has_room(0),
            Some(_) => host.session.holds(),
        };
        if held {
            return false;
        }
        let saying = host.backlog.pop_front().expect("there is something to say");
        let (life, lives) = (host.life, &mut self.server.lives);
        let entry = match saying {
            Saying::Message(bytes) => {
                let number = lives.say(life, Logged::Message(bytes));
                Entry::Message(Msg { what: What::Output { life, number }, bytes })
            }
            Saying::Size(size) => {
                lives.say(life, Logged::Size(size));
                Entry::Size(size)
            }
            Saying::End => {
                lives.say(life, Logged::End);
                (host.is_ended, self.tally.ended) = (true, self.tally.ended + 1);
                host.backlog.clear();
                Entry::End { code: Some(0), reason: "the shell has ended".into() }
            }
        };
        host.session.append(now, entry);
        true
    }

    /// Pulls from the session what the links have room for.
    fn pull(&mut self, id: Id) -> bool {
        let (now, mut any) = (self.instant(), false);
        let mut links = std::mem::take(&mut self.host(id).links);
        links.retain(|at| self.network.links[*at].served == Served::Attached(id));
        for at in links.iter().copied() {
            while self.network.links[at].down.bytes < self.climate.buffer {
                let next = self.host(id).session.next(now, LinkId(at as u64));
                match next {
                    Next::Idle => break,
                    Next::Frame(frame) => {
                        self.server_says(at, &frame);
                        self.network.send_down(self.now, at, Down::Frame(frame));
                    }
                    Next::Message(msg) => {
                        self.server_hands_over(at, msg);
                        self.network.send_down(self.now, at, Down::Message(msg));
                    }
                    Next::Over(Farewell { code, reason }) => {
                        self.check_farewell(at, code, &reason);
                        self.close_link(at, code, &reason, Some(id));
                        any = true;
                        break;
                    }
                }
                any = true;
            }
        }
        self.host(id).links = links;
        any
    }

    /// The session's own deadlines, and the shelf's.
    pub(crate) fn server_deadline(&self) -> Option<u64> {
        let sessions = self.server.hosts.values().filter_map(|host| host.deadline);
        let shelf = self.server.shelf.next_deadline(self.climate.limits);
        sessions.chain(shelf.map(|at| at.since(Instant::default()))).min()
    }

    pub(crate) fn server_is_due(&mut self) {
        let now = self.instant();
        let due = |(_, host): &(&Id, &Host)| host.deadline.is_some_and(|at| at <= self.now);
        let due: Vec<Id> = self.server.hosts.iter().filter(due).map(|(id, _)| *id).collect();
        for id in due {
            self.host(id).session.timeout(now);
            self.pump(id);
            let next = self.server.hosts.get(&id).and_then(|host| host.session.poll_timeout());
            assert!(next.is_none_or(|at| at > now), "a deadline that does not move on");
        }
        self.evict(now);
    }

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

    /// Nobody holds a source for longer than is allowed, and only who is there.
    fn check_session(&mut self, id: Id) {
        let (now, terms) = (self.now, self.climate.terms);
        let host = self.server.hosts.get_mut(&id).expect("it is there");
        let holds = host.session.holds();
        let is_detached = host.session.detached_since().is_some();
        assert!(!holds || !is_detached, "held by nobody");
        let progressed = self.server.lives.has_progressed(host.life);
        host.held_since = holds.then(|| host.held_since.filter(|_| !progressed).unwrap_or(now));
        let since = host.held_since.unwrap_or(now);
        assert!(now - since <= terms.patience_ms, "held for {} ms without progress", now - since);
        let bound = self.server.lives.most_to_keep(host.life);
        let cost = host.session.cost();
        assert!(cost <= bound, "a session keeps {cost}, more than {bound}");
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
    fn server_says(&mut self, at: usize, frame: &ServerFrame) {
        self.note(|_| format!("    server on {at}: {frame:?}"));
        match frame {
            ServerFrame::Welcome(welcome) => self.welcomes(at, welcome),
            _ => self.said_frame(at, frame),
        }
    }
}
