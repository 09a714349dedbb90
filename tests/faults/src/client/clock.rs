//! The machine's two clocks, and a test's hand on them.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use envsocket::core::time::{Clock, Now};

/// How the clocks go ahead at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Jump {
    /// The wall clock alone: the machine slept, or somebody has set it.
    Wall(Duration),
    /// Both: timers were not served for so long.
    Both(Duration),
}

/// The clocks as they would be if the jumps had been real.
#[derive(Debug)]
pub(super) struct Clocks {
    started: Instant,
    ahead: Duration,
    wall_ahead: Duration,
    line: Clock,
}

impl Clocks {
    pub(super) fn new() -> Self {
        let started = Instant::now();
        let [ahead, wall_ahead] = [Duration::ZERO; 2];
        Self { started, ahead, wall_ahead, line: Clock::new(0, ms(unix_time())) }
    }

    pub(super) fn jump(&mut self, jump: Jump) {
        match jump {
            Jump::Wall(time) => self.wall_ahead += time,
            Jump::Both(time) => {
                self.ahead += time;
                self.wall_ahead += time;
            }
        }
    }

    pub(super) fn read(&mut self) -> Now {
        let monotonic = self.started.elapsed() + self.ahead;
        self.line.read(monotonic.as_micros() as u64, ms(unix_time() + self.wall_ahead))
    }

    /// How often the machine was seen to have slept.
    pub(super) fn sleeps(&self) -> u32 {
        self.line.sleeps()
    }
}

fn unix_time() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("a machine of this century")
}

fn ms(time: Duration) -> u64 {
    time.as_millis() as u64
}
