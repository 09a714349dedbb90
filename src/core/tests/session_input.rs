//! Input: in order, once, within its credit, and acknowledged.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::session_bench::{Bench, NOTE_COST, Note, TERMS, Tab, counts, frames, note, size, tab};
use crate::core::resume::frame::{ClientFrame, ServerFrame};
use crate::core::resume::session::{Input, Next, Terms};
use crate::core::resume::{Id, MAX_NUMBER};

fn ack(received: u64, consumed: u64) -> Vec<ServerFrame> {
    vec![ServerFrame::Ack(counts(0, received, consumed))]
}

/// The roles are another file's.
fn acks(bench: &mut Bench, tab: &Tab) -> Vec<ServerFrame> {
    let told = frames(bench.pull(tab)).into_iter();
    told.filter(|frame| matches!(frame, ServerFrame::Ack(_))).collect()
}

#[test]
fn input_of_all_attachments_reaches_the_source_in_the_order_in_which_it_came() {
    let mut bench = Bench::new();
    let (a, b) = (bench.tab(1), bench.tab(2));
    bench.send(&a, [1]);
    bench.send(&b, [2, 3]);
    bench.send(&a, [4]);
    assert_eq!(bench.feed(), [1, 2, 3, 4].map(|id| Input::Message(note(id))));
    assert_eq!(bench.feed(), []);
}

#[test]
fn the_welcome_after_a_cut_says_what_was_taken() {
    let mut bench = Bench::new();
    let mut a = bench.tab(1);
    bench.send(&a, [1, 2]);
    bench.frame(&a, ClientFrame::Resize(size(80)));
    (a.hello.sent, a.hello.acked) = (4, 0);
    assert_eq!(bench.enter(&mut a).received, 3, "taken, even if nothing is consumed yet");
    bench.send(&a, [4]);
    let fed =
        [Input::Message(note(1)), Input::Message(note(2)), Input::Resize(size(80)), Input::Message(note(4))];
    assert_eq!(bench.feed(), fed);
}

#[test]
fn input_is_acknowledged_at_half_the_credit() {
    let mut bench = Bench::new();
    let a = bench.tab(1);
    bench.send(&a, [1]);
    assert_eq!(acks(&mut bench, &a), []);
    bench.send(&a, [2]);
    assert_eq!(acks(&mut bench, &a), ack(2, 0));
    bench.feed();
    assert_eq!(acks(&mut bench, &a), ack(2, 2), "that there is room again is news as well");
}

#[test]
fn input_is_acknowledged_a_second_after_the_first_at_the_latest() {
    let mut bench = Bench::new();
    let a = bench.tab(1);
    bench.send(&a, [1]);
    bench.pass(600);
    bench.feed();
    bench.pass(399);
    assert_eq!(acks(&mut bench, &a), []);
    bench.pass(1);
    assert_eq!(acks(&mut bench, &a), ack(1, 1));
    bench.pass(5_000);
    assert_eq!(acks(&mut bench, &a), [], "once");
}

#[test]
fn any_frame_with_counts_is_an_acknowledgement() {
    let mut bench = Bench::new();
    let a = bench.tab(1);
    bench.send(&a, [1]);
    bench.frame(&a, ClientFrame::Ping(counts(1, 0, 0)));
    assert_eq!(bench.pull(&a), [Next::Frame(ServerFrame::Pong(counts(0, 1, 0)))]);
    bench.pass(5_000);
    assert_eq!(acks(&mut bench, &a), []);
}

#[test]
fn consumption_is_counted_in_order_even_if_the_source_is_not() {
    let mut bench = Bench::new();
    let (a, b) = (bench.tab(1), bench.tab(2));
    bench.send(&a, [1]);
    bench.send(&b, [2]);
    bench.send(&a, [3]);
    let mut tickets = Vec::new();
    while let Some((ticket, _)) = bench.session.take_input() {
        tickets.push(ticket);
    }
    let mut consume = |bench: &mut Bench, at| {
        let now = bench.now();
        bench.session.consumed(now, tickets.remove(at));
        bench.frame(&a, ClientFrame::Ping(counts(2, 0, 0)));
        frames(bench.pull(&a)).into_iter().find(|frame| matches!(frame, ServerFrame::Pong(_)))
    };
    let pong = |consumed| Some(ServerFrame::Pong(counts(0, 2, consumed)));
    assert_eq!(consume(&mut bench, 2), pong(0));
    assert_eq!(consume(&mut bench, 0), pong(1));
    assert_eq!(consume(&mut bench, 0), pong(2));
    assert!(bench.session.take_input().is_none());
    assert_eq!(bench.session.cost(), 0);
}

#[test]
fn input_beyond_the_credit_is_a_violation() {
    let mut bench = Bench::new();
    let a = bench.tab(1);
    bench.send(&a, 1..=4);
    assert_eq!(bench.over(&a), None);
    bench.send(&a, [5]);
    let why = "more input than the credit allows (500, 400)";
    assert_eq!(bench.over(&a), Some((4400, why.into())));
    assert_eq!(bench.feed().len(), 4);
}

#[test]
fn sizes_count_against_the_credit_too() {
    let mut bench = Bench::new();
    let a = bench.tab(1);
    for cols in 1..=7 {
        assert_eq!(bench.over(&a), None);
        bench.frame(&a, ClientFrame::Resize(size(cols)));
    }
    assert_eq!(bench.over(&a).map(|(code, _)| code), Some(4400));
}

#[test]
fn what_is_consumed_makes_room_for_more() {
    let mut bench = Bench::new();
    let a = bench.tab(1);
    for _ in 0..100 {
        bench.send(&a, 1..=4);
        assert_eq!(bench.session.cost(), TERMS.credit);
        assert_eq!(bench.feed().len(), 4);
    }
    assert_eq!(bench.over(&a), None);
}

#[test]
fn a_message_larger_than_the_credit_is_taken_when_nothing_is_outstanding() {
    let mut bench = Bench::new();
    let a = bench.tab(1);
    let large = Note { id: 1, bytes: TERMS.max_message };
    let now = bench.now();
    bench.session.message(now, a.link, large);
    assert_eq!(bench.feed(), [Input::Message(large)]);
    bench.send(&a, [2]);
    bench.session.message(now, a.link, large);
    assert_eq!(bench.over(&a).map(|(code, _)| code), Some(4400));
}

#[test]
fn a_message_that_is_too_long_closes_and_says_the_limit() {
    let mut bench = Bench::new();
    let a = bench.tab(1);
    let now = bench.now();
    bench.session.message(now, a.link, Note { id: 1, bytes: TERMS.max_message + 1 });
    assert_eq!(bench.over(&a), Some((1009, "a message is longer than 500 bytes".into())));
    assert_eq!(bench.feed(), []);
}

#[test]
fn skipped_input_is_counted_and_never_waited_for() {
    let mut bench = Bench::new();
    let mut a = bench.tab(1);
    bench.send(&a, [1]);
    (a.hello.sent, a.hello.acked) = (5, 1);
    assert_eq!(bench.enter(&mut a).received, 1);
    bench.frame(&a, ClientFrame::Skip { to: 5 });
    bench.frame(&a, ClientFrame::Ping(counts(5, 0, 0)));
    assert_eq!(bench.pull(&a), [Next::Frame(ServerFrame::Pong(counts(0, 5, 0)))], "the first still waits");
    bench.send(&a, [6]);
    assert_eq!(bench.feed(), [Input::Message(note(1)), Input::Message(note(6))]);
    bench.frame(&a, ClientFrame::Ping(counts(6, 0, 0)));
    assert_eq!(bench.pull(&a), [Next::Frame(ServerFrame::Pong(counts(0, 6, 6)))]);
}

#[test]
fn a_skip_with_nothing_waiting_is_consumed_at_once_and_acknowledged() {
    let mut bench = Bench::new();
    let mut a = bench.tab(1);
    a.hello.sent = 5;
    bench.enter(&mut a);
    bench.frame(&a, ClientFrame::Skip { to: 5 });
    bench.pass(1_000);
    assert_eq!(acks(&mut bench, &a), ack(5, 5));
}

#[test]
fn a_skip_goes_forward_and_not_beyond_what_was_ever_sent() {
    for (to, why) in [
        (2, "skip: `to` is not beyond what was received (2, 2)"),
        (0, "skip: `to` is not beyond what was received (0, 2)"),
        (6, "skip: `to` is beyond what was ever sent (6, 5)"),
        (u64::MAX, "skip: `to` is beyond what was ever sent (18446744073709551615, 5)"),
    ] {
        let mut bench = Bench::new();
        let mut a = bench.tab(1);
        bench.send(&a, [1, 2]);
        a.hello.sent = 5;
        bench.enter(&mut a);
        bench.frame(&a, ClientFrame::Skip { to });
        assert_eq!(bench.over(&a), Some((4400, why.into())));
    }
}

#[test]
fn there_is_nothing_to_skip_in_a_new_epoch() {
    let mut bench = Bench::new();
    let mut a = tab(1);
    (a.hello.epoch, a.hello.sent) = (Some(Id(7)), 5);
    bench.enter(&mut a);
    bench.frame(&a, ClientFrame::Skip { to: 5 });
    assert_eq!(bench.over(&a), Some((4400, "skip: `to` is beyond what was ever sent (5, 0)".into())));
}

#[test]
fn numbers_that_are_used_up_are_a_violation_and_no_panic() {
    let input: [fn(&mut Bench, &Tab); 2] =
        [|bench, a| bench.send(a, [1]), |bench, a| bench.frame(a, ClientFrame::Resize(size(1)))];
    for send in input {
        let mut bench = Bench::new();
        let _controller = bench.tab(2);
        let mut a = bench.tab(1);
        a.hello.sent = MAX_NUMBER;
        bench.enter(&mut a);
        bench.frame(&a, ClientFrame::Skip { to: MAX_NUMBER });
        send(&mut bench, &a);
        assert_eq!(bench.over(&a), Some((4400, "the numbers are used up".into())));
    }
}

#[test]
fn what_somebody_said_before_leaving_still_reaches_the_source() {
    let mut bench = Bench::new();
    let a = bench.tab(1);
    bench.send(&a, [1, 2]);
    bench.leave(&a);
    assert!(!bench.session.is_spent());
    let mut again = tab(1);
    again.hello.attempt = 9;
    assert_eq!(bench.enter(&mut again).received, 0, "nobody remembers it");
    bench.send(&again, [3]);
    assert_eq!(bench.session.cost(), 3 * NOTE_COST);
    assert_eq!(bench.feed(), [1, 2, 3].map(|id| Input::Message(note(id))));
    bench.frame(&again, ClientFrame::Ping(counts(1, 0, 0)));
    let pong = ServerFrame::Pong(counts(0, 1, 1));
    assert_eq!(bench.next(&again), Next::Frame(pong), "its count is its own");
    bench.leave(&again);
    assert!(bench.session.is_spent());
}

#[test]
fn a_ticket_of_another_time_changes_nothing() {
    let mut bench = Bench::new();
    let mut other = Bench::new();
    let (a, b) = (bench.tab(1), other.tab(1));
    other.send(&b, [1, 2, 3]);
    let tickets = std::iter::from_fn(|| other.session.take_input()).map(|(ticket, _)| ticket);
    bench.send(&a, [1]);
    let now = bench.now();
    for ticket in tickets.collect::<Vec<_>>() {
        bench.session.consumed(now, ticket);
    }
    assert_eq!(bench.session.cost(), NOTE_COST, "nothing was taken here");
    assert_eq!(bench.feed().len(), 1);
}

#[test]
fn a_credit_of_nothing_takes_one_message_at_a_time() {
    let mut bench = Bench::with(Terms { credit: 0, ..TERMS });
    let a = bench.tab(1);
    for id in 1..=3 {
        bench.send(&a, [id]);
        assert_eq!(bench.feed().len(), 1);
        assert_eq!(acks(&mut bench, &a), ack(id, id));
    }
}
