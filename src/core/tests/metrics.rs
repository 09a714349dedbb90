//! What a connection has done, and all that there ever were.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{Bench, Input, Metrics, SocketId, key, opened, set};
use crate::core::options::Knob;

fn of(bench: &Bench, socket: SocketId) -> (&Metrics, u64, u64) {
    bench.pool.metrics(bench.now(), socket.conn).expect("it is in the pool")
}

/// Lets a connection live through an open, a loss, a failed attempt and another open.
fn live(bench: &mut Bench, env: &str) -> SocketId {
    let mut socket = bench.open(env);
    bench.pool.received(socket.conn, 10);
    bench.pool.received(socket.conn, 1);
    bench.pool.sent(socket.conn, 5);
    bench.ms += 700;
    bench.lose(socket, 1012);
    for _ in 0..2 {
        bench.advance();
        socket.generation += 1;
        if socket.generation == 2 {
            bench.lose(socket, 1006);
        }
    }
    bench.tell(opened(socket));
    bench.ms += 50;
    socket
}

#[test]
fn a_life_is_counted() {
    let mut bench = Bench::new();
    let socket = live(&mut bench, "a");
    bench.send(socket.conn, "four").unwrap();
    let (metrics, connected_ms, waiting) = of(&bench, socket);
    assert_eq!((metrics.attempts, metrics.opens, metrics.reconnects), (3, 2, 1));
    assert_eq!((metrics.messages_in, metrics.bytes_in), (2, 11));
    assert_eq!((metrics.messages_out, metrics.bytes_out), (1, 5));
    assert_eq!((connected_ms, waiting), (750, 4));
    assert_eq!((metrics.lost, metrics.discarded), (2, 0));
    let failures = [("the server is restarting", 1), ("the server cannot be reached", 1)];
    assert_eq!(metrics.failures, failures);
}

#[test]
fn the_time_that_it_was_connected_ends_with_the_socket() {
    let ends: [fn(&mut Bench, SocketId); 4] = [
        |bench, socket| drop(bench.lose(socket, 1006)),
        |bench, socket| drop(bench.close(socket.conn)),
        |bench, socket| drop(bench.reconnect(socket.conn)),
        |bench, socket| drop(bench.lose(socket, 4404)),
    ];
    for (at, end) in ends.into_iter().enumerate() {
        let mut bench = Bench::new();
        let socket = bench.open("a");
        bench.ms += 300;
        end(&mut bench, socket);
        bench.ms += 2_000;
        assert_eq!(of(&bench, socket).1, 300, "{at}");
    }
}

#[test]
fn the_totals_keep_those_that_are_gone() {
    let mut bench = Bench::new();
    let gone = live(&mut bench, "a");
    live(&mut bench, "b");
    let before = bench.pool.totals(bench.now());
    bench.lose(gone, 1000);
    assert_eq!(bench.pool.metrics(bench.now(), gone.conn).map(|_| ()), None);
    let (after, connected_ms, waiting) = bench.pool.totals(bench.now());
    assert_eq!((after.attempts, after.opens, after.reconnects, after.lost), (6, 4, 2, 4));
    assert_eq!((after.messages_in, after.bytes_in, after.messages_out, after.bytes_out), (4, 22, 2, 10));
    assert_eq!((connected_ms, waiting), (before.1, before.2));
    let count = |reason| after.failures.iter().find(|(known, _)| *known == reason).map(|(_, count)| *count);
    assert_eq!(count("the server is restarting"), Some(2));
    assert_eq!(count("closed by the server"), Some(1));
}

#[test]
fn the_totals_have_the_round_trips_and_what_was_discarded() {
    let mut bench = Bench::new();
    let socket = bench.connect_with("a", set(Knob::HeartbeatIntervalMs, 1_000.0));
    bench.tell(opened(socket));
    bench.pass(1_000);
    bench.ms += 8;
    bench.pool.replied(bench.now(), socket.conn);
    bench.lose(socket, 1006);
    bench.send(socket.conn, "unsent").unwrap();
    bench.close(socket.conn);
    bench.advance();
    let (totals, ..) = bench.pool.totals(bench.now());
    let trips = totals.round_trips.and_then(|trips| trips.summary());
    assert_eq!((totals.discarded, trips.map(|trips| trips.mean_us)), (1, Some(8_000)));
}

#[test]
fn an_attempt_that_had_nowhere_to_go_is_a_failure() {
    let mut bench = Bench::new();
    let socket = bench.connect("a");
    bench.tell(Input::Unopenable(socket, "insecure".into()));
    assert_eq!(of(&bench, socket).0.failures, [("there is nowhere to go", 1)]);
}

#[test]
fn what_waits_is_retained() {
    let mut bench = Bench::new();
    let (one, other) = (bench.connect("a"), bench.connect("b"));
    bench.send(one.conn, "three").unwrap();
    bench.send(other.conn, "four").unwrap();
    assert_eq!((bench.pool.retained_bytes(), bench.pool.totals(bench.now()).2), (9, 9));
}

#[test]
fn switches_are_counted_and_timed_when_told() {
    let mut bench = Bench::new();
    assert_eq!(bench.pool.switches(), None);
    bench.pool.set_active(bench.now(), key("a"));
    for us in [10, 20, 30] {
        bench.pool.switched(us);
    }
    let (count, summary) = bench.pool.switches().expect("there were some");
    assert_eq!((count, summary.mean_us), (3, 20));
}
