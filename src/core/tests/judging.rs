//! The application decides which closes are worth another try.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{
    Bench, CloseInfo, Event, Heard, Input, Output, Overrides, SocketId, Status, ended, events, opened,
    openings, set,
};
use crate::core::options::Knob;

fn asks() -> Overrides {
    set(Knob::Asks, 1.0)
}

/// An open connection whose application wants to be asked.
fn open() -> (Bench, SocketId) {
    let mut bench = Bench::new();
    let socket = bench.connect_with("a", asks());
    bench.tell(opened(socket));
    (bench, socket)
}

#[test]
fn it_is_asked_before_anything_else_is_told() {
    let (mut bench, socket) = open();
    assert_eq!(bench.lose(socket, 1006), [Output::Judge { socket, info: ended(1006) }]);
    assert_eq!(bench.status("a"), Status::Connected, "people see what they saw");
    assert_eq!((bench.pool.hears(socket), bench.pool.socket(socket.conn)), (Heard::Nobody, None));
}

#[test]
fn without_the_option_it_is_not_asked() {
    let mut bench = Bench::new();
    let socket = bench.open("a");
    assert!(!bench.lose(socket, 1006).iter().any(|output| matches!(output, Output::Judge { .. })));
}

#[test]
fn yes_retries_whatever_the_code_says() {
    for code in [1000, 1006, 4404, 4410] {
        let (mut bench, socket) = open();
        bench.lose(socket, code);
        bench.tell(Input::Judged(socket, ended(code), Some(true)));
        assert_eq!(bench.status("a"), Status::Reconnecting, "{code}");
        assert!(bench.delay("a") <= 250);
    }
}

#[test]
fn yes_does_not_outlive_the_retries() {
    let mut bench = Bench::new();
    let socket = bench.connect_with("a", asks().with(Knob::MaxRetries, 0.0));
    bench.lose(socket, 1006);
    bench.tell(Input::Judged(socket, ended(1006), Some(true)));
    assert_eq!(bench.status("a"), Status::Failed);
}

#[test]
fn no_is_failed_and_a_session_that_came_to_its_end_is_disconnected() {
    for (code, status) in [(1006, Status::Failed), (4404, Status::Failed), (1000, Status::Disconnected)] {
        let (mut bench, socket) = open();
        bench.lose(socket, code);
        let told = events(bench.tell(Input::Judged(socket, ended(code), Some(false))));
        assert_eq!(told.last(), Some(&Event::Close(ended(code))), "{code}");
        assert_eq!(bench.status("a"), status, "{code}");
        assert_eq!(bench.pool.poll_timeout(), None);
    }
}

#[test]
fn an_attempt_that_came_to_nothing_is_judged_as_well() {
    let mut bench = Bench::new();
    let socket = bench.connect_with("a", asks());
    let done = bench.pass(30_000);
    let judged = Output::Judge { socket, info: CloseInfo::abnormal() };
    assert!(done.contains(&Output::AbandonSocket { socket }) && done.contains(&judged));
    bench.tell(Input::Judged(socket, CloseInfo::abnormal(), Some(true)));
    assert_eq!(bench.status("a"), Status::Connecting);
}

#[test]
fn closing_while_it_judges_wins() {
    let (mut bench, socket) = open();
    bench.lose(socket, 1006);
    bench.close(socket.conn);
    assert_eq!(bench.status("a"), Status::Disconnecting);
    assert_eq!(bench.tell(Input::Judged(socket, ended(1006), Some(true))), []);
    let told = events(bench.advance());
    assert_eq!(told.last(), Some(&Event::Close(CloseInfo::abnormal())));
    assert_eq!(bench.pool.poll_timeout(), None);
}

#[test]
fn reconnecting_while_it_judges_wins() {
    let (mut bench, socket) = open();
    bench.lose(socket, 1006);
    let next = SocketId { generation: 2, ..socket };
    assert_eq!(openings(&bench.reconnect(socket.conn)), [next]);
    assert_eq!(bench.tell(Input::Judged(socket, ended(1006), Some(false))), []);
    assert_eq!(bench.status("a"), Status::Reconnecting);
}

#[test]
fn a_close_that_was_asked_for_is_not_judged() {
    let (mut bench, socket) = open();
    bench.close(socket.conn);
    let told = bench.lose(socket, 1000);
    assert!(!told.iter().any(|output| matches!(output, Output::Judge { .. })));
    assert_eq!(bench.tell(Input::Judged(socket, ended(1000), Some(true))), []);
}

#[test]
fn a_verdict_that_nobody_asked_for_changes_nothing() {
    let (mut bench, socket) = open();
    assert_eq!(bench.tell(Input::Judged(socket, ended(1006), Some(false))), []);
    assert_eq!(bench.status("a"), Status::Connected);
}
