//! Every message that was accepted: where it is, and for whom it is meant.

use std::collections::VecDeque;

use envsocket::core::connection::{Readiness, SendError};
use envsocket::core::queue::{Payload, Policy};

use super::{Expect, Model, Phase, Twin};

/// A message: its number, and as many bytes as it claims to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Msg {
    pub(crate) id: u32,
    pub(crate) bytes: u64,
}

impl Payload for Msg {
    fn byte_len(&self) -> u64 {
        self.bytes
    }
}

/// A message, and the only destination that it may be sent to, once that is known.
#[derive(Debug, Clone, Copy)]
struct Letter {
    msg: Msg,
    bound_to: Option<u8>,
}

/// The messages of a connection that no socket has taken.
#[derive(Debug, Default)]
pub(super) struct Mail {
    /// Given to the driver, not to the socket yet.
    on_the_way: VecDeque<Letter>,
    queued: VecDeque<Letter>,
    /// How many of the queue's oldest came back from the driver.
    returned: usize,
}

impl Mail {
    fn bytes(&self) -> u64 {
        self.on_the_way.iter().chain(&self.queued).map(|letter| letter.msg.bytes).sum()
    }
}

impl Twin {
    pub(crate) fn waiting_bytes(&self) -> u64 {
        self.mail.bytes()
    }

    pub(super) fn has_mail_on_the_way(&self) -> bool {
        !self.mail.on_the_way.is_empty()
    }

    pub(super) fn has_queue(&self) -> bool {
        !self.mail.queued.is_empty()
    }

    pub(super) fn bind_mail(&mut self, destination: u8) {
        for letter in &mut self.mail.queued {
            letter.bound_to.get_or_insert(destination);
        }
    }

    pub(super) fn hand_queue_over(&mut self) {
        self.mail.returned = 0;
        for letter in std::mem::take(&mut self.mail.queued) {
            self.expect(Expect::Send(self.generation, letter.msg.id));
            self.mail.on_the_way.push_back(letter);
        }
    }

    pub(super) fn discard_queue(&mut self) {
        self.mail.returned = 0;
        let unsent: Vec<u32> = self.mail.queued.drain(..).map(|letter| letter.msg.id).collect();
        self.tell_discarded(unsent, true);
    }

    fn tell_discarded(&mut self, ids: Vec<u32>, kept: bool) {
        if !ids.is_empty() {
            self.counts.discarded += ids.len() as u64;
            self.expect(Expect::Discarded(ids, kept));
        }
    }

    fn room_for(&self, msg: Msg) -> bool {
        let waiting: u64 = self.mail.queued.iter().map(|letter| letter.msg.bytes).sum();
        let limit = self.settings.max_queued_bytes;
        waiting + msg.bytes <= limit && (self.mail.queued.len() as u64) < limit
    }

    fn queue(&mut self, msg: Msg) -> Result<(), SendError> {
        let limit = self.settings.max_queued_bytes;
        let never_fits = msg.bytes > limit || limit == 0;
        let mut dropped = Vec::new();
        while !self.room_for(msg) {
            if self.settings.queue_policy == Policy::Refuse || never_fits {
                return Err(SendError::QueueFull);
            }
            dropped.extend(self.mail.queued.pop_front().map(|letter| letter.msg.id));
            self.mail.returned = self.mail.returned.saturating_sub(1);
        }
        let bound_to = self.spot.map(|spot| spot.destination);
        self.mail.queued.push_back(Letter { msg, bound_to });
        self.tell_discarded(dropped, false);
        Ok(())
    }
}

impl Model {
    pub(crate) fn send(&mut self, id: u32, msg: Msg, readiness: Readiness) -> Result<(), SendError> {
        let Some(twin) = self.twins.get_mut(&id).filter(|twin| !twin.released) else {
            return Err(SendError::Closed);
        };
        match twin.phase {
            Phase::Open { .. } if readiness == Readiness::Takes && !twin.has_queue() => {
                let bound_to = twin.spot.map(|spot| spot.destination);
                twin.mail.on_the_way.push_back(Letter { msg, bound_to });
                twin.expect(Expect::Send(twin.generation, msg.id));
                Ok(())
            }
            Phase::Closing { .. } | Phase::Failed | Phase::Ended => Err(SendError::Closed),
            _ => twin.queue(msg),
        }
    }

    /// Whether a message may go to the open socket at once.
    pub(crate) fn passes(&self, id: u32) -> Option<u32> {
        let twin = self.get(id)?;
        let passes = matches!(twin.phase, Phase::Open { .. }) && !twin.has_queue();
        passes.then_some(twin.generation)
    }

    /// The oldest that is on its way, and its destination.
    pub(crate) fn hand_over(&mut self, id: u32) -> Option<(Msg, Option<u8>)> {
        let letter = self.twins.get_mut(&id)?.mail.on_the_way.pop_front()?;
        Some((letter.msg, letter.bound_to))
    }

    pub(crate) fn sent(&mut self, id: u32, msg: Msg) {
        if let Some(twin) = self.twins.get_mut(&id).filter(|twin| !twin.released) {
            (twin.pulse.used, twin.pulse.sent) = (true, true);
            twin.counts.messages_out += 1;
            twin.counts.bytes_out += msg.bytes;
            twin.question_taken(msg.id);
        }
    }

    /// The socket would not take it: it keeps its place before all that came later.
    pub(crate) fn put_back(&mut self, id: u32, msg: Msg, bound_to: Option<u8>) {
        let mail = &mut self.twin(id).mail;
        mail.queued.insert(mail.returned, Letter { msg, bound_to });
        mail.returned += 1;
    }

    pub(crate) fn take_queue(&mut self, id: u32) -> Vec<Msg> {
        let Some(twin) = self.twins.get_mut(&id).filter(|twin| !twin.released) else { return Vec::new() };
        twin.mail.returned = 0;
        twin.mail.queued.drain(..).map(|letter| letter.msg).collect()
    }
}
