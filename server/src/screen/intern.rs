//! Values that are too large for a cell, kept once and named by number.

use std::collections::HashMap;
use std::hash::Hash;

/// What a value takes beside its place in the table, in bytes.
pub(super) trait Cost {
    fn cost(&self) -> usize;
}

/// The values by number, and the numbers by value. Number 0 is never given away.
#[derive(Debug, Clone)]
pub(super) struct Interner<T> {
    numbers: HashMap<T, u32>,
    values: Vec<Option<T>>,
    free: Vec<u32>,
    cost: usize,
    most: usize,
    most_cost: usize,
}

impl<T: Clone + Eq + Hash + Cost> Interner<T> {
    /// Takes at most `most` values that cost `most_cost` bytes together.
    pub(super) fn new(most: usize, most_cost: usize) -> Self {
        Self { numbers: HashMap::new(), values: vec![None], free: Vec::new(), cost: 0, most, most_cost }
    }

    pub(super) fn get(&self, number: u32) -> Option<&T> {
        self.values.get(number as usize)?.as_ref()
    }

    /// The number of this value; none if there is no room for it.
    pub(super) fn number(&mut self, value: &T) -> Option<u32> {
        if let Some(&number) = self.numbers.get(value) {
            return Some(number);
        }
        if self.numbers.len() >= self.most || self.cost + value.cost() > self.most_cost {
            return None;
        }
        let number = self.free.pop().unwrap_or_else(|| {
            self.values.push(None);
            self.values.len() as u32 - 1
        });
        self.cost += value.cost();
        self.values[number as usize] = Some(value.clone());
        self.numbers.insert(value.clone(), number);
        Some(number)
    }

    /// Forgets all but the used ones; `used` is indexed by number. Returns how many it forgot.
    pub(super) fn keep(&mut self, used: &[bool]) -> usize {
        let before = self.numbers.len();
        for (number, slot) in self.values.iter_mut().enumerate().skip(1) {
            if used.get(number).is_some_and(|&used| used) {
                continue;
            }
            if let Some(value) = slot.take() {
                self.cost -= value.cost();
                self.numbers.remove(&value);
                self.free.push(number as u32);
            }
        }
        before - self.numbers.len()
    }

    /// One more than the highest number, for the list that `keep` takes.
    pub(super) fn bound(&self) -> usize {
        self.values.len()
    }
}
