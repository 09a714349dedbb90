//! The runtime's clock as the core's time line.

use std::time::Duration;

use envsocket::core::time::Instant;
use tokio::time::Instant as Moment;

#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    origin: Moment,
}

impl Clock {
    pub(super) fn new() -> Self {
        Self { origin: Moment::now() }
    }

    pub(super) fn now(&self) -> Instant {
        Instant::from_ms(u64::try_from(self.origin.elapsed().as_millis()).unwrap_or(u64::MAX))
    }

    /// When it will be `instant`; `None` when that is too far away to wait for.
    pub(super) fn moment(&self, instant: Instant) -> Option<Moment> {
        self.origin.checked_add(Duration::from_millis(instant.since(Instant::default())))
    }
}
