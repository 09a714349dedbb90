//! One time line from two clocks.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::core::time::Clock;

/// What a reading adds to the time line.
fn advance(clock: &mut Clock, monotonic: u64, wall: u64) -> u64 {
    let before = clock.read(1_000, 50_000).instant;
    clock.read(monotonic, wall).instant.since(before)
}

#[test]
fn time_passes_with_either_clock() {
    assert_eq!(advance(&mut Clock::new(1_000, 50_000), 1_005, 50_005), 5);
}

#[test]
fn sleep_counts_though_the_monotonic_clock_stood_still() {
    assert_eq!(advance(&mut Clock::new(1_000, 50_000), 1_000, 3_650_000), 3_600_000);
}

#[test]
fn a_wall_clock_that_is_set_back_does_not_count() {
    assert_eq!(advance(&mut Clock::new(1_000, 50_000), 1_020, 10), 20);
}

#[test]
fn however_often_it_is_read_it_runs_no_faster_than_the_clocks() {
    let mut clock = Clock::new(0, 50_000);
    // One clock ticks at the odd readings, the other at the even ones.
    for reading in 0..2_000_u64 {
        clock.read(reading.div_ceil(2), 50_000 + reading / 2);
    }
    let begin = Clock::new(0, 50_000).read(0, 50_000).instant;
    assert_eq!(clock.read(1_000, 51_000).instant.since(begin), 1_000);
}

#[test]
fn time_never_runs_backwards() {
    let mut clock = Clock::new(1_000, 50_000);
    let before = clock.read(2_000, 51_000);
    let after = clock.read(500, 100);
    assert_eq!(before.instant, after.instant);
    assert_eq!(after.unix_ms, 100);
}
