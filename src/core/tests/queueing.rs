//! What waits for a socket: what makes room, what comes back, what is taken back, what is given up.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{Bench, Event, Input, Output, SocketId, Status, Text, ended, events, opened, place, sends, set};
use crate::core::connection::{Readiness, SendError};
use crate::core::event::Direction;
use crate::core::options::Knob;
use crate::core::queue::Payload as _;

/// What was discarded, why, and whether it can still be taken back.
fn discarded(told: Vec<Event<Text>>) -> Vec<(Vec<&'static str>, &'static str, bool)> {
    let discarded = told.into_iter().filter_map(|event| match event {
        Event::Discarded { payloads, reason, kept } => {
            Some((payloads.into_iter().map(|text| text.0).collect(), reason, kept))
        }
        _ => None,
    });
    discarded.collect()
}

#[test]
fn the_oldest_make_room_when_that_is_the_policy() {
    let mut bench = Bench::new();
    let policy = set(Knob::QueuePolicy, 1.0).with(Knob::MaxQueuedBytes, 6.0);
    let socket = bench.connect_with("a", policy);
    for text in ["one", "two", "333", "4"] {
        bench.send(socket.conn, text).unwrap();
    }
    let told = discarded(events(bench.drain()));
    let full = "the send queue is full";
    assert_eq!(told, [(vec!["one"], full, false), (vec!["two"], full, false)]);
    assert_eq!(sends(&bench.tell(opened(socket))), ["333", "4"]);
}

#[test]
fn a_message_that_could_never_fit_pushes_nothing_out() {
    for policy in [0.0, 1.0] {
        let mut bench = Bench::new();
        let knobs = set(Knob::QueuePolicy, policy).with(Knob::MaxQueuedBytes, 3.0);
        let socket = bench.connect_with("a", knobs);
        bench.send(socket.conn, "one").unwrap();
        assert_eq!(bench.send(socket.conn, "four"), Err(SendError::QueueFull));
        assert_eq!(bench.drain(), []);
        assert_eq!(bench.pool.waiting_bytes(socket.conn), 3);
    }
}

#[test]
fn with_room_for_nothing_nothing_is_queued() {
    for policy in [0.0, 1.0] {
        let mut bench = Bench::new();
        let knobs = set(Knob::QueuePolicy, policy).with(Knob::MaxQueuedBytes, 0.0);
        let socket = bench.connect_with("a", knobs);
        assert_eq!(bench.send(socket.conn, ""), Err(SendError::QueueFull));
        bench.tell(opened(socket));
        assert_eq!(bench.send(socket.conn, "an open socket has room"), Ok(()));
    }
}

#[test]
fn what_is_taken_back_is_not_sent() {
    let mut bench = Bench::new();
    let socket = bench.connect("a");
    for text in ["one", "two"] {
        bench.send(socket.conn, text).unwrap();
    }
    assert_eq!(bench.pool.take_queue(socket.conn), [Text("one"), Text("two")]);
    assert_eq!(bench.pool.waiting_bytes(socket.conn), 0);
    assert_eq!(bench.pool.take_queue(socket.conn), []);
    assert_eq!(sends(&bench.tell(opened(socket))), [""; 0]);
}

#[test]
fn a_socket_that_takes_nothing_any_more_is_passed_by() {
    let mut bench = Bench::new();
    let socket = bench.open("a");
    assert_eq!(bench.pool.passes(socket.conn), Some(socket));
    bench.pool.send(bench.now(), socket.conn, Text("late"), Readiness::Drops).unwrap();
    assert_eq!(bench.pool.passes(socket.conn), None, "what waits goes first");
    bench.send(socket.conn, "later").unwrap();
    assert_eq!(bench.drain(), []);
    bench.lose(socket, 1006);
    bench.advance();
    let done = bench.tell(opened(SocketId { generation: 2, ..socket }));
    assert_eq!(sends(&done), ["late", "later"]);
}

#[test]
fn nothing_passes_a_connection_that_is_not_open() {
    let mut bench = Bench::new();
    let socket = bench.connect("a");
    assert_eq!(bench.pool.passes(socket.conn), None);
    bench.tell(opened(socket));
    bench.close(socket.conn);
    assert_eq!(bench.pool.passes(socket.conn), None);
}

#[test]
fn what_a_socket_would_not_take_keeps_its_place() {
    let mut bench = Bench::new();
    let socket = bench.open("a");
    for text in ["one", "two"] {
        bench.send(socket.conn, text).unwrap();
    }
    // They are on their way when the socket stops taking any, and a third comes before it shows.
    bench.pool.send(bench.now(), socket.conn, Text("three"), Readiness::Drops).unwrap();
    for output in bench.drain() {
        let Output::Send { payload, .. } = output else { continue };
        bench.pool.put_back(socket.conn, payload);
    }
    assert_eq!(bench.pool.waiting_bytes(socket.conn), "onetwothree".len() as u64);
    bench.lose(socket, 1006);
    bench.advance();
    let done = bench.tell(opened(SocketId { generation: 2, ..socket }));
    assert_eq!(sends(&done), ["one", "two", "three"]);
}

#[test]
fn the_place_of_what_came_back_is_forgotten_with_it() {
    let mut bench = Bench::new();
    let socket = bench.open("a");
    bench.pool.put_back(socket.conn, Text("one"));
    assert_eq!(bench.pool.take_queue(socket.conn), [Text("one")]);
    bench.send(socket.conn, "three").unwrap();
    bench.drain();
    bench.pool.send(bench.now(), socket.conn, Text("four"), Readiness::Drops).unwrap();
    bench.pool.put_back(socket.conn, Text("three"));
    assert_eq!(bench.pool.take_queue(socket.conn), [Text("three"), Text("four")]);
}

#[test]
fn room_is_made_before_what_came_back_loses_its_place() {
    let mut bench = Bench::new();
    let policy = set(Knob::QueuePolicy, 1.0).with(Knob::MaxQueuedBytes, 2.0);
    let socket = bench.connect_with("a", policy);
    bench.tell(opened(socket));
    bench.pool.put_back(socket.conn, Text("1"));
    for text in ["2", "3"] {
        bench.pool.send(bench.now(), socket.conn, Text(text), Readiness::Drops).unwrap();
    }
    bench.pool.put_back(socket.conn, Text("0"));
    let waiting: Vec<_> = bench.pool.take_queue(socket.conn).into_iter().map(|text| text.0).collect();
    assert_eq!(waiting, ["0", "2", "3"]);
}

#[test]
fn what_was_queued_when_it_is_over_is_told_and_can_be_taken_back() {
    let mut bench = Bench::new();
    let socket = bench.connect("a");
    bench.send(socket.conn, "unsent").unwrap();
    bench.send(socket.conn, "as well").unwrap();
    let told = events(bench.lose(socket, 4404));
    let end = &told[told.len() - 1];
    assert_eq!(end, &Event::Close(ended(4404)));
    assert_eq!(discarded(told), [(vec!["unsent", "as well"], "the connection is over", true)]);
    let (metrics, _, waiting) = bench.pool.metrics(bench.now(), socket.conn).unwrap();
    assert_eq!((metrics.discarded, waiting), (2, 0));
}

#[test]
fn what_waits_during_a_close_can_be_taken_back_and_is_told_at_its_end() {
    let mut bench = Bench::new();
    let socket = bench.connect("a");
    bench.send(socket.conn, "unsent").unwrap();
    assert_eq!(discarded(events(bench.close(socket.conn))), []);
    let told = discarded(events(bench.lose(socket, 1006)));
    assert_eq!(told, [(vec!["unsent"], "the connection is over", true)]);
}

#[test]
fn another_destination_never_gets_what_was_meant_for_the_one_before() {
    let mut bench = Bench::new();
    let socket = bench.open("a");
    bench.lose(socket, 1006);
    bench.send(socket.conn, "for the first").unwrap();
    bench.place = Some(place("host", "/elsewhere"));
    let told = discarded(events(bench.advance()));
    assert_eq!(told, [(vec!["for the first"], "the destination has changed", true)]);
    bench.send(socket.conn, "for the second").unwrap();
    let done = bench.tell(opened(SocketId { generation: 2, ..socket }));
    assert_eq!(sends(&done), ["for the second"]);
}

#[test]
fn the_same_destination_gets_it_at_another_origin_too() {
    let mut bench = Bench::new();
    let socket = bench.open("a");
    bench.lose(socket, 1006);
    bench.send(socket.conn, "typed").unwrap();
    let destination = place("host", "/path").destination;
    bench.place = Some(super::Place { destination, ..place("other", "") });
    assert_eq!(discarded(events(bench.advance())), []);
    let done = bench.tell(opened(SocketId { generation: 2, ..socket }));
    assert_eq!(sends(&done), ["typed"]);
}

#[test]
fn a_new_life_is_bound_to_no_destination_of_the_old_one() {
    let mut bench = Bench::new();
    let socket = bench.open("a");
    bench.lose(socket, 4404);
    bench.place = None;
    bench.reconnect(socket.conn);
    bench.send(socket.conn, "typed").unwrap();
    let next = SocketId { generation: 2, ..socket };
    let done = bench.tell(Input::Located(next, Ok(place("host", "/elsewhere"))));
    assert_eq!(discarded(events(done)), []);
    assert_eq!(sends(&bench.tell(opened(next))), ["typed"]);
}

#[test]
fn what_waited_is_handed_over_before_people_hear_of_the_open() {
    let mut bench = Bench::new();
    let socket = bench.open("a");
    bench.pool.sent(socket.conn, 1);
    bench.lose(socket, 1006);
    bench.send(socket.conn, "typed").unwrap();
    bench.advance();
    let next = SocketId { generation: 2, ..socket };
    let done = bench.tell(opened(next));
    let gap = |direction| Output::Emit {
        conn: socket.conn,
        event: Event::Gap {
            direction,
            from: None,
            to: None,
            reason: "reconnected to a server that cannot resume".into(),
            snapshot: false,
        },
    };
    let connected = Event::Status { status: Status::Connected, previous: Status::Reconnecting, reason: None };
    assert_eq!(
        done,
        [
            Output::Emit { conn: socket.conn, event: connected },
            Output::Send { socket: next, payload: Text("typed") },
            gap(Direction::In),
            gap(Direction::Out),
            Output::Emit { conn: socket.conn, event: Event::Open },
            Output::Changed,
        ]
    );
}

#[test]
fn a_message_is_as_long_as_it_is_on_the_wire() {
    assert_eq!(Text("日本").byte_len(), 6);
}
