//! What can be configured, and what holds when nobody does.

use super::backoff::Backoff;
use super::queue::Policy;

/// What can be set with a number. The order is that of the boundary to JavaScript.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub enum Knob {
    /// See [`Settings::connect_timeout_ms`].
    ConnectTimeoutMs,
    /// See [`Settings::reconnect_timeout_ms`].
    ReconnectTimeoutMs,
    /// See [`Backoff::base_ms`].
    BackoffBaseMs,
    /// See [`Backoff::cap_ms`].
    BackoffCapMs,
    /// See [`Backoff::factor`].
    BackoffFactor,
    /// See [`Backoff::stable_after_ms`].
    BackoffStableAfterMs,
    /// See [`Settings::max_retries`].
    MaxRetries,
    /// See [`Settings::max_queued_bytes`].
    MaxQueuedBytes,
    /// See [`Settings::queue_policy`]: 0 refuses, 1 drops the oldest.
    QueuePolicy,
    /// See [`Settings::heartbeat`]: how often, in ms; 0 for none.
    HeartbeatIntervalMs,
    /// See [`Settings::heartbeat`]: how long to wait for an answer, in ms.
    HeartbeatTimeoutMs,
    /// See [`Settings::asks`]: 0 or 1.
    Asks,
    /// How many pairs may be in the pool: 64. Browsers open about 255 WebSockets to a host.
    MaxConnections,
    /// See [`Settings::idle_timeout_ms`]; 0 for none.
    IdleTimeoutMs,
    /// How often a subscriber is told the status when it does not say, in ms.
    StatusIntervalMs,
    /// See [`Settings::protocol`]: 0 off, 1 auto, 2 require.
    Protocol,
    /// See [`Settings::max_input_age_ms`]; 0 for none.
    MaxInputAgeMs,
    /// See [`Settings::token_use`]: 0 there is none, 1 for `envsocket.v1`, 2 in the handshake of plain servers too, 3 as
    /// their first message.
    TokenUse,
}

/// How many knobs there are.
pub const KNOBS: usize = Knob::TokenUse as usize + 1;

/// What was set, on the manager or on one connection; what was not leaves the next level's value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Overrides([f64; KNOBS]);

impl Default for Overrides {
    fn default() -> Self {
        Self([f64::NAN; KNOBS])
    }
}

impl Overrides {
    /// Takes the numbers in the order of [`Knob`]; NaN is not said, and so is what is missing.
    pub fn from_numbers(numbers: &[f64]) -> Self {
        let mut overrides = Self::default();
        for (knob, number) in overrides.0.iter_mut().zip(numbers) {
            *knob = *number;
        }
        overrides
    }

    /// The same with one thing set.
    pub fn with(mut self, knob: Knob, number: f64) -> Self {
        self.0[knob as usize] = number;
        self
    }

    /// `self`, and `lower` where `self` says nothing.
    pub fn over(mut self, lower: Self) -> Self {
        for (own, lower) in self.0.iter_mut().zip(lower.0) {
            if own.is_nan() {
                *own = lower;
            }
        }
        self
    }

    /// What was set, or `default`.
    fn get(&self, knob: Knob, default: f64) -> f64 {
        let number = self.0[knob as usize];
        if number.is_nan() { default } else { number }
    }

    /// Whether input grows old, by `self`, or by `lower` where `self` says nothing.
    pub(crate) fn ages_input(&self, lower: &Self) -> bool {
        self.get(Knob::MaxInputAgeMs, lower.get(Knob::MaxInputAgeMs, 0.0)) > 0.0
    }

    /// Fills what is left open with the defaults.
    pub fn resolve(&self) -> Settings {
        use Knob::*;
        let backoff = Backoff::default();
        // A float becomes an integer by saturation: infinity is "without limit".
        let ms = |knob, default: u64| self.get(knob, default as f64) as u64;
        let some_ms = |knob| Some(ms(knob, 0)).filter(|ms| *ms > 0);
        Settings {
            connect_timeout_ms: ms(ConnectTimeoutMs, 30_000),
            reconnect_timeout_ms: ms(ReconnectTimeoutMs, 10_000),
            backoff: Backoff {
                base_ms: ms(BackoffBaseMs, backoff.base_ms),
                cap_ms: ms(BackoffCapMs, backoff.cap_ms),
                factor: self.get(BackoffFactor, backoff.factor),
                stable_after_ms: ms(BackoffStableAfterMs, backoff.stable_after_ms),
            },
            max_retries: self.get(MaxRetries, f64::INFINITY) as u32,
            max_queued_bytes: ms(MaxQueuedBytes, 1 << 20),
            queue_policy: if ms(QueuePolicy, 0) == 0 { Policy::Refuse } else { Policy::DropOldest },
            heartbeat: some_ms(HeartbeatIntervalMs)
                .map(|interval_ms| Heartbeat { interval_ms, timeout_ms: ms(HeartbeatTimeoutMs, 5_000) }),
            asks: ms(Asks, 0) != 0,
            idle_timeout_ms: some_ms(IdleTimeoutMs),
            protocol: match ms(Knob::Protocol, 0) {
                0 => Mode::Off,
                1 => Mode::Auto,
                _ => Mode::Require,
            },
            max_input_age_ms: some_ms(MaxInputAgeMs),
            token_use: match ms(Knob::TokenUse, 0) {
                0 => self::TokenUse::None,
                1 => self::TokenUse::V1,
                2 => self::TokenUse::Handshake,
                _ => self::TokenUse::FirstMessage,
            },
        }
    }

    /// See [`Knob::MaxConnections`].
    pub(crate) fn max_connections(&self) -> usize {
        self.get(Knob::MaxConnections, 64.0) as usize
    }

    /// See [`Knob::StatusIntervalMs`].
    pub fn status_interval_ms(&self) -> u64 {
        self.get(Knob::StatusIntervalMs, super::poll::DEFAULT_INTERVAL_MS as f64) as u64
    }
}

/// What one attempt of a connection, and the socket that comes of it, goes by.
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
    /// What happens to a message that does not fit beside those that wait.
    pub queue_policy: Policy,
    /// How an open socket is asked whether it is alive; not at all by default, because a plain server
    /// would take our question for data.
    pub heartbeat: Option<Heartbeat>,
    /// Whether the application decides which closes are worth another try.
    pub asks: bool,
    /// How long a connection may be in the background without a message, in ms; for ever by default. It
    /// is looked at in steps of this length, so that it may take twice as long.
    pub idle_timeout_ms: Option<u64>,
    /// Whether `envsocket.v1` is spoken; not by default.
    pub protocol: Mode,
    /// How old, in ms, the oldest input that the server lacks may be when the link is back; otherwise all of it
    /// is discarded. For ever by default.
    pub max_input_age_ms: Option<u64>,
    /// Who gets a token; nobody by default.
    pub token_use: TokenUse,
}

/// Whether the resume protocol is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The application's own subprotocols, and data as it is.
    Off,
    /// With servers that know it; others are plain.
    Auto,
    /// With servers that know it; others are refused.
    Require,
}

/// Who gets the token. A server of `envsocket.v1` finds it in the hello, if there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenUse {
    /// There is none.
    None,
    /// Nobody else.
    V1,
    /// Plain servers, too: whoever makes the socket puts it into the URL or the subprotocols.
    Handshake,
    /// Plain servers, too, as the first message.
    FirstMessage,
}

/// The application's heartbeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heartbeat {
    /// How often to ask, in ms.
    pub interval_ms: u64,
    /// How long to wait for a sign of life, in ms.
    pub timeout_ms: u64,
}
