//! Time, as the driver reports it. Nothing in `core` reads a clock.

use std::ops::Add;

const US_PER_MS: u64 = 1_000;

/// A point on the page's own time line. It only moves forward. Kept in microseconds, because a round trip
/// on one machine takes less than a millisecond; everything else counts in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Instant(u64);

impl Instant {
    /// `ms` milliseconds after the beginning of the time line.
    pub const fn from_ms(ms: u64) -> Self {
        Self(ms * US_PER_MS)
    }

    /// Whole milliseconds from `earlier` to here; 0 when `earlier` is later.
    pub fn since(self, earlier: Self) -> u64 {
        self.since_us(earlier) / US_PER_MS
    }

    /// Microseconds from `earlier` to here; 0 when `earlier` is later.
    pub fn since_us(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The milliseconds after which a timer set at `earlier` finds this point reached.
    pub fn delay_from(self, earlier: Self) -> u64 {
        self.since_us(earlier).div_ceil(US_PER_MS)
    }
}

impl Add<u64> for Instant {
    type Output = Self;

    fn add(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms.saturating_mul(US_PER_MS)))
    }
}

/// What the time is, on both scales.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// For deadlines.
    pub instant: Instant,
    /// For people: Unix milliseconds.
    pub unix_ms: u64,
}

impl Now {
    /// The Unix time that `later` will have, if nobody sets the clock.
    pub(crate) fn unix_at(self, later: Instant) -> u64 {
        self.unix_ms.saturating_add(later.since(self.instant))
    }
}

/// A wall clock that gains this much, in ms, on the monotonic one between two readings: the machine slept.
/// Less is the two clocks ticking at different moments, which would add up over many readings.
const SLEPT_MS: u64 = 1_000;

/// Makes one time line of the two clocks that a machine has.
///
/// A monotonic clock stops while the machine sleeps (Chromium on Linux and macOS), a wall clock can be
/// set back. The time line follows the monotonic clock, and the wall clock where that ran on without it:
/// sleep counts, a clock set back does not.
#[derive(Debug)]
pub struct Clock {
    monotonic_us: u64,
    wall_ms: u64,
    now: Instant,
    sleeps: u32,
}

impl Clock {
    /// Starts the time line at the first reading of both clocks: the monotonic one in µs, Unix time in ms.
    pub fn new(monotonic_us: u64, wall_ms: u64) -> Self {
        Self { monotonic_us, wall_ms, now: Instant::default(), sleeps: 0 }
    }

    /// The time, from a new reading of both clocks.
    pub fn read(&mut self, monotonic_us: u64, wall_ms: u64) -> Now {
        let ran_us = monotonic_us.saturating_sub(self.monotonic_us);
        let passed_ms = wall_ms.saturating_sub(self.wall_ms);
        let slept = passed_ms.saturating_sub(ran_us / US_PER_MS) > SLEPT_MS;
        self.sleeps += u32::from(slept);
        let advance_us = if slept { passed_ms.saturating_mul(US_PER_MS) } else { ran_us };
        self.monotonic_us = monotonic_us;
        self.wall_ms = wall_ms;
        self.now = Instant(self.now.0.saturating_add(advance_us));
        Now { instant: self.now, unix_ms: wall_ms }
    }

    /// How often the machine was seen to have slept: timers set before did not count that time.
    pub fn sleeps(&self) -> u32 {
        self.sleeps
    }
}
