//! What the browser's driver does between the connections and the platform, done here between the connections
//! and the simulated links; and the oracle is told the same.
//!
//! Calls from listeners only mutate: the outermost one drains.

use std::collections::BTreeMap;

use envsocket::core::close::{ABANDONED, VIOLATION};
use envsocket::core::connection::Readiness;
use envsocket::core::event::{
    CloseInfo, ConnId, Direction, Event, Fresh, Input, Offer, Output, Place, SocketId, Spoken,
};
use envsocket::core::pool::Pool;
use envsocket::core::resume::{Id, NO_HELLO};
use envsocket::core::status::Status;
use envsocket::core::time::{Clock, Instant, Now};

use crate::network::{Down, Happening, Msg, Ready, Up};
use crate::reader::Counted;
use crate::rights::UNAUTHORIZED;
use crate::twin::Twin;
use crate::world::{UNIX_MS, World};
use crate::writer;

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
    pub(crate) fn page_ms(&self) -> u64 {
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
    pub(crate) fn native(&self, socket: SocketId) -> Option<usize> {
        let native = self.page.twins.get(&socket.conn.0)?.native?;
        assert_eq!(self.network.links[native].generation, socket.generation, "meant for another socket");
        Some(native)
    }

    fn perform(&mut self, output: Output<Msg>) {
        self.note(|_| format!("    {output:?}"));
        match output {
            Output::Locate { socket } => {
                let twin = self.twin(socket.conn);
                twin.max_age = twin.next_max_age;
                let place = Place { origin: "o".into(), destination: "d".into() };
                self.tell(Input::Located(socket, Ok(place)));
            }
            Output::Authorize { socket, .. } => self.authorize(socket),
            Output::Credential { .. } => unreachable!("plain servers get no token here"),
            Output::OpenSocket { socket, offer } => self.open_socket(socket, offer),
            Output::Send { socket, payload } => self.hand_over(socket, payload),
            Output::Control { socket, frame } => {
                if let Some(at) = self.native(socket) {
                    self.maybe_stops(at);
                    self.page_says(at, &frame);
                    if self.network.links[at].ready == Ready::Open {
                        self.network.send_up(self.now, at, Up::Frame(frame));
                    }
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
                    // What it was given can arrive long after what the next one is given.
                    if self.dice.percent(self.climate.stalled) {
                        let ms = self.dice.pick(&[500, 5_000, 20_000]);
                        self.network.links[at].up.stalled_until = self.now + ms;
                    }
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
        self.network.links[at].fault = self.climate.draw_fault(&mut self.dice);
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
}

// What the platform says.
impl World {
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
                let link = &self.network.links[at];
                if code == UNAUTHORIZED && link.is_heeded && link.ready != Ready::Closed {
                    self.hears_rejection(at);
                }
                let link = &self.network.links[at];
                if code == VIOLATION && &*reason != NO_HELLO && link.is_heeded {
                    self.twin(link.conn).must_renew = true;
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
            Spoken::V1(Fresh {
                session: if is_same { self.page.shared } else { session },
                attachment,
                secret,
            })
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
            twin.rights.reads_only = false;
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

    fn emit(&mut self, conn: ConnId, event: Event<Msg>) {
        match event {
            Event::Status { status, previous, reason } => {
                assert_eq!(reason.is_none(), status == Status::Connected, "a reason for {status:?}");
                let twin = self.twin(conn);
                twin.reader.status(previous, status);
                let is_new = matches!(previous, Status::Disconnected | Status::Failed);
                if is_new && status == Status::Connecting {
                    twin.corruptions = 0;
                    self.begins_with_all_rights(conn);
                }
                // A first violation leads to another session, at most, and a first rejection to another token.
                let twin = self.twin(conn);
                let has_reason = twin.corruptions > 1 || twin.rights.rejections > 1;
                assert!(status != Status::Failed || has_reason, "failed for no reason");
            }
            Event::Open => {
                // As the driver does: unless a listener of the status has closed it meanwhile.
                let status = self.page.pool.connection_status(conn);
                if matches!(status, Some(Status::Connected | Status::Reconnecting)) {
                    self.twin(conn).reader.open();
                }
            }
            Event::Size(_) | Event::Role { .. } => {}
            Event::Access { read_only } => self.is_told_rights(conn, read_only),
            Event::Gap { direction: Direction::In, from, to, reason, snapshot } => {
                if let (Some((life, _)), Some(from), Some(to)) = (self.twin(conn).reader.at, from, to) {
                    self.questions.missed(conn, life, from, to);
                }
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
            Event::Discarded { payloads, reason, .. } => {
                assert!(reason != "read-only" || self.twin(conn).rights.reads_only, "it may send");
                if reason == "older than maxInputAgeMs" {
                    let first = self.people.writers.first_sent(payloads.iter().map(writer::id));
                    let limit = self.page_ms().saturating_sub(self.twin(conn).max_age);
                    assert!(first.is_some_and(|first| first < limit), "discarded for its age, and is none");
                }
                self.people.writers.discarded(conn.0, payloads.iter().map(writer::id));
                self.give_up_unsent(conn, &payloads.iter().map(writer::id).collect::<Vec<_>>());
                let count = payloads.len() as u64;
                self.twin(conn).reader.counted.discarded += count;
                self.tally.discarded += count;
            }
            Event::QuestionLost { number, why } => self.question_lost(conn, number, why),
            Event::Error => self.twin(conn).reader.error(),
            Event::Close(info) => {
                let twin = self.twin(conn);
                let ended = info.code == 1000 && info.clean;
                let has_failed = twin.corruptions > 1 || twin.rights.rejections > 1;
                assert!(ended || twin.is_leaving || has_failed, "closed for no reason: {info:?}");
                twin.reader.close();
                self.questions.another_life(conn);
                let twin = self.twin(conn);
                // Another life is another attachment.
                (twin.ids, twin.epoch, twin.attempt) = (None, None, 0);
                (twin.corrupted, twin.must_renew) = (false, false);
                twin.rights.rejections = 0;
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
