//! What the application is not done with counts as received, and not as consumed.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::resume_bench::{FIRST, SECOND, Tab, controls, counts, welcome};
use super::{Bench, Input, Output, Text, opened};
use crate::core::resume::Size;
use crate::core::resume::frame::{ClientFrame, Counts, ServerFrame, Welcome};

/// The server sends a message of so many bytes, and one listener holds on to it.
fn holds(tab: &mut Tab, bytes: u64) -> u32 {
    let conn = tab.socket.conn;
    let is_due = tab.bench.pool.received(conn, bytes);
    let ticket = tab.bench.pool.hold(conn);
    if is_due {
        tab.bench.pool.acknowledge(tab.bench.now(), conn);
    }
    ticket
}

/// As the facade does, at whatever time.
fn releases(tab: &mut Tab, ticket: u32) -> Vec<Counts> {
    let conn = tab.socket.conn;
    if tab.bench.pool.release(conn, ticket) {
        tab.bench.pool.acknowledge(tab.bench.now(), conn);
    }
    let done = tab.bench.drain();
    stated(&done)
}

fn stated(outputs: &[Output<Text>]) -> Vec<Counts> {
    let stated = controls(outputs).into_iter().filter_map(|frame| match frame {
        ClientFrame::Ack(counts) | ClientFrame::Pong(counts) => Some(counts),
        _ => None,
    });
    stated.collect()
}

/// What the client says when it is asked: how much it has, and how much of it is consumed.
fn has(tab: &mut Tab, sent: u64) -> (u64, u64) {
    let done = tab.says(ServerFrame::Ping(counts(sent, 0, 0)));
    let counts = stated(&done)[0];
    (counts.received, counts.consumed)
}

#[test]
fn a_message_and_all_after_it_are_consumed_when_it_is_released() {
    let mut tab = Tab::welcomed();
    tab.receives(&[1]);
    let ticket = holds(&mut tab, 1);
    tab.receives(&[1]);
    tab.says(ServerFrame::Size(Size { cols: 80, rows: 24 }));
    assert_eq!(has(&mut tab, 4), (4, 1));
    releases(&mut tab, ticket);
    assert_eq!(has(&mut tab, 4), (4, 4));
}

#[test]
fn holds_are_released_in_any_order_and_each_counts() {
    let mut tab = Tab::welcomed();
    let [first, second] = [(); 2].map(|()| holds(&mut tab, 1));
    let again = tab.bench.pool.hold(tab.socket.conn);
    let third = holds(&mut tab, 1);
    for (ticket, consumed) in [(second, 0), (second, 0), (first, 1), (third, 1), (again, 3), (again, 3)] {
        releases(&mut tab, ticket);
        assert_eq!(has(&mut tab, 3), (3, consumed));
    }
}

#[test]
fn half_the_window_that_is_consumed_is_told_at_once() {
    let mut tab = Tab::welcomed();
    // 500 of 1,000 are received with the second one.
    let tickets = [186, 186].map(|bytes| holds(&mut tab, bytes));
    assert_eq!(stated(&tab.bench.drain()), [counts(0, 2, 0)]);
    assert_eq!(releases(&mut tab, tickets[0]), []);
    assert_eq!(releases(&mut tab, tickets[1]), [counts(0, 2, 2)]);
    assert_eq!(stated(&tab.bench.pass(5_000)), [], "and that is all");
}

#[test]
fn less_is_told_a_second_later() {
    let mut tab = Tab::welcomed();
    let ticket = holds(&mut tab, 1);
    assert_eq!(stated(&tab.bench.pass(1_000)), [counts(0, 1, 0)]);
    assert_eq!(stated(&tab.bench.pass(5_000)), [], "nothing has changed");
    assert_eq!(releases(&mut tab, ticket), []);
    assert_eq!(stated(&tab.bench.pass(999)), []);
    assert_eq!(stated(&tab.bench.pass(1)), [counts(0, 1, 1)]);
}

#[test]
fn what_is_held_stays_so_over_a_resume() {
    let mut tab = Tab::welcomed();
    let ticket = holds(&mut tab, 200);
    tab.receives(&[1]);
    let done = tab.comes_back(Welcome { next: 3, live: 3, ..welcome(FIRST) });
    assert_eq!(controls(&done), [ClientFrame::Ping(counts(0, 2, 0))]);
    tab.receives(&[300, 300]);
    assert_eq!(has(&mut tab, 4), (4, 0));
    // What the new link has brought is half of its window, and was told as received alone.
    assert_eq!(releases(&mut tab, ticket), [counts(0, 4, 4)]);
}

#[test]
fn what_was_released_while_the_link_was_down_is_told_over_the_next_one() {
    let mut tab = Tab::welcomed();
    let ticket = holds(&mut tab, 1);
    tab.cut();
    assert_eq!(releases(&mut tab, ticket), []);
    tab.greet();
    let done = tab.says(ServerFrame::Welcome(Welcome { next: 2, live: 1, ..welcome(FIRST) }));
    assert_eq!(controls(&done), [ClientFrame::Ping(counts(0, 1, 1))]);
}

#[test]
fn nothing_of_a_lost_session_is_held_and_a_late_release_is_none_of_the_next() {
    let mut tab = Tab::welcomed();
    let late = holds(&mut tab, 1);
    tab.comes_back(welcome(SECOND));
    let ticket = holds(&mut tab, 1);
    releases(&mut tab, late);
    assert_eq!(has(&mut tab, 1), (1, 0));
    let done = tab.violates("nonsense");
    tab.violation(&done);
    tab.greet();
    tab.says(ServerFrame::Welcome(welcome(FIRST)));
    holds(&mut tab, 1);
    releases(&mut tab, ticket);
    assert_eq!(has(&mut tab, 1), (1, 0));
}

#[test]
fn a_snapshot_is_held_as_a_message_is() {
    let mut tab = Tab::welcomed();
    tab.says(ServerFrame::Gap { from: 1, to: 9, reason: "evicted".into(), snapshot: true, size: None });
    let ticket = holds(&mut tab, 50);
    assert_eq!(has(&mut tab, 9), (9, 8));
    releases(&mut tab, ticket);
    assert_eq!(has(&mut tab, 9), (9, 9));
}

#[test]
fn the_count_never_goes_back_whoever_is_late() {
    let mut tab = Tab::welcomed();
    tab.receives(&[1, 1]);
    assert_eq!(has(&mut tab, 2), (2, 2));
    let ticket = tab.bench.pool.hold(tab.socket.conn);
    assert_eq!(has(&mut tab, 2), (2, 2));
    tab.receives(&[1]);
    assert_eq!(has(&mut tab, 3), (3, 2));
    releases(&mut tab, ticket);
    assert_eq!(has(&mut tab, 3), (3, 3));
}

#[test]
fn a_plain_server_counts_nothing_and_neither_does_a_link_that_is_down() {
    let mut bench = Bench::new();
    let socket = bench.open("a");
    bench.pool.received(socket.conn, 1);
    assert_eq!(bench.pool.hold(socket.conn), 0);
    assert!(!bench.pool.release(socket.conn, 0));
    let mut tab = Tab::welcomed();
    tab.cut();
    assert_eq!(tab.bench.pool.hold(tab.socket.conn), 0);
    tab.bench.tell(opened(tab.socket));
    assert_eq!(tab.bench.pool.hold(super::ConnId(99)), 0);
    assert!(!tab.bench.pool.release(super::ConnId(99), 1));
}

#[test]
fn nothing_is_kept_of_it_at_the_end() {
    let mut tab = Tab::welcomed();
    let ticket = holds(&mut tab, 1);
    let conn = tab.socket.conn;
    tab.bench.close(conn);
    assert_eq!(tab.bench.pool.hold(conn), 0, "nothing is told of any more");
    tab.bench.tell(Input::Closed(tab.socket, super::ended(1005)));
    assert!(!tab.bench.pool.release(conn, ticket));
    assert_eq!((tab.bench.pool.retained_bytes(), tab.bench.drain()), (0, vec![]));
}
