//! The sidebar's regular look.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{Bench, Input, Output};

#[test]
fn a_poll_calls_every_two_seconds() {
    let mut bench = Bench::new();
    let id = bench.pool.start_poll(bench.now(), None);
    for due in [2_000, 4_000, 6_000] {
        assert_eq!(bench.advance(), [Output::Poll(id)]);
        assert_eq!(bench.ms, due);
    }
}

#[test]
fn subscribers_with_their_own_intervals_share_one_deadline() {
    let mut bench = Bench::new();
    let slow = bench.pool.start_poll(bench.now(), Some(3_000));
    let quick = bench.pool.start_poll(bench.now(), Some(1_000));
    let calls: Vec<_> = (0..4).flat_map(|_| bench.advance()).collect();
    assert_eq!(calls, [quick, quick, slow, quick, quick].map(Output::Poll));
}

#[test]
fn a_new_subscriber_is_not_forgotten_behind_a_later_deadline() {
    let mut bench = Bench::new();
    bench.pool.start_poll(bench.now(), Some(3_000));
    bench.drain();
    let quick = bench.pool.start_poll(bench.now(), Some(1_000));
    assert_eq!(bench.advance(), [Output::Poll(quick)]);
    bench.pool.stop_poll(quick);
    bench.drain();
    bench.advance();
    assert_eq!(bench.ms, 3_000);
}

#[test]
fn a_page_that_slept_is_called_once() {
    let mut bench = Bench::new();
    let id = bench.pool.start_poll(bench.now(), Some(2_000));
    bench.ms = 3_600_000;
    assert_eq!(bench.tell(Input::Timeout), [Output::Poll(id)]);
    assert_eq!(bench.advance(), [Output::Poll(id)]);
    assert_eq!(bench.ms, 3_602_000);
}

#[test]
fn without_subscribers_there_is_no_timer() {
    let mut bench = Bench::new();
    let ids = [2_000, 5_000].map(|interval| bench.pool.start_poll(bench.now(), Some(interval)));
    assert!(bench.pool.poll_timeout().is_some());
    for id in ids {
        bench.pool.stop_poll(id);
    }
    assert_eq!(bench.pool.poll_timeout(), None);
}
