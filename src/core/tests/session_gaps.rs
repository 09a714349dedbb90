//! What is missing is announced, exactly.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::session_bench::{Bench, NOTE_COST, Note, TERMS, counts, frames, note, notes, size, tab};
use crate::core::resume::frame::{ClientFrame, ServerFrame};
use crate::core::resume::session::{Entry, Next};

fn gap(from: u64, to: u64, snapshot: bool) -> Next<Note> {
    Next::Frame(ServerFrame::Gap { from, to, reason: "evicted".into(), snapshot, size: None })
}

#[test]
fn a_gap_follows_the_welcome_when_what_is_next_was_evicted() {
    let mut bench = Bench::new();
    let mut a = bench.tab(1);
    bench.say(1..=3);
    bench.pull(&a);
    bench.lose(&a);
    bench.say(4..=20);
    a.hello.received = 2;
    let welcome = bench.enter(&mut a);
    assert_eq!((welcome.next, welcome.live), (3, 20), "the welcome says what the gap begins with");
    assert_eq!(bench.next(&a), gap(3, 10, false));
    assert_eq!(bench.notes(&a), [11, 12, 13, 14, 15]);
    bench.ack(&a, 15);
    assert_eq!(bench.notes(&a), [16, 17, 18, 19, 20]);
}

#[test]
fn what_is_evicted_between_the_welcome_and_the_first_entry_is_a_gap_too() {
    let mut bench = Bench::new();
    let mut a = bench.tab(1);
    bench.lose(&a);
    bench.say(1..=10);
    assert_eq!(bench.enter(&mut a).next, 1);
    bench.say(11..=13);
    assert_eq!(bench.next(&a), gap(1, 3, false));
    assert_eq!(bench.next(&a), Next::Message(note(4)));
}

#[test]
fn a_picture_stands_for_all_that_has_been_said() {
    let mut bench = Bench::painting();
    let mut a = bench.tab(1);
    bench.lose(&a);
    bench.say(1..=20);
    bench.enter(&mut a);
    assert_eq!(bench.next(&a), gap(1, 20, true));
    bench.say(21..=22);
    let told = bench.pull(&a);
    assert_eq!(notes(&told), [1_000_020, 21, 22], "drawn when the gap was announced, and then what follows");
    bench.frame(&a, ClientFrame::Ping(counts(0, 22, 22)));
    assert_eq!(bench.pull(&a), [Next::Frame(ServerFrame::Pong(counts(22, 0, 0)))]);
}

#[test]
fn the_count_moves_when_the_picture_is_handed_over_and_not_before() {
    let mut bench = Bench::painting();
    let mut a = bench.tab(1);
    bench.say(1..=1);
    bench.pull(&a);
    bench.lose(&a);
    bench.say(2..=20);
    a.hello.received = 1;
    bench.enter(&mut a);
    assert_eq!(bench.next(&a), gap(2, 20, true));
    let before = a.clone();
    bench.ack(&a, 2);
    assert_eq!(bench.over(&a), Some((4400, "`received` is more than was sent (2, 1)".into())));
    a = before;
    a.hello.received = 20;
    assert_eq!(bench.attach(&mut a).expect_err("it has no picture").code, 4400);
}

#[test]
fn a_cut_before_the_picture_repeats_the_gap() {
    let mut bench = Bench::painting();
    let mut a = bench.tab(1);
    bench.lose(&a);
    bench.say(1..=20);
    for last in [20, 21, 22] {
        bench.enter(&mut a);
        assert_eq!(bench.next(&a), gap(1, last, true));
        bench.lose(&a);
        bench.say([last + 1]);
    }
    bench.enter(&mut a);
    assert_eq!(bench.notes(&a), [1_000_023]);
    a.hello.received = 0;
    bench.enter(&mut a);
    assert_eq!(bench.notes(&a), [1_000_023], "handed over is not received");
    bench.lose(&a);
    a.hello.received = 23;
    assert_eq!(bench.enter(&mut a).next, 24);
}

#[test]
fn a_picture_fills_the_window_like_a_message() {
    let mut bench = Bench::painting();
    let mut a = bench.tab(1);
    bench.lose(&a);
    bench.say(1..=20);
    bench.enter(&mut a);
    bench.pull(&a);
    bench.say(21..=27);
    assert_eq!(bench.notes(&a), [21, 22, 23, 24]);
    bench.ack(&a, 20);
    assert_eq!(bench.notes(&a), [25]);
}

#[test]
fn the_end_is_in_no_picture() {
    let mut bench = Bench::painting();
    let mut a = bench.tab(1);
    bench.lose(&a);
    bench.say(1..=20);
    bench.end();
    bench.enter(&mut a);
    let told = bench.pull(&a);
    assert_eq!(told[0], gap(1, 20, true));
    assert_eq!(notes(&told), [1_000_020]);
    assert!(frames(told).contains(&ServerFrame::End { code: Some(0) }));
}

#[test]
fn a_live_link_that_is_too_far_behind_is_over_and_may_resume_with_a_gap() {
    let mut bench = Bench::new();
    let (a, mut b) = (bench.tab(1), bench.tab(2));
    for id in 1..=12 {
        bench.say([id]);
        bench.pull(&a);
        bench.ack(&a, id);
        if id == 2 {
            assert_eq!(bench.notes(&b), [1, 2]);
        }
        assert_eq!(bench.session.detached_since(), None);
    }
    assert_eq!(bench.notes(&b), [3, 4, 5], "its next is still there");
    bench.say(13..=18);
    assert_eq!(bench.over(&b), Some((4413, "too slow".into())));
    bench.lose(&b);
    b.hello.received = 5;
    assert_eq!(bench.enter(&mut b).next, 6);
    assert_eq!(bench.next(&b), gap(6, 8, false));
    assert_eq!(bench.notes(&b), [9, 10, 11, 12, 13]);
}

#[test]
fn one_that_comes_back_behind_the_others_may_be_too_slow_as_well() {
    for (enters, begins) in [(20, 20), (20, 21), (22, 22)] {
        let mut bench = Bench::new();
        let (a, mut b) = (bench.tab(1), bench.tab(2));
        bench.lose(&b);
        for id in 1..=begins {
            bench.say([id]);
            bench.pull(&a);
            bench.ack(&a, id);
            if id == enters {
                bench.enter(&mut b);
            }
        }
        assert_eq!(bench.next(&b), gap(1, begins - 10, false));
        bench.say([begins + 1]);
        assert_eq!(bench.over(&b), Some((4413, "too slow".into())));
        assert_eq!(bench.over(&a), None);
    }
}

#[test]
fn a_picture_that_is_overtaken_by_evictions_is_followed_by_another() {
    let mut bench = Bench::painting();
    let _controller = bench.tab(1);
    let mut a = bench.tab(2);
    bench.lose(&a);
    bench.say(1..=20);
    bench.enter(&mut a);
    assert_eq!(bench.next(&a), gap(1, 20, true));
    bench.say(21..=31);
    assert_eq!(notes(&[bench.next(&a)]), [1_000_020], "it was announced");
    assert_eq!(bench.next(&a), gap(21, 31, true));
    assert_eq!(notes(&bench.pull(&a)), [1_000_031]);
}

#[test]
fn a_client_that_takes_too_little_gets_a_picture_once_it_has_consumed_half_of_its_window() {
    let mut bench = Bench::painting();
    let _controller = bench.tab(1);
    let a = bench.tab(2);
    bench.say(1..=5);
    assert_eq!(bench.notes(&a), [1, 2, 3, 4, 5], "its window is full");
    bench.say(6..=30);
    assert_eq!(bench.pull(&a), [], "6 is gone, and there is no room for a picture");
    bench.ack(&a, 1);
    bench.ack(&a, 2);
    assert_eq!(bench.pull(&a), []);
    bench.ack(&a, 3);
    assert_eq!(bench.next(&a), gap(6, 30, true));
    assert_eq!(notes(&bench.pull(&a)), [1_000_030]);
    bench.say([31]);
    assert_eq!(bench.notes(&a), [31], "it goes on");
}

#[test]
fn a_gap_and_a_welcome_say_the_size_of_the_terminal() {
    let mut bench = Bench::painting();
    bench.append(Entry::Size(size(80)));
    bench.say([2]);
    let mut a = tab(1);
    assert_eq!(bench.enter(&mut a).size, None, "before it begins");
    bench.pull(&a);
    bench.ack(&a, 2);
    bench.lose(&a);
    a.hello.received = 2;
    bench.append(Entry::Size(size(100)));
    assert_eq!(bench.enter(&mut a).size, Some(size(80)), "where it goes on");
    bench.lose(&a);
    bench.say(4..=40);
    assert_eq!(bench.enter(&mut a).size, None, "that is gone");
    let Next::Frame(ServerFrame::Gap { from: 3, to: 40, size: Some(after), .. }) = bench.next(&a) else {
        panic!("no gap")
    };
    assert_eq!(after, size(100));
}

#[test]
fn no_size_is_known_where_none_was_ever_said() {
    let mut bench = Bench::new();
    bench.say([1]);
    let mut a = tab(1);
    assert_eq!(bench.enter(&mut a).size, None);
}

#[test]
fn a_large_entry_that_makes_room_for_itself_is_a_gap_for_those_who_lacked_the_rest() {
    let mut bench = Bench::new();
    let mut a = bench.tab(1);
    bench.lose(&a);
    bench.say(1..=9);
    let large = Note { id: 10, bytes: TERMS.ring };
    bench.append(Entry::Message(large));
    bench.enter(&mut a);
    assert_eq!(bench.pull(&a), [gap(1, 9, false), Next::Message(large)]);
}

#[test]
fn a_first_attachment_is_no_gap() {
    let mut bench = Bench::new();
    bench.say(1..=20);
    let mut a = tab(1);
    assert_eq!(bench.enter(&mut a).next, 19);
    assert_eq!(bench.pull(&a), [Next::Message(note(19)), Next::Message(note(20))]);
    assert_eq!(bench.session.cost(), 2 * NOTE_COST);
}

#[test]
fn with_a_painter_those_who_are_new_begin_with_all_or_with_a_picture_and_never_in_the_middle() {
    let mut bench = Bench::painting();
    let past = Note { id: 1, bytes: 5 * NOTE_COST };
    bench.append(Entry::Message(past));
    bench.say([2]);
    let mut a = tab(1);
    assert_eq!(bench.enter(&mut a).next, 1, "more than the tail");
    assert_eq!(bench.pull(&a), [Next::Message(past)], "and more than the window");
    bench.ack(&a, 1);
    assert_eq!(bench.notes(&a), [2]);
    bench.say(3..=20);
    let mut b = tab(2);
    assert_eq!(bench.enter(&mut b).next, 1);
    assert_eq!(bench.next(&b), gap(1, 20, true));
    assert_eq!(notes(&bench.pull(&b)), [1_000_020]);
}
