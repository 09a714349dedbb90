//! What the browser's driver does between the connections and the platform, done here between the connections
//! and the simulated links; and the oracle is told the same.
//!
//! Calls from listeners only mutate: the outermost one drains.

use std::collections::BTreeMap;

use envsocket::core::connection::Readiness;
use envsocket::core::event::{
    CloseInfo, ConnId, Direction, Event, Fresh, Heard as Hears, Input, Offer, Output, Place, SocketId, Spoken,
};
use envsocket::core::pool::Pool;
use envsocket::core::resume::frame::{ClientFrame, ServerFrame, Welcome};
use envsocket::core::resume::{ABANDONED, ENTRY_COST, Id, MAX_NUMBER, Size, Violation};
use envsocket::core::status::Status;
use envsocket::core::time::{Clock, Instant, Now};

use crate::account::Heard;
use crate::lives::Logged;
use crate::network::{Down, Fault, Happening, Msg, Ready, Trigger, Up};
use crate::reader::{Counted, Reader};
use crate::world::{UNIX_MS, World};
use crate::writer::{self, Numbered};

/// What is known of a connection besides the connection itself.
#[derive(Debug)]
pub(crate) struct Twin {
    pub(crate) tab: usize,
    pub(crate) native: Option<usize>,
    pub(crate) reader: Reader,
    /// Session, attachment and secret, from its first hello.
    ids: Option<[Id; 3]>,
    epoch: Option<Id>,
    attempt: u64,
    pub(crate) size: Option<Size>,
    /// The size that it has said last.
    pub(crate) said_size: Option<Size>,
    /// Somebody has changed a number on one of its links, and nobody has said so yet.
    pub(crate) corrupted: bool,
    pub(crate) role: Option<bool>,
    /// It has spoken the protocol: never less again.
    spoke_v1: bool,
    /// What is sent now must have been sent by people no earlier, on the page's time line.
    oldest: Option<u64>,
    /// What the latest offer came to, if it ended before the socket was open.
    refused: Option<(Offer, u64)>,
    /// The terms of a session that begins anew: as soon as the loss of the old one was told.
    anew: Option<(u64, u64)>,
}

impl Twin {
    pub(crate) fn new(tab: usize) -> Self {
        Self {
            tab,
            native: None,
            reader: Reader::new(),
            ids: None,
            epoch: None,
            attempt: 0,
            size: None,
            said_size: None,
            corrupted: false,
            role: None,
            spoke_v1: false,
            oldest: None,
            refused: None,
            anew: None,
        }
    }
}

/// The platform's one timer: what it is set to, and when it fires in the world's time.
#[derive(Debug)]
pub(crate) struct Alarm {
    at: Instant,
    pub(crate) rings: u64,
}

pub(crate) struct Page {
    pub(crate) pool: Pool<Msg>,
    pub(crate) clock: Clock,
    /// How far the wall clock has leapt ahead, in ms.
    pub(crate) leapt: u64,
    pub(crate) now: Now,
    pub(crate) sleeps: u32,
    pub(crate) alarm: Option<Alarm>,
    pub(crate) is_draining: bool,
    /// Nothing happens on the page before.
    pub(crate) frozen_until: u64,
    /// How many calls listeners may still make before the next step.
    pub(crate) patience: u32,
    pub(crate) twins: BTreeMap<u32, Twin>,
    /// The session that tabs share.
    pub(crate) shared: Id,
    /// What connections that are gone have counted.
    pub(crate) counted: Counted,
}

impl World {
    pub(crate) fn read_clocks(&mut self) -> Now {
        let page = &mut self.page;
        page.now = page.clock.read(self.now * 1_000, UNIX_MS + self.now + page.leapt);
        if page.clock.sleeps() != page.sleeps {
            page.sleeps = page.clock.sleeps();
            page.alarm = None;
            self.network.plan(self.now, Happening::Awake);
        }
        self.page.now
    }

    /// On the page's time line, in ms.
    fn page_ms(&self) -> u64 {
        self.page.now.instant.since(Instant::default())
    }

    /// Tells the connections what happened and does what follows.
    pub(crate) fn tell(&mut self, input: Input) {
        let now = self.read_clocks();
        self.page.pool.handle(now, input);
        self.follow();
    }

    /// After any command or input: what follows is done.
    pub(crate) fn follow(&mut self) {
        if self.page.is_draining {
            return;
        }
        self.page.is_draining = true;
        while let Some(output) = self.page.pool.poll_output() {
            self.perform(output);
        }
        self.page.is_draining = false;
        self.set_alarm();
    }

    fn set_alarm(&mut self) {
        let Some(at) = self.page.pool.poll_timeout() else {
            self.page.alarm = None;
            return;
        };
        if self.page.alarm.as_ref().is_none_or(|alarm| alarm.at != at) {
            let now = self.read_clocks();
            let is_late = self.dice.percent(self.climate.late_timers);
            let late = if is_late { self.dice.pick(&[1, 900, 1_100, 30_000]) } else { 0 };
            // As the driver does: a timer does not count the time that the machine sleeps.
            let delay = at.delay_from(now.instant).min(10_000);
            self.page.alarm = Some(Alarm { at, rings: self.now + delay + late });
        }
    }

    pub(crate) fn rings(&mut self) {
        self.page.alarm = None;
        self.tally.deadlines += 1;
        self.tell(Input::Timeout);
    }

    pub(crate) fn twin(&mut self, conn: ConnId) -> &mut Twin {
        self.page.twins.get_mut(&conn.0).expect("it was made")
    }

    /// The platform's socket that goes by this name, if it is held.
    fn native(&self, socket: SocketId) -> Option<usize> {
        let native = self.page.twins.get(&socket.conn.0)?.native?;
        assert_eq!(self.network.links[native].generation, socket.generation, "meant for another socket");
        Some(native)
    }

    fn perform(&mut self, output: Output<Msg>) {
        self.note(|_| format!("    {output:?}"));
        match output {
            Output::Locate { socket } => {
                let place = Place { origin: "o".into(), destination: "d".into() };
                self.tell(Input::Located(socket, Ok(place)));
            }
            Output::OpenSocket { socket, offer } => self.open_socket(socket, offer),
            Output::Send { socket, payload } => self.hand_over(socket, payload),
            Output::Control { socket, frame } => {
                let open = self.native(socket).filter(|at| self.network.links[*at].ready == Ready::Open);
                if let Some(at) = open {
                    self.page_says(at, &frame);
                    self.network.send_up(self.now, at, Up::Frame(frame));
                }
            }
            Output::CloseSocket { socket, code, .. } => {
                if let Some(at) = self.native(socket) {
                    self.close_native(at, code.unwrap_or(1005));
                }
            }
            Output::AbandonSocket { socket } => {
                if let Some(at) = self.native(socket) {
                    self.twin(socket.conn).native = None;
                    self.network.links[at].is_heeded = false;
                    self.close_native(at, ABANDONED);
                }
            }
            Output::Emit { conn, event } => self.emit(conn, event),
            Output::Release { conn } => {
                let twin = self.page.twins.remove(&conn.0).expect("it was there");
                assert!(twin.reader.is_over() && twin.native.is_none(), "gone too early");
                self.page.counted.add(twin.reader.counted);
                let tab = &mut self.people.tabs[twin.tab];
                tab.conn = tab.conn.filter(|tab| *tab != conn);
            }
            Output::Beat { .. } | Output::Judge { .. } | Output::Poll(_) => panic!("nobody asked for it"),
            Output::Changed => self.maybe_order(),
        }
    }

    fn open_socket(&mut self, socket: SocketId, offer: Offer) {
        let latencies = [(); 2].map(|()| self.dice.up_to(self.climate.latency));
        let at = self.network.make(socket, offer, latencies);
        let requires = self.climate.requires;
        let world = self.now;
        let twin = self.twin(socket.conn);
        assert_eq!(twin.native.replace(at), None, "two sockets for one connection");
        let bare_is_due = twin.refused.take().is_some_and(|(before, when)| {
            // The first try of all was refused: one without any offer follows at once.
            before == Offer::Both && when == world && twin.attempt == 0
        });
        match offer {
            Offer::Given => panic!("the application's own subprotocols"),
            Offer::V1 => assert!(requires || twin.spoke_v1),
            Offer::Both => assert!(!requires),
            Offer::Nothing => assert!(!requires && !twin.spoke_v1, "less than was spoken"),
        }
        self.tally.bare += u64::from(bare_is_due && offer == Offer::Nothing);
        let delay = self.dice.up_to(2 * self.climate.latency);
        if self.dice.percent(self.climate.refused) {
            self.network.plan(self.now + delay, Happening::Refuse(at));
        } else if !self.dice.percent(self.climate.unanswered) {
            self.network.plan(self.now + delay, Happening::Accept(at));
        }
        self.network.links[at].fault = self.draw_fault();
    }

    /// How and when the link will fail.
    fn draw_fault(&mut self) -> Option<(Trigger, Fault)> {
        if !self.dice.percent(self.climate.faulty) {
            return None;
        }
        let soon = self.dice.percent(self.climate.early);
        let frames = self.dice.up_to(if soon { 3 } else { 40 });
        let trigger =
            if self.dice.percent(50) { Trigger::AfterUp(frames) } else { Trigger::AfterDown(frames) };
        let fault = match self.dice.up_to(11) {
            0..=5 => Fault::Cut {
                page: self.dice.percent(70),
                server: self.dice.percent(60),
                lingers: self.dice.percent(50),
            },
            6 => Fault::DeafServer,
            7 => Fault::DeafPage,
            8..=9 => {
                // A late hello: the page may have given the link up by then.
                let ms = self.dice.pick(&[100, 2_000, 15_000]);
                let trigger = if self.dice.percent(50) { Trigger::AfterUp(0) } else { trigger };
                return Some((trigger, Fault::Stall(ms)));
            }
            _ => Fault::Close(self.dice.pick(&[1001, 1011, 1012, 4429])),
        };
        Some((trigger, fault))
    }

    fn hand_over(&mut self, socket: SocketId, msg: Msg) {
        let native = self.native(socket);
        match native.filter(|at| self.network.links[*at].ready == Ready::Open) {
            Some(at) => self.take(at, msg),
            None if native.is_some_and(|at| self.network.links[at].v1) => {}
            None => self.page.pool.put_back(socket.conn, msg),
        }
    }

    /// The platform's socket takes the message.
    pub(crate) fn take(&mut self, at: usize, msg: Msg) {
        let (conn, id) = (self.network.links[at].conn, writer::id(&msg));
        if self.network.links[at].v1 {
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
        self.network.send_up(self.now, at, Up::Message(msg));
    }

    /// A control frame is handed to the socket: it must say the truth.
    fn page_says(&mut self, at: usize, frame: &ClientFrame) {
        let conn = self.network.links[at].conn;
        let place = self.twin(conn).reader.at;
        match frame {
            ClientFrame::Hello(hello) => {
                assert!(self.network.links[at].v1 && self.network.links[at].heard.is_none());
                self.settle_flow(conn);
                let sent = self.people.writers.flow(conn.0).sent();
                let received = self.people.writers.flow(conn.0).received;
                let twin = self.twin(conn);
                says_size(twin, hello.size);
                let ids = [hello.session, hello.attachment, hello.secret];
                if twin.ids.replace(ids) != Some(ids) {
                    let is_first = twin.attempt == 0;
                    assert!(is_first || std::mem::take(&mut twin.corrupted), "new ids for no reason");
                    (twin.attempt, twin.epoch) = (0, None);
                    self.people.writers.begins(conn.0, 0, 0);
                    return self.says_first_hello(conn, hello.attempt);
                }
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
            ClientFrame::Resize(size) => {
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
    fn settle_flow(&mut self, conn: ConnId) {
        if let Some((credit, max_message)) = self.twin(conn).anew.take() {
            self.people.writers.begins(conn.0, credit, max_message);
        }
    }

    fn says_first_hello(&mut self, conn: ConnId, attempt: u64) {
        let twin = self.twin(conn);
        twin.attempt = attempt;
        assert_eq!(twin.reader.at, None, "another session, and no word of the loss of the old one");
    }

    fn close_native(&mut self, at: usize, code: u16) {
        match self.network.links[at].ready {
            Ready::Connecting => {
                self.network.links[at].ready = Ready::Closing;
                self.network.plan(self.now + 1, Happening::Closed(at));
            }
            Ready::Open => {
                self.network.links[at].ready = Ready::Closing;
                self.network.send_up(self.now, at, Up::Close(code));
            }
            Ready::Closing | Ready::Closed => {}
        }
    }

    /// Something comes out of a link.
    pub(crate) fn delivers(&mut self, at: usize, parcel: Down) {
        match parcel {
            Down::Accepted { v1 } => self.opened(at, v1),
            Down::Frame(frame) => self.frame_delivered(at, frame),
            Down::Message(msg) => self.message_delivered(at, msg),
            Down::Close(code, reason) => {
                if self.network.links[at].ready == Ready::Open {
                    self.network.send_up(self.now, at, Up::Close(code));
                }
                self.native_closed(at, CloseInfo { code, reason, clean: true });
            }
            Down::Lost => self.native_closed(at, CloseInfo::abnormal()),
        }
    }

    fn opened(&mut self, at: usize, v1: bool) {
        let link = &mut self.network.links[at];
        if link.ready != Ready::Connecting {
            return;
        }
        link.ready = Ready::Open;
        if !link.is_heeded {
            return;
        }
        let (socket, offer) = (link.socket(), link.offer);
        let spoken = if v1 {
            let [session, attachment, secret] = [(); 3].map(|()| self.fresh_id());
            // Somebody else's tab may have been the first: the driver hands the same session to both.
            let is_same = self.climate.is_shared && !self.dice.percent(3);
            Spoken::V1(Fresh { session: if is_same { self.page.shared } else { session }, attachment, secret })
        } else {
            Spoken::Plain
        };
        assert!(v1 || offer == Offer::Nothing, "such a socket fails");
        if !v1 {
            self.tally.plain += 1;
            let twin = self.twin(socket.conn);
            // A hello that was never answered is not repeated after that.
            assert_eq!(twin.epoch, None, "less than was spoken");
            (twin.ids, twin.attempt) = (None, 0);
            twin.reader.plain();
        }
        self.tell(Input::Opened(socket, spoken));
    }

    pub(crate) fn refuse(&mut self, at: usize) {
        let link = &self.network.links[at];
        if link.ready == Ready::Connecting {
            let (conn, offer, now) = (link.conn, link.offer, self.now);
            if link.is_heeded {
                self.twin(conn).refused = Some((offer, now));
            }
            self.native_closed(at, CloseInfo::abnormal());
        }
    }

    pub(crate) fn native_closed(&mut self, at: usize, info: CloseInfo) {
        let link = &mut self.network.links[at];
        if std::mem::replace(&mut link.ready, Ready::Closed) == Ready::Closed
            || !std::mem::replace(&mut link.is_heeded, false)
        {
            return;
        }
        let socket = link.socket();
        if !info.clean {
            self.tell(Input::Errored(socket));
        }
        // A listener may have let go of it in between, as far as the driver knows.
        if self.page.twins.get(&socket.conn.0).is_some_and(|twin| twin.native == Some(at)) {
            self.twin(socket.conn).native = None;
            self.tell(Input::Closed(socket, info));
        }
    }

    fn frame_delivered(&mut self, at: usize, frame: ServerFrame) {
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
        assert_eq!(self.server.lives.0[life].entry(number), Some(entry), "another entry than number {number}");
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
        self.tell(Input::Control(socket, corrupted));
        assert_ne!(self.network.links[at].ready, Ready::Open, "a miscount is taken");
    }

    /// The welcome: the session goes on, begins, or begins anew.
    fn welcomed(&mut self, at: usize, welcome: &Welcome) {
        let (conn, now, max_age) = (self.network.links[at].conn, self.page_ms(), self.climate.max_input_age);
        let life = self.network.links[at].said.as_ref().expect("it was welcomed").life;
        let twin = self.twin(conn);
        (twin.role, twin.spoke_v1) = (Some(welcome.controller), true);
        let before = twin.epoch.replace(welcome.epoch);
        let place = (life, welcome.next - 1);
        let goes_on = before == Some(welcome.epoch);
        if goes_on {
            twin.reader.resumes(place, welcome.live);
            twin.oldest = (max_age > 0).then_some(now.saturating_sub(max_age));
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

    fn message_delivered(&mut self, at: usize, msg: Msg) {
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
        self.maybe_order();
        if is_due {
            let now = self.read_clocks();
            self.page.pool.acknowledge(now, socket.conn);
        }
        self.follow();
    }

    fn emit(&mut self, conn: ConnId, event: Event<Msg>) {
        match event {
            Event::Status { status, previous, reason } => {
                assert_eq!(reason.is_none(), status == Status::Connected, "a reason for {status:?}");
                self.twin(conn).reader.status(previous, status);
            }
            Event::Open => {
                // As the driver does: unless a listener of the status has closed it meanwhile.
                let status = self.page.pool.connection_status(conn);
                if matches!(status, Some(Status::Connected | Status::Reconnecting)) {
                    self.twin(conn).reader.open();
                }
            }
            Event::Gap { direction: Direction::In, from, to, reason, snapshot } => {
                self.twin(conn).reader.gap_in(from, to, &reason, snapshot);
                self.tally.pictures += u64::from(snapshot);
                if reason == "protocol" {
                    assert!(self.twin(conn).corrupted, "a gap for no reason");
                    self.people.writers.loses_session(conn.0);
                    self.tally.protocol += 1;
                }
            }
            Event::Gap { direction: Direction::Out, from, to, .. } => {
                self.twin(conn).reader.gap_out();
                self.people.writers.gap_out(conn.0, from, to);
            }
            Event::Discarded { payloads, .. } => {
                self.people.writers.discarded(conn.0, payloads.iter().map(writer::id));
                let count = payloads.len() as u64;
                self.twin(conn).reader.counted.discarded += count;
                self.tally.discarded += count;
            }
            Event::Error => self.twin(conn).reader.error(),
            Event::Close(info) => {
                let twin = self.twin(conn);
                twin.reader.close();
                // Another life is another attachment.
                (twin.ids, twin.epoch, twin.attempt, twin.corrupted) = (None, None, 0, false);
                if info.clean {
                    self.people.writers.closed_cleanly(conn.0);
                }
            }
        }
        self.maybe_order();
    }

    /// What the platform says of the connection's socket.
    pub(crate) fn readiness(&self, conn: ConnId) -> (Option<usize>, Readiness) {
        let native = self.page.twins.get(&conn.0).and_then(|twin| twin.native);
        let takes = native.is_some_and(|at| self.network.links[at].ready == Ready::Open);
        (native, if takes { Readiness::Takes } else { Readiness::Drops })
    }
}

/// Sizes grow here: an older one never follows a newer one.
fn says_size(twin: &mut Twin, size: Option<Size>) {
    let cols = |size: Option<Size>| size.map_or(0, |size| size.cols);
    assert!((cols(twin.said_size)..=cols(twin.size)).contains(&cols(size)), "{size:?} is not the size");
    twin.said_size = size;
}
