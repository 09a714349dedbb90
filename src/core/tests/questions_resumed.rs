//! A question over `envsocket.v1`: it outlives links as long as the session does, and ends with that.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::question_bench::lost;
use super::resume_bench::{FIRST, SECOND, Tab, counts, welcome};
use super::{Event, Input, Output, Status, Text, events, openings, place, sends, set};
use crate::core::options::Knob;
use crate::core::question::{AskError, Loss};
use crate::core::resume::frame::{ServerFrame, Welcome};

impl Tab {
    fn asks(&mut self, timeout_ms: Option<u64>) -> Result<u32, AskError> {
        self.bench.pool.ask(self.bench.now(), self.socket.conn, timeout_ms)
    }

    /// Asks, and sends the question.
    fn sends_question(&mut self, timeout_ms: Option<u64>) -> Vec<Output<Text>> {
        assert_eq!(self.asks(timeout_ms), Ok(1));
        self.sends(&["question"])
    }

    fn waits(&self) -> bool {
        self.bench.pool.question(self.socket.conn).is_some()
    }
}

/// A tab that has asked, and whose server has the question.
fn asked(timeout_ms: Option<u64>) -> Tab {
    let mut tab = Tab::welcomed();
    tab.sends_question(timeout_ms);
    tab.says(ServerFrame::Ack(counts(0, 1, 1)));
    tab
}

/// What the server says that has the question.
fn goes_on(epoch: crate::core::resume::Id) -> Welcome {
    Welcome { received: 1, ..welcome(epoch) }
}

#[test]
fn it_outlives_any_number_of_links_and_gets_its_answer() {
    let mut tab = asked(None);
    for _ in 0..5 {
        assert_eq!(lost(&tab.comes_back(goes_on(FIRST))), []);
    }
    assert_eq!(lost(&tab.bench.reconnect(tab.socket.conn)), []);
    tab.socket.generation += 1;
    tab.greet();
    tab.says(ServerFrame::Welcome(goes_on(FIRST)));
    tab.receives(&[7]);
    tab.bench.pool.settle_question(tab.bench.now(), tab.socket.conn, 1, false);
    assert_eq!((tab.metrics().answered, tab.metrics().unanswered), (1, 0));
    assert_eq!(tab.asks(None), Ok(2));
}

#[test]
fn one_that_the_server_lacks_is_sent_again_and_waits() {
    let mut tab = Tab::welcomed();
    assert_eq!(sends(&tab.sends_question(None)), ["question"]);
    let done = tab.comes_back(welcome(FIRST));
    assert_eq!((sends(&done), lost(&done)), (vec!["question"], vec![]));
    assert!(tab.waits());
}

#[test]
fn what_makes_room_in_the_queue_behind_it_takes_nothing_along() {
    let own = set(Knob::MaxQueuedBytes, 8.0).with(Knob::QueuePolicy, 1.0);
    let mut tab = Tab::welcomed_with(own);
    tab.sends_question(None);
    tab.cut();
    tab.sends(&["dropped.", "dropped.", "dropped."]);
    assert_eq!(lost(&tab.bench.reconnect(tab.socket.conn)), []);
    assert!(tab.waits(), "its session keeps it");
}

#[test]
fn a_server_that_was_too_slow_or_is_restarted_takes_nothing_along() {
    for code in [1012, 4413, 4429] {
        let mut tab = asked(None);
        assert_eq!(lost(&tab.loses(code)), [], "{code}");
        assert!(tab.waits(), "{code}");
    }
}

#[test]
fn its_time_runs_between_links_too() {
    let mut tab = asked(Some(100_000));
    tab.cut();
    tab.greet();
    tab.bench.ms = 99_999;
    assert_eq!(lost(&tab.says(ServerFrame::Welcome(goes_on(FIRST)))), []);
    assert_eq!(lost(&tab.bench.pass(1)), [(1, Loss::TimedOut)]);
}

#[test]
fn it_ends_with_the_session_once_that_loss_is_told_and_before_its_message_is_discarded() {
    let mut tab = Tab::welcomed();
    tab.cut();
    tab.sends_question(None);
    tab.greet();
    let done = tab.says(ServerFrame::Welcome(welcome(SECOND)));
    assert_eq!(sends(&done), [""; 0]);
    let told = events(done);
    let kinds: Vec<&str> = told
        .iter()
        .map(|event| match event {
            Event::Status { .. } => "status",
            Event::QuestionLost { number: 1, why: Loss::Session } => "question",
            Event::Discarded { .. } => "discarded",
            Event::Gap { .. } => "gap",
            Event::Open => "open",
            _ => "?",
        })
        .collect();
    assert_eq!(kinds, ["status", "gap", "question", "discarded", "open"]);
    assert_eq!(tab.asks(None), Ok(2));
}

#[test]
fn one_that_the_server_has_ends_with_the_session_too() {
    let mut tab = asked(None);
    assert_eq!(lost(&tab.comes_back(welcome(SECOND))), [(1, Loss::Session)]);
}

#[test]
fn a_violation_ends_it_with_the_session_and_a_second_one_with_the_connection() {
    let mut tab = asked(None);
    let done = tab.violates("nonsense");
    assert_eq!(lost(&done), [(1, Loss::Session)]);
    tab.follow(&done);
    tab.greet();
    tab.says(ServerFrame::Welcome(welcome(SECOND)));
    assert_eq!(tab.asks(None), Ok(2));
    assert_eq!(lost(&tab.loses(4400)), [(2, Loss::Over)]);
    assert_eq!(tab.bench.status("a"), Status::Failed);
}

#[test]
fn before_there_is_a_session_a_violation_takes_nothing_along() {
    let mut tab = Tab::new();
    tab.sends_question(None);
    tab.greet();
    let done = tab.violates("nonsense");
    assert_eq!(lost(&done), []);
    tab.follow(&done);
    tab.greet();
    assert_eq!(sends(&tab.says(ServerFrame::Welcome(welcome(FIRST)))), ["question"]);
    assert!(tab.waits());
}

#[test]
fn an_offer_that_is_refused_takes_nothing_along() {
    let mut tab = Tab::new();
    tab.sends_question(None);
    let done = tab.loses(1006);
    assert_eq!((lost(&done), openings(&done).len()), (vec![], 1), "a bare attempt follows");
    tab.follow(&done);
    assert_eq!(sends(&tab.bench.tell(super::opened(tab.socket))), ["question"]);
    assert!(tab.waits());
}

#[test]
fn another_destination_ends_it() {
    let mut tab = asked(None);
    tab.bench.place = Some(place("host", "/elsewhere"));
    tab.loses(1006);
    let done = loop {
        let done = tab.bench.advance();
        if !openings(&done).is_empty() {
            break done;
        }
    };
    assert_eq!(lost(&done), [(1, Loss::Session)]);
}

#[test]
fn it_ends_when_the_application_wants_no_sessions_any_more() {
    let mut tab = asked(None);
    tab.bench.pool.configure_connection(tab.socket.conn, set(Knob::Protocol, 0.0));
    tab.cut();
    assert!(tab.waits(), "it may change its mind");
    assert_eq!(lost(&tab.bench.tell(super::opened(tab.socket))), [(1, Loss::Session)]);
}

#[test]
fn the_end_of_the_source_and_a_refusal_for_good_end_it_with_the_connection() {
    for code in [1000, 4403, 4404, 4409, 4410] {
        let mut tab = asked(None);
        assert_eq!(lost(&tab.loses(code)), [(1, Loss::Over)], "{code}");
    }
    let mut tab = asked(None);
    tab.says(ServerFrame::End { code: Some(0) });
    assert_eq!(lost(&tab.loses(1006)), [(1, Loss::Over)]);
    let mut tab = asked(None);
    assert_eq!(lost(&tab.bench.close(tab.socket.conn)), [(1, Loss::Over)]);
}

#[test]
fn a_reader_cannot_ask_and_one_that_has_become_one_may_have_its_answer() {
    let mut tab = asked(None);
    let done = tab.comes_back(Welcome { read_only: true, ..goes_on(FIRST) });
    assert_eq!(lost(&done), []);
    assert!(tab.waits(), "the server has the question");
    assert_eq!(tab.bench.pool.conversations(None), (1, 1));
    let now = tab.bench.now();
    tab.bench.pool.settle_question(now, tab.socket.conn, 1, false);
    assert_eq!(tab.asks(None), Err(AskError::Refused));
    assert_eq!(tab.bench.pool.conversations(None), (0, 0));
    tab.comes_back(goes_on(FIRST));
    assert_eq!(tab.asks(None), Ok(2));
}

#[test]
fn one_whose_message_is_discarded_waits_until_whoever_asked_gives_it_up() {
    let own = set(Knob::MaxInputAgeMs, 1_000.0);
    let mut tab = Tab::welcomed_with(own);
    tab.cut();
    tab.sends_question(Some(60_000));
    tab.bench.ms += 2_000;
    tab.greet();
    let told = events(tab.says(ServerFrame::Welcome(welcome(FIRST))));
    let discarded = told.iter().find_map(|event| match event {
        Event::Discarded { payloads, .. } => Some(payloads),
        _ => None,
    });
    assert_eq!(discarded.and_then(|payloads| payloads.front()), Some(&Text("question")));
    assert!(tab.waits(), "what a message says is the facade's business");
    let now = tab.bench.now();
    tab.bench.pool.settle_question(now, tab.socket.conn, 1, true);
    assert_eq!((tab.waits(), tab.metrics().unanswered), (false, 1));
}

#[test]
fn a_sleep_longer_than_its_time_leaves_a_moment_for_the_answer() {
    let mut tab = asked(Some(1_000));
    tab.bench.ms += 3_600_000;
    assert_eq!(lost(&tab.bench.tell(Input::Timeout)), []);
    assert_eq!(lost(&tab.bench.pass(2_999)), []);
    assert_eq!(lost(&tab.bench.pass(1)), [(1, Loss::TimedOut)]);
}
