//! One question at a time: who is let in, the answer, the time that runs out, the figures. What takes a question along:
//! `questions_lost`; over `envsocket.v1`: `questions_resumed`.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::Input;
use super::question_bench::{Asker, lost};
use crate::core::event::{ConnId, Page};
use crate::core::question::{AskError, Loss};

#[test]
fn a_second_one_in_the_same_tick_is_refused_and_the_first_one_still_waits() {
    let mut asker = Asker::open();
    assert_eq!(asker.asks(Some(1_000)), Ok(1));
    assert_eq!(asker.asks(Some(5)), Err(AskError::Busy));
    assert_eq!(asker.waiting(), Some(1));
    assert_eq!(lost(&asker.bench.pass(999)), [], "nor is its time the other one's");
    assert_eq!(lost(&asker.bench.pass(1)), [(1, Loss::TimedOut)]);
}

#[test]
fn an_answer_frees_the_gate_at_once() {
    let mut asker = Asker::open();
    let number = asker.sends_question(Some(1_000));
    asker.settles(number, false);
    assert_eq!(asker.waiting(), None);
    assert_eq!(asker.asks(None), Ok(2));
}

#[test]
fn an_abort_frees_the_gate_at_once() {
    let mut asker = Asker::open();
    let number = asker.sends_question(Some(1_000));
    asker.settles(number, true);
    assert_eq!(asker.asks(None), Ok(2));
}

#[test]
fn time_frees_the_gate_before_anybody_is_told() {
    let mut asker = Asker::open();
    asker.sends_question(Some(1_000));
    asker.bench.ms += 1_000;
    let now = asker.bench.now();
    asker.bench.pool.handle(now, Input::Timeout);
    assert_eq!(asker.asks(Some(7)), Ok(2), "whoever hears of it may have asked already");
    assert_eq!(lost(&asker.bench.drain()), [(1, Loss::TimedOut)]);
    assert_eq!(asker.waiting(), Some(2));
    assert_eq!(lost(&asker.bench.pass(7)), [(2, Loss::TimedOut)]);
}

#[test]
fn of_an_answer_and_a_timeout_in_one_tick_the_first_one_counts() {
    for answered in [true, false] {
        let mut asker = Asker::open();
        let number = asker.sends_question(Some(1_000));
        asker.bench.ms += 1_000;
        if answered {
            asker.settles(number, false);
        }
        assert_eq!(lost(&asker.bench.tell(Input::Timeout)).len(), usize::from(!answered));
        asker.settles(number, false);
        assert_eq!(asker.counts(), if answered { (1, 1, 0) } else { (1, 0, 1) });
    }
}

#[test]
fn an_old_number_settles_nothing() {
    let mut asker = Asker::open();
    let first = asker.sends_question(Some(1_000));
    asker.bench.pass(1_000);
    let second = asker.sends_question(Some(1_000));
    for number in [first, 0, second + 1, u32::MAX] {
        asker.settles(number, false);
        assert_eq!(asker.waiting(), Some(second), "{number}");
    }
    asker.bench.pass(999);
    assert_eq!(asker.waiting(), Some(second), "nor does it stop its time");
    assert_eq!(lost(&asker.bench.pass(1)), [(second, Loss::TimedOut)]);
    asker.settles(second, true);
    assert_eq!(asker.counts(), (2, 0, 2), "nor is anything counted twice");
}

#[test]
fn numbers_are_never_used_again_by_any_connection_in_any_life() {
    let mut asker = Asker::open();
    let mut seen = Vec::new();
    for _ in 0..3 {
        let number = asker.sends_question(None);
        asker.settles(number, false);
        seen.push(number);
    }
    assert_eq!(asker.asks(None), Ok(4));
    assert_eq!(asker.asks(None), Err(AskError::Busy));
    let other = asker.bench.open("b");
    let now = asker.bench.now();
    assert_eq!(asker.bench.pool.ask(now, other.conn, None), Ok(5), "what was refused had no number");
    asker.bench.close(asker.socket.conn);
    asker.bench.reconnect(asker.socket.conn);
    assert_eq!(asker.asks(None), Ok(6), "another life");
    asker.bench.close(asker.socket.conn);
    asker.bench.pass(3_000);
    assert_eq!(asker.waiting(), None);
    let again = asker.bench.connect("a");
    let now = asker.bench.now();
    assert_eq!(asker.bench.pool.ask(now, again.conn, None), Ok(7), "another connection of the pair");
    assert_eq!(seen, [1, 2, 3]);
}

#[test]
fn connections_wait_for_themselves_alone() {
    let mut asker = Asker::open();
    let number = asker.sends_question(Some(1_000));
    let other = asker.bench.open("b");
    let now = asker.bench.now();
    let others = asker.bench.pool.ask(now, other.conn, Some(2_000)).unwrap();
    asker.bench.pool.settle_question(now, other.conn, number, false);
    assert_eq!((asker.waiting(), asker.bench.pool.question(other.conn)), (Some(number), Some(others)));
    assert_eq!(lost(&asker.bench.pass(1_000)), [(number, Loss::TimedOut)]);
    assert_eq!(lost(&asker.bench.pass(1_000)), [(others, Loss::TimedOut)]);
}

#[test]
fn it_is_let_in_in_every_state_in_which_messages_wait() {
    for (state, mut asker) in Asker::in_every_state() {
        let sent = asker.bench.send(asker.socket.conn, "message").is_ok();
        assert_eq!(asker.asks(Some(1_000)).is_ok(), sent, "{state}");
        assert_eq!(asker.waiting().is_some(), sent, "{state}");
    }
}

#[test]
fn one_that_has_left_the_pool_or_never_was_there_cannot_be_asked() {
    let mut asker = Asker::open();
    asker.bench.lose(asker.socket, 1000);
    assert_eq!(asker.asks(None), Err(AskError::Refused));
    let now = asker.bench.now();
    assert_eq!(asker.bench.pool.ask(now, ConnId(99), None), Err(AskError::Refused));
    assert_eq!(asker.bench.pool.question(ConnId(99)), None);
    asker.bench.pool.settle_question(now, ConnId(99), 1, true);
    assert_eq!(asker.bench.drain(), []);
}

#[test]
fn in_every_state_it_times_out() {
    for (state, mut asker) in Asker::in_every_state() {
        if asker.asks(Some(50)).is_ok() {
            assert_eq!(lost(&asker.bench.pass(50)), [(1, Loss::TimedOut)], "{state}");
            assert_eq!((asker.waiting(), asker.counts()), (None, (1, 0, 1)), "{state}");
        }
    }
}

#[test]
fn time_runs_while_there_is_no_network() {
    let mut asker = Asker::open();
    asker.bench.tell(Input::Page(Page::Offline));
    asker.bench.lose(asker.socket, 1006);
    asker.sends_question(Some(500));
    assert_eq!(lost(&asker.bench.pass(499)), []);
    assert_eq!(lost(&asker.bench.pass(1)), [(1, Loss::TimedOut)]);
}

#[test]
fn time_that_ran_out_while_nobody_looked_is_put_off_once_because_an_answer_may_have_come() {
    for answered in [true, false] {
        let mut asker = Asker::open();
        let number = asker.sends_question(Some(1_000));
        asker.bench.ms += 3_600_000;
        assert_eq!(lost(&asker.bench.tell(Input::Timeout)), []);
        if answered {
            asker.settles(number, false);
            assert_eq!(asker.counts(), (1, 1, 0));
            assert_eq!(asker.bench.pool.poll_timeout(), None);
            continue;
        }
        asker.bench.ms += 3_600_000;
        assert_eq!(lost(&asker.bench.tell(Input::Timeout)), [(number, Loss::TimedOut)]);
    }
}

#[test]
fn a_timer_that_is_a_little_late_is_late_enough() {
    let mut asker = Asker::open();
    asker.sends_question(Some(1_000));
    asker.bench.ms += 2_000;
    assert_eq!(lost(&asker.bench.tell(Input::Timeout)), [(1, Loss::TimedOut)]);
}

#[test]
fn without_a_time_it_has_no_timer_and_with_one_only_as_long_as_it_waits() {
    let mut asker = Asker::open();
    let quiet = asker.bench.pool.poll_timeout();
    let number = asker.sends_question(None);
    assert_eq!(asker.bench.pool.poll_timeout(), quiet);
    asker.settles(number, false);
    for failed in [true, false] {
        let number = asker.sends_question(Some(700));
        assert_ne!(asker.bench.pool.poll_timeout(), quiet);
        asker.settles(number, failed);
        assert_eq!(asker.bench.pool.poll_timeout(), quiet);
    }
    asker.sends_question(Some(u64::MAX));
    asker.bench.pass(100_000_000);
    assert!(asker.waiting().is_some(), "for longer than anybody lives");
}

#[test]
fn no_time_at_all_is_over_in_the_next_tick() {
    let mut asker = Asker::open();
    assert_eq!(asker.asks(Some(0)), Ok(1));
    assert_eq!(lost(&asker.bench.advance()), [(1, Loss::TimedOut)]);
}

#[test]
fn questions_are_counted_and_answers_are_timed() {
    let mut asker = Asker::open();
    for ms in [10, 30] {
        let number = asker.sends_question(Some(1_000));
        asker.bench.ms += ms;
        asker.settles(number, false);
    }
    let number = asker.sends_question(None);
    assert_eq!(asker.bench.pool.conversations(None), (1, 1));
    asker.bench.ms += 500;
    asker.settles(number, true);
    let other = asker.bench.open("b");
    let now = asker.bench.now();
    asker.bench.pool.ask(now, other.conn, None).unwrap();
    assert_eq!(asker.bench.pool.conversations(None), (2, 1));
    assert_eq!(asker.bench.pool.conversations(Some(asker.socket.conn)), (1, 0));
    assert_eq!(asker.bench.pool.conversations(Some(other.conn)), (1, 1));
    asker.bench.close(other.conn);
    assert_eq!(asker.bench.pool.conversations(None), (1, 0), "one that closes is not to be asked");
    asker.bench.lose(other, 1005);
    assert_eq!(asker.counts(), (3, 2, 1));
    let (totals, ..) = asker.bench.pool.totals(asker.bench.now());
    assert_eq!((totals.asked, totals.answered, totals.unanswered), (4, 2, 2), "those that are gone, too");
    let took = totals.answers.and_then(|answers| answers.summary()).expect("there were answers");
    assert_eq!((took.last_us, took.mean_us), (30_000, 20_000), "what has no answer took no time");
}
