//! The input of an attachment: numbered as it is handed over, and kept until the server needs it no more. Nothing
//! here knows sockets; what the cursor has passed was put in order for the present one.

use std::collections::VecDeque;

use crate::core::queue::Payload;
use crate::core::resume::frame::Counts;
use crate::core::resume::{ENTRY_COST, Violation, cost};
use crate::core::time::Instant;

/// What an entry holds.
#[derive(Debug)]
pub(crate) enum Content<P> {
    /// A message that the server is not known to have.
    Message(P),
    /// The terminal's size, whatever it is by the time that this is sent.
    Resize,
    /// Nothing any more: the server has it, or it was given up.
    Gone,
}

#[derive(Debug)]
struct Entry<P> {
    content: Content<P>,
    /// 0 for one that was given up: the server never gets it.
    cost: u64,
    /// When the application sent it, if that was asked for then.
    since: Option<Instant>,
}

/// The numbered entries that are not consumed, in order.
#[derive(Debug)]
pub(crate) struct Outgoing<P> {
    entries: VecDeque<Entry<P>>,
    /// The number before the first entry's: the source has taken it.
    consumed: u64,
    /// The server has it.
    received: u64,
    /// The last that was handed to the present socket, or that the server is known to have.
    cursor: u64,
    /// What the entries up to the cursor cost.
    outstanding: u64,
}

impl<P: Payload> Outgoing<P> {
    pub(super) fn new() -> Self {
        Self { entries: VecDeque::new(), consumed: 0, received: 0, cursor: 0, outstanding: 0 }
    }

    /// The last number that was ever given.
    pub(super) fn last(&self) -> u64 {
        self.consumed + self.entries.len() as u64
    }

    pub(super) fn received(&self) -> u64 {
        self.received
    }

    pub(super) fn cursor(&self) -> u64 {
        self.cursor
    }

    /// Whether all that is numbered was handed over, and this much more may be.
    pub(super) fn takes(&self, cost: u64, credit: u64) -> bool {
        self.cursor == self.last() && self.fits(cost, credit)
    }

    /// One entry goes whatever it costs, or a message larger than the credit would wait for ever.
    fn fits(&self, cost: u64, credit: u64) -> bool {
        self.outstanding == 0 || self.outstanding.saturating_add(cost) <= credit
    }

    /// Numbers a message that is handed over now.
    pub(super) fn message(&mut self, payload: P, since: Option<Instant>) {
        let cost = cost(payload.byte_len());
        self.push(Entry { content: Content::Message(payload), cost, since });
    }

    /// Numbers a change of the size that is handed over now.
    pub(super) fn resize(&mut self) {
        self.push(Entry { content: Content::Resize, cost: ENTRY_COST, since: None });
    }

    fn push(&mut self, entry: Entry<P>) {
        self.outstanding = self.outstanding.saturating_add(entry.cost);
        self.entries.push_back(entry);
        self.cursor = self.last();
    }

    /// Hands over again what an earlier socket was given: the next entry, as far as the credit goes.
    pub(super) fn again(&mut self, credit: u64) -> Option<&Content<P>> {
        let next = self.entries.get((self.cursor - self.consumed) as usize)?;
        if !self.fits(next.cost, credit) {
            return None;
        }
        self.outstanding = self.outstanding.saturating_add(next.cost);
        self.cursor += 1;
        Some(&next.content)
    }

    /// What the server says it has. Nothing changes when that cannot be.
    pub(super) fn settle(&mut self, counts: &Counts) -> Result<(), Violation> {
        if counts.received < self.received || counts.consumed < self.consumed {
            return Err(Violation("counts that go backwards".into()));
        }
        if counts.received > self.cursor {
            return Err(Violation("miscount: more was received than was sent".into()));
        }
        self.arrived(counts.received);
        while self.consumed < counts.consumed {
            let entry = self.entries.pop_front().expect("what was received was numbered");
            self.consumed += 1;
            self.outstanding = self.outstanding.saturating_sub(entry.cost);
        }
        Ok(())
    }

    fn arrived(&mut self, received: u64) {
        for number in self.received + 1..=received {
            if let Some(entry) = self.entries.get_mut((number - self.consumed - 1) as usize)
                && matches!(entry.content, Content::Message(_))
            {
                entry.content = Content::Gone;
            }
        }
        self.received = received;
    }

    /// A new socket, and a server that has everything up to here.
    pub(super) fn resume(&mut self, received: u64) {
        self.arrived(received);
        (self.cursor, self.outstanding) = (self.consumed, 0);
        for entry in &self.entries {
            // What was given up comes first, and the server may have missed that it was.
            if self.cursor >= received && !matches!(entry.content, Content::Gone) {
                break;
            }
            self.cursor += 1;
            self.outstanding = self.outstanding.saturating_add(entry.cost);
        }
    }

    /// When the oldest message was sent that the server lacks, of those whose time is known.
    pub(super) fn oldest(&self) -> Option<Instant> {
        let is_message = |entry: &Entry<P>| matches!(entry.content, Content::Message(_));
        self.entries.iter().find_map(|entry| entry.since.filter(|_| is_message(entry)))
    }

    /// Gives up all that the server lacks, before any of it is handed to the present socket: the messages, oldest
    /// first. Their numbers are skipped.
    pub(super) fn give_up(&mut self) -> VecDeque<P> {
        let mut messages = VecDeque::new();
        let mut number = self.consumed;
        for entry in &mut self.entries {
            number += 1;
            if number <= self.received {
                continue;
            }
            if let Content::Message(payload) = std::mem::replace(&mut entry.content, Content::Gone) {
                messages.push_back(payload);
            }
            entry.cost = 0;
        }
        self.cursor = self.last();
        messages
    }

    /// The numbers of what was handed over and the source is not known to have taken, if a message is among them.
    pub(super) fn uncertain(&self) -> Option<(u64, u64)> {
        let is_uncertain = |entry: &Entry<P>| match entry.content {
            Content::Message(_) => true,
            Content::Resize => false,
            Content::Gone => entry.cost > 0,
        };
        let handed = self.entries.iter().take((self.cursor - self.consumed) as usize);
        handed.into_iter().any(is_uncertain).then(|| (self.consumed + 1, self.cursor))
    }

    /// The messages that were not handed to the latest socket, oldest first: the server cannot have them.
    pub(super) fn unsent(self) -> VecDeque<P> {
        let mut messages = VecDeque::new();
        let mut number = self.consumed;
        for entry in self.entries {
            number += 1;
            if number > self.cursor
                && let Content::Message(payload) = entry.content
            {
                messages.push_back(payload);
            }
        }
        messages
    }

    /// Bytes of the messages that are kept.
    pub(super) fn bytes(&self) -> u64 {
        let bytes = self.entries.iter().map(|entry| match &entry.content {
            Content::Message(payload) => payload.byte_len(),
            _ => 0,
        });
        bytes.sum()
    }
}
