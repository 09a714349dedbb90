//! How long to wait before trying again.

use super::rng::Rng;

/// Exponential backoff with full jitter: the n-th retry waits an even draw from
/// `[0, min(cap, base · factorⁿ)]`.
///
/// Full jitter spreads the clients of a restarted server over the whole interval; without it they come
/// back in waves ("Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Backoff {
    /// The first interval, in ms.
    pub base_ms: u64,
    /// The longest interval, in ms.
    pub cap_ms: u64,
    /// What each interval is multiplied by; at least 1.
    pub factor: f64,
    /// A connection that was open this long, in ms, starts over at the first interval; a shorter one
    /// does not, or a server that accepts and drops at once would be hammered.
    pub stable_after_ms: u64,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { base_ms: 250, cap_ms: 30_000, factor: 2.0, stable_after_ms: 10_000 }
    }
}

impl Backoff {
    /// The interval, in ms, that the delay after `failures` earlier failures is drawn from.
    pub fn ceiling_ms(&self, failures: u32) -> u64 {
        let cap = self.cap_ms as f64;
        let mut ceiling = self.base_ms as f64;
        for _ in 0..failures {
            if ceiling >= cap || self.factor <= 1.0 || ceiling <= 0.0 {
                break;
            }
            ceiling *= self.factor;
        }
        ceiling.min(cap) as u64
    }

    /// A delay in ms when there is no network, by the platform's account: no hurry, but no giving up either.
    pub fn slow_ms(&self, rng: &mut Rng) -> u64 {
        let half = self.cap_ms / 2;
        half + rng.up_to(half)
    }

    /// A delay in ms before the next attempt, after `failures` earlier failures.
    pub fn delay_ms(&self, failures: u32, rng: &mut Rng) -> u64 {
        rng.up_to(self.ceiling_ms(failures))
    }
}
