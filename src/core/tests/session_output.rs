//! The log, the window, and what is kept for whom.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::session_bench::{Bench, NOTE_COST, Note, TERMS, counts, frames, note, size, tab};
use crate::core::resume::ENTRY_COST;
use crate::core::resume::frame::{ClientFrame, ServerFrame};
use crate::core::resume::session::{Entry, Next, Terms};

#[test]
fn entries_come_in_order_whatever_they_are() {
    let mut bench = Bench::new();
    let a = bench.tab(1);
    bench.say(1..=1);
    bench.append(Entry::Size(size(80)));
    bench.say(2..=2);
    let told = [Next::Message(note(1)), Next::Frame(ServerFrame::Size(size(80))), Next::Message(note(2))];
    assert_eq!(bench.pull(&a), told);
    bench.frame(&a, ClientFrame::Ping(counts(0, 3, 3)));
    assert_eq!(bench.pull(&a), [Next::Frame(ServerFrame::Pong(counts(3, 0, 0)))], "a size is numbered too");
}

#[test]
fn no_more_than_the_window_is_sent_before_something_is_consumed() {
    let mut bench = Bench::new();
    let a = bench.tab(1);
    bench.say(1..=8);
    assert_eq!(bench.notes(&a), [1, 2, 3, 4, 5]);
    bench.frame(&a, ClientFrame::Ack(counts(0, 5, 0)));
    assert_eq!(bench.notes(&a), [0; 0], "received is not consumed");
    bench.frame(&a, ClientFrame::Ack(counts(0, 5, 2)));
    assert_eq!(bench.notes(&a), [6, 7]);
    bench.frame(&a, ClientFrame::Ack(counts(0, 7, 7)));
    assert_eq!(bench.notes(&a), [8]);
}

#[test]
fn what_was_received_and_left_the_log_still_fills_the_window_until_it_is_consumed() {
    let mut bench = Bench::new();
    let a = bench.tab(1);
    bench.say(1..=5);
    assert_eq!(bench.notes(&a).len(), 5);
    bench.frame(&a, ClientFrame::Ack(counts(0, 5, 0)));
    bench.say(6..=14);
    assert_eq!(bench.session.cost(), 9 * NOTE_COST, "only what it lacks is kept");
    assert_eq!(bench.notes(&a), [0; 0]);
    bench.frame(&a, ClientFrame::Ack(counts(0, 5, 1)));
    assert_eq!(bench.notes(&a), [6]);
}

#[test]
fn a_message_larger_than_the_window_is_sent_when_nothing_is_outstanding() {
    let mut bench = Bench::new();
    let a = bench.tab(1);
    bench.say(1..=1);
    bench.append(Entry::Message(Note { id: 2, bytes: TERMS.window }));
    bench.say(3..=3);
    assert_eq!(bench.notes(&a), [1]);
    bench.ack(&a, 1);
    assert_eq!(bench.notes(&a), [2]);
    bench.ack(&a, 2);
    assert_eq!(bench.notes(&a), [3]);
}

#[test]
fn a_new_link_has_a_window_of_its_own() {
    let mut bench = Bench::new();
    let mut a = bench.tab(1);
    bench.say(1..=8);
    assert_eq!(bench.notes(&a).len(), 5);
    a.hello.received = 3;
    bench.enter(&mut a);
    assert_eq!(bench.notes(&a), [4, 5, 6, 7, 8], "what is lost in flight is not outstanding");
    bench.frame(&a, ClientFrame::Ack(counts(0, 4, 1)));
    bench.frame(&a, ClientFrame::Ack(counts(0, 4, 2)));
    assert_eq!(bench.over(&a), None, "what came over the older link may be consumed later");
}

#[test]
fn what_everybody_has_is_forgotten_but_for_the_tail() {
    let mut bench = Bench::new();
    let (a, b) = (bench.tab(1), bench.tab(2));
    bench.say(1..=5);
    for tab in [&a, &b] {
        bench.pull(tab);
    }
    bench.ack(&a, 5);
    assert_eq!(bench.session.cost(), 5 * NOTE_COST, "the other one lacks them");
    bench.ack(&b, 2);
    assert_eq!(bench.session.cost(), 3 * NOTE_COST);
    bench.ack(&b, 5);
    assert_eq!(bench.session.cost(), 2 * NOTE_COST);
}

#[test]
fn what_nobody_waits_for_is_no_more_than_the_tail() {
    let mut bench = Bench::new();
    bench.say(1..=100);
    assert_eq!(bench.session.cost(), TERMS.tail);
    let a = bench.tab(1);
    bench.ack(&a, 100);
    for id in 101..=200 {
        bench.say([id]);
        bench.pull(&a);
        bench.ack(&a, id);
        assert_eq!(bench.session.cost(), TERMS.tail);
    }
}

#[test]
fn what_was_said_before_the_first_welcome_is_kept_for_nobody() {
    let mut bench = Bench::new();
    let mut a = tab(1);
    bench.attach(&mut a).expect("it may attach");
    bench.say(1..=9);
    bench.pull(&a);
    assert_eq!(bench.session.cost(), TERMS.tail);
}

#[test]
fn what_a_detached_one_lacks_is_kept_until_it_is_forgotten() {
    let mut bench = Bench::new();
    let (a, b) = (bench.tab(1), bench.tab(2));
    bench.lose(&b);
    bench.say(1..=5);
    bench.pull(&a);
    bench.ack(&a, 5);
    assert_eq!(bench.session.cost(), 5 * NOTE_COST);
    let mut b = b;
    bench.enter(&mut b);
    bench.leave(&b);
    assert_eq!(bench.session.cost(), 2 * NOTE_COST);
}

#[test]
fn the_ring_is_the_most_that_is_kept() {
    let mut bench = Bench::new();
    let a = bench.tab(1);
    bench.lose(&a);
    for id in 1..=50 {
        bench.say([id]);
        assert!(bench.session.cost() <= TERMS.ring);
    }
    assert_eq!(bench.session.cost(), TERMS.ring);
}

#[test]
fn an_entry_larger_than_the_ring_is_kept_alone() {
    let mut bench = Bench::new();
    let mut a = bench.tab(1);
    bench.say(1..=3);
    let large = Note { id: 4, bytes: 5 * TERMS.ring };
    bench.lose(&a);
    bench.append(Entry::Message(large));
    assert_eq!(bench.session.cost(), 5 * TERMS.ring + ENTRY_COST);
    bench.enter(&mut a);
    assert_eq!(bench.pull(&a).pop(), Some(Next::Message(large)));
    bench.ack(&a, 4);
    assert_eq!(bench.session.cost(), 0, "even the tail has no room for it");
    let welcome = bench.enter(&mut tab(2));
    assert_eq!((welcome.next, welcome.live), (5, 4));
}

#[test]
fn the_end_is_said_last_and_then_the_link_is_over_in_the_words_of_the_source() {
    let mut bench = Bench::new();
    let a = bench.tab(1);
    bench.say(1..=1);
    bench.end();
    bench.say(2..=2);
    bench.append(Entry::End { code: None, reason: "again".into() });
    let told = bench.pull(&a);
    assert_eq!(told[..2], [Next::Message(note(1)), Next::Frame(ServerFrame::End { code: Some(0) })]);
    assert_eq!(told.len(), 3);
    assert_eq!(bench.over(&a), Some((1000, "the shell has ended".into())));
}

#[test]
fn the_words_of_the_end_are_cut_to_what_a_close_frame_holds() {
    let mut bench = Bench::new();
    let a = bench.tab(1);
    bench.append(Entry::End { code: None, reason: "ä".repeat(100).into() });
    assert_eq!(bench.over(&a), Some((1000, "ä".repeat(61))));
}

#[test]
fn whoever_comes_after_the_end_still_hears_of_it() {
    for tail in [0, 10, TERMS.tail] {
        let mut bench = Bench::with(Terms { tail, ..TERMS });
        bench.say(1..=9);
        bench.end();
        let mut a = tab(1);
        bench.enter(&mut a);
        let told = bench.pull(&a);
        assert!(matches!(told.last(), Some(Next::Over(farewell)) if farewell.code == 1000));
        assert_eq!(frames(told), [ServerFrame::End { code: Some(0) }]);
    }
}

#[test]
fn one_that_has_the_end_and_comes_back_is_only_closed() {
    let mut bench = Bench::new();
    let mut a = bench.tab(1);
    bench.end();
    assert_eq!(bench.next(&a), Next::Frame(ServerFrame::End { code: Some(0) }));
    bench.lose(&a);
    a.hello.received = 1;
    bench.enter(&mut a);
    assert!(matches!(&bench.pull(&a)[..], [Next::Over(farewell)] if farewell.code == 1000));
}

#[test]
fn what_was_taken_is_acknowledged_before_the_end() {
    let mut bench = Bench::new();
    let a = bench.tab(1);
    bench.send(&a, [1]);
    bench.feed();
    bench.end();
    let told = frames(bench.pull(&a));
    assert_eq!(told, [ServerFrame::Ack(counts(0, 1, 1)), ServerFrame::End { code: Some(0) }]);
}

#[test]
fn a_burst_leaves_no_memory_behind_that_the_next_one_needs() {
    // The log gives memory back while it shrinks; what is in it stays what it was.
    let mut bench = Bench::with(Terms { ring: 1_000_000, window: 500_000, ..TERMS });
    let a = bench.tab(1);
    for round in 0..3 {
        let first = round * 5_000 + 1;
        bench.say(first..first + 5_000);
        assert_eq!(bench.notes(&a), (first..first + 5_000).collect::<Vec<_>>());
        bench.ack(&a, first + 2_499);
        bench.ack(&a, first + 4_999);
        assert_eq!(bench.session.cost(), TERMS.tail);
    }
}
