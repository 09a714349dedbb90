//! What the browser's driver does between the state machine and the platform, done here between the state
//! machine and the simulated network; and the model is told the same.
//!
//! Calls from listeners only mutate: the outermost one drains.

use envsocket::core::connection::Readiness;
use envsocket::core::event::{
    CloseInfo, ConnId, Event, Heard, Input, NoAnswer, Offer, Output, Place, SocketId,
};
use envsocket::core::status::Status;

use crate::ledger::{Fate, Listener};
use crate::model::{Expect, Msg, Spot};
use crate::network::{Happening, Native, Parcel, Ready};
use crate::world::{Alarm, Turn, World};

impl World {
    /// Tells both what happened and does what follows.
    pub(crate) fn tell(&mut self, input: Input) {
        let now = self.read_clocks();
        if let Input::Located(of, answer) = &input {
            let (of, answer) = (*of, answer.as_ref().map(spot).map_err(|none| none.is_final));
            // Whether a token is due by now, chance may have decided.
            self.pool.handle(now, input);
            self.model.located(of.conn.0, of.generation, answer, self.pool.asks_token(of));
            return self.follow();
        }
        let model = &mut self.model;
        match &input {
            Input::Opened(of, _) => model.opened(of.conn.0, of.generation),
            Input::Errored(of) => model.errored(of.conn.0, of.generation),
            Input::Closed(of, info) => model.closed(of.conn.0, of.generation, info.clone()),
            Input::Unopenable(of, _) => model.unopenable(of.conn.0, of.generation),
            Input::Judged(of, info, retry) => model.judged(of.conn.0, of.generation, info.clone(), *retry),
            Input::Page(page) => model.page(*page),
            Input::Authorized(of, answer) => {
                let answer = answer.as_ref().map(|grant| grant.expires_in_ms).map_err(|none| none.is_final);
                model.authorized(of.conn.0, of.generation, answer);
            }
            Input::Located(..) => unreachable!("it was told before"),
            Input::Control(..) => unreachable!("nobody speaks `envsocket.v1` here"),
            Input::Timeout => unreachable!("it has a method of its own"),
        }
        self.pool.handle(now, input);
        self.follow();
    }

    /// Tells both that time has passed.
    pub(crate) fn tell_time(&mut self) {
        let now = self.read_clocks();
        let open = self.open_natives();
        self.pool.handle(now, Input::Timeout);
        let pool = &self.pool;
        self.model.timeout(|id, generation| pool.asks_where(SocketId { conn: ConnId(id), generation }));
        self.check_only_the_silent_are_let_go(&open);
        self.follow();
    }

    /// After any command or input: what chance decided is learnt, and what follows is done.
    pub(crate) fn follow(&mut self) {
        self.learn_plans();
        if self.draining {
            return;
        }
        self.draining = true;
        while let Some(output) = self.pool.poll_output() {
            self.perform(output);
        }
        self.draining = false;
        self.set_alarm();
    }

    fn learn_plans(&mut self) {
        let unknown: Vec<u32> = self.model.with_unknown_plans().collect();
        for id in unknown {
            let facts = self.pool.facts(ConnId(id)).expect("a pair that waits is listed");
            let at = facts.next_attempt_at.expect("an attempt is planned");
            let planned = self.model.now + (at - self.now.unix_ms);
            self.model.learn_plan(id, planned);
        }
    }

    fn set_alarm(&mut self) {
        let Some(deadline) = self.pool.poll_timeout() else {
            self.alarm = None;
            return;
        };
        let at = deadline.since(Default::default());
        if self.alarm.as_ref().is_some_and(|alarm| alarm.at == at) {
            return;
        }
        let now = self.read_clocks();
        let throttled = self.dice.percent(self.climate.late_timers);
        let late = if throttled { self.dice.pick(&[1, 900, 1_000, 1_001, 60_000]) } else { 0 };
        self.alarm = Some(Alarm { at, rings: self.time.awake + deadline.delay_from(now.instant) + late });
    }

    pub(crate) fn expected(&mut self, id: u32) -> Option<Expect> {
        self.model.twins.get_mut(&id)?.expected.pop_front()
    }

    fn perform(&mut self, output: Output<Msg>) {
        self.note(|_| format!("    {output:?}"));
        match output {
            Output::Locate { socket } => self.locate(socket),
            Output::OpenSocket { socket, offer } => {
                assert_eq!(offer, Offer::Given, "nobody asked for `envsocket.v1`");
                self.open_socket(socket);
            }
            Output::Authorize { socket, reason, late } => self.authorize(socket, reason, late),
            Output::Credential { socket } => self.credential(socket),
            Output::Control { .. } => unreachable!("nobody speaks `envsocket.v1` here"),
            Output::Send { socket, payload } => self.hand_over(socket, payload),
            Output::Beat { socket } => self.beat(socket),
            Output::Judge { socket, info } => self.judge(socket, info),
            Output::CloseSocket { socket, code, .. } => {
                assert_eq!(self.expected(socket.conn.0), Some(Expect::CloseSocket(socket.generation, code)));
                if let Some(native) = self.native(socket) {
                    self.close_native(native, code);
                }
            }
            Output::AbandonSocket { socket } => {
                assert_eq!(self.expected(socket.conn.0), Some(Expect::Abandon(socket.generation)));
                if let Some(native) = self.native(socket) {
                    self.entries.entry(socket.conn.0).or_default().native = None;
                    self.network.natives[native].heeded = false;
                    self.close_native(native, None);
                }
            }
            Output::Emit { conn, event } => self.emit(conn.0, event),
            Output::Release { conn } => {
                assert_eq!(self.expected(conn.0), Some(Expect::Release));
                let twin = self.model.twins.remove(&conn.0).expect("it was there");
                assert!(twin.released && twin.expected.is_empty(), "{:?}", twin.expected);
                let listener = self.listeners.remove(&conn.0);
                listener.expect("it had listeners").release();
                let entry = self.entries.remove(&conn.0).unwrap_or_default();
                assert_eq!(entry.native, None, "a released connection has a socket");
            }
            Output::Poll(id) => assert_eq!(self.model.expected_polls.pop_front(), Some(id.0)),
            Output::Changed => {
                self.note_what_is_shown();
                self.maybe_order();
            }
        }
    }

    /// The platform's socket that goes by this name, if it is held.
    pub(crate) fn native(&self, socket: SocketId) -> Option<usize> {
        let native = self.entries.get(&socket.conn.0)?.native?;
        let generation = self.network.natives[native].generation;
        assert_eq!(generation, socket.generation, "meant for another socket");
        Some(native)
    }

    pub(crate) fn check_no_attempt_after_a_close(&self, socket: SocketId) {
        let closed_at = self.entries.get(&socket.conn.0).and_then(|entry| entry.closed_at);
        assert!(closed_at.is_none_or(|at| socket.generation <= at), "an attempt after close()");
    }

    fn locate(&mut self, socket: SocketId) {
        let (id, generation) = (socket.conn.0, socket.generation);
        assert_eq!(self.expected(id), Some(Expect::Locate(generation)));
        self.check_no_attempt_after_a_close(socket);
        self.begin_with_tokens(socket);
        let destination = self.dice.up_to(self.climate.destinations - 1) as u8;
        let spot = Spot { origin: self.dice.up_to(self.climate.origins - 1) as u8, destination };
        let none = self.dice.percent(self.climate.no_address);
        let answer = if none { Err(self.dice.percent(20)) } else { Ok(spot) };
        if self.dice.percent(self.climate.answers_late) {
            let at = self.time.world() + self.dice.delay();
            if self.dice.percent(95) {
                self.network.plan(at, Happening::Address(id, generation, answer));
            }
            return;
        }
        match answer {
            Ok(spot) => self.located(socket, spot),
            Err(is_final) => self.turns.push_back(Turn::NoAddress(socket, is_final)),
        }
    }

    pub(crate) fn located(&mut self, socket: SocketId, spot: Spot) {
        if self.pool.asks_where(socket) {
            self.entries.entry(socket.conn.0).or_default().target = Some(spot);
            self.tell(Input::Located(socket, Ok(place(spot))));
        }
    }

    pub(crate) fn unlocated(&mut self, socket: SocketId, is_final: bool) {
        self.tell(Input::Located(socket, Err(NoAnswer { why: "no address".into(), is_final })));
    }

    fn open_socket(&mut self, socket: SocketId) {
        let (id, world) = (socket.conn.0, self.time.world());
        assert_eq!(self.expected(id), Some(Expect::OpenSocket(socket.generation)));
        self.check_no_attempt_after_a_close(socket);
        let entry = self.entries.entry(id).or_default();
        let spot = entry.target.take().expect("it was said where it goes");
        assert_eq!(entry.native, None, "two sockets for one connection");
        if self.dice.percent(1) {
            self.turns.push_back(Turn::Unopenable(socket));
            return;
        }
        let native = self.network.make(id, socket.generation, spot, self.model.now);
        entry.native = Some(native);
        self.network.natives[native].pass = self.shown_in_handshake(socket);
        let slow = self.dice.percent(self.climate.slow);
        let delay = if slow { 3_000 + self.dice.up_to(9_000) } else { self.dice.delay() };
        if self.dice.percent(self.climate.refused) {
            self.network.plan(world + delay, Happening::Refused(native));
        } else if self.dice.percent(self.climate.black_holed / 2) {
            self.network.natives[native].is_hole = true;
        } else {
            self.network.plan(world + delay, Happening::Accepted(native));
        }
    }

    fn hand_over(&mut self, socket: SocketId, msg: Msg) {
        let id = socket.conn.0;
        assert_eq!(self.expected(id), Some(Expect::Send(socket.generation, msg.id)));
        let (known, bound_to) = self.model.hand_over(id).expect("it is on its way");
        assert_eq!(known, msg);
        let native = self.native(socket);
        if let Some(at) = native
            && self.network.natives[at].ready == Ready::Open
            && self.model.is_open_at(id, socket.generation)
            && self.dice.percent(2)
        {
            // No platform's socket does so within a task; a page that is halted in a debugger may see it.
            self.network.natives[at].ready = Ready::Closing;
            self.network.plan(self.time.world(), Happening::Closed(at, 1006, ""));
        }
        match native.filter(|at| self.network.natives[*at].ready == Ready::Open) {
            Some(native) => {
                self.take(native, msg, bound_to);
                self.pool.sent(socket.conn, msg.bytes);
                self.model.sent(id, msg);
            }
            None => {
                self.pool.put_back(socket.conn, msg);
                self.model.put_back(id, msg, bound_to);
            }
        }
    }

    /// The platform's socket takes the message.
    pub(crate) fn take(&mut self, native: usize, msg: Msg, bound_to: Option<u8>) {
        let destination = self.network.natives[native].spot.destination;
        assert!(bound_to.is_none_or(|bound| bound == destination), "sent to another destination");
        self.ledger.meets(msg.id, Fate::Handed);
        self.questions.message_taken(msg.id, native);
        let Native { conn, generation, took_some, .. } = &mut self.network.natives[native];
        *took_some = true;
        self.listeners.get_mut(conn).expect("it has listeners").handed(*generation);
        let at = self.time.world() + self.dice.delay();
        self.network.carry_up(native, at, Parcel::Data { id: msg.id });
    }

    fn beat(&mut self, socket: SocketId) {
        assert_eq!(self.expected(socket.conn.0), Some(Expect::Beat(socket.generation)));
        let native = self.native(socket).filter(|at| self.network.natives[*at].ready == Ready::Open);
        if let Some(native) = native {
            self.network.natives[native].asked_at.get_or_insert(self.model.now);
            let at = self.time.world() + self.dice.delay();
            self.network.carry_up(native, at, Parcel::Beat);
        }
    }

    fn judge(&mut self, socket: SocketId, info: CloseInfo) {
        let expected = Expect::Judge(socket.generation, info.clone());
        assert_eq!(self.expected(socket.conn.0), Some(expected));
        self.maybe_order();
        // Anything but a boolean leaves it to the code.
        let retry = (!self.dice.percent(20)).then(|| self.dice.percent(60));
        self.tell(Input::Judged(socket, info, retry));
    }

    fn close_native(&mut self, at: usize, code: Option<u16>) {
        let world = self.time.world();
        let native = &mut self.network.natives[at];
        let answer = world + self.dice.delay();
        match native.ready {
            Ready::Connecting => {
                native.ready = Ready::Closing;
                self.network.plan(world + 1, Happening::Closed(at, 1006, ""));
            }
            Ready::Open => {
                native.ready = Ready::Closing;
                if !native.is_hole {
                    self.network.plan(answer, Happening::Closed(at, code.unwrap_or(1005), ""));
                }
            }
            Ready::Closing | Ready::Closed => {}
        }
    }

    /// A message comes out of a link.
    pub(crate) fn delivers(&mut self, at: usize, parcel: Parcel) {
        let native = &mut self.network.natives[at];
        if native.ready != Ready::Open || native.is_hole || !native.heeded {
            return;
        }
        native.asked_at = None;
        let socket = SocketId { conn: ConnId(native.conn), generation: native.generation };
        let told = self.pool.hears(socket) == Heard::Plain;
        assert_eq!(told, self.model.hears(socket.conn.0, socket.generation), "who is told a message");
        assert!(told, "a message of an open socket is told");
        self.maybe_order();
        let now = self.read_clocks();
        match parcel {
            Parcel::Reply if self.climate.knows_replies => {
                self.pool.replied(now, socket.conn);
                self.model.replied(socket.conn.0);
            }
            Parcel::Chatter { bytes } => self.received(socket.conn, bytes),
            Parcel::Answer { number } => {
                self.received(socket.conn, 1);
                self.answered(socket.conn, number);
            }
            _ => self.received(socket.conn, 1),
        }
    }

    fn received(&mut self, conn: ConnId, bytes: u64) {
        assert!(!self.pool.received(conn, bytes), "a plain server wants no acknowledgement");
        self.model.received(conn.0, bytes);
    }

    fn emit(&mut self, id: u32, event: Event<Msg>) {
        let expected = self.expected(id).expect("nothing is told that was not expected");
        let native = self.entries.get(&id).and_then(|entry| entry.native);
        let listener = self.listeners.entry(id).or_insert_with(Listener::new);
        match event {
            Event::Status { status, previous, reason } => {
                assert_eq!(expected, Expect::Status(previous, status));
                assert_eq!(reason.is_none(), status == Status::Connected, "a reason for {status:?}");
                listener.status(previous, status);
            }
            Event::Open => {
                assert_eq!(expected, Expect::Open);
                // As the driver does: unless a listener of the status has closed it meanwhile.
                if self.pool.connection_status(ConnId(id)) != Some(Status::Connected) {
                    return;
                }
                listener.open(self.network.natives[native.expect("an open socket")].generation);
            }
            Event::Gap { direction, .. } => {
                assert_eq!(expected, Expect::Gap(direction));
                let newest = native.map(|at| &self.network.natives[at]).filter(|native| native.took_some);
                listener.gap(direction, newest.map(|native| native.generation));
            }
            Event::Discarded { payloads, kept, .. } => {
                let ids: Vec<u32> = payloads.iter().map(|msg| msg.id).collect();
                ids.iter().for_each(|id| self.ledger.meets(*id, Fate::Discarded));
                assert_eq!(expected, Expect::Discarded(ids.clone(), kept));
                self.give_up_unsent(&ids);
            }
            Event::Size(_) | Event::Role { .. } | Event::Access { .. } => {
                unreachable!("these servers are plain")
            }
            Event::QuestionLost { number, why } => {
                assert_eq!(expected, Expect::QuestionLost(number, why));
                self.question_lost(id, number, why);
            }
            Event::Error => {
                assert_eq!(expected, Expect::Error);
                listener.error();
            }
            Event::Close(info) => {
                listener.close(info.clean);
                assert_eq!(expected, Expect::Close(info));
            }
        }
        self.maybe_order();
    }

    /// What the platform says of the connection's socket.
    pub(crate) fn readiness(&self, id: u32) -> (Option<usize>, Readiness) {
        let native = self.entries.get(&id).and_then(|entry| entry.native);
        let takes = native.is_some_and(|at| self.network.natives[at].ready == Ready::Open);
        (native, if takes { Readiness::Takes } else { Readiness::Drops })
    }
}

fn place(spot: Spot) -> Place {
    Place { origin: spot.origin.to_string().into(), destination: spot.destination.to_string().into() }
}

fn spot(place: &Place) -> Spot {
    let number = |name: &str| name.parse().expect("a number");
    Spot { origin: number(&place.origin), destination: number(&place.destination) }
}
