//! How links end, and when a session can go.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::session_bench::{Bench, counts, tab};
use crate::core::resume::Violation;
use crate::core::resume::frame::ServerFrame;
use crate::core::resume::session::{Farewell, Next};
use crate::core::time::Instant;

#[test]
fn a_planned_close_is_announced_and_then_nothing_follows() {
    let mut bench = Bench::new();
    let mut a = bench.tab(1);
    bench.say(1..=1);
    let farewell = Farewell::new(1012, "restarting");
    assert!(!bench.session.is_over(a.link));
    bench.session.say_bye(a.link, farewell.clone(), Some(700));
    assert!(bench.session.is_over(a.link), "before it is pulled");
    bench.send(&a, [1]);
    let bye = ServerFrame::Bye { code: 1012, retry_after_ms: Some(700) };
    assert_eq!(bench.pull(&a), [Next::Frame(bye), Next::Over(farewell.clone())]);
    assert_eq!(bench.pull(&a), [Next::Over(farewell)], "however often it is asked");
    assert_eq!(bench.feed(), []);
    bench.leave(&a);
    let epoch = a.hello.epoch;
    assert_eq!(Some(bench.enter(&mut a).epoch), epoch, "to answer such a close is not to leave");
    assert_eq!(bench.notes(&a), [1]);
}

#[test]
fn what_the_driver_has_found_wrong_ends_the_link() {
    let mut bench = Bench::new();
    let a = bench.tab(1);
    bench.session.violated(a.link, Violation("x".repeat(200).into()));
    assert_eq!(bench.over(&a), Some((4400, "x".repeat(123))));
    bench.session.violated(a.link, Violation("and more".into()));
    assert_eq!(bench.over(&a), Some((4400, "x".repeat(123))), "the first is what counts");
}

#[test]
fn an_answer_to_4400_forgets_the_attachment_and_a_cut_does_not() {
    for (answered, known) in [(true, false), (false, true)] {
        let mut bench = Bench::new();
        let mut a = bench.tab(1);
        bench.session.violated(a.link, Violation("nonsense".into()));
        if answered {
            bench.leave(&a);
        } else {
            bench.lose(&a);
        }
        assert_eq!(bench.session.is_spent(), !known);
        let epoch = a.hello.epoch;
        assert_eq!(Some(bench.enter(&mut a).epoch) == epoch, known);
    }
}

#[test]
fn a_session_is_detached_while_nobody_is_attached() {
    let mut bench = Bench::new();
    assert_eq!(bench.session.detached_since(), None, "nobody was there yet");
    let (a, b) = (bench.tab(1), bench.tab(2));
    bench.ms = 10;
    bench.lose(&a);
    assert_eq!(bench.session.detached_since(), None);
    bench.ms = 20;
    bench.leave(&b);
    assert_eq!(bench.session.detached_since(), Some(Instant::from_ms(20)));
    bench.ms = 30;
    bench.lose(&a);
    bench.leave(&b);
    assert_eq!(bench.session.detached_since(), Some(Instant::from_ms(20)), "what is gone cannot go again");
    bench.tab(3);
    assert_eq!(bench.session.detached_since(), None);
}

#[test]
fn a_session_is_spent_when_all_have_left() {
    let mut bench = Bench::new();
    assert!(!bench.session.is_spent(), "nobody was there yet");
    let (a, b) = (bench.tab(1), bench.tab(2));
    bench.leave(&a);
    assert!(!bench.session.is_spent());
    bench.lose(&b);
    assert!(!bench.session.is_spent(), "it may come back");
    let mut b = b;
    bench.enter(&mut b);
    bench.leave(&b);
    assert!(bench.session.is_spent());
}

#[test]
fn an_ended_session_is_spent_when_everybody_has_answered_its_close() {
    let mut bench = Bench::new();
    let (a, mut b) = (bench.tab(1), bench.tab(2));
    bench.say(1..=1);
    bench.end();
    for tab in [&a, &b] {
        assert_eq!(bench.next(tab), Next::Message(super::session_bench::note(1)));
        assert!(matches!(bench.next(tab), Next::Frame(ServerFrame::End { .. })));
    }
    bench.ack(&a, 2);
    bench.pull(&a);
    bench.leave(&a);
    assert!(!bench.session.is_spent());
    bench.ack(&b, 2);
    assert_eq!(bench.over(&b).map(|(code, _)| code), Some(1000));
    bench.lose(&b);
    assert!(!bench.session.is_spent(), "it has the end, and may come back for the close");
    b.hello.received = 2;
    bench.attach(&mut b).expect("it is known");
    bench.lose(&b);
    assert!(!bench.session.is_spent(), "and once more, when its welcome is lost");
    bench.enter(&mut b);
    assert_eq!(bench.over(&b).map(|(code, _)| code), Some(1000));
    bench.leave(&b);
    assert!(bench.session.is_spent());
}

#[test]
fn a_session_that_has_ended_waits_for_no_input() {
    let mut bench = Bench::new();
    let a = bench.tab(1);
    bench.send(&a, [1]);
    bench.end();
    bench.pull(&a);
    bench.leave(&a);
    assert!(bench.session.is_spent());
}

#[test]
fn links_that_nobody_knows_change_nothing() {
    let mut bench = Bench::new();
    let a = bench.tab(1);
    let stranger = tab(9);
    bench.send(&stranger, [1]);
    bench.ack(&stranger, 7);
    bench.lose(&stranger);
    bench.leave(&stranger);
    bench.session.violated(stranger.link, Violation("nonsense".into()));
    bench.session.say_bye(stranger.link, Farewell::new(1001, ""), None);
    assert_eq!(bench.next(&stranger), Next::Idle);
    assert!(bench.session.is_over(stranger.link));
    bench.say(1..=1);
    assert_eq!(bench.notes(&a), [1]);
    assert_eq!(bench.feed(), []);
}

#[test]
fn nothing_comes_before_the_welcome_not_even_a_bye() {
    let mut bench = Bench::new();
    let mut a = tab(1);
    bench.attach(&mut a).expect("it may attach");
    let farewell = Farewell::new(1001, "restarting; retry-after: 2");
    bench.session.say_bye(a.link, farewell.clone(), Some(2_000));
    assert_eq!(bench.pull(&a), [Next::Over(farewell)]);
}

#[test]
fn who_comes_back_for_the_end_is_told_before_it_what_of_its_input_was_consumed() {
    let mut bench = Bench::new();
    let mut a = bench.tab(1);
    bench.send(&a, [1, 2]);
    bench.feed();
    bench.end();
    bench.lose(&a);
    a.hello.sent = 2;
    bench.enter(&mut a);
    let ack = ServerFrame::Ack(counts(0, 2, 2));
    assert_eq!(bench.next(&a), Next::Frame(ack), "the welcome has said only what was received");
    assert!(matches!(bench.next(&a), Next::Frame(ServerFrame::End { .. })));
}
