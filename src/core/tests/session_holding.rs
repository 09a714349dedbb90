//! Whom the source waits for, and for how long.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::session_bench::{Bench, NOTE_COST, Note, TERMS, counts, frames, note, size, tab};
use crate::core::resume::ENTRY_COST;
use crate::core::resume::frame::{ClientFrame, ServerFrame};
use crate::core::resume::session::{Entry, Input, Next};

#[test]
fn the_source_waits_while_the_controller_lacks_as_much_as_the_window_holds() {
    let mut bench = Bench::new();
    let a = bench.tab(1);
    bench.say(1..=4);
    assert!(!bench.session.holds(), "there is room for one more");
    bench.say([5]);
    assert!(bench.session.holds());
    bench.pull(&a);
    assert!(bench.session.holds(), "sent is not received");
    bench.ack(&a, 1);
    assert!(!bench.session.holds());
}

#[test]
fn a_source_that_obeys_never_loses_what_the_controller_lacks() {
    let mut bench = Bench::new();
    let a = bench.tab(1);
    let half = Note { id: 0, bytes: TERMS.ring / 2 - ENTRY_COST };
    let mut got = 0;
    for turn in 1..=200_u64 {
        while !bench.session.holds() {
            bench.append(Entry::Message(if turn.is_multiple_of(3) { half } else { note(turn) }));
        }
        got += bench.notes(&a).len() as u64;
        assert_eq!(bench.session.detached_since(), None);
        bench.frame(&a, ClientFrame::Ack(counts(0, got, got)));
    }
    assert!(got > 200);
}

#[test]
fn who_has_a_message_in_hand_can_ask_for_just_that() {
    let mut bench = Bench::new();
    let a = bench.tab(1);
    assert!(bench.session.has_room(100 * TERMS.ring), "nothing is lacked");
    bench.say(1..=2);
    assert!(bench.session.has_room(3 * NOTE_COST - ENTRY_COST));
    assert!(!bench.session.has_room(3 * NOTE_COST - ENTRY_COST + 1));
    assert!(!bench.session.has_room(u64::MAX));
    bench.pull(&a);
    bench.ack(&a, 2);
    assert!(bench.session.has_room(u64::MAX));
}

#[test]
fn nobody_waits_for_the_controller_of_a_session_that_is_not_in_charge() {
    let mut bench = Bench::new();
    let mut a = tab(1);
    assert!(bench.enter(&mut a).controller);
    bench.session.set_in_charge(false);
    assert_eq!(bench.pull(&a), [Next::Frame(ServerFrame::Role { controller: false })]);
    bench.say(1..=9);
    assert!(!bench.session.holds());
    bench.session.set_in_charge(true);
    assert!(bench.session.holds());
    assert_eq!(frames(bench.pull(&a)), [ServerFrame::Role { controller: true }]);
}

#[test]
fn a_session_that_is_not_in_charge_takes_the_terminal_with_a_new_size_only() {
    let mut bench = Bench::new();
    let mut a = tab(1);
    a.hello.size = Some(size(90));
    bench.enter(&mut a);
    bench.feed();
    bench.session.set_in_charge(false);
    bench.append(Entry::Size(size(100)));
    for (says, applies) in [(90, false), (110, true), (110, false)] {
        bench.lose(&a);
        (a.hello.size, a.hello.received) = (Some(size(says)), 0);
        bench.attach(&mut a).expect("it comes back");
        assert_eq!(bench.feed(), if applies { vec![Input::Resize(size(says))] } else { vec![] }, "{says}");
    }
}

#[test]
fn nobody_waits_for_a_viewer_or_for_one_that_is_detached() {
    let mut bench = Bench::new();
    let a = bench.tab(1);
    let viewer = bench.tab(2);
    for id in 1..=8 {
        bench.say([id]);
        bench.pull(&a);
        bench.ack(&a, id);
    }
    assert!(!bench.session.holds());
    assert_eq!(bench.notes(&viewer).len(), 5);
    bench.say(9..=14);
    assert!(bench.session.holds());
    bench.lose(&a);
    assert!(!bench.session.holds());
}

#[test]
fn patience_ends_without_progress_and_returns_with_it() {
    let mut bench = Bench::new();
    let a = bench.tab(1);
    bench.pass(60);
    bench.say(1..=6);
    bench.pull(&a);
    bench.pass(4_999);
    assert!(bench.session.holds());
    bench.frame(&a, ClientFrame::Ack(counts(0, 2, 0)));
    bench.say(7..=8);
    bench.pass(1);
    assert!(!bench.session.holds(), "received is no progress");
    bench.frame(&a, ClientFrame::Ack(counts(0, 2, 1)));
    assert!(bench.session.holds());
    bench.pass(3_000);
    bench.frame(&a, ClientFrame::Ack(counts(0, 2, 2)));
    bench.pass(4_999);
    assert!(bench.session.holds());
    bench.pass(1);
    assert!(!bench.session.holds());
    bench.say(9..=20);
    assert_eq!(bench.over(&a), Some((4413, "too slow".into())), "then it is evicted like anybody");
}

#[test]
fn patience_begins_when_something_is_lacked_and_not_before() {
    let mut bench = Bench::new();
    let a = bench.tab(1);
    for _ in 0..4 {
        bench.pass(10_000);
        bench.ack(&a, 0);
    }
    bench.say(1..=6);
    assert!(bench.session.holds());
    bench.pass(4_999);
    assert!(bench.session.holds());
}

#[test]
fn a_controller_that_comes_back_is_waited_for_anew_if_it_made_progress_before() {
    let mut bench = Bench::new();
    let mut a = bench.tab(1);
    bench.say(1..=8);
    bench.pull(&a);
    bench.ack(&a, 1);
    bench.pass(5_000);
    assert!(!bench.session.holds());
    bench.lose(&a);
    a.hello.received = 1;
    bench.enter(&mut a);
    assert!(bench.session.holds());
    bench.pass(5_000);
    assert!(!bench.session.holds());
    bench.lose(&a);
    bench.enter(&mut a);
    assert!(!bench.session.holds(), "it took nothing: it is waited for no more");
}

#[test]
fn whoever_takes_the_controls_again_and_again_without_progress_is_not_waited_for() {
    let mut bench = Bench::new();
    let (a, b) = (bench.tab(1), bench.tab(2));
    bench.say(1..=6);
    let mut held = 0;
    for turn in 0..20 {
        bench.send(if turn % 2 == 0 { &b } else { &a }, [1]);
        bench.feed();
        bench.pass(4_900);
        held += u64::from(bench.session.holds());
    }
    assert!(held <= 2, "once for each of them, not {held} times");
}

#[test]
fn what_it_had_before_it_came_back_is_no_progress() {
    let mut bench = Bench::new();
    let mut a = bench.tab(1);
    bench.say(1..=8);
    bench.pull(&a);
    bench.ack(&a, 2);
    bench.lose(&a);
    a.hello.received = 2;
    bench.enter(&mut a);
    bench.pull(&a);
    bench.pass(4_999);
    bench.ack(&a, 2);
    bench.pass(1);
    assert!(!bench.session.holds());
}

#[test]
fn a_viewer_that_becomes_the_controller_is_waited_for() {
    let mut bench = Bench::new();
    let (a, b) = (bench.tab(1), bench.tab(2));
    bench.say(1..=6);
    bench.pull(&a);
    bench.ack(&a, 5);
    bench.pass(5_000);
    assert!(!bench.session.holds());
    bench.send(&b, [1]);
    bench.pass(4_999);
    assert!(bench.session.holds());
    bench.pass(1);
    assert!(!bench.session.holds());
}
