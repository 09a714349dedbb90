//! Time, as the driver reports it. Nothing in `core` reads a clock.

use std::ops::Add;

/// A point on the page's own time line, in milliseconds. It only moves forward.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Instant(u64);

impl Instant {
    /// `ms` milliseconds after the beginning of the time line.
    pub const fn from_ms(ms: u64) -> Self {
        Self(ms)
    }

    /// Milliseconds from `earlier` to here; 0 when `earlier` is later.
    pub fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl Add<u64> for Instant {
    type Output = Self;

    fn add(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
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
    monotonic_ms: u64,
    wall_ms: u64,
    now: Instant,
}

impl Clock {
    /// Starts the time line at the first reading of both clocks.
    pub fn new(monotonic_ms: u64, wall_ms: u64) -> Self {
        Self { monotonic_ms, wall_ms, now: Instant::default() }
    }

    /// The time, from a new reading of both clocks.
    pub fn read(&mut self, monotonic_ms: u64, wall_ms: u64) -> Now {
        let ran = monotonic_ms.saturating_sub(self.monotonic_ms);
        let passed = wall_ms.saturating_sub(self.wall_ms);
        let advance = if passed.saturating_sub(ran) > SLEPT_MS { passed } else { ran };
        self.monotonic_ms = monotonic_ms;
        self.wall_ms = wall_ms;
        self.now = self.now + advance;
        Now { instant: self.now, unix_ms: wall_ms }
    }
}
