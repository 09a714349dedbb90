//! What happens too often to be told each time: it is told at the powers of two.

use std::sync::atomic::{AtomicU64, Ordering};

/// A count.
#[derive(Debug, Default)]
pub(crate) struct Rarely(AtomicU64);

impl Rarely {
    /// Once more: how often by now, if that is to be told.
    pub(crate) fn again(&self) -> Option<u64> {
        let count = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        count.is_power_of_two().then_some(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_at_the_powers_of_two() {
        let rarely = Rarely::default();
        let told: Vec<_> = (0..1_000).filter_map(|_| rarely.again()).collect();
        assert_eq!(told, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]);
    }
}
