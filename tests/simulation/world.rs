//! One schedule: a page, its connections, the network and the time, moved on step by step at random.

use std::collections::{BTreeMap, VecDeque};

use envsocket::core::event::{CloseInfo, ConnId, Input, Page, SocketId, Spoken};
use envsocket::core::key::Key;
use envsocket::core::pool::Pool;
use envsocket::core::time::{Clock, Now};

use crate::chance::{Dice, World as Climate};
use crate::laws::Shown;
use crate::ledger::{Ledger, Listener};
use crate::model::{Model, Msg, Spot};
use crate::network::{Happening, Network, Parcel, Ready};
use crate::questions::Questions;
use crate::tokens::{Authority, Held};

/// What waits for the next turn of the event loop.
#[derive(Debug)]
pub(crate) enum Turn {
    Awake,
    NoAddress(SocketId, bool),
    NoToken(SocketId, bool),
    Unopenable(SocketId),
}

/// What the driver holds of a connection.
#[derive(Debug, Default)]
pub(crate) struct Entry {
    pub(crate) target: Option<Spot>,
    pub(crate) native: Option<usize>,
    /// `close()` was called at this generation, and nothing since has asked for more.
    pub(crate) closed_at: Option<u32>,
    /// The token that it was given last, in this life.
    pub(crate) held: Option<Held>,
    /// For which attempt a token was asked for last.
    pub(crate) asked_at: Option<u32>,
}

/// The platform's one timer: when it fires, on the page's own time.
#[derive(Debug)]
pub(crate) struct Alarm {
    pub(crate) at: u64,
    pub(crate) rings: u64,
}

/// How time passes for whom, in ms.
#[derive(Debug, Default)]
pub(crate) struct Time {
    /// The page runs, and so do its timers.
    pub(crate) awake: u64,
    pub(crate) slept: u64,
    /// How much of the sleep the monotonic clock has counted.
    counted: u64,
    /// The wall clock's lead.
    wall: i64,
}

impl Time {
    /// The world's time.
    pub(crate) fn world(&self) -> u64 {
        self.awake + self.slept
    }
}

/// How much happened.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Tally {
    pub(crate) steps: u64,
    pub(crate) sockets: u64,
    pub(crate) handed: u64,
    pub(crate) arrived: u64,
    pub(crate) deadlines: u64,
    /// Questions for tokens: the first one, one that has expired, one that was rejected.
    pub(crate) tokens_asked: [u64; 3],
    /// Questions over connections that were let in, that were answered, that were lost, by the reason.
    pub(crate) asked: u64,
    pub(crate) answered: u64,
    pub(crate) lost: [u64; 4],
}

pub(crate) struct World {
    pub(crate) pool: Pool<Msg>,
    pub(crate) model: Model,
    pub(crate) dice: Dice,
    pub(crate) climate: Climate,
    pub(crate) network: Network,
    pub(crate) ledger: Ledger,
    pub(crate) authority: Authority,
    pub(crate) questions: Questions,
    pub(crate) listeners: BTreeMap<u32, Listener>,
    pub(crate) entries: BTreeMap<u32, Entry>,
    pub(crate) keys: Vec<Key>,
    pub(crate) time: Time,
    pub(crate) alarm: Option<Alarm>,
    pub(crate) turns: VecDeque<Turn>,
    pub(crate) now: Now,
    pub(crate) draining: bool,
    /// How many calls listeners may still make before the next step.
    pub(crate) patience: u32,
    pub(crate) shown: Shown,
    pub(crate) is_traced: bool,
    pub(crate) tally: Tally,
    clock: Clock,
    sleeps: u32,
}

impl Tally {
    pub(crate) fn add(&mut self, other: Self) {
        self.steps += other.steps;
        self.sockets += other.sockets;
        self.handed += other.handed;
        self.arrived += other.arrived;
        self.deadlines += other.deadlines;
        self.asked += other.asked;
        self.answered += other.answered;
        let tokens = self.tokens_asked.iter_mut().zip(other.tokens_asked);
        for (own, other) in tokens.chain(self.lost.iter_mut().zip(other.lost)) {
            *own += other;
        }
    }
}

const UNIX_MS: u64 = 1_700_000_000_000;

impl World {
    pub(crate) fn new(seed: u64, is_traced: bool) -> Self {
        let mut dice = Dice::new(seed ^ 0x5EED);
        let climate = Climate::draw(&mut dice);
        let mut clock = Clock::new(0, UNIX_MS);
        let online = !dice.percent(10);
        let key = |n: u64| Key::new(["p", "q"][n as usize % 2], &n.to_string()).expect("a good name");
        let mut keys: Vec<Key> = (0..climate.pairs).map(key).collect();
        keys.sort();
        let mut world = Self {
            pool: Pool::new(seed, online),
            model: Model::new(online),
            climate,
            network: Network::default(),
            ledger: Ledger::default(),
            authority: Authority::default(),
            questions: Questions::default(),
            listeners: BTreeMap::new(),
            entries: BTreeMap::new(),
            keys,
            time: Time::default(),
            alarm: None,
            turns: VecDeque::new(),
            now: clock.read(0, UNIX_MS),
            draining: false,
            patience: 0,
            shown: Shown::default(),
            is_traced,
            tally: Tally::default(),
            clock,
            sleeps: 0,
            dice,
        };
        world.note(|world| format!("{:?}", world.climate));
        world.configure();
        world.ask_for_signs_of_life();
        world.ask_for_tokens();
        world.shown = world.show();
        if world.climate.is_crowded {
            (0..world.keys.len()).for_each(|pair| world.connect(Some(pair)));
        }
        world
    }

    pub(crate) fn note(&self, what: impl FnOnce(&Self) -> String) {
        if self.is_traced {
            println!("{:>9} {}", self.model.now, what(self));
        }
    }

    /// The time, as the driver reads it: a machine that slept has a timer that did not count that time.
    pub(crate) fn read_clocks(&mut self) -> Now {
        let monotonic = (self.time.awake + self.time.counted) * 1_000;
        let wall = (UNIX_MS + self.time.world()).saturating_add_signed(self.time.wall);
        let before = self.now.instant;
        self.now = self.clock.read(monotonic, wall);
        assert!(self.now.instant >= before, "time ran backwards");
        self.model.now = self.now.instant.since(Default::default());
        if self.clock.sleeps() != self.sleeps {
            self.sleeps = self.clock.sleeps();
            self.alarm = None;
            self.turns.push_back(Turn::Awake);
        }
        self.now
    }

    /// One thing happens, drawn at random.
    pub(crate) fn step(&mut self) {
        self.tally.steps += 1;
        self.patience = 5;
        match self.dice.up_to(99) {
            0..=29 => self.order(),
            30..=33 => {
                let page = self.dice.pick(&[Page::Online, Page::Offline, Page::Awake]);
                self.tell(Input::Page(page));
            }
            34..=39 => self.let_time_pass(),
            40..=49 if self.dice.percent(self.climate.sleeps) => self.sleep(),
            _ => {
                self.go_on();
            }
        }
        self.check();
    }

    /// Time passes, but not beyond what is to happen next.
    fn let_time_pass(&mut self) {
        let most = self.dice.delay();
        let next = [self.network.next_at(), self.alarm_at()].into_iter().flatten().min();
        let room = next.map_or(most, |at| at.saturating_sub(self.time.world()));
        if self.turns.is_empty() {
            self.time.awake += most.min(room);
        }
    }

    /// The machine sleeps, or somebody sets its clock. Links go on meanwhile.
    fn sleep(&mut self) {
        let ms = self.dice.pick(&[500, 2_000, 20_000, 3_600_000]);
        self.note(|_| format!("sleep {ms}"));
        match self.dice.up_to(4) {
            0 => self.time.wall += ms as i64,
            1 => self.time.wall -= ms as i64,
            2 => {
                self.time.slept += ms;
                self.time.counted += ms;
            }
            _ => self.time.slept += ms,
        }
    }

    /// When the timer rings, in the world's time.
    fn alarm_at(&self) -> Option<u64> {
        self.alarm.as_ref().map(|alarm| alarm.rings + self.time.slept)
    }

    /// Moves to what happens next, and lets it. Whether anything was left.
    pub(crate) fn go_on(&mut self) -> bool {
        if !self.turns.is_empty() && self.dice.percent(80) {
            let turn = self.turns.pop_front().expect("there is one");
            self.turn(turn);
            return true;
        }
        let (network, alarm) = (self.network.next_at(), self.alarm_at());
        let Some(at) = [network, alarm].into_iter().flatten().min() else {
            return self.turns.pop_front().map(|turn| self.turn(turn)).is_some();
        };
        self.time.awake += at.saturating_sub(self.time.world());
        let world = self.time.world();
        let rings = alarm.is_some_and(|at| at <= world);
        if rings && (network.is_none_or(|at| at > world) || self.dice.percent(50)) {
            self.alarm = None;
            self.tally.deadlines += 1;
            self.tell_time();
        } else if let Some(happening) = self.network.take_next() {
            self.happen(happening);
        }
        true
    }

    fn turn(&mut self, turn: Turn) {
        self.note(|_| format!("turn {turn:?}"));
        match turn {
            Turn::Awake => self.tell(Input::Page(Page::Awake)),
            Turn::NoAddress(socket, is_final) => self.unlocated(socket, is_final),
            Turn::NoToken(socket, is_final) => self.unauthorized(socket, is_final),
            Turn::Unopenable(socket) => self.tell(Input::Unopenable(socket, "refused".into())),
        }
    }

    fn happen(&mut self, happening: Happening) {
        self.note(|_| format!("{happening:?}"));
        let world = self.time.world();
        match happening {
            Happening::Accepted(at) => self.accepted(at),
            Happening::Refused(at) => self.native_closed(at, 1006, ""),
            Happening::Swallows(at) => self.network.natives[at].is_hole = true,
            Happening::PeerCloses(at, code, reason) => {
                let native = &mut self.network.natives[at];
                if native.ready == Ready::Open && !native.is_hole {
                    native.ready = Ready::Closing;
                    let later = world + self.dice.up_to(20);
                    self.network.plan(later, Happening::Closed(at, code, reason));
                }
            }
            Happening::Closed(at, code, reason) => self.native_closed(at, code, reason),
            Happening::Up(at, parcel) => self.arrives(at, parcel),
            Happening::Down(at, parcel) => self.delivers(at, parcel),
            Happening::Talks(at) => {
                if self.network.natives[at].ready == Ready::Open {
                    let (bytes, delay) = (self.dice.up_to(50), self.dice.delay());
                    self.network.carry_down(at, world + delay, Parcel::Chatter { bytes });
                    let pause = self.dice.delay() + 1;
                    self.network.plan(world + pause, Happening::Talks(at));
                }
            }
            Happening::Address(id, generation, Ok(spot)) => {
                self.located(SocketId { conn: ConnId(id), generation }, spot);
            }
            Happening::Address(id, generation, Err(is_final)) => {
                self.turns.push_back(Turn::NoAddress(SocketId { conn: ConnId(id), generation }, is_final));
            }
            Happening::Token(id, generation, Ok(pass)) => {
                self.authorized(SocketId { conn: ConnId(id), generation }, pass);
            }
            Happening::Token(id, generation, Err(is_final)) => {
                self.turns.push_back(Turn::NoToken(SocketId { conn: ConnId(id), generation }, is_final));
            }
        }
    }

    fn accepted(&mut self, at: usize) {
        let world = self.time.world();
        let native = &mut self.network.natives[at];
        if native.ready != Ready::Connecting {
            return;
        }
        native.ready = Ready::Open;
        if self.dice.percent(self.climate.talkative) {
            let pause = self.dice.delay();
            self.network.plan(world + pause, Happening::Talks(at));
        }
        if self.dice.percent(70) {
            let life = if self.dice.percent(self.climate.cut_soon) { 200 } else { 60_000 };
            let end = world + self.dice.up_to(life);
            let happening = self.end_of_link(at);
            self.network.plan(end, happening);
        }
        self.looks_at_token(at);
        let native = &mut self.network.natives[at];
        if native.heeded {
            native.told_open = true;
            let socket = SocketId { conn: ConnId(native.conn), generation: native.generation };
            self.tell(Input::Opened(socket, Spoken::Plain));
        }
    }

    fn end_of_link(&mut self, at: usize) -> Happening {
        if self.dice.percent(self.climate.black_holed) {
            return Happening::Swallows(at);
        }
        if self.dice.percent(self.climate.final_codes) {
            return Happening::PeerCloses(
                at,
                self.dice.pick(&[1000, 1002, 1008, 1009, 4401, 4404, 4409, 4410]),
                "",
            );
        }
        let reason = self.dice.pick(&["", "", "", "retry-after: 0", "retry-after: 2", "retry-after: 90"]);
        match self.dice.up_to(2) {
            0 => Happening::Closed(at, 1006, ""),
            _ => Happening::PeerCloses(
                at,
                self.dice.pick(&[1001, 1005, 1011, 1012, 1013, 3000, 4429, 4999]),
                reason,
            ),
        }
    }

    fn native_closed(&mut self, at: usize, code: u16, reason: &str) {
        let native = &mut self.network.natives[at];
        if native.ready == Ready::Closed {
            return;
        }
        (native.ready, native.told_open) = (Ready::Closed, false);
        native.is_cut |= code == 1006;
        if !std::mem::replace(&mut native.heeded, false) {
            return;
        }
        let socket = SocketId { conn: ConnId(native.conn), generation: native.generation };
        if code == 1006 {
            self.tell(Input::Errored(socket));
        }
        // A listener may have let go of it in between, as far as the driver knows.
        let entry = self.entries.get_mut(&socket.conn.0);
        if let Some(entry) = entry.filter(|entry| entry.native == Some(at)) {
            entry.native = None;
            if code == 4401 {
                self.note_rejection(at);
            }
            let info = CloseInfo { code, reason: reason.into(), clean: code != 1006 };
            self.tell(Input::Closed(socket, info));
        }
    }

    fn arrives(&mut self, at: usize, parcel: Parcel) {
        let native = &self.network.natives[at];
        if native.is_cut || native.is_hole {
            return;
        }
        match parcel {
            Parcel::Data { id } => {
                self.ledger.arrives(id);
                self.maybe_answer(at, id);
            }
            Parcel::Token => self.looks_at_token(at),
            Parcel::Beat => {
                let back = self.time.world() + self.dice.delay();
                self.network.carry_down(at, back, Parcel::Reply);
            }
            Parcel::Reply | Parcel::Chatter { .. } | Parcel::Answer { .. } => {
                unreachable!("servers send these")
            }
        }
    }

    /// Runs a schedule to its end.
    pub(crate) fn run(&mut self, steps: u32) -> Tally {
        for _ in 0..steps {
            self.step();
        }
        self.end();
        self.tally.sockets = self.network.natives.len() as u64;
        (self.tally.handed, self.tally.arrived) = (self.ledger.handed, self.ledger.arrived);
        self.tally
    }

    /// Closes everything, lets every deadline pass, and looks what is left.
    fn end(&mut self) {
        self.note(|_| "the end".into());
        self.climate.nested = 0;
        self.patience = 0;
        self.close_chosen(|_| true);
        for (id, ..) in self.model.polls.clone() {
            self.stop_poll(id);
        }
        let mut left = 20_000;
        while self.go_on() {
            self.check();
            left -= 1;
            assert!(left > 0, "it never comes to rest");
        }
        self.check_nothing_is_left();
    }
}
