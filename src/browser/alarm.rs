//! The one timer: set to the state machine's next deadline, whoever's it is.

use gloo_timers::callback::Timeout;

use crate::core::time::Instant;

/// Browsers keep the delay in a signed 32-bit number and fire at once when it does not fit.
const MAX_DELAY_MS: u64 = i32::MAX as u64;

/// A timer that is set; dropping it stops it.
pub(crate) struct Alarm {
    pub(crate) at: Instant,
    _timeout: Timeout,
}

impl Alarm {
    /// Calls `ring` at `at`, or earlier when that is more than 24 days away.
    pub(crate) fn set(now: Instant, at: Instant, ring: impl FnOnce() + 'static) -> Self {
        let delay = at.delay_from(now).min(MAX_DELAY_MS) as u32;
        Self { at, _timeout: Timeout::new(delay, ring) }
    }
}
