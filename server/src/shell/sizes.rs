//! At which places of an output its terminal changed its size. No waiting, no viewers.

use std::collections::VecDeque;

use super::Size;

/// A terminal that is resized all the time must not cost memory without end; what an older size was is of no use
/// to anybody by then.
const MAX_CHANGES: usize = 256;

#[derive(Debug)]
pub(super) struct Sizes {
    /// In order, of different places: the first holds from before the output that is kept.
    changes: VecDeque<Change>,
}

#[derive(Debug)]
struct Change {
    at: u64,
    /// From 1; a size that replaces another at its place has another number.
    serial: u64,
    size: Size,
}

impl Sizes {
    pub(super) fn new(size: Size) -> Self {
        Self { changes: VecDeque::from([Change { at: 0, serial: 1, size }]) }
    }

    /// The terminal has this size from here on.
    pub(super) fn push(&mut self, at: u64, size: Size) {
        let last = self.changes.back().expect("the first is never taken out");
        if last.size == size {
            return;
        }
        let serial = last.serial + 1;
        if last.at == at || self.changes.len() == MAX_CHANGES {
            let superfluous = if last.at == at { self.changes.len() - 1 } else { 0 };
            self.changes.remove(superfluous);
        }
        self.changes.push_back(Change { at, serial, size });
    }

    /// Where the second change is, if one more makes it the first: up to there the first one is needed now or never.
    pub(super) fn second_if_full(&self) -> Option<u64> {
        (self.changes.len() == MAX_CHANGES).then(|| self.changes[1].at)
    }

    /// The output before this place is gone.
    pub(super) fn forget_before(&mut self, start: u64) {
        while self.changes.get(1).is_some_and(|second| second.at <= start) {
            self.changes.pop_front();
        }
    }

    /// The size at this place, of output that is kept.
    pub(super) fn at(&self, at: u64) -> Size {
        let change = self.changes.iter().rfind(|change| change.at <= at);
        change.or(self.changes.front()).expect("the first is never taken out").size
    }

    /// The size at this place, unless whoever asks was told of it.
    pub(super) fn news(&self, at: u64, told: u64) -> Option<(u64, Size)> {
        let change = self.changes.iter().rfind(|change| change.at <= at)?;
        (change.serial > told).then_some((change.serial, change.size))
    }

    /// The next place where it changes.
    pub(super) fn next_after(&self, at: u64) -> Option<u64> {
        self.changes.iter().map(|change| change.at).find(|place| *place > at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(cols: u16) -> Size {
        Size { cols, rows: 24 }
    }

    #[test]
    fn a_size_is_news_at_its_place_and_once() {
        let mut sizes = Sizes::new(size(80));
        sizes.push(10, size(90));
        sizes.push(10, size(100));
        sizes.push(20, size(100));
        let (serial, first) = sizes.news(0, 0).expect("nobody was told");
        assert_eq!(first, size(80));
        assert_eq!(sizes.news(9, serial), None);
        assert_eq!(sizes.next_after(0), Some(10));
        let (serial, second) = sizes.news(10, serial).expect("it has changed");
        assert_eq!((second, sizes.news(30, serial), sizes.next_after(10)), (size(100), None, None));
        sizes.push(10, size(110));
        assert_eq!(
            sizes.news(10, serial).map(|(_, size)| size),
            Some(size(110)),
            "changed at the same place"
        );
    }

    #[test]
    fn what_is_gone_leaves_the_size_that_it_had_at_its_end() {
        let mut sizes = Sizes::new(size(80));
        sizes.push(10, size(90));
        sizes.push(20, size(100));
        sizes.forget_before(15);
        assert_eq!(sizes.news(15, 0).map(|(_, size)| size), Some(size(90)));
        sizes.forget_before(20);
        assert_eq!(sizes.changes.len(), 1);
    }

    #[test]
    fn they_are_bounded_and_the_newest_stay() {
        let mut sizes = Sizes::new(size(80));
        for at in 1..1000 {
            sizes.push(at, size(100 + at as u16));
        }
        assert_eq!(sizes.changes.len(), MAX_CHANGES);
        assert_eq!(sizes.news(999, 0).map(|(_, size)| size), Some(size(1099)));
    }
}
