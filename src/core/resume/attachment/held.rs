//! What the application has received and is not done with: as long as it holds on to a message, neither that one
//! nor any after it counts as consumed.

use std::collections::VecDeque;

/// Somebody's hold on a message.
#[derive(Debug)]
struct Hold {
    /// The number of the message.
    number: u64,
    /// What everything before the message has cost on the socket that brought it.
    before: u64,
    released: bool,
}

/// The holds from the first one on that is not released, in the order of their messages.
#[derive(Debug, Default)]
pub(super) struct Held {
    holds: VecDeque<Hold>,
    /// The name of the first one; those of the others follow.
    first: u32,
}

impl Held {
    /// Somebody holds on to the message of this number. Names are given in order, and never twice.
    pub(super) fn hold(&mut self, ticket: u32, number: u64, before: u64) {
        if self.holds.is_empty() {
            self.first = ticket;
        }
        self.holds.push_back(Hold { number, before, released: false });
    }

    /// The hold is given up; again, or of a time that is over, does nothing.
    pub(super) fn release(&mut self, ticket: u32) {
        let at = ticket.wrapping_sub(self.first) as usize;
        if let Some(hold) = self.holds.get_mut(at) {
            hold.released = true;
        }
        while self.holds.pop_front_if(|hold| hold.released).is_some() {
            self.first += 1;
        }
    }

    /// The number of the first message that is held, and what everything before it has cost.
    pub(super) fn first(&self) -> Option<(u64, u64)> {
        self.holds.front().map(|hold| (hold.number, hold.before))
    }
}
