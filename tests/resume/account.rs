//! What each end of a link has said, and whether it was the truth: every number on the wire against the account
//! of who has sent, received and consumed what.

use std::collections::VecDeque;

use envsocket::core::close::VIOLATION;
use envsocket::core::resume::frame::{ClientFrame, Counts, Hello, ServerFrame, Welcome};
use envsocket::core::resume::session::{Farewell, LinkId, Terms};
use envsocket::core::resume::{DEAD_AFTER_TENTHS, Id, cost};

use crate::lives::{Known, Life, Logged};
use crate::network::{Msg, Served, What};
use crate::world::World;

/// What the server's end of a link has said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) life: usize,
    pub(crate) attachment: Id,
    /// The number of the last output that was handed over.
    number: u64,
    /// What was handed over and not consumed, as far as the server was told: numbers and costs.
    outstanding: VecDeque<(u64, u64)>,
    /// A picture must follow, of everything up to there.
    picture: Option<u64>,
    /// What it was told by the client last.
    told: Counts,
}

/// What the page's end of a link has said.
#[derive(Debug)]
pub(crate) struct Heard {
    /// The number of the last input that was handed over.
    pub(crate) number: u64,
}

/// What must come of a hello.
#[derive(Debug)]
pub(crate) enum Expected {
    /// A new attachment.
    Fresh,
    /// The one that is known.
    Resumed,
    /// A late hello: an older try of an attachment.
    Superseded,
    /// It has broken the rules, and may have been forgotten for it.
    Any,
}

impl World {
    fn life_of(&mut self, at: usize) -> (&mut Life, Id) {
        let said = self.network.links[at].said.as_ref().expect("it was welcomed");
        let (life, attachment) = (said.life, said.attachment);
        (&mut self.server.lives.0[life], attachment)
    }

    /// Whether the link is the one that counts for its attachment.
    pub(crate) fn is_current(&self, at: usize) -> bool {
        let link = &self.network.links[at];
        let Some(said) = &link.said else { return false };
        let life = &self.server.lives.0[said.life];
        let known = life.known.get(&said.attachment);
        let host = self.server.hosts.get(&life.session).filter(|host| host.life == said.life);
        let is_over = host.is_none_or(|host| host.session.is_over(LinkId(at as u64)));
        !is_over && !link.is_corrupted && !link.is_dismissed && known.is_some_and(|known| known.link == at)
    }

    /// A frame of this link arrives with another number than was sent; whether at the server.
    pub(crate) fn corrupts(&mut self, at: usize, at_server: bool) {
        self.tally.corrupted += 1;
        self.note(|_| format!("    corrupted on {at}"));
        let link = &mut self.network.links[at];
        link.is_corrupted |= at_server;
        if let Some(twin) = self.page.twins.get_mut(&link.conn.0) {
            (twin.corrupted, twin.corruptions) = (true, twin.corruptions + 1);
        }
        if at_server {
            let (life, attachment) = self.life_of(at);
            life.known.get_mut(&attachment).expect("it is attached").has_violated = true;
        }
    }

    pub(crate) fn forget_attachment(&mut self, at: usize) {
        if self.network.links[at].said.is_some() {
            let (life, attachment) = self.life_of(at);
            if life.known.get(&attachment).is_some_and(|known| known.link == at) {
                life.known.remove(&attachment);
                let life = self.said(at).life;
                self.server.lives.progress(life);
            }
        }
    }

    /// What must come of this hello, and what the server knows from then on.
    pub(crate) fn expect_attachment(&mut self, at: usize, hello: &Hello, life: usize, fresh: Id) -> Expected {
        self.note(|_| format!("    at the server on {at}: {hello:?}"));
        let Hello { attachment, secret, attempt, epoch, .. } = *hello;
        let known = self.server.lives.0[life].known.get_mut(&attachment);
        let expected = match known {
            Some(known) if attempt <= known.attempt => {
                self.tally.superseded += 1;
                return Expected::Superseded;
            }
            Some(known) if known.has_violated => Expected::Any,
            // A welcome was lost: in the epoch that the client does not know, nothing has happened yet.
            Some(known) if epoch.is_none_or(|epoch| epoch == known.epoch) || known.is_untouched() => {
                assert_eq!(known.secret, secret);
                if epoch == Some(known.epoch) {
                    known.acked = known.acked.max(hello.received);
                }
                self.tally.welcomes_lost += u64::from(epoch.is_none());
                self.tally.fenced +=
                    u64::from(matches!(self.network.links[known.link].served, Served::Attached(_)));
                (known.attempt, known.link) = (attempt, at);
                self.server.lives.progress(life);
                Expected::Resumed
            }
            _ => Expected::Fresh,
        };
        if !matches!(expected, Expected::Resumed) {
            let known = Known {
                secret,
                epoch: fresh,
                attempt,
                link: at,
                first_next: None,
                arrived: 0,
                acked: 0,
                has_violated: matches!(expected, Expected::Any),
            };
            self.server.lives.attached(life, attachment, known);
        }
        let said = Said {
            life,
            attachment,
            number: 0,
            outstanding: VecDeque::new(),
            picture: None,
            told: Counts { sent: 0, received: hello.received, consumed: hello.received },
        };
        self.network.links[at].said = Some(said);
        self.network.links[at].hello = Some((hello.clone(), self.server.lives.0[life].live()));
        expected
    }

    pub(crate) fn check_answer(
        &mut self,
        at: usize,
        hello: &Hello,
        expected: &Expected,
        answer: &Result<(), Farewell>,
    ) {
        match (expected, answer) {
            (Expected::Superseded, Err(Farewell { code: 4409, .. })) | (Expected::Any, _) => {}
            (Expected::Fresh | Expected::Resumed, Ok(())) => {}
            (Expected::Fresh, Err(Farewell { code: 4429, .. })) => {
                let said = self.network.links[at].said.take().expect("it has said hello");
                let life = &mut self.server.lives.0[said.life];
                life.known.remove(&said.attachment);
                assert!(life.has_orphans(), "no room, and nobody before has left anything");
            }
            _ => panic!("{hello:?} on {at} must be {expected:?}, and was answered with {answer:?}"),
        }
    }

    /// The server's first frame.
    pub(crate) fn welcomes(&mut self, at: usize, welcome: &Welcome) {
        let (terms, paints) = (self.climate.terms, self.climate.paints);
        let (hello, live_then) = self.network.links[at].hello.clone().expect("it has said hello");
        let (life, attachment) = self.life_of(at);
        let live = life.live();
        assert!(!(welcome.read_only && welcome.controller), "a reader controls nothing");
        // With a picture of what is gone, everything is told from the beginning.
        let tails = if paints { [1, 1] } else { [life.tail_at(live_then), life.tail_at(live)] };
        let known = life.known.get_mut(&attachment).expect("it was attached");
        assert_eq!(known.link, at, "a welcome for a link that is over");
        if known.has_violated {
            (known.epoch, known.arrived, known.has_violated) = (welcome.epoch, welcome.received, false);
        }
        assert_eq!(welcome.epoch, known.epoch, "an epoch for no reason");
        assert_eq!(welcome.received, known.arrived, "what has arrived");
        assert!((live_then..=live).contains(&welcome.live), "what there is by now: {live}");
        assert!((1..=welcome.live + 1).contains(&welcome.next));
        if hello.epoch == Some(welcome.epoch) {
            known.acked = known.acked.max(hello.received);
            assert_eq!(welcome.next, hello.received + 1, "where it goes on");
        } else {
            match known.first_next {
                Some(first) => assert_eq!(welcome.next, first, "another beginning than the first welcome's"),
                None => {
                    assert!(tails.contains(&welcome.next), "{} is not where the tail begins", welcome.next)
                }
            }
        }
        known.first_next.get_or_insert(welcome.next);
        assert_eq!(welcome.read_only, self.network.links[at].read_only);
        assert_eq!(welcome.heartbeat_ms, terms.heartbeat_ms);
        assert_eq!(welcome.window, window(&terms));
        assert_eq!((welcome.credit, welcome.max_message), (terms.credit, terms.max_message));
        self.said(at).number = welcome.next - 1;
    }

    /// Any other frame that the server hands over.
    pub(crate) fn said_frame(&mut self, at: usize, frame: &ServerFrame) {
        let is_bye = matches!(frame, ServerFrame::Bye { .. });
        assert!(is_bye || self.is_current(at), "{frame:?} on a link that is over");
        match frame {
            ServerFrame::Welcome(_) => panic!("a second welcome"),
            ServerFrame::Ack(counts) | ServerFrame::Ping(counts) | ServerFrame::Pong(counts) => {
                self.check_server_counts(at, counts);
            }
            ServerFrame::Gap { from, to, snapshot, .. } => {
                let paints = self.climate.paints;
                let (life, _) = self.life_of(at);
                let ring = life.ring();
                let (live, cost) = (life.live(), life.cost_of(*from, life.live()));
                // Whoever is new lacks what everybody else has had.
                let is_new = paints && *from == 1;
                assert!(cost > ring || is_new, "a gap though everything fits into the ring");
                assert!(*to <= live && from <= to, "a gap beyond what was said");
                assert!(paints || !snapshot);
                self.tally.gaps += 1;
                let said = self.said(at);
                assert_eq!((*from, said.picture), (said.number + 1, None), "a gap somewhere else");
                let is_late = !said.outstanding.is_empty();
                if *snapshot {
                    said.picture = Some(*to);
                } else {
                    said.number = *to;
                }
                self.tally.gaps_on_the_way += u64::from(is_late);
            }
            ServerFrame::Size(size) => self.says_entry(at, Logged::Size(*size)),
            ServerFrame::End { .. } => self.says_entry(at, Logged::End),
            ServerFrame::Role { .. } | ServerFrame::Bye { .. } => {}
        }
    }

    fn check_server_counts(&mut self, at: usize, counts: &Counts) {
        let (life, attachment) = self.life_of(at);
        let is_ended = life.log.last() == Some(&Logged::End);
        let (arrived, consumed) = (life.known[&attachment].arrived, life.most_consumed(attachment));
        assert_eq!(counts.sent, self.said(at).number, "what was sent on {at}");
        assert!(counts.received == arrived || is_ended, "{counts:?}, but {arrived} have arrived on {at}");
        assert!(counts.received <= arrived);
        assert!(counts.consumed <= consumed, "{counts:?}, but only {consumed} were consumed on {at}");
    }

    /// The server hands over a message.
    pub(crate) fn server_hands_over(&mut self, at: usize, msg: Msg) {
        self.note(|_| format!("    server on {at}: {msg:?}"));
        assert!(self.is_current(at), "{msg:?} on a link that is over");
        let said = self.said(at);
        match (msg.what, said.picture.take()) {
            (What::Picture { life, upto }, Some(to)) => {
                assert_eq!((life, upto), (said.life, to), "another picture than the gap says");
                said.number = to;
                said.outstanding.push_back((to, cost(msg.bytes)));
            }
            (What::Output { life, number }, None) => {
                assert_eq!((life, number), (said.life, said.number + 1), "out of order");
                self.says_entry(at, Logged::Message(msg.bytes));
            }
            (_, picture) => panic!("{msg:?} while {picture:?} is to follow"),
        }
    }

    fn says_entry(&mut self, at: usize, entry: Logged) {
        let window = window(&self.climate.terms);
        let (life, _) = self.life_of(at);
        let live = life.live();
        let said = self.network.links[at].said.as_mut().expect("it was welcomed");
        assert_eq!(said.picture, None, "{entry:?} before the picture");
        said.number += 1;
        assert!(said.number <= live);
        let known = self.server.lives.0[said.life].entry(said.number);
        assert_eq!(known, Some(entry), "another entry than the one with number {}", said.number);
        let outstanding: u64 = said.outstanding.iter().map(|(_, cost)| cost).sum();
        assert!(outstanding == 0 || outstanding + entry.cost() <= window, "beyond the window on {at}");
        said.outstanding.push_back((said.number, entry.cost()));
    }

    /// A frame of the client arrives, as it was sent.
    pub(crate) fn client_frame_arrives(&mut self, at: usize, frame: &ClientFrame) {
        if !self.is_current(at) {
            self.tally.late += 1;
            return;
        }
        match frame {
            ClientFrame::Ack(counts) | ClientFrame::Ping(counts) | ClientFrame::Pong(counts) => {
                let said = self.said(at);
                let progressed = counts.consumed > said.told.consumed;
                said.told = *counts;
                while said.outstanding.front().is_some_and(|(number, _)| *number <= counts.consumed) {
                    said.outstanding.pop_front();
                }
                let (life, attachment) = self.life_of(at);
                let known = life.known.get_mut(&attachment).expect("it is attached");
                known.acked = known.acked.max(counts.received);
                if progressed {
                    let life = self.said(at).life;
                    self.server.lives.progress(life);
                }
            }
            ClientFrame::Skip { to } => {
                self.tally.skips += 1;
                let (life, attachment) = self.life_of(at);
                let known = life.known.get_mut(&attachment).expect("it is attached");
                assert!(*to > known.arrived);
                known.arrived = *to;
            }
            ClientFrame::Resize(_) => {
                let (life, attachment) = self.life_of(at);
                life.known.get_mut(&attachment).expect("it is attached").arrived += 1;
            }
            ClientFrame::Token(_) => {}
            ClientFrame::Hello(_) => panic!("a second hello on {at}"),
        }
    }

    /// A message of the client arrives.
    pub(crate) fn message_arrives(&mut self, at: usize, msg: Msg) {
        if !self.is_current(at) {
            self.tally.late += 1;
            return;
        }
        let What::Input(id) = msg.what else { panic!("{msg:?} is no input") };
        let said = self.said(at);
        let (life, attachment) = (said.life, said.attachment);
        self.server.lives.arrived(life, attachment, id, msg.bytes);
    }

    /// How the server ends a link must have a reason.
    pub(crate) fn check_farewell(&mut self, at: usize, code: u16, reason: &str) {
        self.note(|_| format!("    server on {at}: over with {code} {reason:?}"));
        let heartbeat = self.climate.terms.heartbeat_ms;
        let paints = self.climate.paints;
        let link = &self.network.links[at];
        let (is_dismissed, is_corrupted, heard_at) = (link.is_dismissed, link.is_corrupted, link.heard_at);
        let said = self.said(at);
        let number = said.picture.unwrap_or(said.number);
        let (life, attachment) = self.life_of(at);
        let is_fenced = life.known.get(&attachment).is_none_or(|known| known.link != at);
        let live = life.live();
        let has_reason = match code {
            VIOLATION => is_corrupted,
            4409 => is_fenced,
            4408 => (self.now - heard_at) * 10 >= heartbeat * DEAD_AFTER_TENTHS,
            4413 => !paints && number < live && life.cost_of(number + 1, live) > life.ring(),
            1000 => life.entry(live) == Some(Logged::End) && number == live,
            _ => is_dismissed,
        };
        assert!(has_reason, "{code} {reason:?} on {at} for no reason");
    }
}

/// What the welcome must say.
fn window(terms: &Terms) -> u64 {
    terms.window.min(terms.ring / 2).max(1)
}
