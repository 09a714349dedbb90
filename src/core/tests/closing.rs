//! How a connection ends when the page wants it to.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{Bench, CloseInfo, Event, Input, Output, Overrides, Status, Text, ended, events, key, opened};
use crate::core::close::CloseError;
use crate::core::pool::ReconnectError;
use crate::core::queue::Payload as _;

#[test]
fn an_open_connection_shakes_hands_and_ends_with_the_peers_answer() {
    let mut bench = Bench::new();
    let socket = bench.open("a");
    bench.pool.close(bench.now(), socket.conn, Some(3001), "bye").unwrap();
    let asked = Output::CloseSocket { socket, code: Some(3001), reason: "bye".into() };
    assert!(bench.drain().contains(&asked));
    assert_eq!(bench.status("a"), Status::Disconnecting);
    let told = events(bench.lose(socket, 3001));
    assert_eq!(told.last(), Some(&Event::Close(ended(3001))));
    assert_eq!(bench.status("a"), Status::Disconnected);
}

#[test]
fn a_silent_peer_has_three_seconds() {
    let mut bench = Bench::new();
    let socket = bench.open("a");
    bench.pool.close(bench.now(), socket.conn, Some(1000), "").unwrap();
    bench.drain();
    let done = bench.advance();
    assert_eq!(bench.ms, 3_000);
    assert!(done.contains(&Output::AbandonSocket { socket }));
    assert_eq!(events(done).last(), Some(&Event::Close(CloseInfo::abnormal())));
}

#[test]
fn closing_without_a_socket_still_ends_in_one_close_event() {
    let mut bench = Bench::new();
    let socket = bench.connect("a");
    bench.lose(socket, 1006);
    bench.pool.close(bench.now(), socket.conn, None, "").unwrap();
    assert!(!events(bench.drain()).iter().any(|event| matches!(event, Event::Close(_))), "not at once");
    let closes = events(bench.advance()).into_iter().filter(|event| matches!(event, Event::Close(_)));
    assert_eq!((closes.count(), bench.ms), (1, 0));
    assert_eq!(bench.pool.poll_timeout(), None);
}

#[test]
fn what_was_under_way_when_it_closed_without_a_socket_is_not_heard() {
    let mut bench = Bench::new();
    bench.place = None;
    let id = bench.pool.connect(bench.now(), Some(key("a")), Default::default());
    bench.drain();
    bench.close(id);
    let socket = super::SocketId { conn: id, generation: 1 };
    assert_eq!(bench.tell(Input::Located(socket, Ok(super::place("host", "/")))), []);
    assert_eq!(bench.tell(Input::Unopenable(socket, "late".into())), []);
    assert_eq!(bench.status("a"), Status::Disconnecting);
}

#[test]
fn closing_twice_is_closing_once() {
    let mut bench = Bench::new();
    let socket = bench.open("a");
    bench.pool.close(bench.now(), socket.conn, None, "").unwrap();
    bench.drain();
    bench.pool.close(bench.now(), socket.conn, Some(4000), "again").unwrap();
    assert_eq!(bench.drain(), []);
}

#[test]
fn nothing_is_tried_after_a_close() {
    let mut bench = Bench::new();
    let socket = bench.open("a");
    bench.pool.close(bench.now(), socket.conn, None, "").unwrap();
    bench.drain();
    let done = bench.lose(socket, 1006);
    assert!(!done.iter().any(|output| matches!(output, Output::OpenSocket { .. })));
    assert_eq!(bench.pool.poll_timeout(), None);
}

#[test]
fn a_closed_connection_owns_nothing() {
    let mut bench = Bench::new();
    let socket = bench.connect("a");
    bench.send(socket.conn, "queued").unwrap();
    assert_eq!(bench.pool.waiting_bytes(socket.conn), Text("queued").byte_len());
    bench.pool.close(bench.now(), socket.conn, None, "").unwrap();
    bench.drain();
    assert!(bench.lose(socket, 1006).contains(&Output::Release { conn: socket.conn }));
    assert_eq!((bench.pool.waiting_bytes(socket.conn), bench.pool.retained_bytes()), (0, 0));
    assert_eq!((bench.pool.ids(|_| true), bench.pool.poll_timeout()), (vec![], None));
    let failed = bench.connect("failed");
    bench.send(failed.conn, "queued").unwrap();
    bench.tell(Input::Unopenable(failed, "insecure".into()));
    assert_eq!(bench.pool.waiting_bytes(failed.conn), 0);
    assert_eq!(bench.pool.poll_timeout(), None);
}

#[test]
fn a_bad_code_or_reason_closes_nothing() {
    let mut bench = Bench::new();
    let socket = bench.open("a");
    for code in [0, 999, 1001, 1005, 1006, 2999, 5000] {
        let refused = bench.pool.close(bench.now(), socket.conn, Some(code), "");
        assert_eq!(refused, Err(CloseError::Code), "{code}");
    }
    let refused = bench.pool.close(bench.now(), socket.conn, None, &"é".repeat(62));
    assert_eq!(refused, Err(CloseError::Reason));
    assert_eq!((bench.drain(), bench.status("a")), (vec![], Status::Connected));
}

#[test]
fn a_pair_that_is_closing_makes_room_for_a_new_connection() {
    let mut bench = Bench::new();
    let old = bench.open("a");
    bench.pool.close(bench.now(), old.conn, None, "").unwrap();
    bench.drain();
    assert_eq!(bench.pool.find(&key("a")), None);
    let new = bench.connect("a");
    assert_ne!(old.conn, new.conn);
    assert_eq!(bench.pool.reconnect(bench.now(), old.conn), Err(ReconnectError::Superseded));
    bench.lose(old, 1000);
    assert_eq!(bench.pool.find(&key("a")), Some(new.conn));
    assert_eq!(bench.pool.reconnect(bench.now(), old.conn), Err(ReconnectError::Gone));
}

#[test]
fn reconnecting_while_closing_ends_one_life_and_begins_the_next() {
    let mut bench = Bench::new();
    let socket = bench.open("a");
    bench.pool.close(bench.now(), socket.conn, None, "").unwrap();
    bench.drain();
    bench.pool.reconnect(bench.now(), socket.conn).unwrap();
    let done = bench.drain();
    assert!(done.contains(&Output::AbandonSocket { socket }));
    assert!(done.iter().any(|output| matches!(output, Output::OpenSocket { .. })));
    assert!(events(done).contains(&Event::Close(CloseInfo::abnormal())));
    assert_eq!(bench.status("a"), Status::Connecting);
    assert_eq!(bench.tell(Input::Closed(socket, ended(1000))), [], "the old socket is not heard");
}

#[test]
fn a_socket_that_cannot_be_made_after_all_ends_a_close() {
    let mut bench = Bench::new();
    let socket = bench.connect("a");
    bench.pool.close(bench.now(), socket.conn, None, "").unwrap();
    bench.drain();
    bench.tell(Input::Unopenable(socket, "insecure".into()));
    assert_eq!((bench.status("a"), bench.pool.listing().count()), (Status::Disconnected, 0));
}

#[test]
fn closing_before_the_first_open_is_an_error_as_on_the_platform() {
    let told = |open: bool| {
        let mut bench = Bench::new();
        bench.place = None;
        let id = bench.pool.connect(bench.now(), Some(key("a")), Default::default());
        bench.drain();
        let socket = super::SocketId { conn: id, generation: 1 };
        if open {
            bench.tell(Input::Located(socket, Ok(super::place("host", "/"))));
            bench.tell(opened(socket));
            bench.lose(socket, 1012);
        }
        bench.close(id);
        events(bench.advance())
    };
    assert!(told(false).ends_with(&[Event::Error, Event::Close(CloseInfo::abnormal())]));
    assert!(!told(true).contains(&Event::Error));
}

#[test]
fn closing_a_failed_connection_forgets_it_without_a_second_close_event() {
    let mut bench = Bench::new();
    let socket = bench.open("a");
    bench.lose(socket, 4404);
    let done = bench.close(socket.conn);
    assert!(done.contains(&Output::Release { conn: socket.conn }));
    let changed = Event::Status {
        status: Status::Disconnected,
        previous: Status::Failed,
        reason: Some("closed".into()),
    };
    assert_eq!(events(done), [changed]);
    assert_eq!(bench.status("a"), Status::Disconnected);
}

#[test]
fn closing_many_gives_none_of_those_that_wait_a_handshake_first() {
    let mut bench = Bench::new();
    for env in ["a", "b", "c", "d", "e", "f"] {
        bench.pool.connect(bench.now(), Some(key(env)), Overrides::default());
    }
    bench.drain();
    bench.pool.close_chosen(bench.now(), |key| key.is_some_and(|key| key.env() != "a"));
    let done = bench.drain();
    assert!(!done.iter().any(|output| matches!(output, Output::OpenSocket { .. })), "{done:?}");
    let closing = ["a", "b", "c", "d", "e", "f"].map(|env| bench.status(env) == Status::Disconnecting);
    assert_eq!(closing, [false, true, true, true, true, true]);
}
