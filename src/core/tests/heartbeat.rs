//! Whether an open socket is alive: the application's question, and anything that comes as its answer.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{
    Bench, CloseInfo, Event, Heard, Input, Output, Overrides, SocketId, Status, Text, events, opened, set,
};
use crate::core::event::Page;
use crate::core::options::Knob;

/// Every 15 s, with 5 s to answer.
fn heartbeat() -> Overrides {
    set(Knob::HeartbeatIntervalMs, 15_000.0)
}

fn open() -> (Bench, SocketId) {
    let mut bench = Bench::new();
    let socket = bench.connect_with("a", heartbeat());
    bench.tell(opened(socket));
    (bench, socket)
}

fn beats(outputs: &[Output<Text>]) -> usize {
    outputs.iter().filter(|output| matches!(output, Output::Beat { .. })).count()
}

/// Lets time pass while the peer answers each question at once.
fn pass_alive(bench: &mut Bench, socket: SocketId, ms: u64) -> usize {
    let end = bench.ms + ms;
    let mut asked = 0;
    while bench.pool.poll_timeout().is_some_and(|at| at <= super::Instant::from_ms(end)) {
        let beat = beats(&bench.advance());
        if beat > 0 {
            assert_eq!(bench.pool.hears(socket), Heard::Plain);
        }
        asked += beat;
    }
    bench.ms = end;
    asked
}

#[test]
fn it_asks_at_every_interval_and_a_peer_that_answers_stays() {
    let (mut bench, socket) = open();
    assert_eq!(pass_alive(&mut bench, socket, 14_999), 0);
    assert_eq!(pass_alive(&mut bench, socket, 1), 1);
    assert_eq!(pass_alive(&mut bench, socket, 150_000), 10);
    assert_eq!(bench.status("a"), Status::Connected);
}

#[test]
fn without_a_heartbeat_nothing_is_asked_and_no_timer_runs() {
    let mut bench = Bench::new();
    bench.open("a");
    assert_eq!(bench.pool.poll_timeout(), None);
    assert_eq!(bench.tell(Input::Page(Page::Awake)), []);
}

#[test]
fn silence_is_the_end_of_the_socket_and_a_gap_follows() {
    let (mut bench, socket) = open();
    bench.pass(19_999);
    assert_eq!(bench.status("a"), Status::Connected);
    let done = bench.pass(1);
    assert!(done.contains(&Output::AbandonSocket { socket }));
    assert_eq!(bench.facts("a").unwrap().reason, Some("no answer to the heartbeat"));
    assert_eq!(bench.status("a"), Status::Reconnecting);
    bench.advance();
    let told = events(bench.tell(opened(SocketId { generation: 2, ..socket })));
    assert!(told.iter().any(|event| matches!(event, Event::Gap { .. })));
}

#[test]
fn the_end_by_silence_is_an_error_and_a_close_when_it_is_not_retried() {
    let mut bench = Bench::new();
    let socket = bench.connect_with("a", heartbeat().with(Knob::MaxRetries, 0.0));
    bench.tell(opened(socket));
    let told = events(bench.pass(20_000));
    assert!(told.ends_with(&[Event::Error, Event::Close(CloseInfo::abnormal())]), "{told:?}");
}

#[test]
fn any_message_answers_but_only_one_after_the_question() {
    let (mut bench, socket) = open();
    bench.pass(14_000);
    bench.pool.hears(socket);
    bench.pass(1_000);
    assert!(bench.pass(5_000).contains(&Output::AbandonSocket { socket }));
    let (mut bench, socket) = open();
    bench.pass(19_000);
    bench.pool.hears(socket);
    assert!(!bench.pass(1_000).contains(&Output::AbandonSocket { socket }));
}

#[test]
fn a_question_that_is_asked_late_has_a_short_time_and_no_more_than_its_own() {
    for (timeout, patience) in [(5_000, 3_000), (1_000, 1_000)] {
        let mut bench = Bench::new();
        let own = heartbeat().with(Knob::HeartbeatTimeoutMs, f64::from(timeout));
        let socket = bench.connect_with("a", own);
        bench.tell(opened(socket));
        bench.ms = 3_600_000;
        assert_eq!(beats(&bench.tell(Input::Timeout)), 1);
        assert!(!bench.pass(patience - 1).contains(&Output::AbandonSocket { socket }));
        assert!(bench.pass(1).contains(&Output::AbandonSocket { socket }));
    }
}

#[test]
fn an_answer_that_nobody_waited_for_is_asked_for_once_more() {
    let (mut bench, socket) = open();
    bench.pass(15_000);
    bench.ms = 3_600_000;
    let done = bench.tell(Input::Timeout);
    assert_eq!((beats(&done), bench.status("a")), (1, Status::Connected), "a probe, no kill");
    assert!(!bench.pass(2_999).contains(&Output::AbandonSocket { socket }));
    assert!(bench.pass(1).contains(&Output::AbandonSocket { socket }));
}

#[test]
fn in_a_page_whose_timers_are_always_late_a_silent_peer_still_comes_to_its_end() {
    let (mut bench, socket) = open();
    let late = |bench: &mut Bench| {
        bench.ms += 60_000;
        bench.tell(Input::Timeout)
    };
    assert_eq!([beats(&late(&mut bench)), beats(&late(&mut bench))], [1, 1]);
    assert!(late(&mut bench).contains(&Output::AbandonSocket { socket }));
}

#[test]
fn a_sign_of_life_earns_another_excuse() {
    let (mut bench, socket) = open();
    for _ in 0..3 {
        for _ in 0..2 {
            bench.ms += 60_000;
            assert_eq!(beats(&bench.tell(Input::Timeout)), 1);
        }
        bench.pool.hears(socket);
        bench.advance();
        assert_eq!(bench.status("a"), Status::Connected);
    }
}

#[test]
fn waking_up_asks_at_once_with_three_seconds_to_answer() {
    for page in [Page::Awake, Page::Online] {
        let (mut bench, socket) = open();
        bench.pass(1_000);
        assert_eq!(bench.tell(Input::Page(page)), [Output::Beat { socket }]);
        assert!(!bench.pass(2_999).contains(&Output::AbandonSocket { socket }));
        assert!(bench.pass(1).contains(&Output::AbandonSocket { socket }));
    }
}

#[test]
fn after_a_probe_that_was_answered_the_rhythm_goes_on() {
    let (mut bench, socket) = open();
    bench.tell(Input::Page(Page::Awake));
    bench.pool.hears(socket);
    assert_eq!(pass_alive(&mut bench, socket, 14_999), 0);
    assert_eq!(pass_alive(&mut bench, socket, 1), 1);
}

#[test]
fn asking_again_does_not_put_off_the_end_of_a_silent_peer() {
    let (mut bench, socket) = open();
    bench.tell(Input::Page(Page::Awake));
    for _ in 0..2 {
        bench.pass(1_000);
        bench.tell(Input::Page(Page::Awake));
    }
    assert!(bench.pass(1_000).contains(&Output::AbandonSocket { socket }));
}

#[test]
fn asking_again_after_an_answer_gives_the_whole_time_again() {
    let (mut bench, socket) = open();
    bench.tell(Input::Page(Page::Awake));
    bench.pass(2_000);
    bench.pool.hears(socket);
    bench.tell(Input::Page(Page::Awake));
    assert!(!bench.pass(2_999).contains(&Output::AbandonSocket { socket }));
    assert!(bench.pass(1).contains(&Output::AbandonSocket { socket }));
}

#[test]
fn a_timeout_longer_than_the_interval_slows_no_questions_and_still_ends_silence() {
    let mut bench = Bench::new();
    let socket = bench.connect_with("a", heartbeat().with(Knob::HeartbeatTimeoutMs, 20_000.0));
    bench.tell(opened(socket));
    assert_eq!(pass_alive(&mut bench, socket, 75_000), 5);
    let silent_since = bench.ms;
    while bench.status("a") == Status::Connected {
        bench.advance();
    }
    assert_eq!(bench.ms - silent_since, 15_000 + 20_000);
}

#[test]
fn a_new_socket_starts_its_own_rhythm() {
    let (mut bench, socket) = open();
    bench.pass(16_000);
    bench.lose(socket, 1006);
    bench.advance();
    let next = SocketId { generation: 2, ..socket };
    bench.tell(opened(next));
    assert_eq!(pass_alive(&mut bench, next, 14_999), 0);
    assert_eq!(pass_alive(&mut bench, next, 1), 1);
}

#[test]
fn a_lost_socket_is_asked_nothing() {
    let mut bench = Bench::new();
    let own = set(Knob::HeartbeatIntervalMs, 1_000.0).with(Knob::BackoffBaseMs, 1e6);
    let socket = bench.connect_with("a", own.with(Knob::BackoffCapMs, 1e6));
    bench.tell(opened(socket));
    bench.lose(socket, 1006);
    let planned = bench.delay("a");
    bench.advance();
    assert_eq!(bench.ms, planned, "nothing else is waited for");
}

#[test]
fn a_probe_takes_the_place_of_the_next_question() {
    let (mut bench, socket) = open();
    bench.pass(14_000);
    assert_eq!(beats(&bench.tell(Input::Page(Page::Awake))), 1);
    assert_eq!(beats(&bench.pass(2_999)), 0);
    bench.pool.hears(socket);
    bench.pass(1);
    assert_eq!(bench.status("a"), Status::Connected);
}

#[test]
fn an_attempt_asks_nothing() {
    let mut bench = Bench::new();
    let socket = bench.connect_with("a", set(Knob::HeartbeatIntervalMs, 1_000.0));
    bench.tell(opened(socket));
    bench.place = None;
    bench.reconnect(socket.conn);
    let next = SocketId { generation: 2, ..socket };
    assert_eq!(beats(&bench.pass(9_999)), 0);
    assert!(bench.pool.asks_where(next), "nothing but the connect timeout runs");
}

#[test]
fn a_closing_socket_is_asked_nothing() {
    let mut bench = Bench::new();
    let socket = bench.connect_with("a", set(Knob::HeartbeatIntervalMs, 1_000.0));
    bench.tell(opened(socket));
    bench.close(socket.conn);
    assert_eq!(bench.tell(Input::Page(Page::Awake)), []);
    assert_eq!(beats(&bench.pass(60_000)), 0);
}

fn round_trips(bench: &Bench, socket: SocketId) -> Option<(u64, u32)> {
    let (metrics, ..) = bench.pool.metrics(bench.now(), socket.conn).expect("it is in the pool");
    let trips = metrics.round_trips.as_ref()?;
    Some((trips.count(), trips.summary()?.last_us))
}

#[test]
fn only_an_answer_that_was_told_apart_measures_the_round_trip() {
    let (mut bench, socket) = open();
    bench.pass(15_000);
    bench.pool.hears(socket);
    assert_eq!(round_trips(&bench, socket), None);
    bench.ms += 40;
    bench.pool.replied(bench.now(), socket.conn);
    bench.pool.replied(bench.now(), socket.conn);
    assert_eq!(round_trips(&bench, socket), Some((1, 40_000)));
}

#[test]
fn nobody_knows_which_of_two_questions_was_answered() {
    let (mut bench, socket) = open();
    bench.pass(15_000);
    bench.tell(Input::Page(Page::Awake));
    bench.pool.hears(socket);
    bench.pool.replied(bench.now(), socket.conn);
    assert_eq!(round_trips(&bench, socket), None);
}

#[test]
fn an_answer_after_its_time_measures_nothing() {
    let (mut bench, socket) = open();
    bench.pass(15_000);
    bench.pool.hears(socket);
    bench.pass(5_000);
    bench.pool.replied(bench.now(), socket.conn);
    assert_eq!(round_trips(&bench, socket), None);
}
