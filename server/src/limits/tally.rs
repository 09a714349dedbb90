//! How many there are of each, up to a bound. A place is given back by dropping it.

use std::collections::HashMap;
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Counts by key.
#[derive(Debug)]
pub(crate) struct Tally<K> {
    counts: Arc<Mutex<HashMap<K, usize>>>,
    most: usize,
}

/// One of a key's places.
#[derive(Debug)]
pub(crate) struct Taken<K: Hash + Eq> {
    key: K,
    counts: Arc<Mutex<HashMap<K, usize>>>,
}

impl<K: Hash + Eq + Clone + Debug> Tally<K> {
    pub(crate) fn new(most: usize) -> Self {
        Self { counts: Arc::default(), most }
    }

    /// A place for this key, if there is one left.
    pub(crate) fn enter(&self, key: K) -> Option<Taken<K>> {
        let mut counts = lock(&self.counts);
        let count = counts.entry(key.clone()).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        drop(counts);
        Some(Taken { key, counts: Arc::clone(&self.counts) })
    }
}

impl<K: Hash + Eq> Drop for Taken<K> {
    fn drop(&mut self) {
        let mut counts = lock(&self.counts);
        // There is always one entry for a key with places; it goes with the last.
        if let Some(count) = counts.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.key);
            }
        }
    }
}

fn lock<K>(counts: &Mutex<HashMap<K, usize>>) -> MutexGuard<'_, HashMap<K, usize>> {
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
        assert!(lock(&tally.counts).is_empty(), "nothing is remembered of who has gone");
    }
}
