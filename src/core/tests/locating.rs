//! Where an attempt goes: asked for each, answered at once or later.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{Bench, Event, Input, Output, SocketId, Status, ended, events, openings, place, set};
use crate::core::event::NoAnswer;
use crate::core::options::Knob;

/// A bench whose attempts wait to be told where to go, and the first attempt of a connection.
fn asking() -> (Bench, SocketId) {
    let mut bench = Bench::new();
    bench.place = None;
    let id = bench.pool.connect(bench.now(), Some(super::key("a")), Default::default());
    let socket = SocketId { conn: id, generation: 1 };
    assert!(bench.drain().contains(&Output::Locate { socket }));
    (bench, socket)
}

fn unlocated(why: &str, is_final: bool) -> Result<super::Place, NoAnswer> {
    Err(NoAnswer { why: why.into(), is_final })
}

#[test]
fn the_socket_is_asked_for_once_the_address_is_known() {
    let (mut bench, socket) = asking();
    assert!(bench.pool.asks_where(socket));
    bench.pass(5_000);
    let done = bench.tell(Input::Located(socket, Ok(place("host", "/"))));
    assert_eq!(openings(&done), [socket]);
    assert!(!bench.pool.asks_where(socket));
    let again = bench.tell(Input::Located(socket, Ok(place("host", "/"))));
    assert_eq!(again, [], "one answer is enough");
}

#[test]
fn every_attempt_asks_anew() {
    let (mut bench, socket) = asking();
    bench.tell(Input::Located(socket, Ok(place("host", "/"))));
    bench.lose(socket, 1006);
    let next = SocketId { generation: 2, ..socket };
    assert!(bench.advance().contains(&Output::Locate { socket: next }));
}

#[test]
fn the_late_answer_to_an_older_attempt_changes_nothing() {
    let (mut bench, older) = asking();
    bench.reconnect(older.conn);
    let newer = SocketId { generation: 2, ..older };
    assert!(bench.pool.asks_where(newer) && !bench.pool.asks_where(older));
    assert_eq!(bench.tell(Input::Located(older, Ok(place("host", "/old")))), []);
    assert_eq!(bench.tell(Input::Located(older, unlocated("late", true))), []);
    assert_eq!(openings(&bench.tell(Input::Located(newer, Ok(place("host", "/"))))), [newer]);
}

#[test]
fn an_address_that_is_not_to_be_had_now_backs_off_and_says_why() {
    let (mut bench, socket) = asking();
    bench.tell(Input::Located(socket, unlocated("no token", false)));
    assert_eq!(bench.status("a"), Status::Connecting);
    assert_eq!(bench.facts("a").unwrap().reason, Some("no token"));
    assert!(bench.delay("a") <= 250);
    let next = SocketId { generation: 2, ..socket };
    assert!(bench.advance().contains(&Output::Locate { socket: next }));
}

#[test]
fn without_retries_left_a_missing_address_ends_with_an_error() {
    let mut bench = Bench::new();
    bench.place = None;
    let none = set(Knob::MaxRetries, 0.0);
    let id = bench.pool.connect(bench.now(), Some(super::key("a")), none);
    bench.drain();
    let socket = SocketId { conn: id, generation: 1 };
    let told = events(bench.tell(Input::Located(socket, unlocated("no token", false))));
    assert_eq!(told[1..], [Event::Error, Event::Close(ended(1006))]);
    assert_eq!(bench.facts("a").unwrap().reason, Some("no token"));
}

#[test]
fn an_address_that_can_never_work_is_failed_at_once() {
    let (mut bench, socket) = asking();
    let told = events(bench.tell(Input::Located(socket, unlocated("bad URL", true))));
    assert_eq!(told[1..], [Event::Error, Event::Close(ended(1006))]);
    let facts = bench.facts("a").unwrap();
    assert_eq!((facts.status, facts.reason), (Status::Failed, Some("bad URL")));
    assert_eq!(bench.pool.poll_timeout(), None);
}

#[test]
fn the_connect_timeout_covers_the_question_and_the_handshake_together() {
    let (mut bench, socket) = asking();
    bench.pass(29_000);
    bench.tell(Input::Located(socket, Ok(place("host", "/"))));
    assert!(!bench.pass(999).contains(&Output::AbandonSocket { socket }));
    assert!(bench.pass(1).contains(&Output::AbandonSocket { socket }));
}

#[test]
fn a_question_without_an_answer_times_out_and_lets_go_of_nothing() {
    let (mut bench, socket) = asking();
    let done = bench.pass(30_000);
    assert!(!done.contains(&Output::AbandonSocket { socket }), "there is no socket yet");
    assert_eq!(bench.facts("a").unwrap().reason, Some("no answer within the connect timeout"));
}

#[test]
fn an_answer_that_overslept_leaves_the_handshake_a_short_time() {
    let (mut bench, socket) = asking();
    bench.ms = 3_600_000;
    bench.tell(Input::Located(socket, Ok(place("host", "/"))));
    assert!(!bench.pass(2_999).contains(&Output::AbandonSocket { socket }));
    assert!(bench.pass(1).contains(&Output::AbandonSocket { socket }));
}

#[test]
fn with_delays_of_nothing_the_page_does_not_hang() {
    let mut bench = Bench::new();
    bench.place = None;
    let at_once = set(Knob::ConnectTimeoutMs, 0.0).with(Knob::BackoffCapMs, 0.0);
    bench.pool.connect(bench.now(), None, at_once);
    for _ in 0..10 {
        bench.advance();
    }
    assert_eq!(bench.ms, 0, "as busy as it was asked to be, but between other things");
}
