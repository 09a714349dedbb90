//! A server that takes no messages: its welcome says so, and another one may take it back.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::resume_bench::{FIRST, SECOND, Tab, Told, controls, counts, gap, handed, told, welcome};
use super::{Event, Input, Output, Status, Text, ended, events, opened, set};
use crate::core::connection::SendError;
use crate::core::event::Direction;
use crate::core::options::Knob;
use crate::core::resume::Size;
use crate::core::resume::frame::{ClientFrame, ServerFrame, Welcome};

/// What the server says to who may not send, of whom it has received so much.
fn read_only(received: u64) -> Welcome {
    Welcome { read_only: true, controller: false, received, ..welcome(FIRST) }
}

/// A tab that reconnects within a moment and whose server takes nothing.
fn reader() -> Tab {
    let mut tab = Tab::with(set(Knob::BackoffBaseMs, 1.0).with(Knob::BackoffCapMs, 1.0));
    tab.greet();
    tab.says(ServerFrame::Welcome(read_only(0)));
    tab
}

/// What is told of the access, in order.
fn access(outputs: Vec<Output<Text>>) -> Vec<bool> {
    let told = events(outputs).into_iter().filter_map(|event| match event {
        Event::Access { read_only } => Some(read_only),
        _ => None,
    });
    told.collect()
}

#[test]
fn the_welcome_says_it_and_listeners_know_before_they_are_told_of_losses() {
    let mut tab = Tab::new();
    tab.sends(&["early"]);
    tab.greet();
    let told = events(tab.says(ServerFrame::Welcome(read_only(0))));
    let kinds: Vec<&str> = told
        .iter()
        .map(|event| match event {
            Event::Status { .. } => "status",
            Event::Access { read_only: true } => "read-only",
            Event::Discarded { reason: "read-only", kept: true, .. } => "discarded",
            Event::Role { controller: false } => "role",
            Event::Open => "open",
            _ => "?",
        })
        .collect();
    assert_eq!(kinds, ["status", "read-only", "discarded", "role", "open"]);
}

#[test]
fn a_welcome_that_allows_all_is_no_news() {
    let mut tab = Tab::new();
    tab.greet();
    assert_eq!(access(tab.says(ServerFrame::Welcome(welcome(FIRST)))), [false; 0]);
    assert_eq!(access(tab.comes_back(welcome(FIRST))), [false; 0]);
}

#[test]
fn nothing_can_be_sent_by_the_slow_way_nor_by_the_fast_one() {
    let mut tab = reader();
    let conn = tab.socket.conn;
    assert_eq!(tab.bench.send(conn, "ls"), Err(SendError::ReadOnly));
    assert_eq!(tab.bench.pool.record(conn, Text("ls"), None), Err(Text("ls")));
    assert_eq!(tab.bench.pool.passes(conn), None);
    assert_eq!(tab.bench.drain(), []);
    assert_eq!((tab.bench.pool.waiting_bytes(conn), tab.bench.pool.retained_bytes()), (0, 0));
    tab.cut();
    assert_eq!(tab.bench.send(conn, "ls"), Err(SendError::ReadOnly), "nor while it comes back");
    tab.bench.close(conn);
    assert_eq!(tab.bench.send(conn, "ls"), Err(SendError::Closed));
}

#[test]
fn it_gets_the_output_and_answers_for_it() {
    let mut tab = reader();
    tab.receives(&[500, 500]);
    assert_eq!(handed(&tab.says(ServerFrame::Ping(counts(2, 0, 0)))), ["<pong>", "<ping>"]);
    assert_eq!(tab.bench.status("a"), Status::Connected);
}

#[test]
fn what_the_server_lacks_is_given_up_and_its_numbers_are_skipped() {
    let mut tab = Tab::welcomed();
    tab.sends(&["one", "two", "three"]);
    tab.cut();
    tab.sends(&["four"]);
    tab.greet();
    let done = tab.says(ServerFrame::Welcome(read_only(1)));
    assert_eq!(handed(&done), ["<skip>", "<ping>"]);
    assert_eq!(controls(&done)[0], ClientFrame::Skip { to: 3 });
    assert_eq!(told(done), [Told::Discarded(vec!["two", "three", "four"], "read-only")]);
    assert_eq!(tab.metrics().discarded, 3);
    assert_eq!(tab.bench.pool.retained_bytes(), 0);
    // What was skipped stays so, and new numbers follow it.
    let done = tab.comes_back(Welcome { received: 3, ..welcome(FIRST) });
    assert_eq!((handed(&done), told(done)), (vec!["<ping>"], vec![]));
    assert_eq!(handed(&tab.sends(&["five"])), ["five"]);
    assert_eq!(told(tab.says(ServerFrame::Ack(counts(0, 4, 4)))), []);
}

#[test]
fn a_skip_that_is_lost_is_said_again_whoever_may_send_then() {
    for next in [read_only(1), Welcome { received: 1, ..welcome(FIRST) }] {
        let mut tab = Tab::welcomed();
        tab.sends(&["one", "two"]);
        tab.comes_back(read_only(1));
        let done = tab.comes_back(next);
        assert_eq!(controls(&done)[0], ClientFrame::Skip { to: 2 });
        assert_eq!(told(done), []);
    }
}

#[test]
fn what_has_grown_too_old_is_discarded_once_and_for_the_better_reason() {
    let mut tab = Tab::welcomed_with(set(Knob::MaxInputAgeMs, 1_000.0));
    tab.sends(&["old"]);
    tab.cut();
    tab.bench.ms += 5_000;
    tab.greet();
    let done = tab.says(ServerFrame::Welcome(read_only(0)));
    assert_eq!(told(done), [Told::Discarded(vec!["old"], "read-only")]);
}

#[test]
fn a_session_that_is_no_more_is_told_as_that() {
    let mut tab = Tab::welcomed();
    tab.sends(&["one"]);
    tab.cut();
    tab.sends(&["two"]);
    tab.greet();
    let done = tab.says(ServerFrame::Welcome(Welcome { epoch: SECOND, ..read_only(0) }));
    let expected = [
        gap(Direction::In, 1, None, "session_lost"),
        Told::Discarded(vec!["two"], "session_lost"),
        gap(Direction::Out, 1, Some(1), "session_lost"),
        Told::Open,
    ];
    assert_eq!(told(done), expected);
}

#[test]
fn no_size_is_said_but_in_the_hello() {
    let (small, large) = (Size { cols: 80, rows: 24 }, Size { cols: 120, rows: 40 });
    let mut tab = Tab::new();
    tab.bench.pool.resize(tab.bench.now(), tab.socket.conn, small);
    assert_eq!(tab.greet().size, Some(small));
    tab.says(ServerFrame::Welcome(read_only(0)));
    tab.bench.pool.resize(tab.bench.now(), tab.socket.conn, large);
    assert_eq!(tab.bench.drain(), []);
    tab.cut();
    assert_eq!(tab.greet().size, Some(large));
    assert_eq!(handed(&tab.says(ServerFrame::Welcome(read_only(0)))), ["<ping>"]);
    tab.bench.pool.resize(tab.bench.now(), tab.socket.conn, small);
    // Whoever may again says it at once, if it has changed since the hello.
    tab.cut();
    assert_eq!(tab.greet().size, Some(small));
    tab.bench.pool.resize(tab.bench.now(), tab.socket.conn, large);
    let done = tab.says(ServerFrame::Welcome(welcome(FIRST)));
    assert_eq!(handed(&done), ["<ping>", "<resize>"]);
}

#[test]
fn a_size_that_an_earlier_link_was_handed_is_given_up_as_well() {
    let (small, large) = (Size { cols: 80, rows: 24 }, Size { cols: 120, rows: 40 });
    let mut tab = Tab::new();
    tab.bench.pool.resize(tab.bench.now(), tab.socket.conn, small);
    tab.greet();
    tab.says(ServerFrame::Welcome(welcome(FIRST)));
    tab.bench.pool.resize(tab.bench.now(), tab.socket.conn, large);
    assert_eq!(handed(&tab.bench.drain()), ["<resize>"]);
    let done = tab.comes_back(read_only(0));
    assert_eq!(handed(&done), ["<skip>", "<ping>"]);
    assert_eq!(told(done), [], "nobody misses a size");
}

#[test]
fn a_later_welcome_may_give_and_take() {
    let mut tab = reader();
    let conn = tab.socket.conn;
    assert_eq!(access(tab.comes_back(read_only(0))), [false; 0], "nothing has changed");
    assert_eq!(access(tab.comes_back(welcome(FIRST))), [false]);
    assert_eq!(handed(&tab.sends(&["ls"])), ["ls"]);
    assert_eq!(access(tab.comes_back(Welcome { received: 1, ..read_only(1) })), [true]);
    assert_eq!(tab.bench.send(conn, "ls"), Err(SendError::ReadOnly));
}

#[test]
fn a_plain_server_cannot_say_it() {
    let mut tab = reader();
    tab.bench.place = Some(super::place("other", "/"));
    tab.cut();
    let told = tab.bench.tell(opened(tab.socket));
    assert_eq!(access(told), [false]);
    assert_eq!(tab.bench.pool.passes(tab.socket.conn), Some(tab.socket));
}

#[test]
fn another_life_begins_as_if_it_might_send() {
    let mut tab = reader();
    let conn = tab.socket.conn;
    tab.loses(4404);
    assert_eq!(tab.bench.send(conn, "ls"), Err(SendError::Closed));
    assert_eq!(access(tab.bench.reconnect(conn)), [false; 0], "whoever hears that it is connecting knows");
    assert_eq!(tab.bench.send(conn, "ls"), Ok(()));
    tab.socket.generation += 1;
    tab.greet();
    let done = tab.says(ServerFrame::Welcome(read_only(0)));
    assert_eq!(access(done), [true]);
}

#[test]
fn an_idle_reader_is_as_idle_as_others() {
    let mut tab = Tab::with(set(Knob::IdleTimeoutMs, 5_000.0));
    tab.greet();
    tab.says(ServerFrame::Welcome(read_only(0)));
    tab.bench.pass(5_000);
    assert_eq!(tab.bench.status("a"), Status::Disconnecting);
    let told = events(tab.bench.tell(Input::Closed(tab.socket, ended(1005))));
    assert_eq!(told.last(), Some(&Event::Close(ended(1005))));
}
