//! The input that waits for the source, of all attachments, in the order in which it came. What was taken
//! stays until the source has consumed it, and is settled in the same order: an attachment's count of what
//! was consumed never runs ahead of an older entry.

use std::collections::VecDeque;

use super::log::slim;
use super::terms::Input;
use crate::core::queue::Payload;
use crate::core::resume::{Id, Size};

/// Stands for an input that was taken, until the source has consumed it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(u64);

/// Whose input it is, and which one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Owner {
    pub(super) attachment: Id,
    /// Which life of the attachment: a later one begins to count anew.
    pub(super) life: u64,
    pub(super) number: u64,
}

#[derive(Debug)]
struct Slot<P> {
    /// `None` for a size that nobody sent as input: it came with a hello, or with another controller.
    owner: Option<Owner>,
    cost: u64,
    /// `None` once it was taken.
    input: Option<Input<P>>,
    consumed: bool,
}

/// Input that was taken, then input that waits.
#[derive(Debug)]
pub(super) struct Queue<P> {
    slots: VecDeque<Slot<P>>,
    /// How many of the oldest were taken.
    taken: usize,
    /// The ticket of the oldest.
    first: u64,
    cost: u64,
    /// The size that the source has, or will have when it has taken all of this; `None` if nobody can say.
    size: Option<Size>,
}

impl<P: Payload> Queue<P> {
    pub(super) fn new() -> Self {
        Self { slots: VecDeque::new(), taken: 0, first: 0, cost: 0, size: None }
    }

    pub(super) fn push(&mut self, owner: Owner, input: Input<P>) {
        self.put(Some(owner), input);
    }

    /// The source says that it has this size. It may be another session's, or an older one of this session's, with
    /// a newer one under way: then the next that is wanted is queued, whatever it is.
    pub(super) fn resized(&mut self, size: Size) {
        self.size = self.size.filter(|known| *known == size);
    }

    /// Queues a size without a number, unless the source has it, or will. One that still waits at the
    /// end gives way to it, so that hellos alone make nothing grow.
    pub(super) fn resize(&mut self, size: Size) {
        if self.size == Some(size) {
            return;
        }
        match self.slots.back_mut() {
            Some(Slot { owner: None, input: Some(waiting), .. }) => {
                *waiting = Input::Resize(size);
                self.size = Some(size);
            }
            _ => self.put(None, Input::Resize(size)),
        }
    }

    /// The oldest that was not taken yet.
    pub(super) fn take(&mut self) -> Option<(Ticket, Input<P>)> {
        let input = self.slots.get_mut(self.taken)?.input.take()?;
        let ticket = Ticket(self.first + self.taken as u64);
        self.taken += 1;
        Some((ticket, input))
    }

    /// The source has consumed it. [`settle`](Self::settle) says what follows.
    pub(super) fn consumed(&mut self, Ticket(ticket): Ticket) {
        let at = ticket.checked_sub(self.first).and_then(|at| usize::try_from(at).ok());
        if let Some(slot) = at.filter(|at| *at < self.taken).and_then(|at| self.slots.get_mut(at)) {
            slot.consumed = true;
        }
    }

    /// The oldest, if it was consumed: whose it was, and what it cost.
    pub(super) fn settle(&mut self) -> Option<(Option<Owner>, u64)> {
        let slot = self.slots.pop_front_if(|oldest| oldest.consumed)?;
        self.taken -= 1;
        self.first += 1;
        self.cost -= slot.cost;
        slim(&mut self.slots);
        Some((slot.owner, slot.cost))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// What was not consumed yet costs this.
    pub(super) fn cost(&self) -> u64 {
        self.cost
    }

    fn put(&mut self, owner: Option<Owner>, input: Input<P>) {
        if let Input::Resize(size) = &input {
            self.size = Some(*size);
        }
        let cost = input.cost();
        self.cost = self.cost.saturating_add(cost);
        self.slots.push_back(Slot { owner, cost, input: Some(input), consumed: false });
    }
}
