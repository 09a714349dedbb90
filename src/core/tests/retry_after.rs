//! A server that asks to stay away, in its close reason.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{Bench, CloseInfo, Input, SocketId, openings};
use crate::core::close::retry_after_ms;
use crate::core::event::Page;

/// A connection that was told to come back after a minute.
fn told_to_wait(seed: u64) -> (Bench, SocketId) {
    let mut bench = Bench::seeded(seed);
    let socket = bench.open("a");
    bench
        .tell(Input::Closed(socket, CloseInfo { code: 1013, reason: "retry-after: 60".into(), clean: true }));
    (bench, socket)
}

#[test]
fn it_is_in_seconds_anywhere_in_the_reason_in_any_case() {
    for (reason, ms) in [
        ("retry-after: 5", Some(5_000)),
        ("busy; Retry-After:12, sorry", Some(12_000)),
        ("RETRY-AFTER:   0", Some(0)),
        ("retry-after: 1.5", Some(1_000)),
        ("retry-after: 99999999999999999999", Some(3_600_000)),
        ("retry-after: 3601", Some(3_600_000)),
        ("retry-after: soon", None),
        ("retry-after: -5", None),
        ("retry-after:", None),
        ("retry after 5", None),
        ("", None),
    ] {
        assert_eq!(retry_after_ms(reason), ms, "{reason:?}");
    }
}

#[test]
fn nobody_comes_back_before_and_all_are_spread_over_half_that_time_more() {
    let delays: Vec<u64> = (0..200).map(|seed| told_to_wait(seed).0.delay("a")).collect();
    assert!(delays.iter().all(|delay| (60_000..=90_000).contains(delay)), "{delays:?}");
    let seconds = |from, to| delays.iter().filter(|delay| (from..to).contains(*delay)).count();
    let thirds = [seconds(60_000, 70_000), seconds(70_000, 80_000), seconds(80_000, 90_001)];
    assert!(
        thirds.iter().all(|third| *third > delays.len() / 5),
        "spread over half the time asked for: {thirds:?}"
    );
}

#[test]
fn it_holds_for_one_close_only() {
    let (mut bench, socket) = told_to_wait(7);
    bench.advance();
    bench.lose(SocketId { generation: 2, ..socket }, 1006);
    assert!(bench.delay("a") <= 500);
}

#[test]
fn a_page_that_wakes_up_does_not_come_back_before_either() {
    for page in [Page::Awake, Page::Online] {
        let (mut bench, _) = told_to_wait(7);
        bench.pass(59_999);
        assert_eq!(openings(&bench.tell(Input::Page(page))), []);
        bench.ms += 1;
        assert_eq!(openings(&bench.tell(Input::Page(page))).len(), 1);
    }
}

#[test]
fn going_offline_puts_it_off_and_never_forward() {
    let (mut bench, _) = told_to_wait(7);
    let before = bench.delay("a");
    bench.tell(Input::Page(Page::Offline));
    assert_eq!(bench.delay("a"), before);
}

#[test]
fn whoever_reconnects_by_hand_need_not_wait() {
    let (mut bench, socket) = told_to_wait(7);
    assert_eq!(openings(&bench.reconnect(socket.conn)).len(), 1);
}
