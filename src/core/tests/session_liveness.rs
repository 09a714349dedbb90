//! Signs of life, and counts that must agree.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::session_bench::{Bench, counts, tab};
use crate::core::resume::frame::{ClientFrame, Counts, ServerFrame};
use crate::core::resume::session::Next;
use crate::core::time::Instant;

#[test]
fn the_server_pings_and_states_its_counts() {
    let mut bench = Bench::new();
    let a = bench.tab(1);
    bench.say(1..=2);
    bench.pull(&a);
    bench.pass(14_999);
    assert_eq!(bench.pull(&a), []);
    bench.pass(1);
    assert_eq!(bench.pull(&a), [Next::Frame(ServerFrame::Ping(counts(2, 0, 0)))]);
    bench.frame(&a, ClientFrame::Pong(counts(0, 2, 2)));
    bench.pass(15_000);
    assert_eq!(bench.pull(&a), [Next::Frame(ServerFrame::Ping(counts(2, 0, 0)))]);
}

#[test]
fn every_ping_has_its_pong() {
    let mut bench = Bench::new();
    let a = bench.tab(1);
    for _ in 0..3 {
        bench.frame(&a, ClientFrame::Ping(counts(0, 0, 0)));
    }
    assert_eq!(bench.pull(&a), vec![Next::Frame(ServerFrame::Pong(counts(0, 0, 0))); 3]);
}

#[test]
fn pings_that_cannot_be_handed_over_do_not_pile_up() {
    let mut bench = Bench::new();
    let a = bench.tab(1);
    for _ in 0..10 {
        bench.pass(10_000);
        bench.ack(&a, 0);
    }
    assert_eq!(bench.pull(&a).len(), 1);
}

#[test]
fn silence_for_two_point_three_intervals_is_the_end_of_a_link() {
    let mut bench = Bench::new();
    let mut a = bench.tab(1);
    bench.say(1..=1);
    bench.pass(34_499);
    assert_eq!(bench.over(&a), None);
    bench.pass(1);
    assert_eq!(
        bench.session.detached_since(),
        Some(Instant::from_ms(34_500)),
        "before the driver has closed it"
    );
    assert_eq!(bench.over(&a), Some((4408, "no sign of life".into())));
    bench.lose(&a);
    assert_eq!(bench.session.poll_timeout(), None);
    bench.enter(&mut a);
    assert_eq!(bench.notes(&a), [1]);
}

#[test]
fn one_that_never_pulls_its_welcome_dies_too() {
    let mut bench = Bench::new();
    bench.attach(&mut tab(1)).expect("it may attach");
    bench.pass(34_500);
    assert!(bench.session.detached_since().is_some());
}

#[test]
fn any_frame_or_message_is_a_sign_of_life() {
    let mut bench = Bench::new();
    let a = bench.tab(1);
    bench.pass(30_000);
    bench.ack(&a, 0);
    bench.pass(30_000);
    bench.send(&a, [1]);
    bench.pass(30_000);
    assert_eq!(bench.over(&a), None);
    bench.pass(4_500);
    assert_eq!(bench.over(&a).map(|(code, _)| code), Some(4408));
}

#[test]
fn counts_that_contradict_are_a_violation() {
    // The client has sent 2, was sent 3, and has stated that it has received 2 and consumed 1.
    let wrong: [(Counts, &str); 8] = [
        (counts(1, 2, 1), "miscount: of the input sent, not all or more arrived (1, 2)"),
        (counts(3, 2, 1), "miscount: of the input sent, not all or more arrived (3, 2)"),
        (
            counts(u64::MAX, 2, 1),
            "miscount: of the input sent, not all or more arrived (18446744073709551615, 2)",
        ),
        (counts(2, 4, 1), "`received` is more than was sent (4, 3)"),
        (counts(2, u64::MAX, 1), "`received` is more than was sent (18446744073709551615, 3)"),
        (counts(2, 1, 1), "`received` went backwards (1, 2)"),
        (counts(2, 2, 0), "`consumed` went backwards (0, 1)"),
        (counts(2, 2, 3), "`consumed` is more than `received` (3, 2)"),
    ];
    for frame in [ClientFrame::Ack, ClientFrame::Ping, ClientFrame::Pong] {
        for (stated, why) in wrong {
            let mut bench = Bench::new();
            let a = bench.tab(1);
            let other = bench.tab(2);
            bench.send(&a, [1, 2]);
            bench.say(1..=3);
            bench.pull(&a);
            bench.frame(&a, frame(counts(2, 2, 1)));
            bench.pull(&a);
            bench.frame(&a, frame(stated));
            bench.frame(&a, frame(counts(2, 3, 3)));
            assert_eq!(bench.over(&a), Some((4400, why.into())));
            assert!(bench.notes(&other).len() == 3 && bench.over(&other).is_none(), "others go on");
        }
    }
}

#[test]
fn a_clock_that_is_set_back_does_no_harm() {
    let mut bench = Bench::new();
    let a = bench.tab(1);
    bench.pass(20_000);
    bench.ack(&a, 0);
    bench.ms = 0;
    bench.say(1..=1);
    bench.ack(&a, 0);
    assert_eq!(bench.notes(&a), [1]);
    bench.ms = 54_000;
    let now = bench.now();
    bench.session.timeout(now);
    assert_eq!(bench.over(&a), None);
}
