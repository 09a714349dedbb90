//! The server's sessions between their sources and their links: what follows from any change of one of them.

use envsocket::core::resume::Id;
use envsocket::core::resume::session::{Entry, Farewell, Input, LinkId, Next};
use envsocket::core::time::Instant;

use crate::lives::Logged;
use crate::network::{Down, Happening, Msg, Served, What};
use crate::questions::ANSWER_BYTES;
use crate::server::{Host, Saying};
use crate::world::World;

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
        if self.is_spent(id) {
            self.drop_session(id);
        } else {
            self.server.shelf.note(id, (), cost, since);
        }
        self.evict(now);
    }

    /// Whether nobody will come back for it: all have left, and nobody lacks anything.
    fn is_spent(&self, id: Id) -> bool {
        let host = &self.server.hosts[&id];
        let life = &self.server.lives.0[host.life];
        let is_spent = host.session.is_spent();
        if is_spent {
            let lacks = life.known.values().any(|known| known.acked < life.live());
            assert!(!lacks, "spent before everybody has everything");
            let is_fed = life.is_idle() || life.entry(life.live()) == Some(Logged::End);
            assert!(is_fed, "spent before the source has everything");
        } else {
            assert!(host.busy.is_some() || !life.is_left(), "all have left, and the session stays");
        }
        is_spent
    }

    pub(crate) fn evict(&mut self, now: Instant) {
        for id in self.server.shelf.evict(now, self.climate.limits) {
            self.tally.evicted += 1;
            assert!(self.host(id).session.detached_since().is_some(), "evicted while somebody is attached");
            self.drop_session(id);
        }
    }

    pub(crate) fn drop_session(&mut self, id: Id) {
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
    pub(crate) fn feed(&mut self, id: Id) -> bool {
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
                if self.is_to_be_answered(number) {
                    let host = self.server.hosts.get_mut(&id).expect("it is there");
                    if !host.is_ended {
                        host.backlog.push_back(Saying::Answer(number));
                    }
                }
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
    pub(crate) fn speak(&mut self, id: Id) -> bool {
        let now = self.instant();
        let host = self.server.hosts.get_mut(&id).expect("it is there");
        let held = match host.backlog.front() {
            _ if host.is_ended => true,
            None => return false,
            // Some drivers know what comes next, others do not.
            Some(Saying::Message(bytes)) if self.climate.looks_ahead => !host.session.has_room(*bytes),
            Some(Saying::Answer(_)) if self.climate.looks_ahead => !host.session.has_room(ANSWER_BYTES),
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
            Saying::Answer(to) => {
                let number = lives.say(life, Logged::Message(ANSWER_BYTES));
                self.questions.answered_by(to, (life, number));
                Entry::Message(Msg { what: What::Output { life, number }, bytes: ANSWER_BYTES })
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
        let known = self.server.lives.0[life].known.values();
        let watch = known.map(|known| self.network.links[known.link].read_only).reduce(|all, one| all && one);
        self.server.lives.0[life].was_watched |= watch == Some(true);
        true
    }

    /// Pulls from the session what the links have room for.
    pub(crate) fn pull(&mut self, id: Id) -> bool {
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

    /// Nobody holds a source for longer than is allowed, and only who is there.
    pub(crate) fn check_session(&mut self, id: Id) {
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
}
