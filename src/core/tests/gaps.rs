//! A plain server cannot say what was lost, so that every reconnect admits it.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{Bench, CloseInfo, Event, Input, Output, SocketId, Text, events, opened, set};
use crate::core::event::Direction;
use crate::core::options::Knob;

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
    let told = bench.tell(opened(next));
    (next, gaps(told))
}

#[test]
fn the_first_open_lost_nothing() {
    let mut bench = Bench::new();
    let socket = bench.connect("a");
    assert_eq!(gaps(bench.tell(opened(socket))), []);
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
    assert_eq!(gaps(bench.tell(opened(SocketId { generation: 2, ..socket }))), [Direction::In]);
}

#[test]
fn a_new_life_has_none() {
    let mut bench = Bench::new();
    let socket = bench.open("a");
    bench.pool.sent(socket.conn, 3);
    bench.lose(socket, 4404);
    bench.reconnect(socket.conn);
    assert_eq!(gaps(bench.tell(opened(SocketId { generation: 2, ..socket }))), []);
}

#[test]
fn what_may_have_gone_down_with_the_end_is_told_before_it() {
    for (code, clean) in [(1006, false), (4403, true), (1000, false)] {
        let mut bench = Bench::new();
        let socket = bench.connect_with("a", set(Knob::MaxRetries, 0.0));
        bench.tell(opened(socket));
        bench.pool.sent(socket.conn, 5);
        let info = CloseInfo { code, reason: "".into(), clean };
        let told = events(bench.tell(Input::Closed(socket, info)));
        let is_gap = |event: &Event<Text>| matches!(event, Event::Gap { direction: Direction::Out, .. });
        assert_eq!(told.iter().filter(|event| is_gap(event)).count(), 1, "{code}: {told:?}");
        assert!(
            told.iter().position(is_gap) < told.iter().position(|event| matches!(event, Event::Close(_)))
        );
    }
}

#[test]
fn a_session_that_came_to_its_end_and_a_close_that_was_answered_lost_nothing() {
    let mut ended = Bench::new();
    let socket = ended.open("a");
    ended.pool.sent(socket.conn, 5);
    assert!(!events(ended.lose(socket, 1000)).iter().any(|event| matches!(event, Event::Gap { .. })));
    let mut closed = Bench::new();
    let socket = closed.open("a");
    closed.pool.sent(socket.conn, 5);
    closed.pool.close(closed.now(), socket.conn, None, "").unwrap();
    assert!(!events(closed.lose(socket, 1005)).iter().any(|event| matches!(event, Event::Gap { .. })));
}

#[test]
fn a_close_that_a_silent_peer_never_answers_may_have_lost_something() {
    let mut bench = Bench::new();
    let socket = bench.open("a");
    bench.pool.sent(socket.conn, 5);
    bench.pool.close(bench.now(), socket.conn, None, "").unwrap();
    bench.drain();
    assert!(events(bench.advance()).iter().any(|event| matches!(event, Event::Gap { .. })));
}

#[test]
fn what_the_driver_was_about_to_hand_over_counts_as_sent() {
    let mut bench = Bench::new();
    let socket = bench.open("a");
    bench.send(socket.conn, "on its way").unwrap();
    bench.pool.close(bench.now(), socket.conn, None, "").unwrap();
    bench.pool.reconnect(bench.now(), socket.conn).unwrap();
    assert!(events(bench.drain()).iter().any(|event| matches!(event, Event::Gap { .. })));
}
