//! A plain server cannot say what was lost, so that every reconnect admits it.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{Bench, Event, Input, Output, SocketId, Text, events};
use crate::core::event::Direction;

fn gaps(outputs: Vec<Output<Text>>) -> Vec<Direction> {
    let gaps = events(outputs).into_iter().filter_map(|event| match event {
        Event::Gap { direction, .. } => Some(direction),
        _ => None,
    });
    gaps.collect()
}

/// Loses the socket and opens the next one.
fn reopen(bench: &mut Bench, socket: SocketId) -> (SocketId, Vec<Direction>) {
    bench.lose(socket, 1006);
    bench.advance();
    let next = SocketId { generation: socket.generation + 1, ..socket };
    let told = bench.tell(Input::Opened(next));
    (next, gaps(told))
}

#[test]
fn the_first_open_lost_nothing() {
    let mut bench = Bench::new();
    let socket = bench.connect("a");
    assert_eq!(gaps(bench.tell(Input::Opened(socket))), []);
}

#[test]
fn after_a_reconnect_messages_of_the_server_may_be_missing() {
    let mut bench = Bench::new();
    let socket = bench.open("a");
    assert_eq!(reopen(&mut bench, socket).1, [Direction::In]);
}

#[test]
fn messages_to_the_server_may_be_missing_if_that_socket_had_any() {
    let mut bench = Bench::new();
    let socket = bench.open("a");
    bench.pool.sent(socket.conn, 3);
    let (socket, told) = reopen(&mut bench, socket);
    assert_eq!(told, [Direction::In, Direction::Out]);
    let (_, told) = reopen(&mut bench, socket);
    assert_eq!(told, [Direction::In], "that was told already");
    let (metrics, ..) = bench.pool.metrics(bench.now(), socket.conn).unwrap();
    assert_eq!(metrics.lost, 3);
}

#[test]
fn an_attempt_that_failed_in_between_hides_no_gap() {
    let mut bench = Bench::new();
    let socket = bench.open("a");
    bench.pool.sent(socket.conn, 3);
    bench.lose(socket, 1006);
    bench.advance();
    let (_, told) = reopen(&mut bench, SocketId { generation: 2, ..socket });
    assert_eq!(told, [Direction::In, Direction::Out]);
}

#[test]
fn a_reconnect_by_hand_has_its_gap_too() {
    let mut bench = Bench::new();
    let socket = bench.open("a");
    bench.reconnect(socket.conn);
    assert_eq!(gaps(bench.tell(Input::Opened(SocketId { generation: 2, ..socket }))), [Direction::In]);
}

#[test]
fn a_new_life_has_none() {
    let mut bench = Bench::new();
    let socket = bench.open("a");
    bench.pool.sent(socket.conn, 3);
    bench.lose(socket, 4404);
    bench.reconnect(socket.conn);
    assert_eq!(gaps(bench.tell(Input::Opened(SocketId { generation: 2, ..socket }))), []);
}
