//! The client's end: one tab's place in a session, over any number of links.
//!
//! It numbers, counts and checks, and says what follows. It knows no socket, no timer and no listener: those are
//! the connection's, which hands over what comes out of here in the order in which it comes.
//!
//! | file | idea |
//! | --- | --- |
//! | this one | the handshake, and what is said of both directions |
//! | `outgoing` | what was sent: numbers, credit, what is kept |
//! | `incoming` | what was received: counts, the window, gaps |
//! | `held` | of that, what the application is not done with |

mod held;
mod incoming;
mod outgoing;

use std::collections::VecDeque;

use super::frame::{Counts, Hello, Welcome};
use super::{DEAD_AFTER_TENTHS, ENTRY_COST, Id, Size, Violation, cost};
use crate::core::event::Fresh;
use crate::core::queue::{Payload, SendQueue};
use crate::core::time::Instant;
use crate::core::token::Token;
use incoming::Incoming;
use outgoing::{Content, Outgoing};

/// What is kept for a server at most, as costs, however much credit it gives: 16 MiB.
const MAX_CREDIT: u64 = 16 << 20;

/// What the latest welcome allows.
#[derive(Debug, Default)]
struct Terms {
    credit: u64,
    max_message: u64,
    silence_ms: u64,
}

/// What a welcome means.
#[derive(Debug)]
pub(crate) enum Welcomed<P> {
    /// The beginning.
    Started,
    /// All is as it was.
    Resumed,
    /// The server does not remember: all is as at the beginning.
    Renewed(Lost<P>),
}

/// What is, or may be, lost with a session.
#[derive(Debug)]
pub(crate) struct Lost<P> {
    /// The number of the first output that was not received; `None` if there never was a session.
    pub(crate) output: Option<u64>,
    /// The numbers of what may have arrived, or not.
    pub(crate) input: Option<(u64, u64)>,
    /// The messages that cannot have arrived, oldest first.
    pub(crate) messages: VecDeque<P>,
}

/// What to do with the next of all that waits.
#[derive(Debug)]
pub(crate) enum Next<P> {
    /// Hand this message to the socket; it was handed to an earlier one.
    Again(P),
    /// Hand this message to the socket, for the first time.
    First(P),
    /// Hand over the size.
    Resize(Size),
    /// Discard it: the server would not take it.
    TooLarge(P),
}

/// One tab's place in a session.
#[derive(Debug)]
pub(crate) struct Attachment<P> {
    ids: Fresh,
    attempt: u64,
    epoch: Option<Id>,
    terms: Terms,
    outgoing: Outgoing<P>,
    incoming: Incoming,
    /// The size that the server knows, or is about to.
    told_size: Option<Size>,
    /// How long the server has asked to stay away, in ms.
    pub(crate) retry_after_ms: Option<u64>,
}

// The handshake.
impl<P: Payload> Attachment<P> {
    pub(crate) fn new(ids: Fresh) -> Self {
        Self {
            ids,
            attempt: 0,
            epoch: None,
            terms: Terms::default(),
            outgoing: Outgoing::new(),
            incoming: Incoming::default(),
            told_size: None,
            retry_after_ms: None,
        }
    }

    /// The first frame over a new socket.
    pub(crate) fn hello(&mut self, size: Option<Size>, token: Option<Token>) -> Hello {
        self.attempt += 1;
        self.told_size = size;
        self.retry_after_ms = None;
        Hello {
            session: self.ids.session,
            attachment: self.ids.attachment,
            secret: self.ids.secret,
            attempt: self.attempt,
            epoch: self.epoch,
            received: self.incoming.received,
            sent: self.outgoing.last(),
            acked: self.outgoing.received(),
            size,
            token,
        }
    }

    /// The answer to it. Nothing changes when it contradicts what is known.
    pub(crate) fn welcome(&mut self, welcome: &Welcome) -> Result<Welcomed<P>, Violation> {
        let resumes = self.epoch == Some(welcome.epoch);
        let (least, most) = if resumes { (self.outgoing.received(), self.outgoing.last()) } else { (0, 0) };
        if !(least..=most).contains(&welcome.received) {
            return Err(Violation("welcome: `received` is not what was sent".into()));
        }
        if resumes && welcome.next != self.incoming.received + 1 {
            return Err(Violation("welcome: `next` is not what comes next".into()));
        }
        self.terms = Terms {
            credit: welcome.credit.min(MAX_CREDIT),
            max_message: welcome.max_message,
            silence_ms: welcome.heartbeat_ms.saturating_mul(DEAD_AFTER_TENTHS) / 10,
        };
        let welcomed = if resumes {
            self.outgoing.resume(welcome.received);
            Welcomed::Resumed
        } else if self.epoch.is_some() {
            Welcomed::Renewed(self.forget())
        } else {
            Welcomed::Started
        };
        self.epoch = Some(welcome.epoch);
        self.incoming.begin(welcome.next, welcome.live, welcome.window);
        Ok(welcomed)
    }

    /// All counts are void.
    pub(crate) fn forget(&mut self) -> Lost<P> {
        let input = self.outgoing.uncertain();
        let output = self.epoch.take().map(|_| self.incoming.received + 1);
        self.incoming.forget();
        let messages = std::mem::replace(&mut self.outgoing, Outgoing::new()).unsent();
        Lost { output, input, messages }
    }

    /// When the oldest message was sent that the server lacks.
    pub(crate) fn oldest(&self) -> Option<Instant> {
        self.outgoing.oldest()
    }

    /// Gives up all that the server lacks, right after a welcome: the messages, oldest first.
    pub(crate) fn give_up(&mut self) -> VecDeque<P> {
        self.outgoing.give_up()
    }

    /// The last number of what was given up, if the server may wait for it. Asked right after a welcome.
    pub(crate) fn skip(&self) -> Option<u64> {
        let to = self.outgoing.cursor();
        (to > self.outgoing.received()).then_some(to)
    }
}

// What is sent.
impl<P: Payload> Attachment<P> {
    /// Whether a message of so many bytes can go at once, past nothing that is numbered.
    pub(crate) fn takes(&self, bytes: u64) -> bool {
        !self.is_too_large(bytes) && self.outgoing.takes(cost(bytes), self.terms.credit)
    }

    pub(crate) fn is_too_large(&self, bytes: u64) -> bool {
        bytes > self.terms.max_message
    }

    /// Numbers and keeps a message that is handed over at once. It must be one that it [takes](Self::takes).
    pub(crate) fn record(&mut self, payload: P, since: Option<Instant>) {
        self.outgoing.message(payload, since);
    }

    /// The next of what waits, as far as the credit goes: what an earlier socket was given, then the size, then
    /// the queue.
    pub(crate) fn next(&mut self, queue: &mut SendQueue<P>, size: Option<Size>) -> Option<Next<P>> {
        let credit = self.terms.credit;
        match self.outgoing.again(credit) {
            Some(Content::Message(payload)) => return Some(Next::Again(payload.clone())),
            // Not the size of then: the hello has told a later one.
            Some(_) => {
                self.told_size = size;
                return size.map(Next::Resize);
            }
            None => {}
        }
        if let Some(size) = size.filter(|size| self.told_size != Some(*size))
            && self.outgoing.takes(ENTRY_COST, credit)
        {
            self.told_size = Some(size);
            self.outgoing.resize();
            return Some(Next::Resize(size));
        }
        let bytes = queue.front()?.byte_len();
        if self.is_too_large(bytes) {
            return queue.pop().map(|waiting| Next::TooLarge(waiting.payload));
        }
        if !self.takes(bytes) {
            return None;
        }
        let waiting = queue.pop()?;
        self.record(waiting.payload.clone(), Some(waiting.since));
        Some(Next::First(waiting.payload))
    }

    /// Bytes of the messages that are kept because the server is not known to have them.
    pub(crate) fn kept_bytes(&self) -> u64 {
        self.outgoing.bytes()
    }
}

// What is received.
impl<P: Payload> Attachment<P> {
    /// A message has come. Whether it has a number, and was sent before the socket was there.
    pub(crate) fn message(&mut self, bytes: u64) -> bool {
        self.incoming.message(bytes)
    }

    /// Whether the message that came last was sent before the socket was there, or is a snapshot.
    pub(crate) fn is_replaying(&self) -> bool {
        self.incoming.is_replaying
    }

    /// Somebody is not done with the message that came last: neither it nor what follows counts as consumed until
    /// the hold of this name is [released](Self::release).
    pub(crate) fn hold(&mut self, ticket: u32) {
        self.incoming.hold(ticket);
    }

    /// Gives a hold up. One that is no more changes nothing.
    pub(crate) fn release(&mut self, ticket: u32) {
        self.incoming.held.release(ticket);
    }

    /// A numbered frame has come.
    pub(crate) fn entry(&mut self) -> Result<(), Violation> {
        self.incoming.entry()
    }

    /// The last entry has come.
    pub(crate) fn end(&mut self) -> Result<(), Violation> {
        self.incoming.entry()?;
        self.incoming.ended = true;
        Ok(())
    }

    /// Whether there is nothing to come back for.
    pub(crate) fn has_ended(&self) -> bool {
        self.incoming.ended
    }

    /// A gap is announced.
    pub(crate) fn gap(&mut self, from: u64, to: u64, snapshot: bool) -> Result<(), Violation> {
        self.incoming.gap(from, to, snapshot)
    }

    /// The server's counts, with which the own ones must agree.
    pub(crate) fn settle(&mut self, counts: &Counts) -> Result<(), Violation> {
        if counts.sent != self.incoming.received {
            return Err(Violation("miscount: `sent` is not what was received".into()));
        }
        self.outgoing.settle(counts)
    }

    /// The own counts, for a frame that is handed over next. Until it has come, the server knows less.
    pub(crate) fn counts(&mut self) -> Counts {
        let consumed = self.incoming.tell();
        Counts { sent: self.outgoing.cursor(), received: self.incoming.received, consumed }
    }

    /// Whether the server does not know how much was received, or consumed.
    pub(crate) fn is_untold(&self) -> bool {
        self.incoming.is_untold()
    }

    /// Whether it must know now: half of the window is used.
    pub(crate) fn is_due(&self) -> bool {
        self.incoming.is_due()
    }

    /// After so much silence, in ms, the link is dead.
    pub(crate) fn silence_ms(&self) -> u64 {
        self.terms.silence_ms
    }
}
