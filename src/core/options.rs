//! What can be configured, and what holds when nobody does.

use super::backoff::Backoff;

/// What was set, on the manager or on one connection; `None` leaves the next level's value.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Overrides {
    /// See [`Settings::connect_timeout_ms`].
    pub connect_timeout_ms: Option<u64>,
    /// See [`Settings::reconnect_timeout_ms`].
    pub reconnect_timeout_ms: Option<u64>,
    /// See [`Backoff::base_ms`].
    pub base_ms: Option<u64>,
    /// See [`Backoff::cap_ms`].
    pub cap_ms: Option<u64>,
    /// See [`Backoff::factor`].
    pub factor: Option<f64>,
    /// See [`Backoff::stable_after_ms`].
    pub stable_after_ms: Option<u64>,
    /// See [`Settings::max_retries`].
    pub max_retries: Option<u32>,
    /// See [`Settings::max_queued_bytes`].
    pub max_queued_bytes: Option<u64>,
}

impl Overrides {
    /// `self`, and `lower` where `self` says nothing.
    pub fn over(self, lower: Self) -> Self {
        Self {
            connect_timeout_ms: self.connect_timeout_ms.or(lower.connect_timeout_ms),
            reconnect_timeout_ms: self.reconnect_timeout_ms.or(lower.reconnect_timeout_ms),
            base_ms: self.base_ms.or(lower.base_ms),
            cap_ms: self.cap_ms.or(lower.cap_ms),
            factor: self.factor.or(lower.factor),
            stable_after_ms: self.stable_after_ms.or(lower.stable_after_ms),
            max_retries: self.max_retries.or(lower.max_retries),
            max_queued_bytes: self.max_queued_bytes.or(lower.max_queued_bytes),
        }
    }

    /// Fills what is left open with the defaults.
    pub fn resolve(self) -> Settings {
        let backoff = Backoff::default();
        Settings {
            connect_timeout_ms: self.connect_timeout_ms.unwrap_or(30_000),
            reconnect_timeout_ms: self.reconnect_timeout_ms.unwrap_or(10_000),
            backoff: Backoff {
                base_ms: self.base_ms.unwrap_or(backoff.base_ms),
                cap_ms: self.cap_ms.unwrap_or(backoff.cap_ms),
                factor: self.factor.unwrap_or(backoff.factor),
                stable_after_ms: self.stable_after_ms.unwrap_or(backoff.stable_after_ms),
            },
            max_retries: self.max_retries.unwrap_or(u32::MAX),
            max_queued_bytes: self.max_queued_bytes.unwrap_or(1 << 20),
        }
    }
}

/// What one attempt of a connection goes by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// How long an attempt may take until the first open, in ms. 30 s: cold containers start slowly.
    pub connect_timeout_ms: u64,
    /// How long an attempt may take once the connection has been open, in ms. 10 s: the server is known
    /// to be quick, and someone is waiting.
    pub reconnect_timeout_ms: u64,
    /// When to try again.
    pub backoff: Backoff,
    /// How many failures in a row are retried before the connection is given up; unlimited by default.
    pub max_retries: u32,
    /// How many bytes may wait for an open socket: 1 MiB.
    pub max_queued_bytes: u64,
}
