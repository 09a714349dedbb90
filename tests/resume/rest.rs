//! The end of a schedule: nothing goes wrong any more, and then everything that was sent has arrived or was
//! reported; then everybody leaves, and nothing is left.

use envsocket::core::event::{ConnId, Input, Page};
use envsocket::core::resume::ENTRY_COST;
use envsocket::core::status::Status;
use envsocket::core::time::Instant;

use crate::chance::SLOWEST_MS;
use crate::lives::Logged;
use crate::network::{Happening, Ready, Served};
use crate::world::World;

/// Long enough, in ms, for every backoff to be over and everything to be sent again, ...
const QUIET_MS: u64 = 90_000;

/// ... and so many heartbeats for every silence to be noticed.
const QUIET_HEARTBEATS: u64 = 5;

impl World {
    /// The network is healthy from now on, and nobody does anything.
    pub(crate) fn come_to_rest(&mut self) {
        self.note(|_| "nothing goes wrong any more".into());
        self.climate.calm();
        self.is_calm = true;
        self.page.patience = 0;
        for at in self.oldest_link..self.network.links.len() {
            self.network.calm(at);
            let link = &self.network.links[at];
            // Nobody would notice the silence of a plain one.
            if !link.v1 && link.ready == Ready::Open {
                self.network.plan(self.now, Happening::Closed(at));
            }
        }
        self.page.frozen_until = self.now;
        // Whoever is offline hurries no more; to all others nothing is said, so that they must notice themselves.
        if !self.page.pool.is_online() {
            self.tell(Input::Page(Page::Online));
        }
        let from = self.now;
        let until = from + QUIET_MS + QUIET_HEARTBEATS * self.climate.terms.heartbeat_ms;
        // An acknowledgement a second at most for each, and some heartbeats; and before that a source that is at its
        // slowest may keep all of them out, who come back after half of the longest backoff on the average.
        let (twins, cap) = (self.page.twins.len() as u64, self.climate.backoff_cap);
        let asked = 2 * self.questions.count_waiting();
        // And a token that was given before is renewed.
        let slowest = 4 * SLOWEST_MS / cap * twins;
        let most = 2 * (until - from) / 1_000 * (1 + twins) + slowest + 2 * twins + asked;
        let (mut steps, deadlines) = (0, self.tally.deadlines);
        self.note(|_| format!("rest until {until}"));
        while self.next_at().is_some_and(|at| at <= until) {
            self.go_on();
            self.check();
            steps += 1;
            assert!(steps < 20_000, "it never comes to rest");
        }
        let rung = self.tally.deadlines - deadlines;
        assert!(rung <= most, "a storm of timers: {rung}, and at most {most}");
        self.now = until;
        self.check_at_rest();
    }

    fn check_at_rest(&mut self) {
        let twins: Vec<u32> = self.page.twins.keys().copied().collect();
        for conn in twins {
            self.check_connection_at_rest(conn);
        }
        self.people.writers.check_at_rest();
        self.check_answers_at_rest();
        self.check_roles();
        for host in self.server.hosts.values() {
            let life = &self.server.lives.0[host.life];
            assert!(life.is_idle() || host.is_ended, "input waits for an idle source");
            assert!(host.backlog.is_empty() || host.is_ended, "a source that is held for ever");
            if life.known.values().all(|known| known.acked >= life.live()) {
                let least = self.climate.terms.tail.max(ENTRY_COST);
                assert!(host.session.cost() <= least, "what everybody has is kept");
            }
        }
    }

    /// It is connected and has everything, and the server knows; unless it has given up.
    fn check_connection_at_rest(&mut self, conn: u32) {
        let twin = &self.page.twins[&conn];
        let status = self.page.pool.connection_status(ConnId(conn));
        if matches!(status, Some(Status::Failed) | None) {
            return;
        }
        assert_eq!(status, Some(Status::Connected), "{conn} did not come back");
        let at = twin.native.expect("a connected one has a socket");
        let link = &self.network.links[at];
        if !link.v1 {
            return;
        }
        let Served::Attached(id) = link.served else { panic!("{conn} is attached to {:?}", link.served) };
        let knows_size = link.read_only || twin.said_size == twin.size;
        assert!(knows_size, "{conn} has kept its size to itself");
        let life = &self.server.lives.0[self.server.hosts[&id].life];
        let place = twin.reader.at.expect("it is in a session");
        assert_eq!(place, (self.server.hosts[&id].life, life.live()), "{conn} does not have everything");
        let said = link.said.as_ref().expect("it was welcomed");
        let known = &life.known[&said.attachment];
        assert_eq!(known.acked, life.live(), "{conn} has not acknowledged everything");
        let flow = self.people.writers.flow(conn);
        assert_eq!(
            (flow.received, flow.consumed),
            (known.arrived, known.arrived),
            "input of {conn} is not acknowledged"
        );
        assert_eq!(flow.sent(), known.arrived);
        assert_eq!(self.page.pool.waiting_bytes(ConnId(conn)), 0);
        assert!(!matches!(life.log.last(), Some(Logged::End)), "{conn} stays with a source that has ended");
    }

    /// One of those who are attached to a session is the controller, or somebody who is away; whoever typed last.
    /// The terminal has its size.
    fn check_roles(&self) {
        for host in self.server.hosts.values() {
            let life = &self.server.lives.0[host.life];
            let mut controllers = 0;
            for twin in self.page.twins.values() {
                let Some(link) = twin.native.map(|at| &self.network.links[at]) else { continue };
                let Some(said) = link.said.as_ref().filter(|said| said.life == host.life) else { continue };
                let controls = twin.role == Some(true);
                controllers += u32::from(controls);
                if life.used_last == Some(said.attachment) && life.known.contains_key(&said.attachment) {
                    assert!(controls, "whoever has typed last does not control");
                }
                if controls && twin.size.is_some() && !host.is_ended {
                    assert_eq!(life.size, twin.size, "the terminal has another size than its controller's");
                }
            }
            assert!(controllers <= 1, "{controllers} controllers of one session");
        }
    }

    /// Everybody leaves.
    pub(crate) fn end(&mut self) {
        self.note(|_| "the end".into());
        let now = self.read_clocks();
        self.check_metrics();
        self.page.twins.values_mut().for_each(|twin| twin.is_leaving = true);
        self.page.pool.close_chosen(now, |_| true);
        self.follow();
        let mut steps = 0;
        while self.go_on() {
            self.check();
            steps += 1;
            assert!(steps < 20_000, "it never ends");
        }
        assert!(self.page.twins.is_empty(), "somebody stays");
        assert_eq!(self.page.pool.poll_timeout(), None);
        assert_eq!(self.page.pool.retained_bytes(), 0);
        assert!(self.server.hosts.is_empty(), "a session that nobody comes back for");
        self.people.writers.check_at_rest();
        self.check_every_question_has_come_to_something();
        self.check_metrics();
    }

    /// The metrics say what happened.
    fn check_metrics(&mut self) {
        let mut counted = self.page.counted;
        self.page.twins.values().for_each(|twin| counted.add(twin.reader.counted));
        let (all, ..) = self.page.pool.totals(self.page.now);
        let metrics = crate::reader::Counted {
            messages_in: all.messages_in,
            resumed: all.resumed,
            replayed: all.replayed,
            lost: all.lost,
            discarded: all.discarded,
        };
        assert_eq!(metrics, counted, "the metrics at {}", self.page.now.instant.since(Instant::default()));
    }
}
