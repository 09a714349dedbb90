//! The log of a source's output: numbered entries, the oldest of which go. It knows numbers and costs, and
//! nothing of those who read it: they come with the number that they have.

use std::collections::VecDeque;

use super::terms::Entry;
use crate::core::queue::Payload;
use crate::core::resume::Size;

#[derive(Debug)]
struct Kept<P> {
    entry: Entry<P>,
    /// What all entries up to this one have cost, since the beginning. The difference of two of these is what
    /// lies between them: no sum is ever taken over entries.
    until: u64,
}

/// Entries `first()..=last()`; all that came before is gone.
#[derive(Debug)]
pub(super) struct Log<P> {
    kept: VecDeque<Kept<P>>,
    last: u64,
    /// What the entries that are gone have cost.
    gone: u64,
    ended: bool,
    /// By the numbers of the entries that said them, in order: those that are kept, and the last one before.
    sizes: VecDeque<(u64, Size)>,
}

impl<P: Payload> Log<P> {
    pub(super) fn new() -> Self {
        Self { kept: VecDeque::new(), last: 0, gone: 0, ended: false, sizes: VecDeque::new() }
    }

    /// The number of the newest entry; 0 before the first.
    pub(super) fn last(&self) -> u64 {
        self.last
    }

    /// The number of the oldest entry that is kept; `last() + 1` when none is.
    pub(super) fn first(&self) -> u64 {
        self.last + 1 - self.kept.len() as u64
    }

    /// Whether the newest entry is the end.
    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    /// What is kept costs this.
    pub(super) fn cost(&self) -> u64 {
        self.total() - self.gone
    }

    /// What the kept entries after this number cost.
    pub(super) fn cost_after(&self, number: u64) -> u64 {
        self.total() - self.until(number)
    }

    pub(super) fn push(&mut self, entry: Entry<P>) {
        self.ended |= matches!(entry, Entry::End { .. });
        let until = self.total().saturating_add(entry.cost());
        self.last += 1;
        if let Entry::Size(size) = entry {
            self.sizes.push_back((self.last, size));
        }
        self.kept.push_back(Kept { entry, until });
    }

    /// The entry of this number, if it exists and is kept.
    pub(super) fn get(&self, number: u64) -> Option<&Entry<P>> {
        let at = number.checked_sub(self.first())?;
        Some(&self.kept.get(usize::try_from(at).ok()?)?.entry)
    }

    /// The size that the terminal has after the entry of this number, if that is known.
    pub(super) fn size_at(&self, number: u64) -> Option<Size> {
        let until = self.sizes.partition_point(|(at, _)| *at <= number);
        self.sizes.get(until.checked_sub(1)?).map(|(_, size)| *size)
    }

    /// The number of the first of the newest entries that together cost no more than this; `last() + 1` if
    /// even the newest one costs more. The end is always among them: whoever comes must hear of it.
    pub(super) fn tail_start(&self, tail: u64) -> u64 {
        let floor = self.total().saturating_sub(tail);
        let outside = if self.gone >= floor {
            0
        } else {
            // An entry is in the tail if those before it have cost at least the floor.
            self.kept.partition_point(|kept| kept.until < floor) + 1
        };
        (self.first() + outside as u64).min(self.last + u64::from(!self.ended))
    }

    /// Forgets what everybody has, up to this number, but for the tail.
    pub(super) fn trim(&mut self, had: u64, tail: u64) {
        while self.first() <= had && self.cost() > tail && self.kept.len() > usize::from(self.ended) {
            self.pop();
        }
        slim(&mut self.kept);
    }

    /// Forgets the oldest until what is kept costs no more than this, or is one entry alone. Says whether
    /// anything had to go.
    pub(super) fn evict(&mut self, ring: u64) -> bool {
        let before = self.kept.len();
        while self.cost() > ring && self.kept.len() > 1 {
            self.pop();
        }
        self.kept.len() < before
    }

    fn pop(&mut self) {
        if let Some(oldest) = self.kept.pop_front() {
            self.gone = oldest.until;
        }
        let first = self.first();
        while self.sizes.get(1).is_some_and(|(second, _)| *second < first) {
            self.sizes.pop_front();
        }
        slim(&mut self.sizes);
    }

    /// What all entries have cost, since the beginning.
    fn total(&self) -> u64 {
        self.kept.back().map_or(self.gone, |newest| newest.until)
    }

    /// What the entries up to this number have cost; of those that are gone, what all of them have.
    fn until(&self, number: u64) -> u64 {
        let Some(at) = number.checked_sub(self.first()) else { return self.gone };
        let kept = usize::try_from(at).ok().and_then(|at| self.kept.get(at));
        kept.map_or(self.total(), |kept| kept.until)
    }
}

/// Gives back what a burst has left behind: an idle session is small whatever it has been through.
pub(super) fn slim<T>(items: &mut VecDeque<T>) {
    const SMALL: usize = 64;
    if items.capacity() > SMALL && items.len() < items.capacity() / 8 {
        items.shrink_to((items.len() * 2).max(SMALL));
    }
}
