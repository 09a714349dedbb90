//! Four handshakes at a time with one origin.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{Bench, Input, Output, SocketId, Status, key, opened, openings, place};
use crate::core::options::Knob;

/// Connects and returns the sockets that are asked for then.
fn connect(bench: &mut Bench, env: &str) -> Vec<SocketId> {
    bench.pool.connect(bench.now(), Some(key(env)), Default::default());
    openings(&bench.drain())
}

/// Six connections of one origin, and the sockets of the first four.
fn six() -> (Bench, Vec<SocketId>) {
    let mut bench = Bench::new();
    let first = ["a", "b", "c", "d"].iter().flat_map(|env| connect(&mut bench, env)).collect();
    for env in ["e", "f"] {
        assert_eq!(connect(&mut bench, env), []);
        assert_eq!(bench.status(env), Status::Connecting);
    }
    (bench, first)
}

fn names(bench: &Bench, sockets: &[SocketId]) -> Vec<String> {
    let env = |socket: &SocketId| bench.pool.facts(socket.conn).map(|facts| facts.key.env().into());
    sockets.iter().filter_map(env).collect()
}

#[test]
fn the_fifth_waits_until_one_is_through_and_who_waited_longest_goes_first() {
    let (mut bench, sockets) = six();
    assert_eq!(sockets.len(), 4);
    let next = openings(&bench.tell(opened(sockets[1])));
    assert_eq!(names(&bench, &next), ["e"]);
    let next = openings(&bench.lose(sockets[0], 1006));
    assert_eq!(names(&bench, &next), ["f"]);
}

#[test]
fn a_slot_is_free_again_however_the_handshake_ends() {
    type End = fn(&mut Bench, SocketId) -> Vec<Output<super::Text>>;
    let ends: [End; 4] = [
        |bench, socket| bench.close(socket.conn),
        |bench, socket| bench.tell(Input::Unopenable(socket, "insecure".into())),
        |bench, socket| bench.lose(socket, 4404),
        |bench, socket| {
            // Nobody says where the next attempt goes.
            bench.place = None;
            bench.reconnect(socket.conn)
        },
    ];
    for (at, end) in ends.into_iter().enumerate() {
        let (mut bench, sockets) = six();
        let next = openings(&end(&mut bench, sockets[0]));
        assert_eq!(names(&bench, &next), ["e"], "{at}");
    }
}

#[test]
fn a_black_hole_holds_its_slot_for_three_seconds() {
    let (mut bench, sockets) = six();
    assert_eq!(openings(&bench.pass(2_999)), []);
    let next = openings(&bench.pass(1));
    assert_eq!(names(&bench, &next), ["e", "f"]);
    for socket in sockets {
        assert_eq!(bench.pool.socket(socket.conn), Some(socket), "the handshake goes on");
    }
}

#[test]
fn the_active_connection_goes_first() {
    let (mut bench, sockets) = six();
    bench.pool.set_active(bench.now(), key("f"));
    let next = openings(&bench.tell(opened(sockets[0])));
    assert_eq!(names(&bench, &next), ["f"]);
}

#[test]
fn another_origin_is_not_held_up() {
    let (mut bench, _) = six();
    bench.place = Some(place("elsewhere", "/"));
    assert_eq!(connect(&mut bench, "g").len(), 1);
    bench.place = Some(place("host", "/"));
    assert_eq!(connect(&mut bench, "h"), []);
}

#[test]
fn waiting_for_longer_than_the_connect_timeout_is_no_failure() {
    let (mut bench, _) = six();
    let own = super::set(Knob::ConnectTimeoutMs, 1_000.0);
    let id = bench.pool.connect(bench.now(), Some(key("g")), own);
    bench.drain();
    bench.pass(2_999);
    assert_eq!(bench.facts("g").map(|facts| facts.attempt), Some(1));
    bench.pass(1);
    assert!(bench.pool.socket(id).is_some(), "it is its turn");
    bench.pass(1_000);
    assert_eq!(bench.facts("g").unwrap().reason, Some("no answer within the connect timeout"));
}

#[test]
fn waiting_for_ones_turn_does_not_count_as_connecting() {
    let (mut bench, _) = six();
    let e = bench.pool.listed(&key("e")).unwrap();
    bench.pass(3_000);
    let socket = bench.pool.socket(e).expect("it is its turn");
    assert!(!bench.pass(29_999).contains(&Output::AbandonSocket { socket }));
    assert!(bench.pass(1).contains(&Output::AbandonSocket { socket }));
}

#[test]
fn who_leaves_the_queue_is_not_called_up() {
    let (mut bench, sockets) = six();
    let e = bench.pool.listed(&key("e")).unwrap();
    bench.close(e);
    let next = openings(&bench.tell(opened(sockets[0])));
    assert_eq!(names(&bench, &next), ["f"]);
}

#[test]
fn who_tries_anew_queues_anew() {
    let (mut bench, sockets) = six();
    let e = bench.pool.listed(&key("e")).unwrap();
    bench.reconnect(e);
    let next = openings(&bench.tell(opened(sockets[0])));
    assert_eq!(names(&bench, &next), ["f"]);
}

#[test]
fn all_who_wait_get_there_in_the_end() {
    let mut bench = Bench::new();
    let envs: Vec<String> = (0..30).map(|n| n.to_string()).collect();
    let mut asked: Vec<SocketId> = envs.iter().flat_map(|env| connect(&mut bench, env)).collect();
    let mut open = 0;
    while let Some(socket) = asked.pop() {
        open += 1;
        asked.extend(openings(&bench.tell(opened(socket))));
        assert!(asked.len() <= 4);
    }
    assert_eq!(open, 30);
}
