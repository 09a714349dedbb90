//! One schedule: a page, a server, the links between them and the time, moved on step by step at random.

use envsocket::core::event::{CloseInfo, Input, Page as PageEvent};
use envsocket::core::pool::Pool;
use envsocket::core::resume::Id;
use envsocket::core::time::{Clock, Instant};

use crate::chance::{Climate, Dice};
use crate::network::{Fault, Happening, Network, Ready, Served, Trigger};
use crate::page::Page;
use crate::people::{People, Tab};
use crate::questions::Questions;
use crate::reader::Counted;
use crate::server::Server;
use crate::tally::Tally;

/// What the page's wall clock says at the beginning.
pub(crate) const UNIX_MS: u64 = 1_700_000_000_000;

pub(crate) struct World {
    pub(crate) dice: Dice,
    pub(crate) climate: Climate,
    /// The world's time, and the server's, in ms.
    pub(crate) now: u64,
    pub(crate) network: Network,
    pub(crate) page: Page,
    pub(crate) people: People,
    pub(crate) questions: Questions,
    pub(crate) server: Server,
    /// All links before this one are over at both ends.
    pub(crate) oldest_link: usize,
    pub(crate) tally: Tally,
    pub(crate) is_traced: bool,
    /// Nothing goes wrong any more.
    pub(crate) is_calm: bool,
    ids: u64,
}

impl World {
    pub(crate) fn new(seed: u64, is_traced: bool) -> Self {
        let mut dice = Dice::new(seed ^ 0xBEEF);
        let climate = Climate::draw(&mut dice);
        let mut clock = Clock::new(0, UNIX_MS);
        let page = Page {
            pool: Pool::new(seed, true),
            now: clock.read(0, UNIX_MS),
            clock,
            leapt: 0,
            sleeps: 0,
            alarm: None,
            is_draining: false,
            frozen_until: 0,
            patience: 0,
            twins: Default::default(),
            shared: Id(1),
            counted: Counted::default(),
        };
        let tabs = (0..climate.tabs).map(|_| Tab::default()).collect();
        let world = Self {
            dice,
            climate,
            now: 0,
            network: Network::default(),
            page,
            people: People { tabs, ..People::default() },
            questions: Questions::default(),
            server: Server::default(),
            oldest_link: 0,
            tally: Tally::default(),
            is_traced,
            is_calm: false,
            ids: 1,
        };
        world.note(|world| format!("{:?}", world.climate));
        world
    }

    pub(crate) fn note(&self, what: impl FnOnce(&Self) -> String) {
        if self.is_traced {
            println!("{:>9} {}", self.now, what(self));
        }
    }

    /// The server's time.
    pub(crate) fn instant(&self) -> Instant {
        Instant::from_ms(self.now)
    }

    /// An id that nobody has had.
    pub(crate) fn fresh_id(&mut self) -> Id {
        self.ids += 1;
        Id(u128::from(self.dice.up_to(u64::MAX)) << 64 | u128::from(self.ids))
    }

    /// Runs a schedule to its end.
    pub(crate) fn run(&mut self, steps: u32) -> Tally {
        for _ in 0..steps {
            self.step();
        }
        self.come_to_rest();
        self.end();
        self.tally.links = self.network.links.len() as u64;
        self.tally
    }

    /// One thing happens, drawn at random.
    fn step(&mut self) {
        self.tally.steps += 1;
        self.page.patience = 3;
        match self.dice.up_to(99) {
            0..=19 if self.page.frozen_until <= self.now => self.order(),
            20..=27 => self.source_speaks(),
            28..=31 => self.mishap(),
            32..=35 => self.let_time_pass(),
            _ => drop(self.go_on()),
        }
        self.check();
    }

    /// Time passes, but not beyond what is to happen next.
    fn let_time_pass(&mut self) {
        let most = self.dice.delay();
        let next = self.next_at();
        self.now += next.map_or(most, |at| most.min(at.saturating_sub(self.now)));
    }

    fn alarm_at(&self) -> Option<u64> {
        self.page.alarm.as_ref().map(|alarm| alarm.rings.max(self.page.frozen_until))
    }

    pub(crate) fn next_at(&self) -> Option<u64> {
        [self.network.next_at(), self.alarm_at(), self.server_deadline()].into_iter().flatten().min()
    }

    /// Moves to what happens next, and lets it. Whether anything was left.
    pub(crate) fn go_on(&mut self) -> bool {
        let Some(at) = self.next_at() else { return false };
        self.now = self.now.max(at);
        let due = |at: Option<u64>| at.is_some_and(|at| at <= self.now);
        let (network, alarm, server) =
            (due(self.network.next_at()), due(self.alarm_at()), due(self.server_deadline()));
        if server && (self.dice.percent(50) || !(network || alarm)) {
            self.server_is_due();
        } else if alarm && (self.dice.percent(50) || !network) {
            self.rings();
        } else if let Some(happening) = self.network.take_next() {
            self.happen(happening);
        }
        true
    }

    fn happen(&mut self, happening: Happening) {
        let frozen = self.page.frozen_until > self.now;
        match happening {
            Happening::Down(_)
            | Happening::Closed(_)
            | Happening::Refuse(_)
            | Happening::Awake
            | Happening::Token(..)
                if frozen =>
            {
                self.network.plan(self.page.frozen_until, happening);
                return;
            }
            Happening::Up(at) if self.network.links[at].up.stalled_until > self.now => {
                let later = self.network.links[at].up.stalled_until;
                self.network.plan(later, happening);
                return;
            }
            _ => self.note(|_| format!("{happening:?}")),
        }
        match happening {
            Happening::Accept(at) => self.accept(at),
            Happening::Refuse(at) => self.refuse(at),
            Happening::Up(at) => {
                self.maybe_fails(at);
                if let Some(parcel) = self.network.arrives_up(at) {
                    self.note(|_| format!("    up: {parcel:?}"));
                    self.arrives(at, parcel);
                }
            }
            Happening::Down(at) => {
                self.maybe_fails(at);
                if let Some(parcel) = self.network.arrives_down(at) {
                    self.note(|_| format!("    down: {parcel:?}"));
                    self.delivers(at, parcel);
                    // There is room for more.
                    if let Served::Attached(id) = self.network.links[at].served {
                        self.pump(id);
                    }
                }
            }
            Happening::HelloDue(at) => self.hello_due(at),
            Happening::CloseDue(at) => self.close_due(at),
            Happening::Closed(at) => self.native_closed(at, CloseInfo::abnormal()),
            Happening::Consumed(life) => self.consumes(life),
            Happening::Awake => self.tell(Input::Page(PageEvent::Awake)),
            Happening::Token(socket, answer) => self.authorized(socket, answer),
            Happening::Dies { is_noticed } => self.dies(is_noticed || self.is_calm),
        }
    }

    /// The link fails when its time has come.
    fn maybe_fails(&mut self, at: usize) {
        let link = &mut self.network.links[at];
        let is_due = |(trigger, _): &mut (Trigger, Fault)| match *trigger {
            Trigger::AfterUp(frames) => link.up.delivered >= frames && link.ready != Ready::Connecting,
            Trigger::AfterDown(frames) => link.down.delivered > frames,
        };
        if let Some((_, fault)) = link.fault.take_if(is_due) {
            self.fails(at, fault);
        }
    }

    pub(crate) fn fails(&mut self, at: usize, fault: Fault) {
        self.note(|_| format!("    {fault:?} on {at}"));
        self.tally.faults += 1;
        match fault {
            Fault::Cut { page, server, lingers } => self.network.cut(self.now, at, page, server, lingers),
            Fault::DeafServer => self.network.deafen_server(at),
            Fault::DeafPage => self.network.deafen_page(at),
            Fault::Stall(ms) => self.network.links[at].up.stalled_until = self.now + ms,
            Fault::Close(code) => self.operator_closes(at, code),
        }
    }

    /// What must hold after every step.
    pub(crate) fn check(&mut self) {
        let is_over = |at: usize| {
            let link = &self.network.links[at];
            link.ready == Ready::Closed && link.served == Served::Nobody
        };
        while self.oldest_link < self.network.links.len() && is_over(self.oldest_link) {
            self.oldest_link += 1;
        }
        for (conn, twin) in &self.page.twins {
            assert!(twin.reader.is_told(), "{conn} was not told what is due");
        }
        self.people.writers.check();
        self.check_questions();
        self.check_rights();
        self.check_retained();
    }

    /// What is kept to be sent, or sent again, is bounded: by the queue's limit and the credit, or one message.
    fn check_retained(&self) {
        let Climate { max_queued_bytes, longest, terms, .. } = &self.climate;
        let each = max_queued_bytes + terms.credit.max((*longest).max(20));
        let (kept, bound) = (self.page.pool.retained_bytes(), each * self.page.twins.len() as u64);
        assert!(kept <= bound, "{kept} bytes are kept, more than {bound}");
    }
}
