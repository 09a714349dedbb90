//! How many there are of each, up to a bound, and of all together. A place is given back by dropping it.

use std::collections::HashMap;
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Counts by key.
#[derive(Debug)]
pub(crate) struct Tally<K> {
    counts: Arc<Mutex<Counts<K>>>,
    most: usize,
    total: usize,
}

#[derive(Debug)]
struct Counts<K> {
    of: HashMap<K, usize>,
    used: usize,
}

/// One of a key's places.
#[derive(Debug)]
pub(crate) struct Taken<K: Hash + Eq> {
    key: K,
    counts: Arc<Mutex<Counts<K>>>,
}

impl<K: Hash + Eq + Clone + Debug> Tally<K> {
    /// So many places for each.
    pub(crate) fn new(most: usize) -> Self {
        Self::sharing(most, usize::MAX)
    }

    /// So many for each, and for all together. Nobody takes the last ones: each may have no more than are left free.
    /// So one alone gets half of all, two get a third each, and there always is something for who comes next.
    pub(crate) fn sharing(most: usize, total: usize) -> Self {
        let counts = Counts { of: HashMap::new(), used: 0 };
        Self { counts: Arc::new(Mutex::new(counts)), most, total }
    }

    /// A place for this key, if there is one left.
    pub(crate) fn enter(&self, key: K) -> Option<Taken<K>> {
        self.take(key, |has, free| has < self.most.min(free))
    }

    /// A place for a key that stands for many, who are counted elsewhere, if there is any left.
    pub(crate) fn enter_for_many(&self, key: K) -> Option<Taken<K>> {
        self.take(key, |_, free| free > 0)
    }

    fn take(&self, key: K, may: impl FnOnce(usize, usize) -> bool) -> Option<Taken<K>> {
        let mut counts = lock(&self.counts);
        let has = counts.of.get(&key).copied().unwrap_or_default();
        if !may(has, self.total - counts.used) {
            return None;
        }
        counts.of.insert(key.clone(), has + 1);
        counts.used += 1;
        drop(counts);
        Some(Taken { key, counts: Arc::clone(&self.counts) })
    }
}

impl<K: Hash + Eq> Drop for Taken<K> {
    fn drop(&mut self) {
        let mut counts = lock(&self.counts);
        counts.used -= 1;
        // There is always one entry for a key with places; it goes with the last.
        if let Some(count) = counts.of.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                counts.of.remove(&self.key);
            }
        }
    }
}

fn lock<K>(counts: &Mutex<Counts<K>>) -> MutexGuard<'_, Counts<K>> {
    // The table is whole after each of its operations.
    counts.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_has_places_of_their_own_and_gives_them_back() {
        let tally = Tally::new(2);
        let ada = [tally.enter("ada"), tally.enter("ada")];
        assert!(ada.iter().all(Option::is_some) && tally.enter("ada").is_none());
        let eve = tally.enter("eve");
        assert!(eve.is_some());
        drop(ada);
        let again = tally.enter("ada");
        assert!(again.is_some());
        drop((again, eve));
        let counts = lock(&tally.counts);
        assert!(counts.of.is_empty() && counts.used == 0, "nothing is remembered of who has gone");
    }

    #[test]
    fn nobody_takes_the_places_of_who_comes_next() {
        let tally = Tally::sharing(usize::MAX, 60);
        let all = |key| std::iter::from_fn(|| tally.enter(key)).collect::<Vec<_>>();
        let eve = all("eve");
        assert_eq!(eve.len(), 30, "half of all");
        let mallory = all("mallory");
        assert_eq!(mallory.len(), 15, "half of the rest");
        assert!(tally.enter("eve").is_none());
        let ada = tally.enter("ada");
        assert!(ada.is_some(), "there still is something");
        drop(eve);
        assert_eq!(all("mallory").len(), 15, "until it has as many as are left free");
        let many: Vec<_> = std::iter::from_fn(|| tally.enter_for_many("proxy")).collect();
        assert_eq!(many.len(), 60 - 15 - 1, "who stands for many may have all");
        assert!(tally.enter("bob").is_none());
    }
}
