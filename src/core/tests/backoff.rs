//! When a lost connection is tried again.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{Bench, opened, set};
use crate::core::backoff::Backoff;
use crate::core::event::{Input, Page};
use crate::core::options::Knob;
use crate::core::rng::Rng;

#[test]
fn the_interval_doubles_up_to_the_cap() {
    let ceilings: Vec<u64> = (0..10).map(|n| Backoff::default().ceiling_ms(n)).collect();
    assert_eq!(ceilings, [250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
}

#[test]
fn the_factor_can_be_another_one() {
    let steep = Backoff { factor: 3.0, ..Backoff::default() };
    let ceilings: Vec<u64> = (0..6).map(|n| steep.ceiling_ms(n)).collect();
    assert_eq!(ceilings, [250, 750, 2_250, 6_750, 20_250, 30_000]);
}

#[test]
fn after_years_of_failures_the_interval_is_still_the_cap() {
    assert_eq!(Backoff::default().ceiling_ms(u32::MAX), 30_000);
    let constant = Backoff { factor: 1.0, ..Backoff::default() };
    assert_eq!(constant.ceiling_ms(u32::MAX), 250);
    let none = Backoff { base_ms: 0, ..Backoff::default() };
    assert_eq!(none.ceiling_ms(u32::MAX), 0);
}

#[test]
fn delays_fill_the_whole_interval_evenly() {
    let (backoff, mut rng) = (Backoff::default(), Rng::new(1));
    let mut tenths = [0; 10];
    for _ in 0..10_000 {
        let delay = backoff.delay_ms(7, &mut rng);
        assert!(delay <= 30_000);
        tenths[(delay * 10 / 30_001) as usize] += 1;
    }
    assert!(tenths.iter().all(|n| (800..1_200).contains(n)), "{tenths:?}");
}

#[test]
fn every_attempt_is_jittered_anew_and_every_page_differently() {
    let delays = |seed| {
        let mut bench = Bench::seeded(seed);
        let mut socket = bench.connect("a");
        let delays = (0..8).map(|_| {
            bench.lose(socket, 1006);
            let delay = bench.delay("a");
            bench.advance();
            socket.generation += 1;
            delay
        });
        delays.collect::<Vec<_>>()
    };
    assert_eq!(delays(1), delays(1), "a seed replays");
    assert_ne!(delays(1), delays(2));
}

/// The largest delay of many first retries after `open_ms` of uptime, with nine failures before it.
fn longest_delay_after(open_ms: u64) -> u64 {
    let longest = (0..200).map(|seed| {
        let mut bench = Bench::seeded(seed);
        let mut socket = bench.connect("a");
        for _ in 0..9 {
            bench.lose(socket, 1006);
            bench.advance();
            socket.generation += 1;
        }
        bench.tell(opened(socket));
        bench.ms += open_ms;
        bench.lose(socket, 1006);
        bench.delay("a")
    });
    longest.max().expect("there are seeds")
}

#[test]
fn a_stable_connection_starts_over_at_the_first_interval() {
    assert!(longest_delay_after(10_000) <= 250);
}

#[test]
fn a_server_that_accepts_and_drops_at_once_is_not_hammered() {
    assert!(longest_delay_after(9_999) > 15_000);
}

#[test]
fn the_network_coming_back_ends_the_wait() {
    let mut bench = Bench::new();
    let socket = bench.open("a");
    bench.lose(socket, 1006);
    bench.tell(Input::Page(Page::Offline));
    bench.pool.handle(bench.now(), Input::Page(Page::Online));
    assert_eq!(bench.opening(socket.conn).generation, socket.generation + 1);
}

#[test]
fn options_of_the_connection_win_over_those_of_the_manager_and_hold_from_the_next_attempt() {
    let longest = |cap_later: u64| {
        let delays = (0..50).map(|seed| {
            let mut bench = Bench::seeded(seed);
            bench.pool.configure(bench.now(), set(Knob::BackoffBaseMs, 1.0).with(Knob::BackoffCapMs, 5.0));
            let own = set(Knob::BackoffBaseMs, 8_000.0);
            let socket = bench.connect_with("a", own);
            bench.pool.configure(bench.now(), set(Knob::BackoffCapMs, cap_later as f64));
            bench.lose(socket, 1006);
            assert!(bench.delay("a") <= 5, "the first attempt goes by what held when it began");
            bench.advance();
            bench.lose(super::SocketId { generation: 2, ..socket }, 1006);
            bench.delay("a")
        });
        delays.max().expect("there are seeds")
    };
    assert_eq!(longest(0), 0);
    assert!((4_000..=8_000).contains(&longest(8_000)));
}
