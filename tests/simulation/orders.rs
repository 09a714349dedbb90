//! What people and their programs do, at any moment, from within listeners too.

use envsocket::core::close::CloseError;
use envsocket::core::connection::{Readiness, SendError};
use envsocket::core::event::ConnId;
use envsocket::core::key::Key;
use envsocket::core::options::{Knob, Overrides};
use envsocket::core::poll::PollId;
use envsocket::core::pool::ReconnectError;
use envsocket::core::status::Status;

use crate::chance::options;
use crate::ledger::{Fate, Listener};
use crate::model::{Msg, Phase};
use crate::world::{Entry, World};

impl World {
    /// Now and then a listener calls back in.
    pub(crate) fn maybe_order(&mut self) {
        if self.patience > 0 && self.dice.percent(self.climate.nested) {
            self.patience -= 1;
            self.order();
        }
    }

    pub(crate) fn order(&mut self) {
        match self.dice.up_to(99) {
            0..=24 => self.ask_for_a_pair(),
            25..=50 => self.send_something(),
            51..=59 => self.ask_something(),
            60..=69 => self.close_something(),
            70..=76 => self.reconnect_something(),
            77..=85 => self.activate(),
            86..=88 => self.take_something_back(),
            89 => self.subscribe(),
            90 => self.replace_token(),
            91 => {
                let project = self.dice.pick(&["p", "q"]);
                self.close_chosen(|key| key.is_some_and(|key| key.project() == project));
            }
            92 if self.dice.percent(30) => self.close_chosen(|_| true),
            93 => self.connect(None),
            94..=96 => self.ask_something(),
            97 => self.give_up_something(),
            _ if self.dice.percent(self.climate.configures) => self.configure(),
            _ => self.send_something(),
        }
    }

    fn any_pair(&mut self) -> usize {
        self.dice.up_to(self.keys.len() as u64 - 1) as usize
    }

    /// A connection that is in the pool, or now and then one that has left it.
    pub(crate) fn any_connection(&mut self) -> Option<u32> {
        if self.dice.percent(2) {
            return Some(1_000_000);
        }
        let ids = self.model.ids();
        (!ids.is_empty()).then(|| self.dice.pick(&ids))
    }

    fn ask_for_a_pair(&mut self) {
        let pair = self.any_pair();
        let found = self.pool.find(&self.keys[pair]).map(|id| id.0);
        let listed = self.model.listed.get(&pair).copied();
        let shared = listed.filter(|id| !self.model.twins[id].is_leaving());
        assert_eq!(found, shared, "who is found");
        if found.is_none() {
            self.connect(Some(pair));
        }
    }

    pub(crate) fn connect(&mut self, pair: Option<usize>) {
        let own = options(&mut self.dice, 4);
        self.note(|_| format!("connect {pair:?}"));
        let now = self.read_clocks();
        let key = pair.map(|pair| self.keys[pair].clone());
        let id = self.pool.connect(now, key, own).0;
        self.entries.insert(id, Entry::default());
        self.listeners.insert(id, Listener::new());
        self.model.connect(id, pair, own);
        self.follow();
    }

    fn send_something(&mut self) {
        if let Some(id) = self.any_connection() {
            self.send_over(id);
        }
    }

    /// Whether the message was taken.
    pub(crate) fn send_over(&mut self, id: u32) -> bool {
        let msg = Msg { id: self.ledger.next_id(), bytes: self.dice.pick(&[0, 1, 7, 9, 30, 70]) };
        let (native, readiness) = self.readiness(id);
        self.note(|_| format!("send {} bytes, {}, over {id}", msg.bytes, msg.id));
        // As the driver does: between drains, an open socket that nothing waits for takes it at once.
        if let Some(native) = native
            && readiness == Readiness::Takes
            && !self.draining
        {
            let passes = self.pool.passes(ConnId(id)).map(|socket| socket.generation);
            assert_eq!(passes, self.model.passes(id), "who passes");
            if passes.is_some() {
                self.ledger.offered(id, true);
                self.take(native, msg, None);
                self.pool.sent(ConnId(id), msg.bytes);
                self.model.sent(id, msg);
                return true;
            }
        }
        let now = self.read_clocks();
        let answer = self.pool.send(now, ConnId(id), msg, readiness);
        self.ledger.offered(id, answer.is_ok());
        assert_eq!(answer, self.model.send(id, msg, readiness), "whether it is taken");
        if self.model.get(id).is_none_or(|twin| twin.is_leaving() || twin.phase == Phase::Failed) {
            assert_eq!(answer, Err(SendError::Closed));
        }
        self.follow();
        answer.is_ok()
    }

    fn close_something(&mut self) {
        let Some(id) = self.any_connection() else { return };
        let code = self.dice.pick(&[None, None, Some(1000), Some(3000), Some(4999), Some(1001), Some(5000)]);
        self.note(|_| format!("close {id} {code:?}"));
        let now = self.read_clocks();
        let answer = self.pool.close(now, ConnId(id), code, "");
        if code.is_some_and(|code| [1001, 5000].contains(&code)) {
            assert_eq!(answer, Err(CloseError::Code));
        } else {
            assert_eq!(answer, Ok(()));
            self.note_close(id);
            self.model.close(id, code);
        }
        self.follow();
    }

    fn note_close(&mut self, id: u32) {
        let Some(generation) = self.model.get(id).map(|twin| twin.generation) else { return };
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.closed_at.get_or_insert(generation);
        }
    }

    pub(crate) fn close_chosen(&mut self, choose: impl Fn(Option<&Key>) -> bool) {
        self.note(|_| "close those chosen".into());
        let now = self.read_clocks();
        let chosen = self.pool.ids(&choose);
        self.pool.close_chosen(now, choose);
        for id in &chosen {
            self.note_close(id.0);
        }
        self.model.close_all(chosen.iter().map(|id| id.0));
        self.follow();
    }

    fn reconnect_something(&mut self) {
        let Some(id) = self.any_connection() else { return };
        self.note(|_| format!("reconnect {id}"));
        let is_here = self.model.get(id).is_some();
        let status = self.pool.connection_status(ConnId(id));
        let now = self.read_clocks();
        let answer = self.pool.reconnect(now, ConnId(id));
        if self.model.reconnect(id) {
            assert_eq!(answer, Ok(()));
            let entry = self.entries.entry(id).or_default();
            entry.closed_at = None;
            if matches!(status, Some(Status::Disconnecting | Status::Failed)) {
                // Another life, which knows nothing of the old one's token.
                entry.held = None;
            }
        } else {
            let why = if is_here { ReconnectError::Superseded } else { ReconnectError::Gone };
            assert_eq!(answer, Err(why));
        }
        self.follow();
    }

    fn activate(&mut self) {
        let pair = self.any_pair();
        self.note(|_| format!("activate {pair}"));
        let now = self.read_clocks();
        self.pool.set_active(now, self.keys[pair].clone());
        self.model.set_active(pair);
        self.follow();
    }

    fn take_something_back(&mut self) {
        let Some(id) = self.any_connection() else { return };
        self.note(|_| format!("drain {id}"));
        let taken: Vec<Msg> = self.pool.take_queue(ConnId(id)).into();
        taken.iter().for_each(|msg| self.ledger.meets(msg.id, Fate::Drained));
        assert_eq!(taken, self.model.take_queue(id));
        self.give_up_unsent(&taken.iter().map(|msg| msg.id).collect::<Vec<_>>());
    }

    fn subscribe(&mut self) {
        if let Some((id, ..)) = self.model.polls.first().copied().filter(|_| self.dice.percent(50)) {
            return self.stop_poll(id);
        }
        let interval = self.dice.pick(&[None, Some(70), Some(5_000)]);
        let now = self.read_clocks();
        let PollId(id) = self.pool.start_poll(now, interval);
        let interval = interval.unwrap_or_else(|| self.model.defaults.status_interval_ms());
        self.model.polls.push((id, interval, self.model.now + interval));
        self.follow();
    }

    pub(crate) fn stop_poll(&mut self, id: u32) {
        self.pool.stop_poll(PollId(id));
        self.model.polls.retain(|(other, ..)| *other != id);
        self.follow();
    }

    /// In some worlds everybody has a heartbeat, and a quick one.
    pub(crate) fn ask_for_signs_of_life(&mut self) {
        if self.dice.percent(self.climate.heartbeats) {
            let interval = self.dice.pick(&[150.0, 1_000.0, 15_000.0]);
            let own = Overrides::default().with(Knob::HeartbeatIntervalMs, interval);
            self.pool.configure(self.now, own);
            self.model.defaults = own.over(self.model.defaults);
        }
    }

    pub(crate) fn configure(&mut self) {
        let mut overrides = options(&mut self.dice, 5);
        if self.dice.percent(20)
            && let Some(id) = self.any_connection()
        {
            self.pool.configure_connection(ConnId(id), overrides);
            self.model.configure_connection(id, overrides);
            return;
        }
        if self.dice.percent(40) {
            let limit = self.dice.pick(&[1, 2, 5, 64]);
            overrides = overrides.with(Knob::MaxConnections, limit as f64);
            self.model.max_connections = limit;
        }
        self.note(|_| format!("configure {overrides:?}"));
        self.pool.configure(self.now, overrides);
        self.model.defaults = Overrides::over(overrides, self.model.defaults);
        self.model.evict(None);
        self.follow();
    }
}
