//! A background connection that nobody uses is closed, if that is wished.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{Bench, Output, SocketId, Status, key, opened, set};
use crate::core::options::Knob;

const MINUTE: u64 = 60_000;

/// A pool whose connections may idle for a minute, and an open one in the background.
fn open() -> (Bench, SocketId) {
    let mut bench = Bench::new();
    bench.pool.configure(bench.now(), set(Knob::IdleTimeoutMs, MINUTE as f64));
    let socket = bench.open("a");
    (bench, socket)
}

#[test]
fn without_the_option_nobody_looks() {
    let mut bench = Bench::new();
    bench.open("a");
    assert_eq!(bench.pool.poll_timeout(), None);
}

#[test]
fn in_the_background_without_a_message_it_is_closed_and_says_why() {
    let (mut bench, socket) = open();
    bench.pass(MINUTE - 1);
    assert_eq!(bench.status("a"), Status::Connected);
    let done = bench.pass(1);
    assert!(done.contains(&Output::CloseSocket { socket, code: None, reason: "".into() }));
    assert_eq!(bench.facts("a").unwrap().reason, Some("idle in the background"));
    bench.lose(socket, 1005);
    assert_eq!((bench.status("a"), bench.pool.poll_timeout()), (Status::Disconnected, None));
}

#[test]
fn a_message_either_way_is_use() {
    let uses: [fn(&mut Bench, SocketId); 3] = [
        |bench, socket| bench.pool.sent(socket.conn, 1),
        |bench, socket| assert!(!bench.pool.received(socket.conn, 1)),
        |bench, socket| bench.send(socket.conn, "typed").unwrap(),
    ];
    for (at, used) in uses.into_iter().enumerate() {
        let (mut bench, socket) = open();
        bench.pass(MINUTE - 1);
        used(&mut bench, socket);
        for output in bench.drain() {
            if let Output::Send { .. } = output {
                bench.pool.sent(socket.conn, 1);
            }
        }
        bench.pass(1);
        assert_eq!(bench.status("a"), Status::Connected, "{at}");
        bench.pass(MINUTE);
        assert_eq!(bench.status("a"), Status::Disconnecting, "{at}");
    }
}

#[test]
fn the_active_one_never_idles() {
    let (mut bench, _) = open();
    bench.pool.set_active(bench.now(), key("a"));
    bench.drain();
    assert_eq!(bench.pool.poll_timeout(), None);
    bench.pass(MINUTE * 10);
    bench.pool.set_active(bench.now(), key("b"));
    bench.pass(MINUTE - 1);
    assert_eq!(bench.status("a"), Status::Connected, "its time in the background counts from now");
    bench.pass(1);
    assert_eq!(bench.status("a"), Status::Disconnecting);
}

#[test]
fn one_that_is_active_when_it_is_made_never_idles_either() {
    let mut bench = Bench::new();
    bench.pool.configure(bench.now(), set(Knob::IdleTimeoutMs, MINUTE as f64));
    bench.pool.set_active(bench.now(), key("a"));
    bench.open("a");
    assert_eq!(bench.pool.poll_timeout(), None);
}

#[test]
fn reconnecting_is_no_use_of_it() {
    let (mut bench, mut socket) = open();
    let mut reconnected = 0;
    while bench.status("a") != Status::Disconnecting {
        bench.lose(socket, 1006);
        bench.pass(20_000);
        socket.generation += 1;
        if bench.pool.socket(socket.conn) == Some(socket) {
            bench.tell(opened(socket));
        }
        reconnected += 1;
        assert!(reconnected <= 3, "it has been a minute");
    }
}

#[test]
fn what_waits_to_be_sent_keeps_it() {
    let (mut bench, socket) = open();
    bench.pool.configure_connection(socket.conn, set(Knob::BackoffBaseMs, 1e9).with(Knob::BackoffCapMs, 1e9));
    bench.reconnect(socket.conn);
    bench.lose(SocketId { generation: 2, ..socket }, 1006);
    bench.send(socket.conn, "typed").unwrap();
    bench.pass(MINUTE * 10);
    assert_eq!(bench.status("a"), Status::Reconnecting);
}

#[test]
fn an_answer_to_the_heartbeat_is_no_use() {
    let (mut bench, socket) = open();
    bench.pool.configure_connection(socket.conn, set(Knob::HeartbeatIntervalMs, 15_000.0));
    bench.reconnect(socket.conn);
    bench.tell(opened(SocketId { generation: 2, ..socket }));
    let end = bench.ms + MINUTE;
    while bench.ms < end {
        let done = bench.advance();
        for output in done {
            if let Output::Beat { socket } = output {
                bench.pool.hears(socket);
                bench.pool.received(socket.conn, 1);
            }
        }
    }
    assert_eq!(bench.status("a"), Status::Disconnecting);
}

#[test]
fn between_the_questions_messages_are_use() {
    let (mut bench, socket) = open();
    bench.pool.configure_connection(socket.conn, set(Knob::HeartbeatIntervalMs, 15_000.0));
    bench.reconnect(socket.conn);
    let socket = SocketId { generation: 2, ..socket };
    bench.tell(opened(socket));
    bench.pass(15_000);
    bench.pool.hears(socket);
    bench.pass(5_000);
    bench.pool.received(socket.conn, 1);
    while bench.ms < MINUTE {
        bench.advance();
        bench.pool.hears(socket);
    }
    assert_eq!(bench.status("a"), Status::Connected);
}

#[test]
fn a_socket_without_a_pair_never_idles() {
    let mut bench = Bench::new();
    bench.pool.configure(bench.now(), set(Knob::IdleTimeoutMs, MINUTE as f64));
    let id = bench.pool.connect(bench.now(), None, Default::default());
    let socket = bench.opening(id);
    bench.tell(opened(socket));
    assert_eq!(bench.pool.poll_timeout(), None);
}

#[test]
fn a_failed_one_has_nothing_to_idle() {
    let (mut bench, socket) = open();
    bench.lose(socket, 4404);
    bench.pool.set_active(bench.now(), key("a"));
    bench.pool.set_active(bench.now(), key("b"));
    assert_eq!(bench.pool.poll_timeout(), None);
}
