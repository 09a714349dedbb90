//! What is sent, when, and what cannot be.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{Bench, Output, Text, opened, set};
use crate::core::connection::SendError;
use crate::core::options::Knob;

#[test]
fn an_open_connection_hands_messages_to_its_socket() {
    let mut bench = Bench::new();
    let socket = bench.open("a");
    bench.send(socket.conn, "now").unwrap();
    assert_eq!(bench.drain(), [Output::Send { socket, payload: Text("now") }]);
}

#[test]
fn what_waited_goes_first_and_in_order() {
    let mut bench = Bench::new();
    let socket = bench.connect("a");
    for text in ["one", "two"] {
        bench.send(socket.conn, text).unwrap();
    }
    bench.pool.handle(bench.now(), opened(socket));
    bench.send(socket.conn, "three").unwrap();
    let sent = bench.drain().into_iter().filter_map(|output| match output {
        Output::Send { payload, .. } => Some(payload.0),
        _ => None,
    });
    assert_eq!(sent.collect::<Vec<_>>(), ["one", "two", "three"]);
}

#[test]
fn what_waits_over_a_reconnect_is_sent_once() {
    let mut bench = Bench::new();
    let mut socket = bench.open("a");
    bench.lose(socket, 1006);
    bench.send(socket.conn, "typed offline").unwrap();
    let mut sends = 0;
    for _ in 0..2 {
        bench.advance();
        socket.generation += 1;
        let done = bench.tell(opened(socket));
        sends += done.iter().filter(|output| matches!(output, Output::Send { .. })).count();
        bench.lose(socket, 1006);
    }
    assert_eq!(sends, 1);
}

#[test]
fn the_queue_is_bounded_in_bytes_and_a_message_that_does_not_fit_disturbs_nothing() {
    let mut bench = Bench::new();
    let socket = bench.connect_with("a", set(Knob::MaxQueuedBytes, 6.0));
    bench.send(socket.conn, "日").unwrap();
    assert_eq!(bench.send(socket.conn, "日!"), Err(SendError::QueueFull));
    bench.send(socket.conn, "本").unwrap();
    assert_eq!(bench.pool.waiting_bytes(socket.conn), 6);
    let sent = bench.tell(opened(socket));
    let sent = sent.iter().filter(|output| matches!(output, Output::Send { .. }));
    assert_eq!(sent.count(), 2);
    assert_eq!(bench.pool.waiting_bytes(socket.conn), 0);
}

#[test]
fn empty_messages_are_bounded_too() {
    let mut bench = Bench::new();
    let socket = bench.connect_with("a", set(Knob::MaxQueuedBytes, 2.0));
    for _ in 0..2 {
        bench.send(socket.conn, "").unwrap();
    }
    assert_eq!(bench.send(socket.conn, ""), Err(SendError::QueueFull));
}

#[test]
fn what_the_driver_has_not_been_given_yet_counts_as_waiting() {
    let mut bench = Bench::new();
    let socket = bench.open("a");
    bench.send(socket.conn, "four").unwrap();
    assert_eq!(bench.pool.waiting_bytes(socket.conn), 4);
    bench.drain();
    assert_eq!(bench.pool.waiting_bytes(socket.conn), 0);
}

#[test]
fn after_a_close_or_a_failure_nothing_is_taken() {
    let mut bench = Bench::new();
    let closing = bench.open("closing");
    bench.pool.close(bench.now(), closing.conn, None, "").unwrap();
    let failed = bench.open("failed");
    bench.lose(failed, 4404);
    let gone = bench.open("gone");
    bench.lose(gone, 1000);
    for socket in [closing, failed, gone] {
        assert_eq!(bench.send(socket.conn, "late"), Err(SendError::Closed));
    }
}
