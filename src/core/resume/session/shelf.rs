//! Which sessions have to go. Pure: it keeps keys, owners, costs and times, never sessions.
//!
//! A session that nobody is attached to is kept for those who come back: for a time of grace. All sessions together
//! cost no more than the server can spare: when they do, the owner who has most pays, first with what nobody is
//! attached to, the longest detached before the others, then with what costs most. So whoever has less than an equal
//! share loses nothing to anybody, and is let in whatever others have.

use std::collections::{BTreeMap, BTreeSet};

use crate::core::time::Instant;

/// How long and how much is kept for those who may come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How long a detached session is kept, in ms.
    pub grace_ms: u64,
    /// What all sessions together may cost.
    pub memory: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { grace_ms: 3 * 60 * 60 * 1_000, memory: 256 << 20 }
    }
}

/// What is known of a session.
#[derive(Debug)]
struct Place<O> {
    owner: O,
    cost: u64,
    detached_since: Option<Instant>,
}

/// What somebody has.
#[derive(Debug)]
struct Owned<K> {
    cost: u64,
    /// The detached ones, the longest first.
    detached: BTreeSet<(Instant, K)>,
    /// The others, what costs most last.
    attached: BTreeSet<(u64, K)>,
}

/// All sessions of a server, by the keys that the driver gives them, and by whose they are.
#[derive(Debug)]
pub struct Shelf<K, O> {
    places: BTreeMap<K, Place<O>>,
    /// The detached ones of all owners, the longest first.
    detached: BTreeSet<(Instant, K)>,
    owners: BTreeMap<O, Owned<K>>,
    /// Who has most comes last.
    by_cost: BTreeSet<(u64, O)>,
    cost: u64,
}

impl<K, O> Default for Shelf<K, O> {
    fn default() -> Self {
        Self {
            places: BTreeMap::new(),
            detached: BTreeSet::new(),
            owners: BTreeMap::new(),
            by_cost: BTreeSet::new(),
            cost: 0,
        }
    }
}

impl<K: Clone + Ord, O: Clone + Ord> Shelf<K, O> {
    /// Notes whose a session is, what it costs by now, and since when nobody is attached to it: after every change
    /// of either, as [`Session::cost`](super::Session::cost) and
    /// [`Session::detached_since`](super::Session::detached_since) say.
    pub fn note(&mut self, key: K, owner: O, cost: u64, detached_since: Option<Instant>) {
        self.forget(&key);
        let theirs = self.owners.entry(owner.clone()).or_insert_with(|| Owned {
            cost: 0,
            detached: BTreeSet::new(),
            attached: BTreeSet::new(),
        });
        match detached_since {
            Some(since) => {
                theirs.detached.insert((since, key.clone()));
                self.detached.insert((since, key.clone()));
            }
            None => {
                theirs.attached.insert((cost, key.clone()));
            }
        }
        self.by_cost.remove(&(theirs.cost, owner.clone()));
        theirs.cost += cost;
        self.by_cost.insert((theirs.cost, owner.clone()));
        self.cost += cost;
        self.places.insert(key, Place { owner, cost, detached_since });
    }

    /// The session is gone.
    pub fn forget(&mut self, key: &K) {
        let Some(Place { owner, cost, detached_since }) = self.places.remove(key) else { return };
        self.cost -= cost;
        let Some(theirs) = self.owners.get_mut(&owner) else { return };
        match detached_since {
            Some(since) => {
                theirs.detached.remove(&(since, key.clone()));
                self.detached.remove(&(since, key.clone()));
            }
            None => {
                theirs.attached.remove(&(cost, key.clone()));
            }
        }
        self.by_cost.remove(&(theirs.cost, owner.clone()));
        theirs.cost -= cost;
        if theirs.detached.is_empty() && theirs.attached.is_empty() {
            self.owners.remove(&owner);
        } else {
            self.by_cost.insert((theirs.cost, owner));
        }
    }

    /// The detached sessions that have to go now: those whose grace is over, and, while all together cost too much,
    /// those of who has most, the longest detached first. They are forgotten here; the driver drops them.
    ///
    /// If it still is too much, [`shed`](Self::shed) says what else has to go.
    pub fn evict(&mut self, now: Instant, limits: Limits) -> Vec<K> {
        let mut gone = Vec::new();
        while let Some((since, key)) = self.detached.first()
            && now >= *since + limits.grace_ms
        {
            let key = key.clone();
            self.forget(&key);
            gone.push(key);
        }
        while self.cost > limits.memory
            && let Some((_, key)) = self.richest().and_then(|(_, theirs)| theirs.detached.first())
        {
            let key = key.clone();
            self.forget(&key);
            gone.push(key);
        }
        gone
    }

    /// The attached session that has to go now, if all together cost too much and who has most has none that is
    /// detached: the one that costs most. It is forgotten here; the driver closes its links, and asks both anew.
    pub fn shed(&mut self, limits: Limits) -> Option<K> {
        let (_, theirs) = self.richest().filter(|_| self.cost > limits.memory)?;
        let (_, key) = theirs.attached.last().filter(|_| theirs.detached.is_empty())?;
        let key = key.clone();
        self.forget(&key);
        Some(key)
    }

    /// Whether this owner may have another session of this cost: there is room for it, or somebody has more than
    /// this one would have then, or what is detached of its own makes room. Once it is noted, [`evict`](Self::evict) and [`shed`](Self::shed) find who goes for it.
    pub fn admits(&self, owner: &O, cost: u64, limits: Limits) -> bool {
        let theirs = self.owners.get(owner);
        let has = theirs.map_or(0, |theirs| theirs.cost);
        let too_much = (self.cost + cost).saturating_sub(limits.memory);
        let detached = theirs.into_iter().flat_map(|theirs| &theirs.detached);
        let spare = |(_, key): &(Instant, K)| self.places.get(key).map_or(0, |place| place.cost);
        too_much == 0
            || self.richest().is_some_and(|(_, most)| most.cost > has + cost)
            || detached.map(spare).sum::<u64>() >= too_much
    }

    /// When the next one goes by itself, if nothing changes.
    pub fn next_deadline(&self, limits: Limits) -> Option<Instant> {
        self.detached.first().map(|(since, _)| *since + limits.grace_ms)
    }

    /// What all sessions cost together.
    pub fn cost(&self) -> u64 {
        self.cost
    }

    fn richest(&self) -> Option<(&O, &Owned<K>)> {
        let (_, owner) = self.by_cost.last()?;
        self.owners.get_key_value(owner)
    }
}
