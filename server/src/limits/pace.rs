//! How many may begin in a second: a token bucket for each address. Time comes in as an argument.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::address::Neighbours;

/// So many addresses are told apart; those that come when there are more share one bucket.
const MOST: usize = 100_000;

/// What the most of them take to be looked through is nothing once in this time.
const SWEEP_EVERY: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct Pace {
    per_second: f64,
    burst: f64,
    buckets: Mutex<Buckets>,
}

#[derive(Debug, Default)]
struct Buckets {
    of: HashMap<Neighbours, Bucket>,
    of_the_rest: Option<Bucket>,
    /// When the full ones were thrown away: they say no more than a missing one.
    swept: Option<Instant>,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    /// What was in it then.
    level: f64,
    at: Instant,
}

impl Pace {
    pub(super) fn new(per_second: u32, burst: u32) -> Self {
        Self { per_second: per_second.into(), burst: burst.into(), buckets: Mutex::default() }
    }

    /// Whether one more may begin now. Who may not has used nothing up by asking.
    pub(super) fn take(&self, who: Neighbours, now: Instant) -> bool {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let Buckets { of, of_the_rest, swept } = &mut *buckets;
        if swept.is_none_or(|swept| now.saturating_duration_since(swept) >= SWEEP_EVERY) {
            of.retain(|_, bucket| self.level(bucket, now) < self.burst);
            *swept = Some(now);
        }
        let full = Bucket { level: self.burst, at: now };
        let is_known = of.contains_key(&who) || of.len() < MOST;
        let bucket = if is_known { of.entry(who).or_insert(full) } else { of_the_rest.get_or_insert(full) };
        let level = self.level(bucket, now);
        let is_enough = level >= 1.0;
        *bucket = Bucket { level: if is_enough { level - 1.0 } else { level }, at: now };
        is_enough
    }

    fn level(&self, bucket: &Bucket, now: Instant) -> f64 {
        let gained = now.saturating_duration_since(bucket.at).as_secs_f64() * self.per_second;
        (bucket.level + gained).min(self.burst)
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn who(number: u32) -> Neighbours {
        IpAddr::from(number.to_be_bytes()).into()
    }

    #[test]
    fn a_burst_is_allowed_and_then_so_many_a_second() {
        let (pace, start) = (Pace::new(200, 1_000), Instant::now());
        let began = |from: u64, number| {
            let now = start + Duration::from_millis(from);
            (0..2_000).filter(|_| pace.take(who(number), now)).count()
        };
        assert_eq!(began(0, 1), 1_000);
        assert_eq!(began(0, 2), 1_000, "everybody has a bucket of their own");
        assert_eq!(began(500, 1), 100);
        assert_eq!(began(60_000, 1), 1_000, "it does not fill any further");
        assert_eq!(began(60_005, 1), 1);
    }

    #[test]
    fn addresses_that_rest_are_forgotten_and_too_many_share_a_bucket() {
        let (pace, start) = (Pace::new(1, 2), Instant::now());
        for number in 0..MOST as u32 {
            assert!(pace.take(who(number), start));
        }
        let more = (0..10).filter(|more| pace.take(who(MOST as u32 + more), start)).count();
        assert_eq!(more, 2, "those beyond share one");
        assert!(pace.take(who(0), start), "those who were there have their own");
        let later = start + Duration::from_secs(10);
        for number in 0..MOST as u32 {
            assert!(pace.take(who(2 * MOST as u32 + number), later));
        }
        let buckets = pace.buckets.lock().expect("nobody panics");
        assert!(buckets.of.len() <= MOST, "{}", buckets.of.len());
    }
}
