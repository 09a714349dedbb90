//! What takes a question along: the end of its plain link, of its session, of its connection. And what does not.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::question_bench::{Asker, lost};
use super::{Input, Readiness, Status, Text, ended, events, openings, place, sends, set};
use crate::core::event::{Event, Output};
use crate::core::options::{Knob, Overrides};
use crate::core::question::{AskError, Loss};

#[test]
fn in_every_state_a_close_ends_it_at_once() {
    for (state, mut asker) in Asker::in_every_state() {
        if asker.asks(Some(60_000)).is_ok() {
            let done = asker.bench.close(asker.socket.conn);
            assert_eq!(lost(&done), [(1, Loss::Over)], "{state}");
            assert_eq!(asker.waiting(), None, "{state}");
            assert_eq!(asker.asks(None), Err(AskError::Refused), "{state}");
            assert_eq!(lost(&asker.bench.pass(100_000)), [], "once: {state}");
            assert_eq!(asker.bench.pool.connection_status(asker.socket.conn), None, "{state}");
        }
    }
}

#[test]
fn it_is_told_before_the_close_is() {
    let mut asker = Asker::with(set(Knob::MaxRetries, 0.0));
    asker.sends_question(None);
    asker.bench.tell(Input::Errored(asker.socket));
    let told = events(asker.bench.lose(asker.socket, 1006));
    let at = |wanted: fn(&Event<Text>) -> bool| told.iter().position(wanted).expect("it is told");
    let question = at(|event| matches!(event, Event::QuestionLost { .. }));
    assert!(question < at(|event| matches!(event, Event::Error)), "nothing comes between error and close");
}

#[test]
fn closing_all_and_signing_out_end_every_one() {
    let mut asker = Asker::open();
    asker.sends_question(None);
    let other = asker.bench.connect("b");
    let now = asker.bench.now();
    asker.bench.pool.ask(now, other.conn, None).unwrap();
    asker.bench.pool.close_chosen(now, |_| true);
    let mut numbers = lost(&asker.bench.drain());
    numbers.sort_by_key(|lost| lost.0);
    assert_eq!(numbers, [(1, Loss::Over), (2, Loss::Over)]);
}

#[test]
fn eviction_ends_it() {
    let mut asker = Asker::open();
    asker.sends_question(None);
    asker.bench.open("b");
    let now = asker.bench.now();
    asker.bench.pool.configure(now, set(Knob::MaxConnections, 1.0));
    assert_eq!(lost(&asker.bench.drain()), [(1, Loss::Over)]);
}

#[test]
fn a_connection_with_one_is_not_idle() {
    let mut asker = Asker::with(set(Knob::IdleTimeoutMs, 1_000.0));
    asker.asks(Some(10_000)).unwrap();
    asker.bench.pass(9_999);
    assert_eq!(asker.bench.status("a"), Status::Connected);
    assert_eq!(lost(&asker.bench.pass(1)), [(1, Loss::TimedOut)]);
    asker.bench.pass(2_000);
    assert_eq!(asker.bench.status("a"), Status::Disconnecting);
}

#[test]
fn a_plain_link_takes_it_along() {
    for code in [1006, 1001, 1011, 4429] {
        let mut asker = Asker::open();
        asker.sends_question(Some(60_000));
        assert_eq!(lost(&asker.bench.lose(asker.socket, code)), [(1, Loss::Link)], "{code}");
        assert_eq!(asker.asks(None), Ok(2), "the next one waits for the next link");
    }
}

#[test]
fn a_plain_link_that_is_dropped_because_it_is_silent_takes_it_along() {
    let own = set(Knob::HeartbeatIntervalMs, 1_000.0).with(Knob::HeartbeatTimeoutMs, 500.0);
    let mut asker = Asker::with(own);
    asker.sends_question(Some(60_000));
    assert_eq!(lost(&asker.bench.pass(1_500)), [(1, Loss::Link)]);
}

#[test]
fn a_plain_link_that_is_given_up_for_another_one_takes_it_along() {
    let mut asker = Asker::open();
    asker.sends_question(Some(60_000));
    assert_eq!(lost(&asker.bench.reconnect(asker.socket.conn)), [(1, Loss::Link)]);
}

#[test]
fn whoever_is_refused_for_good_or_gives_up_hears_that_the_connection_is_over() {
    let ends: [(Overrides, u16); 4] = [
        (Overrides::default(), 1000),
        (Overrides::default(), 4404),
        (set(Knob::MaxRetries, 0.0), 1006),
        (Overrides::default(), 4401),
    ];
    for (own, code) in ends {
        let mut asker = Asker::with(own);
        asker.sends_question(None);
        assert_eq!(lost(&asker.bench.lose(asker.socket, code)), [(1, Loss::Over)], "{code}");
        assert_eq!(asker.waiting(), None, "{code}");
    }
}

#[test]
fn the_verdict_of_the_application_decides_which_of_the_two_it_is() {
    for (retry, why) in [(true, Loss::Link), (false, Loss::Over)] {
        let mut asker = Asker::with(set(Knob::Asks, 1.0));
        asker.sends_question(None);
        assert_eq!(lost(&asker.bench.lose(asker.socket, 1006)), [], "nobody knows yet");
        let verdict = Input::Judged(asker.socket, ended(1006), Some(retry));
        assert_eq!(lost(&asker.bench.tell(verdict)), [(1, why)]);
    }
}

#[test]
fn one_that_no_socket_has_had_outlives_links_and_goes_over_the_next() {
    let mut asker = Asker::connecting();
    asker.sends_question(Some(3_600_000));
    for _ in 0..3 {
        assert_eq!(lost(&asker.bench.lose(asker.socket, 1006)), []);
        asker.next_socket();
    }
    assert_eq!(lost(&asker.bench.reconnect(asker.socket.conn)), []);
    asker.socket.generation += 1;
    let done = asker.opens();
    assert_eq!((sends(&done), lost(&done)), (vec!["question"], vec![]));
    assert_eq!(asker.waiting(), Some(1));
    assert_eq!(lost(&asker.bench.lose(asker.socket, 1006)), [(1, Loss::Link)], "now it had one");
}

#[test]
fn one_that_waits_behind_others_was_had_when_its_turn_had_come() {
    for handed in 0..=4 {
        let mut asker = Asker::connecting();
        asker.queues("before");
        asker.queues("before");
        asker.sends_question(None);
        asker.queues("after");
        asker.opens_until(handed);
        let why: &[_] = if handed >= 3 { &[(1, Loss::Link)] } else { &[] };
        assert_eq!(lost(&asker.bench.lose(asker.socket, 1006)), why, "{handed} were handed over");
    }
}

#[test]
fn one_that_the_socket_dropped_waits_for_the_next() {
    let mut asker = Asker::open();
    asker.asks(None).unwrap();
    asker.bench.send(asker.socket.conn, "question").unwrap();
    assert_eq!(sends(&asker.bench.drain()), ["question"]);
    asker.bench.pool.put_back(asker.socket.conn, Text("question"));
    assert_eq!(lost(&asker.bench.lose(asker.socket, 1006)), []);
    asker.next_socket();
    assert_eq!(sends(&asker.opens()), ["question"]);
    assert_eq!(asker.waiting(), Some(1));
}

#[test]
fn one_that_is_asked_while_the_socket_closes_waits_for_the_next() {
    let mut asker = Asker::open();
    asker.asks(None).unwrap();
    let now = asker.bench.now();
    asker.bench.pool.send(now, asker.socket.conn, Text("question"), Readiness::Drops).unwrap();
    assert_eq!(lost(&asker.bench.lose(asker.socket, 1006)), []);
    asker.next_socket();
    assert_eq!(sends(&asker.opens()), ["question"]);
}

#[test]
fn what_makes_room_in_the_queue_is_no_more_ahead_of_it() {
    let mut asker = Asker::connecting_with(set(Knob::MaxQueuedBytes, 20.0).with(Knob::QueuePolicy, 1.0));
    asker.queues("ten bytes.");
    asker.queues("ten bytes.");
    // Eight bytes: the first goes for it.
    asker.sends_question(None);
    asker.opens_until(1);
    assert_eq!(asker.bench.pool.waiting_bytes(asker.socket.conn), 8);
    assert_eq!(lost(&asker.bench.lose(asker.socket, 1006)), [], "one of two was handed over");
    asker.next_socket();
    assert_eq!(sends(&asker.opens()), ["question"]);
    assert_eq!(lost(&asker.bench.lose(asker.socket, 1006)), [(1, Loss::Link)]);
}

#[test]
fn what_is_taken_back_is_no_more_ahead_of_it() {
    let mut asker = Asker::connecting();
    asker.queues("before");
    asker.queues("before");
    asker.asks(None).unwrap();
    asker.bench.pool.take_queue(asker.socket.conn);
    asker.queues("question");
    asker.opens_until(1);
    assert_eq!(lost(&asker.bench.lose(asker.socket, 1006)), [(1, Loss::Link)]);
}

#[test]
fn a_link_that_is_given_up_within_a_tick_takes_along_what_it_was_handed_in_it() {
    let mut asker = Asker::open();
    asker.asks(None).unwrap();
    asker.bench.send(asker.socket.conn, "question").unwrap();
    let now = asker.bench.now();
    asker.bench.pool.reconnect(now, asker.socket.conn).unwrap();
    let mut done = Vec::new();
    while let Some(output) = asker.bench.pool.poll_output() {
        match output {
            // The old socket still takes it.
            Output::Send { .. } => asker.bench.pool.sent(asker.socket.conn, 8),
            Output::Locate { socket } => {
                let answer = Ok(place("host", "/path"));
                asker.bench.pool.handle(now, Input::Located(socket, answer));
            }
            output => done.push(output),
        }
    }
    assert_eq!((lost(&done), openings(&done).len()), (vec![(1, Loss::Link)], 1));
}

#[test]
fn that_is_told_at_once_though_nobody_knows_yet_where_the_next_link_goes() {
    let mut asker = Asker::open();
    asker.asks(Some(1_000)).unwrap();
    asker.bench.send(asker.socket.conn, "question").unwrap();
    asker.bench.place = None;
    let now = asker.bench.now();
    asker.bench.pool.reconnect(now, asker.socket.conn).unwrap();
    assert_eq!(asker.bench.pool.poll_timeout(), Some(now.instant + 1_000));
    let mut told = Vec::new();
    while let Some(output) = asker.bench.pool.poll_output() {
        match output {
            Output::Send { .. } => asker.bench.pool.sent(asker.socket.conn, 8),
            output => told.push(output),
        }
    }
    assert_eq!((lost(&told), asker.waiting()), (vec![(1, Loss::Link)], None));
    assert_eq!(asker.counts(), (1, 0, 1));
    assert_ne!(asker.bench.pool.poll_timeout(), Some(now.instant + 1_000), "nor is its time waited for");
}

#[test]
fn what_is_on_its_way_already_goes_before_it() {
    let mut asker = Asker::open();
    asker.queues("on its way");
    asker.asks(None).unwrap();
    asker.queues("question");
    let mut sent = 0;
    while let Some(output) = asker.bench.pool.poll_output() {
        let Output::Send { payload, .. } = output else { continue };
        match sent {
            0 => asker.bench.pool.sent(asker.socket.conn, 10),
            // The socket closes in between.
            _ => asker.bench.pool.put_back(asker.socket.conn, payload),
        }
        sent += 1;
    }
    assert_eq!((sent, lost(&asker.bench.lose(asker.socket, 1006))), (2, vec![]));
    asker.next_socket();
    assert_eq!(sends(&asker.opens()), ["question"]);
}

#[test]
fn another_destination_ends_it_and_its_message_goes_nowhere() {
    let mut asker = Asker::open();
    asker.bench.lose(asker.socket, 1006);
    asker.sends_question(None);
    asker.bench.place = Some(place("elsewhere", "/path"));
    let done = loop {
        let done = asker.bench.advance();
        if !openings(&done).is_empty() {
            break done;
        }
    };
    assert_eq!(lost(&done), [(1, Loss::Session)]);
    asker.socket.generation += 1;
    assert_eq!(sends(&asker.opens()), [""; 0]);
}

#[test]
fn what_ends_with_a_link_has_no_timer_left() {
    let mut asker = Asker::open();
    asker.sends_question(Some(60_000));
    asker.bench.lose(asker.socket, 1006);
    asker.next_socket();
    asker.opens();
    assert_eq!(lost(&asker.bench.pass(100_000)), []);
    assert_eq!(asker.counts(), (1, 0, 1));
}
