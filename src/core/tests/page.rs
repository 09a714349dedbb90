//! What the platform says of the page and its network, none of it proof of anything.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{Bench, Input, SocketId, Status, opened, openings};
use crate::core::event::Page;

#[test]
fn offline_slows_to_the_cap_and_never_stops() {
    for seed in 0..50 {
        let mut bench = Bench::seeded(seed);
        let socket = bench.open("a");
        bench.tell(Input::Page(Page::Offline));
        assert_eq!(bench.status("a"), Status::Connected, "the flag is wrong often enough");
        bench.lose(socket, 1006);
        assert!((15_000..=30_000).contains(&bench.delay("a")));
        assert_eq!(openings(&bench.advance()).len(), 1);
    }
}

#[test]
fn going_offline_slows_what_waits_already_and_a_snapshot_shows_it() {
    let mut bench = Bench::new();
    let socket = bench.open("a");
    bench.lose(socket, 1006);
    assert!(bench.delay("a") <= 250);
    let revision = bench.facts("a").unwrap().revision;
    bench.tell(Input::Page(Page::Offline));
    assert!((15_000..=30_000).contains(&bench.delay("a")));
    assert_ne!(bench.facts("a").unwrap().revision, revision);
}

#[test]
fn offline_delays_are_jittered_too() {
    let delay = |seed| {
        let mut bench = Bench::seeded(seed);
        bench.tell(Input::Page(Page::Offline));
        let socket = bench.open("a");
        bench.lose(socket, 1006);
        bench.delay("a")
    };
    let first = delay(0);
    assert!((1..20).any(|seed| delay(seed) != first));
}

#[test]
fn online_and_awake_end_the_wait_and_touch_no_attempt_that_is_under_way() {
    for page in [Page::Online, Page::Awake] {
        let mut bench = Bench::new();
        let socket = bench.open("a");
        bench.lose(socket, 1006);
        let next = SocketId { generation: 2, ..socket };
        assert_eq!(openings(&bench.tell(Input::Page(page))), [next]);
        assert_eq!(openings(&bench.tell(Input::Page(page))), []);
        bench.tell(opened(next));
        assert_eq!(openings(&bench.tell(Input::Page(page))), []);
        assert_eq!(bench.status("a"), Status::Connected);
    }
}

#[test]
fn the_flag_is_remembered_and_waking_up_does_not_change_it() {
    let mut bench = Bench::new();
    for (page, online) in
        [(Page::Offline, false), (Page::Awake, false), (Page::Online, true), (Page::Awake, true)]
    {
        bench.tell(Input::Page(page));
        assert_eq!(bench.pool.is_online(), online);
    }
}
