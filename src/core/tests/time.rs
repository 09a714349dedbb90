//! One time line from two clocks.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::core::time::Clock;

/// A monotonic clock that counts from 1 s, and a wall clock.
fn clock() -> Clock {
    Clock::new(1_000_000, 50_000)
}

/// What a second reading, this much later on both clocks, adds to the time line; in ms.
fn advance(monotonic_ms: i64, wall_ms: i64) -> u64 {
    let mut clock = clock();
    let before = clock.read(1_000_000, 50_000).instant;
    let monotonic_us = 1_000_000_i64 + monotonic_ms * 1_000;
    clock.read(monotonic_us as u64, (50_000 + wall_ms) as u64).instant.since(before)
}

#[test]
fn time_passes_with_the_monotonic_clock() {
    assert_eq!(advance(5, 5), 5);
    assert_eq!(advance(5, 0), 5);
    assert_eq!(advance(0, 5), 0, "the clocks tick at different moments");
}

#[test]
fn sleep_counts_though_the_monotonic_clock_stood_still() {
    assert_eq!(advance(0, 3_600_000), 3_600_000);
    assert_eq!(advance(20, 3_600_000), 3_600_000);
}

#[test]
fn sleep_is_what_the_wall_clock_gains_by_more_than_a_second() {
    assert_eq!([advance(20, 1_020), advance(20, 1_021)], [20, 1_021]);
    let mut clock = clock();
    clock.read(2_000_000, 51_900);
    assert_eq!(clock.sleeps(), 0);
    clock.read(2_000_000, 52_901);
    clock.read(2_010_000, 52_911);
    assert_eq!(clock.sleeps(), 1);
    clock.read(2_020_000, 62_911);
    assert_eq!(clock.sleeps(), 2);
}

#[test]
fn a_wall_clock_that_is_set_back_does_not_count() {
    assert_eq!(advance(20, -49_990), 20);
}

#[test]
fn microseconds_are_kept() {
    let mut clock = clock();
    let before = clock.read(1_000_000, 50_000).instant;
    let after = clock.read(1_000_035, 50_000).instant;
    assert_eq!((after.since_us(before), after.since(before), after.delay_from(before)), (35, 0, 1));
    assert_eq!(before.since_us(after), 0);
}

#[test]
fn however_often_it_is_read_it_runs_no_faster_than_the_clocks() {
    let mut clock = Clock::new(0, 50_000);
    let begin = clock.read(0, 50_000).instant;
    // One clock ticks at the odd readings, the other at the even ones.
    for reading in 0..2_000_u64 {
        clock.read(reading.div_ceil(2) * 1_000, 50_000 + reading / 2);
    }
    assert_eq!(clock.read(1_000_000, 51_000).instant.since(begin), 1_000);
}

#[test]
fn time_never_runs_backwards() {
    let mut clock = clock();
    let before = clock.read(2_000_000, 51_000);
    let after = clock.read(500_000, 100);
    assert_eq!(before.instant, after.instant);
    assert_eq!(after.unix_ms, 100);
    assert_eq!(clock.read(501_000, 101).instant.since(after.instant), 1, "and goes on from there");
}
