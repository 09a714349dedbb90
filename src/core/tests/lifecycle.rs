//! From the first attempt to the last.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{Bench, Event, Heard, Input, Output, SocketId, Status, ended, events, opened, set, statuses};
use crate::core::options::Knob;

#[test]
fn a_connection_opens_is_lost_and_comes_back_by_itself() {
    let mut bench = Bench::new();
    let socket = bench.connect("a");
    assert_eq!(bench.status("a"), Status::Connecting);
    assert_eq!(statuses(bench.tell(opened(socket))), [Status::Connected]);
    assert_eq!(statuses(bench.lose(socket, 1006)), [Status::Reconnecting]);
    bench.advance();
    let next = SocketId { generation: 2, ..socket };
    let told = events(bench.tell(opened(next)));
    assert_eq!(bench.status("a"), Status::Connected);
    assert_eq!(told.last(), Some(&Event::Open), "on a plain server open fires again");
}

#[test]
fn every_change_of_status_goes_on_from_the_one_before() {
    let mut bench = Bench::new();
    let id = bench.pool.connect(bench.now(), Some(super::key("a")), Default::default());
    let mut told = bench.drain();
    let first = SocketId { conn: id, generation: 1 };
    told.extend(bench.tell(opened(first)));
    told.extend(bench.lose(first, 1006));
    told.extend(bench.advance());
    let second = SocketId { generation: 2, ..first };
    told.extend(bench.tell(opened(second)));
    told.extend(bench.lose(second, 4404));
    told.extend(bench.reconnect(id));
    told.extend(bench.close(id));
    told.extend(bench.lose(SocketId { generation: 3, ..first }, 1006));
    let changes = events(told).into_iter().filter_map(|event| match event {
        Event::Status { previous, status, .. } => Some((previous, status)),
        _ => None,
    });
    use Status::{Connected, Connecting, Disconnected, Disconnecting, Failed, Reconnecting};
    let chain =
        [Connecting, Connected, Reconnecting, Connected, Failed, Connecting, Disconnecting, Disconnected];
    let before = std::iter::once(Disconnected).chain(chain);
    assert_eq!(changes.collect::<Vec<_>>(), before.zip(chain).collect::<Vec<_>>());
}

#[test]
fn until_the_first_open_it_is_connecting_however_often_it_is_tried() {
    let mut bench = Bench::new();
    let mut socket = bench.connect("a");
    for attempt in 1..20 {
        let facts = bench.facts("a").map(|facts| (facts.status, facts.attempt));
        assert_eq!(facts, Some((Status::Connecting, attempt)));
        assert_eq!(statuses(bench.lose(socket, 1006)), []);
        bench.advance();
        socket.generation += 1;
    }
}

#[test]
fn what_an_older_socket_says_changes_nothing() {
    let mut bench = Bench::new();
    let old = bench.open("a");
    bench.lose(old, 1006);
    bench.advance();
    let deadline = bench.pool.poll_timeout();
    for input in [
        opened(old),
        Input::Errored(old),
        Input::Closed(old, ended(4404)),
        Input::Unopenable(old, "late".into()),
    ] {
        assert_eq!(bench.tell(input), []);
    }
    assert_eq!((bench.status("a"), bench.pool.poll_timeout()), (Status::Reconnecting, deadline));
}

#[test]
fn messages_arrive_while_the_socket_is_open_and_only_then() {
    let mut bench = Bench::new();
    let socket = bench.connect("a");
    assert_eq!(bench.pool.hears(socket), Heard::Nobody, "early");
    bench.tell(opened(socket));
    assert_eq!(bench.pool.hears(socket), Heard::Plain, "in time");
    bench.pool.close(bench.now(), socket.conn, None, "").unwrap();
    bench.drain();
    assert_eq!(bench.pool.hears(socket), Heard::Nobody, "too late");
}

#[test]
fn an_attempt_without_an_answer_is_given_up_after_its_timeout() {
    let mut bench = Bench::new();
    let socket = bench.connect("a");
    assert!(!bench.pass(29_999).contains(&Output::AbandonSocket { socket }));
    assert!(bench.pass(1).contains(&Output::AbandonSocket { socket }));
    let facts = bench.facts("a").unwrap();
    assert_eq!(facts.reason, Some("no answer within the connect timeout"));
}

#[test]
fn a_reconnect_has_a_shorter_timeout() {
    let mut bench = Bench::new();
    let socket = bench.open("a");
    bench.lose(socket, 1006);
    bench.advance();
    let second = SocketId { generation: 2, ..socket };
    assert!(!bench.pass(9_999).contains(&Output::AbandonSocket { socket: second }));
    assert!(bench.pass(1).contains(&Output::AbandonSocket { socket: second }));
}

#[test]
fn a_timeout_that_ran_out_while_nobody_looked_is_excused_once() {
    let mut bench = Bench::new();
    let socket = bench.connect("a");
    bench.ms = 3_600_000;
    assert_eq!(bench.tell(Input::Timeout), [], "the machine slept: the peer is not to blame");
    bench.ms += 3_600_000;
    assert!(bench.tell(Input::Timeout).contains(&Output::AbandonSocket { socket }));
}

#[test]
fn each_attempt_has_an_excuse_of_its_own() {
    let mut bench = Bench::new();
    let mut socket = bench.connect("a");
    for _ in 0..2 {
        bench.ms += 3_600_000;
        assert_eq!(bench.tell(Input::Timeout), []);
        assert!(bench.pass(3_000).contains(&Output::AbandonSocket { socket }));
        bench.advance();
        socket.generation += 1;
    }
}

#[test]
fn a_second_late_is_not_late_yet() {
    for (late, spared) in [(1_000, false), (1_001, true)] {
        let mut bench = Bench::new();
        let socket = bench.connect("a");
        bench.ms = 30_000 + late;
        let given_up = bench.tell(Input::Timeout).contains(&Output::AbandonSocket { socket });
        assert_ne!(given_up, spared, "{late}");
    }
}

#[test]
fn a_timer_that_fires_early_does_nothing() {
    let mut bench = Bench::new();
    bench.connect("a");
    bench.ms = 29_999;
    assert_eq!(bench.tell(Input::Timeout), []);
}

#[test]
fn a_refusal_for_good_is_failed_and_says_why() {
    for (code, why) in [
        (1002, "the server saw a protocol error"),
        (1008, "against the server's policy"),
        (4401, "the server wants a token"),
        (4403, "forbidden"),
        (4404, "unknown environment"),
        (4409, "superseded by another connection"),
    ] {
        let mut bench = Bench::new();
        let socket = bench.open("a");
        bench.lose(socket, code);
        let facts = bench.facts("a").expect("a failed connection stays visible");
        assert_eq!((facts.status, facts.reason), (Status::Failed, Some(why)), "{code}");
        assert_eq!(bench.pool.poll_timeout(), None);
    }
}

#[test]
fn a_session_that_is_over_or_an_environment_that_is_gone_is_disconnected_and_forgotten() {
    for code in [1000, 4410] {
        let mut bench = Bench::new();
        let socket = bench.open("a");
        let told = bench.lose(socket, code);
        assert!(told.contains(&Output::Release { conn: socket.conn }), "{code}");
        assert_eq!(events(told).last(), Some(&Event::Close(ended(code))), "{code}");
        assert_eq!((bench.status("a"), bench.pool.listing().count()), (Status::Disconnected, 0), "{code}");
    }
}

#[test]
fn everything_else_is_retried() {
    for code in [1001, 1005, 1006, 1011, 1012, 1013, 1014, 3000, 4000, 4413, 4429, 4999] {
        let mut bench = Bench::new();
        let socket = bench.open("a");
        bench.lose(socket, code);
        assert_eq!(bench.status("a"), Status::Reconnecting, "{code}");
    }
}

#[test]
fn the_servers_own_words_are_the_reason() {
    let mut bench = Bench::new();
    let socket = bench.open("a");
    let info = super::CloseInfo { reason: "no such shell".into(), ..ended(4404) };
    bench.tell(Input::Closed(socket, info));
    assert_eq!(bench.facts("a").unwrap().reason, Some("no such shell"));
}

#[test]
fn when_the_retries_are_used_up_it_has_failed_with_an_error_right_before_the_close() {
    let mut bench = Bench::new();
    let mut socket = bench.connect_with("a", set(Knob::MaxRetries, 2.0));
    for _ in 0..2 {
        bench.tell(Input::Errored(socket));
        assert_eq!(events(bench.lose(socket, 1006)), [], "a retry is no event");
        bench.advance();
        socket.generation += 1;
    }
    bench.tell(Input::Errored(socket));
    let told = events(bench.lose(socket, 1006));
    assert_eq!(told[1..], [Event::Error, Event::Close(ended(1006))]);
    let reason = bench.facts("a").unwrap().reason.map(String::from);
    assert_eq!(reason.as_deref(), Some("out of retries: the server cannot be reached"));
}

#[test]
fn a_socket_that_cannot_even_be_made_fails_with_the_platforms_words() {
    let mut bench = Bench::new();
    let socket = bench.connect("a");
    let told = events(bench.tell(Input::Unopenable(socket, "insecure".into())));
    assert_eq!(told[1..], [Event::Error, Event::Close(ended(1006))]);
    assert_eq!(bench.facts("a").unwrap().reason, Some("insecure"));
}

#[test]
fn reconnect_acts_at_once_in_every_state() {
    let next = |bench: &mut Bench, socket: SocketId| {
        bench.pool.reconnect(bench.now(), socket.conn).unwrap();
        assert_eq!(bench.opening(socket.conn), SocketId { generation: socket.generation + 1, ..socket });
    };
    let mut opening = Bench::new();
    let socket = opening.connect("a");
    next(&mut opening, socket);

    let mut open = Bench::new();
    let socket = open.open("a");
    next(&mut open, socket);
    assert_eq!(open.status("a"), Status::Reconnecting);

    let mut waiting = Bench::new();
    let socket = waiting.open("a");
    waiting.lose(socket, 1006);
    next(&mut waiting, socket);

    let mut failed = Bench::new();
    let socket = failed.open("a");
    failed.lose(socket, 4404);
    next(&mut failed, socket);
    assert_eq!(failed.status("a"), Status::Connecting, "a new life begins");
}

#[test]
fn reconnecting_an_open_connection_lets_go_of_the_old_socket() {
    let mut bench = Bench::new();
    let socket = bench.open("a");
    bench.pool.reconnect(bench.now(), socket.conn).unwrap();
    let done = bench.drain();
    let abandoned = done.iter().position(|output| *output == Output::AbandonSocket { socket });
    let opened = done.iter().position(|output| matches!(output, Output::OpenSocket { .. }));
    assert!(abandoned.expect("let go") < opened.expect("asked for"), "{done:?}");
}

#[test]
fn an_attempt_that_times_out_ends_like_one_that_was_refused() {
    let mut bench = Bench::new();
    bench.connect_with("a", set(Knob::MaxRetries, 0.0));
    let told = events(bench.pass(30_000));
    assert_eq!(told[1..], [Event::Error, Event::Close(ended(1006))]);
}

#[test]
fn an_error_of_an_earlier_attempt_is_not_told_at_the_end() {
    let mut bench = Bench::new();
    let first = bench.connect("a");
    bench.tell(Input::Errored(first));
    bench.lose(first, 1006);
    bench.advance();
    let second = SocketId { generation: 2, ..first };
    bench.tell(opened(second));
    let told = events(bench.lose(second, 1000));
    assert!(!told.contains(&Event::Error), "{told:?}");
}

#[test]
fn attempts_are_counted_from_the_last_open() {
    let mut bench = Bench::new();
    let mut socket = bench.connect("a");
    let attempt = |bench: &Bench| bench.facts("a").unwrap().attempt;
    bench.lose(socket, 1006);
    bench.advance();
    assert_eq!(attempt(&bench), 2);
    socket.generation += 1;
    bench.tell(opened(socket));
    assert_eq!(attempt(&bench), 0);
    bench.lose(socket, 4404);
    bench.pool.reconnect(bench.now(), socket.conn).unwrap();
    assert_eq!(attempt(&bench), 1, "a new life begins");
    bench.drain();
    for n in 0..3 {
        socket.generation += 1;
        bench.lose(socket, if n < 2 { 1006 } else { 4404 });
        if n < 2 {
            bench.advance();
        }
    }
    assert_eq!(attempt(&bench), 3);
    bench.pool.reconnect(bench.now(), socket.conn).unwrap();
    assert_eq!(attempt(&bench), 1, "and another");
}

#[test]
fn the_next_attempt_is_announced_only_while_it_is_waited_for() {
    let mut bench = Bench::new();
    let socket = bench.connect("a");
    let next = |bench: &Bench| bench.facts("a").unwrap().next_attempt_at;
    assert_eq!(next(&bench), None);
    bench.lose(socket, 1006);
    assert!(next(&bench).is_some());
    bench.advance();
    assert_eq!(next(&bench), None);
}

#[test]
fn reconnecting_says_why_it_is_not_connected_and_starts_the_backoff_over() {
    let mut bench = Bench::new();
    let mut socket = bench.connect_with("a", set(Knob::MaxRetries, 1.0));
    bench.lose(socket, 1006);
    bench.advance();
    bench.pool.reconnect(bench.now(), socket.conn).unwrap();
    socket = bench.opening(socket.conn);
    bench.lose(socket, 1006);
    assert_eq!(bench.status("a"), Status::Connecting, "one retry is left again");
    bench.advance();
    socket.generation += 1;
    bench.tell(opened(socket));
    bench.pool.reconnect(bench.now(), socket.conn).unwrap();
    assert_eq!(bench.facts("a").unwrap().reason, Some("asked to reconnect"));
}

#[test]
fn a_timer_that_is_a_little_late_is_in_time_and_an_excuse_is_short() {
    let mut bench = Bench::new();
    let socket = bench.connect("a");
    bench.ms = 30_900;
    assert!(bench.tell(Input::Timeout).contains(&Output::AbandonSocket { socket }));
    let mut slept = Bench::new();
    let socket = slept.connect("a");
    slept.ms = 100_000;
    slept.tell(Input::Timeout);
    assert!(slept.advance().contains(&Output::AbandonSocket { socket }));
    assert_eq!(slept.ms, 103_000);
}
