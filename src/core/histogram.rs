//! Durations, counted in classes that widen with their size: any quantile, in bounded memory.

/// Each power of two is divided into this many classes: what is told is at most 1/8 off.
const CLASSES: u32 = 8;

/// A log-scaled histogram of durations in µs, up to 71 minutes; what is longer counts as that.
#[derive(Debug, Clone, Default)]
pub struct Histogram {
    /// By class, from the first to the last that was ever needed: there are 240, and every connection has one of
    /// these, whose round trips are much alike.
    counts: Vec<u32>,
    /// The class of the first.
    first: usize,
    count: u64,
    sum_us: u64,
    last_us: u32,
    longest_us: u32,
}

/// What of a histogram is told, in µs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// The newest.
    pub last_us: u32,
    /// The mean, exact.
    pub mean_us: u32,
    /// Half of all took no longer, as far as the classes tell.
    pub p50_us: u32,
    /// 99 of 100 took no longer, as far as the classes tell.
    pub p99_us: u32,
}

impl Histogram {
    pub(crate) fn record(&mut self, us: u64) {
        let us = u32::try_from(us).unwrap_or(u32::MAX);
        *self.of(class(us)) += 1;
        self.count += 1;
        self.sum_us += u64::from(us);
        self.last_us = us;
        self.longest_us = self.longest_us.max(us);
    }

    /// Takes in all that another one has counted.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (at, count) in other.counts.iter().enumerate() {
            *self.of(other.first + at) += count;
        }
        self.count += other.count;
        self.sum_us += other.sum_us;
        self.last_us = other.last_us;
        self.longest_us = self.longest_us.max(other.longest_us);
    }

    /// How many were counted.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// `None` when nothing was counted.
    pub fn summary(&self) -> Option<Summary> {
        let mean = self.sum_us.checked_div(self.count)?;
        Some(Summary {
            last_us: self.last_us,
            mean_us: mean as u32,
            p50_us: self.quantile(1, 2),
            p99_us: self.quantile(99, 100),
        })
    }

    /// The count of a class; there is one for it from now on.
    fn of(&mut self, class: usize) -> &mut u32 {
        if self.counts.is_empty() {
            self.first = class;
        }
        while class < self.first {
            self.counts.insert(0, 0);
            self.first -= 1;
        }
        let at = class - self.first;
        while self.counts.len() <= at {
            self.counts.push(0);
        }
        &mut self.counts[at]
    }

    /// The top of the class in which the quantile `part/of` lies, but no more than the longest.
    fn quantile(&self, part: u64, of: u64) -> u32 {
        let rank = (self.count * part).div_ceil(of);
        let mut seen = 0;
        let at = self.counts.iter().position(|count| {
            seen += u64::from(*count);
            seen >= rank
        });
        at.map_or(0, |at| top(self.first + at)).min(self.longest_us)
    }
}

fn class(us: u32) -> usize {
    if us < CLASSES {
        return us as usize;
    }
    let power = us.ilog2();
    let within = (us >> (power - 3)) & (CLASSES - 1);
    ((power - 2) * CLASSES + within) as usize
}

/// The longest duration of a class.
fn top(class: usize) -> u32 {
    let class = class as u32;
    if class < CLASSES {
        return class;
    }
    let (power, within) = (class / CLASSES + 2, class % CLASSES);
    let first = u64::from(CLASSES + within) << (power - 3);
    (first + (1 << (power - 3)) - 1) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_duration_is_in_a_class_that_reaches_it_and_is_an_eighth_wide_at_most() {
        let mut us: u64 = 0;
        while us <= u64::from(u32::MAX) {
            let top = u64::from(top(class(us as u32)));
            assert!(us <= top && top - us <= us / 8, "{us} is told as {top}");
            us += 1 + us / 97;
        }
        assert_eq!(class(u32::MAX), 239);
    }

    #[test]
    fn quantiles_and_mean_are_those_of_what_was_recorded() {
        let mut histogram = Histogram::default();
        assert_eq!(histogram.summary(), None);
        (1..=100).for_each(|ms| histogram.record(ms * 1_000));
        let Summary { last_us, mean_us, p50_us, p99_us } = histogram.summary().expect("recorded");
        assert_eq!((last_us, mean_us), (100_000, 50_500));
        assert!((50_000..=56_250).contains(&p50_us), "{p50_us}");
        assert!((99_000..=111_375).contains(&p99_us), "{p99_us}");
    }

    #[test]
    fn no_quantile_is_longer_than_the_longest() {
        let mut histogram = Histogram::default();
        histogram.record(900);
        histogram.record(1_000);
        assert_eq!(histogram.summary().map(|all| all.p99_us), Some(1_000));
    }

    #[test]
    fn merging_counts_both() {
        let (mut one, mut other) = (Histogram::default(), Histogram::default());
        one.record(7);
        other.record(5);
        other.record(9);
        one.merge(&other);
        let both = one.summary().expect("recorded");
        assert_eq!((one.count(), both.mean_us, both.last_us, both.p50_us), (3, 7, 9, 7));
    }

    #[test]
    fn what_is_alike_takes_little_room() {
        let mut histogram = Histogram::default();
        [900, 1_000, 800].iter().for_each(|us| histogram.record(*us));
        assert_eq!(histogram.counts.len(), 4);
        assert_eq!(histogram.summary().map(|all| all.p50_us), Some(959));
    }
}
