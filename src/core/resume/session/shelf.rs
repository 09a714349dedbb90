//! Which detached sessions have to go. Pure: it keeps keys, costs and times, never sessions.
//!
//! A session that nobody is attached to is kept for those who come back: for a time of grace, and while all
//! sessions together cost no more than the server can spare. The longest detached goes first. A session that
//! somebody is attached to never goes, but what it costs counts.

use std::collections::{BTreeMap, BTreeSet};

use crate::core::time::Instant;

/// How long and how much is kept for those who may come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How long a detached session is kept, in ms.
    pub grace_ms: u64,
    /// What all sessions together may cost before detached ones go.
    pub memory: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { grace_ms: 3 * 60 * 60 * 1_000, memory: 256 << 20 }
    }
}

/// What is known of a session.
#[derive(Debug)]
struct Place {
    cost: u64,
    detached_since: Option<Instant>,
}

/// All sessions of a server, by the keys that the driver gives them.
#[derive(Debug)]
pub struct Shelf<K> {
    places: BTreeMap<K, Place>,
    /// The detached ones, the longest first.
    detached: BTreeSet<(Instant, K)>,
    cost: u64,
}

impl<K> Default for Shelf<K> {
    fn default() -> Self {
        Self { places: BTreeMap::new(), detached: BTreeSet::new(), cost: 0 }
    }
}

impl<K: Clone + Ord> Shelf<K> {
    /// Notes what a session costs by now, and since when nobody is attached to it: after every change of
    /// either, as [`Session::cost`](super::Session::cost) and
    /// [`Session::detached_since`](super::Session::detached_since) say.
    pub fn note(&mut self, key: K, cost: u64, detached_since: Option<Instant>) {
        if let Some(known) = self.places.get_mut(&key) {
            self.cost = self.cost - known.cost + cost;
            known.cost = cost;
            if known.detached_since == detached_since {
                return;
            }
        }
        self.forget(&key);
        self.cost += cost;
        self.detached.extend(detached_since.map(|since| (since, key.clone())));
        self.places.insert(key, Place { cost, detached_since });
    }

    /// The session is gone.
    pub fn forget(&mut self, key: &K) {
        if let Some(place) = self.places.remove(key) {
            self.cost -= place.cost;
            if let Some(since) = place.detached_since {
                self.detached.remove(&(since, key.clone()));
            }
        }
    }

    /// The sessions that have to go now, the longest detached first. They are forgotten here; the driver
    /// drops them.
    pub fn evict(&mut self, now: Instant, limits: Limits) -> Vec<K> {
        let mut gone = Vec::new();
        while let Some((since, key)) = self.detached.first() {
            if self.cost <= limits.memory && now < *since + limits.grace_ms {
                break;
            }
            let key = key.clone();
            self.forget(&key);
            gone.push(key);
        }
        gone
    }

    /// When the next one goes by itself, if nothing changes.
    pub fn next_deadline(&self, limits: Limits) -> Option<Instant> {
        self.detached.first().map(|(since, _)| *since + limits.grace_ms)
    }

    /// What all sessions cost together.
    pub fn cost(&self) -> u64 {
        self.cost
    }
}
