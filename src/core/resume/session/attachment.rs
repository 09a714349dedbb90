//! One tab's place in a session: what proves that it is its own, what it has, and what came from it. It
//! judges what the client claims and moves the counts; it never touches another attachment.

use super::input::Owner;
use super::link::{Link, Stage};
use super::patience::Patience;
use super::terms::{LinkId, Terms};
use crate::core::resume::frame::{Counts, Hello};
use crate::core::resume::{Access, Id, MAX_NUMBER, Size, Violation};
use crate::core::time::Instant;

#[derive(Debug)]
pub(super) struct Attachment<P> {
    /// Which life of the attachment this is, among all that the session has seen.
    pub(super) life: u64,
    pub(super) secret: Id,
    /// What it may do over its present link.
    pub(super) access: Access,
    /// The latest attempt of the client.
    pub(super) attempt: u64,
    pub(super) epoch: Id,
    /// Where its numbering begins: the output up to this number is none of its own.
    base: u64,
    /// Whether a welcome was handed over, which has fixed the base. Before that it lacks nothing: it begins with
    /// what is there.
    pub(super) welcomed: bool,
    /// The number of the last output that the client is known to have.
    pub(super) received: u64,
    /// The number of the last output that was ever handed to one of its sockets.
    pub(super) handed: u64,
    pub(super) input: Tally,
    /// The size of its terminal, as it said last.
    pub(super) size: Option<Size>,
    /// For how long the source is held for it.
    pub(super) patience: Patience,
    /// When it became the controller, in the order of such events; 0 for never.
    pub(super) controlled: u64,
    /// When it was attached, or detached, the last time.
    pub(super) since: Instant,
    /// The socket that speaks for it, while it is attached.
    pub(super) link: Option<Link<P>>,
    /// The socket that has spoken for it last, in this life.
    pub(super) last_link: LinkId,
}

/// How far an attachment's input has come.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// The number of the last one that was taken from the client.
    pub(super) received: u64,
    /// All up to this one were consumed.
    pub(super) consumed: u64,
    /// How many are in the session's queue.
    queued: u64,
    /// What those cost.
    pub(super) cost: u64,
}

impl Tally {
    /// Those that never went through the queue are consumed as soon as nothing older waits.
    fn settle(&mut self) {
        if self.queued == 0 {
            self.consumed = self.received;
        }
    }
}

impl<P> Attachment<P> {
    /// A new life, whose link is not there yet.
    pub(super) fn new(life: u64, now: Instant, hello: &Hello, epoch: Id, base: u64, link: LinkId) -> Self {
        Self {
            life,
            secret: hello.secret,
            access: Access::ReadWrite,
            attempt: hello.attempt,
            epoch,
            base,
            welcomed: false,
            received: base,
            handed: base,
            input: Tally::default(),
            size: None,
            patience: Patience::new(),
            controlled: 0,
            since: now,
            link: None,
            last_link: link,
        }
    }

    /// Whether a hello in another epoch is answered in this one all the same: nothing was ever heard of it, so
    /// that its welcome was lost, and whoever begins anew begins where this life did.
    pub(super) fn is_untouched(&self) -> bool {
        self.received == self.base && self.input.received == 0
    }

    /// Judges the counts of a hello in this life's epoch, or in none because the welcome was lost, and takes
    /// over what the client says that it has.
    pub(super) fn resume(&mut self, hello: &Hello) -> Result<(), Violation> {
        let received = if hello.epoch.is_some() {
            hello.received
        } else if (hello.received, hello.sent, hello.acked) == (0, 0, 0) {
            self.base
        } else {
            return Err(said("hello: no epoch, but counts"));
        };
        if received < self.received {
            return Err(told(
                "hello: `received` is less than was acknowledged before",
                received,
                self.received,
            ));
        }
        if received > self.handed {
            return Err(told("hello: `received` is more than was sent", received, self.handed));
        }
        if hello.acked > self.input.received {
            return Err(told("hello: `acked` is more than was received", hello.acked, self.input.received));
        }
        if hello.sent < self.input.received {
            return Err(told("hello: `sent` is less than was received", hello.sent, self.input.received));
        }
        self.received = received;
        Ok(())
    }

    /// The first welcome is about to be handed over: `base` is where the numbering begins.
    pub(super) fn welcome(&mut self, base: u64) {
        if !std::mem::replace(&mut self.welcomed, true) {
            self.base = base;
            (self.received, self.handed) = (self.base, self.base);
            if let Some(link) = &mut self.link {
                (link.sent, link.began, link.stated) = (self.base, self.base, (self.base, 0));
            }
        }
    }

    /// What the server states by now.
    pub(super) fn counts(&self) -> Counts {
        Counts {
            sent: self.link.as_ref().map_or(self.handed, |link| link.sent),
            received: self.input.received,
            consumed: self.input.consumed,
        }
    }

    /// Judges what the client states and takes it over. Says whether it has more output than was known.
    pub(super) fn hear(&mut self, now: Instant, counts: Counts) -> Result<bool, Violation> {
        let link = welcomed(&mut self.link)?;
        if counts.sent != self.input.received {
            return Err(told(
                "miscount: of the input sent, not all or more arrived",
                counts.sent,
                self.input.received,
            ));
        }
        if counts.received > link.sent {
            return Err(told("`received` is more than was sent", counts.received, link.sent));
        }
        if counts.consumed > counts.received {
            return Err(told("`consumed` is more than `received`", counts.consumed, counts.received));
        }
        let (received, consumed) = link.stated;
        if counts.received < received {
            return Err(told("`received` went backwards", counts.received, received));
        }
        if counts.consumed < consumed {
            return Err(told("`consumed` went backwards", counts.consumed, consumed));
        }
        link.stated = (counts.received, counts.consumed);
        if counts.consumed > consumed {
            link.flight.consumed(counts.consumed);
        }
        if counts.consumed > consumed.max(link.began) {
            self.patience.progress(now);
        }
        let news = counts.received > self.received;
        self.received = self.received.max(counts.received);
        Ok(news)
    }

    /// Numbers an input of this cost that goes through the session's queue.
    pub(super) fn admit(
        &mut self,
        now: Instant,
        id: Id,
        cost: u64,
        terms: &Terms,
    ) -> Result<Owner, Violation> {
        let link = welcomed(&mut self.link)?;
        if self.input.queued > 0 && self.input.cost.saturating_add(cost) > terms.credit {
            return Err(told(
                "more input than the credit allows",
                self.input.cost.saturating_add(cost),
                terms.credit,
            ));
        }
        self.input.received = following(self.input.received)?;
        self.input.queued += 1;
        self.input.cost = self.input.cost.saturating_add(cost);
        link.owe(now, cost, 0, terms);
        Ok(Owner { attachment: id, life: self.life, number: self.input.received })
    }

    /// Numbers an input of this cost that has no effect but on the count.
    pub(super) fn pass(&mut self, now: Instant, cost: u64, terms: &Terms) -> Result<(), Violation> {
        let link = welcomed(&mut self.link)?;
        self.input.received = following(self.input.received)?;
        self.input.settle();
        link.owe(now, cost, 0, terms);
        Ok(())
    }

    /// Moves the count of the input on, over what will never be sent.
    pub(super) fn skip(&mut self, now: Instant, to: u64, cost: u64, terms: &Terms) -> Result<(), Violation> {
        let link = welcomed(&mut self.link)?;
        if to <= self.input.received {
            return Err(told("skip: `to` is not beyond what was received", to, self.input.received));
        }
        if to > link.skip_to {
            return Err(told("skip: `to` is beyond what was ever sent", to, link.skip_to));
        }
        self.input.received = to;
        self.input.settle();
        link.owe(now, cost, 0, terms);
        Ok(())
    }

    /// The oldest of its inputs in the queue was consumed.
    pub(super) fn settle(&mut self, now: Instant, number: u64, cost: u64, terms: &Terms) {
        self.input.queued = self.input.queued.saturating_sub(1);
        self.input.cost = self.input.cost.saturating_sub(cost);
        self.input.consumed = number;
        self.input.settle();
        if let Some(link) = &mut self.link {
            link.owe(now, 0, cost, terms);
        }
    }
}

/// The link, if it was welcomed: before that a client has nothing to say but its hello.
fn welcomed<P>(link: &mut Option<Link<P>>) -> Result<&mut Link<P>, Violation> {
    link.as_mut()
        .filter(|link| !matches!(link.stage, Stage::Welcome))
        .ok_or_else(|| said("something was sent before the welcome"))
}

fn following(number: u64) -> Result<u64, Violation> {
    if number < MAX_NUMBER { Ok(number + 1) } else { Err(said("the numbers are used up")) }
}

fn said(what: &'static str) -> Violation {
    Violation(what.into())
}

/// What is wrong, and with which numbers: what the client says, and what it contradicts.
fn told(what: &'static str, client: u64, server: u64) -> Violation {
    Violation([what, " (", &client.to_string(), ", ", &server.to_string(), ")"].concat().into())
}
