//! What people do, what sources say, and what befalls machines.

use envsocket::core::connection::{Readiness, SendError};
use envsocket::core::event::{ConnId, Input, Page};
use envsocket::core::key::Key;
use envsocket::core::options::{Knob, Overrides};
use envsocket::core::resume::{Id, Size};

use crate::network::{Fault, Happening, Msg, Ready, Served, What};
use crate::server::Saying;
use crate::twin::Twin;
use crate::world::World;
use crate::writer::Writers;

/// One tab: one connection at a time.
#[derive(Debug, Default)]
pub(crate) struct Tab {
    pub(crate) conn: Option<ConnId>,
}

#[derive(Debug, Default)]
pub(crate) struct People {
    pub(crate) tabs: Vec<Tab>,
    pub(crate) writers: Writers,
    pub(crate) sizes: u32,
}

impl World {
    /// Somebody does something on the page.
    pub(crate) fn order(&mut self) {
        let tab = self.dice.up_to(self.climate.tabs - 1) as usize;
        let Some(conn) = self.people.tabs[tab].conn else { return self.connect(tab) };
        match self.dice.up_to(99) {
            0..=9 => self.ask_something(conn),
            10..=64 => {
                for _ in 0..=self.dice.up_to(3) {
                    let _ = self.type_something(conn);
                }
            }
            65..=79 => self.resize(conn),
            80..=84 => {
                self.note(|_| format!("reconnect {conn:?}"));
                if let Some(twin) = self.page.twins.get_mut(&conn.0) {
                    twin.reader.asks_again();
                }
                self.maybe_begins_anew(conn);
                let now = self.read_clocks();
                // Whether there is anything to revive is for the pool to know.
                let _ = self.page.pool.reconnect(now, conn);
                self.follow();
            }
            85..=87 if !self.page.is_draining => self.configure(conn),
            _ if self.dice.percent(self.climate.closes) => self.close(conn),
            _ => {}
        }
    }

    /// Listeners call back, now and then.
    pub(crate) fn maybe_order(&mut self) {
        if self.page.patience > 0 && self.dice.percent(self.climate.nested) {
            self.page.patience -= 1;
            self.note(|_| "  nested".into());
            self.order();
        }
    }

    pub(crate) fn connect(&mut self, tab: usize) {
        let now = self.read_clocks();
        let climate = &self.climate;
        let overrides = Overrides::default()
            .with(Knob::Protocol, if climate.requires { 2.0 } else { 1.0 })
            .with(Knob::MaxInputAgeMs, climate.max_input_age as f64)
            .with(Knob::MaxQueuedBytes, climate.max_queued_bytes as f64)
            .with(Knob::BackoffBaseMs, (climate.backoff_cap / 10) as f64)
            .with(Knob::BackoffCapMs, climate.backoff_cap as f64)
            .with(Knob::TokenUse, f64::from(u8::from(climate.has_tokens)))
            .with(Knob::ConnectTimeoutMs, climate.connect_timeout as f64)
            .with(Knob::ReconnectTimeoutMs, climate.connect_timeout as f64);
        // Every other tab belongs to a pair, and stays listed when it fails.
        let key = (tab % 2 == 1).then(|| Key::new("p", &tab.to_string()).expect("a good name"));
        if let Some(conn) = key.as_ref().and_then(|key| self.page.pool.find(key)) {
            self.people.tabs[tab].conn = Some(conn);
            return;
        }
        let conn = self.page.pool.connect(now, key, overrides);
        self.note(|_| format!("connect {tab} as {conn:?}"));
        self.page.twins.insert(conn.0, Twin::new(tab, self.climate.max_input_age));
        self.people.tabs[tab].conn = Some(conn);
        self.follow();
    }

    /// Whether it is taken.
    pub(crate) fn type_something(&mut self, conn: ConnId) -> bool {
        let id = self.people.writers.next_id();
        let bytes = self.dice.up_to(self.climate.longest.max(20));
        let msg = Msg { what: What::Input(id), bytes };
        let now = self.read_clocks();
        self.note(|_| format!("type {id}, {bytes} bytes, on {conn:?}"));
        let at = now.instant.since(Default::default());
        let is_ageless =
            self.page.twins.get(&conn.0).is_none_or(|twin| (twin.max_age, twin.next_max_age) == (0, 0));
        self.people.writers.offers(conn.0, bytes, at, is_ageless);
        self.tally.typed += 1;
        let (native, readiness) = self.readiness(conn);
        if let Some(at) = native.filter(|_| readiness == Readiness::Takes && !self.page.is_draining) {
            if self.page.pool.passes(conn).is_some() {
                self.take(at, msg);
                return true;
            }
            let stamp = self.page.pool.stamps(conn).then_some(now);
            if self.page.pool.record(conn, msg, stamp).is_ok() {
                self.take(at, msg);
                return true;
            }
        }
        let answer = self.page.pool.send(now, conn, msg, readiness);
        match answer {
            Ok(()) => self.follow(),
            Err(why) => {
                let may_only_read = why == SendError::ReadOnly;
                assert!(!may_only_read || self.twin(conn).rights.reads_only, "it may send");
                self.tally.refused += 1;
                self.people.writers.refused(id);
            }
        }
        if native.is_none_or(|at| self.network.links[at].v1) {
            self.check_waiting(conn);
        }
        answer.is_ok()
    }

    /// What waits for a socket, and what was sent and may have to be sent again.
    fn check_waiting(&self, conn: ConnId) {
        let climate = &self.climate;
        let waiting = self.page.pool.waiting_bytes(conn);
        let bound = climate.max_queued_bytes + climate.terms.credit.max(climate.longest.max(20));
        assert!(waiting <= bound, "{waiting} bytes wait, more than {bound}");
    }

    fn resize(&mut self, conn: ConnId) {
        self.people.sizes += 1;
        let size = Size { cols: self.people.sizes as u16, rows: 1 };
        let now = self.read_clocks();
        if let Some(twin) = self.page.twins.get_mut(&conn.0) {
            twin.size = Some(size);
        }
        self.page.pool.resize(now, conn, size);
        self.follow();
    }

    /// From the next attempt on, input may be so old.
    fn configure(&mut self, conn: ConnId) {
        let ms = self.dice.pick(&[0, 300, 5_000]);
        if let Some(twin) = self.page.twins.get_mut(&conn.0) {
            twin.next_max_age = ms;
            let overrides = Overrides::default().with(Knob::MaxInputAgeMs, ms as f64);
            self.page.pool.configure_connection(conn, overrides);
        }
    }

    fn close(&mut self, conn: ConnId) {
        let code = self.dice.pick(&[None, Some(1000), Some(4999)]);
        self.note(|_| format!("close {conn:?} with {code:?}"));
        let now = self.read_clocks();
        if let Some(twin) = self.page.twins.get_mut(&conn.0) {
            twin.is_leaving = true;
        }
        self.page.pool.close(now, conn, code, "").expect("a code that may be sent");
        self.follow();
    }

    /// A source says something by itself, or ends.
    pub(crate) fn source_speaks(&mut self) {
        let Some(id) = self.any_session() else { return };
        let ends = self.dice.percent(self.climate.ends);
        let burst = 1 + self.dice.up_to(self.climate.burst);
        for _ in 0..burst {
            let bytes = self.dice.up_to(self.climate.longest.max(20) * 2);
            self.host(id).backlog.push_back(Saying::Message(bytes));
        }
        if ends {
            self.host(id).backlog.push_back(Saying::End);
        }
        self.pump(id);
    }

    fn any_session(&mut self) -> Option<Id> {
        let count = self.server.hosts.len() as u64;
        let at = self.dice.up_to(count.checked_sub(1)?) as usize;
        self.server.hosts.keys().nth(at).copied()
    }

    /// Something befalls a machine or the network.
    pub(crate) fn mishap(&mut self) {
        match self.dice.up_to(9) {
            0..=1 if self.dice.percent(self.climate.restarts) => self.restart(),
            2 if self.dice.percent(self.climate.jumps) => {
                // The clock leaps ahead, as after a sleep that the other one did not count.
                self.page.leapt += self.dice.pick(&[2_000, 20_000, 600_000]);
                self.note(|_| "the clock leaps".into());
            }
            3 if self.dice.percent(self.climate.freezes) => {
                self.page.frozen_until = self.now + self.dice.pick(&[100, 3_000, 20_000, 60_000]);
                self.note(|world| format!("frozen until {}", world.page.frozen_until));
            }
            4 => {
                let page = self.dice.pick(&[Page::Online, Page::Offline, Page::Awake]);
                self.note(|_| format!("{page:?}"));
                self.tell(Input::Page(page));
            }
            5..=6 if self.climate.faulty > 0 => {
                if let Some(at) = self.any_link() {
                    let lingers = self.dice.percent(50);
                    self.fails(at, Fault::Cut { page: true, server: true, lingers });
                }
            }
            7 if self.climate.faulty > 0 => {
                if let Some(at) = self.any_link() {
                    self.operator_closes(at, 1012);
                }
            }
            _ => {}
        }
    }

    fn any_link(&mut self) -> Option<usize> {
        let is_live = |at: &usize| {
            let link = &self.network.links[*at];
            link.ready == Ready::Open && link.served != Served::Nobody
        };
        let live: Vec<usize> = (self.oldest_link..self.network.links.len()).filter(is_live).collect();
        let at = self.dice.up_to((live.len() as u64).checked_sub(1)?) as usize;
        Some(live[at])
    }

    /// The server restarts: announced, or not.
    fn restart(&mut self) {
        let is_noticed = self.dice.percent(60);
        let is_planned = self.dice.percent(50);
        self.note(|_| format!("restart, planned: {is_planned}, noticed: {is_noticed}"));
        if is_planned {
            for at in self.oldest_link..self.network.links.len() {
                self.operator_closes(at, 1012);
            }
            let later = self.dice.up_to(100);
            self.network.plan(self.now + later, Happening::Dies { is_noticed });
        } else {
            self.dies(is_noticed);
        }
    }
}
