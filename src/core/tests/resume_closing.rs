//! How a connection over `envsocket.v1` ends, and that nothing stays of it.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::resume_bench::{FIRST, SECOND, Tab, Told, counts, gap, handed, told, welcome};
use super::{CloseInfo, Input, Output, Status, ended, events, key, opened, openings, set};
use crate::core::event::Direction::Out;
use crate::core::event::Event;
use crate::core::options::Knob;
use crate::core::resume::frame::{ServerFrame, Welcome};

const UNSURE: &str = "the connection ended before all had surely arrived";
const OVER: &str = "the connection is over";

fn owns_nothing(tab: &mut Tab) {
    assert_eq!((tab.bench.pool.poll_timeout(), tab.bench.pool.retained_bytes()), (None, 0));
}

#[test]
fn a_close_that_is_answered_lost_nothing_of_what_was_handed_over() {
    let mut tab = Tab::welcomed();
    tab.sends(&["one"]);
    let done = tab.bench.close(tab.socket.conn);
    assert!(done.contains(&Output::CloseSocket { socket: tab.socket, code: None, reason: "".into() }));
    assert_eq!(told(tab.loses(1005)), [Told::Close(1005)]);
    owns_nothing(&mut tab);
}

#[test]
fn a_close_that_crosses_the_servers_own_is_not_answered() {
    let mut tab = Tab::welcomed();
    tab.sends(&["one"]);
    tab.bench.close(tab.socket.conn);
    assert_eq!(told(tab.loses(4410)), [gap(Out, 1, Some(1), UNSURE), Told::Close(4410)]);
}

#[test]
fn a_close_that_is_not_answered_says_what_may_be_lost() {
    let mut tab = Tab::welcomed();
    tab.sends(&["one", "two"]);
    tab.says(ServerFrame::Ack(counts(0, 1, 1)));
    tab.bench.close(tab.socket.conn);
    let done = tab.bench.pass(3_000);
    assert_eq!(told(done), [gap(Out, 2, Some(2), UNSURE), Told::Close(1006)]);
    owns_nothing(&mut tab);
}

#[test]
fn when_all_was_taken_an_unclean_end_lost_nothing() {
    let mut tab = Tab::welcomed_with(set(Knob::MaxRetries, 0.0));
    tab.sends(&["one"]);
    tab.says(ServerFrame::Ack(counts(0, 1, 1)));
    assert_eq!(told(tab.loses(1006)), [Told::Close(1006)]);
    owns_nothing(&mut tab);
}

#[test]
fn the_end_of_the_retries_says_it_too_what_was_handed_over_before_what_waits() {
    let mut tab = Tab::with(set(Knob::MaxRetries, 0.0));
    tab.greet();
    tab.says(ServerFrame::Welcome(Welcome { credit: 150, ..welcome(FIRST) }));
    tab.sends(&["a", "b", "c"]);
    let done = tab.loses(1006);
    assert_eq!(
        told(done),
        [gap(Out, 1, Some(2), UNSURE), Told::Discarded(vec!["c"], OVER), Told::Close(1006)]
    );
    owns_nothing(&mut tab);
}

#[test]
fn the_sources_end_is_an_end_without_a_gap() {
    let mut tab = Tab::welcomed();
    tab.sends(&["exit"]);
    tab.says(ServerFrame::Ack(counts(0, 1, 1)));
    tab.says(ServerFrame::End { code: Some(0) });
    let info = CloseInfo { code: 1000, reason: "shell exited with code 0".into(), clean: true };
    let done = tab.bench.tell(Input::Closed(tab.socket, info.clone()));
    let close = Output::Emit { conn: tab.socket.conn, event: Event::Close(info) };
    assert!(done.contains(&close), "in the server's words: {done:?}");
    assert_eq!(told(done), [Told::Close(1000)]);
    assert_eq!(tab.bench.status("a"), Status::Disconnected);
    owns_nothing(&mut tab);
}

#[test]
fn the_sources_end_is_clean_when_only_the_answer_to_the_close_is_cut_off() {
    let mut tab = Tab::welcomed();
    tab.says(ServerFrame::End { code: Some(0) });
    let info = CloseInfo { code: 1000, reason: "shell exited with code 0".into(), clean: false };
    let done = tab.bench.tell(Input::Closed(tab.socket, info.clone()));
    let close = Event::Close(CloseInfo { clean: true, ..info });
    assert!(done.contains(&Output::Emit { conn: tab.socket.conn, event: close }), "{done:?}");
    assert_eq!(told(done), [Told::Close(1000)]);
}

#[test]
fn what_the_server_never_had_is_reported_when_it_closes_for_good() {
    for code in [1000, 4403, 4410] {
        let mut tab = Tab::welcomed();
        tab.sends(&["one", "two"]);
        tab.says(ServerFrame::Ack(counts(0, 1, 1)));
        assert_eq!(told(tab.loses(code))[0], gap(Out, 2, Some(2), UNSURE), "{code}");
    }
}

#[test]
fn closing_during_the_handshake_closes_the_socket() {
    let mut tab = Tab::new();
    tab.greet();
    tab.bench.pool.close(tab.bench.now(), tab.socket.conn, Some(3000), "enough").unwrap();
    let done = tab.bench.drain();
    assert!(done.contains(&Output::CloseSocket {
        socket: tab.socket,
        code: Some(3000),
        reason: "enough".into()
    }));
    assert_eq!(tab.bench.status("a"), Status::Disconnecting);
    let late = Input::Control(tab.socket, Ok(ServerFrame::Welcome(welcome(FIRST))));
    assert_eq!(tab.bench.tell(late), [], "its welcome comes too late");
    assert_eq!(told(tab.loses(3000)), [Told::Close(3000)]);
    owns_nothing(&mut tab);
}

#[test]
fn while_it_closes_frames_change_nothing() {
    let mut tab = Tab::welcomed();
    tab.bench.close(tab.socket.conn);
    let frames = [ServerFrame::Ping(counts(7, 7, 7)), ServerFrame::Welcome(welcome(SECOND))];
    for frame in frames {
        assert_eq!(tab.bench.tell(Input::Control(tab.socket, Ok(frame))), []);
    }
    assert_eq!(tab.violates("whatever"), []);
    tab.bench.pool.acknowledge(tab.bench.now(), tab.socket.conn);
    assert_eq!(tab.bench.drain(), []);
}

#[test]
fn a_reconnect_by_hand_during_the_handshake_begins_another() {
    let mut tab = Tab::welcomed();
    tab.sends(&["one"]);
    tab.cut();
    tab.greet();
    let done = tab.bench.reconnect(tab.socket.conn);
    assert!(done.contains(&Output::AbandonSocket { socket: tab.socket }));
    tab.follow(&done);
    assert_eq!((tab.greet().attempt, tab.bench.status("a")), (3, Status::Reconnecting));
    assert_eq!(handed(&tab.says(ServerFrame::Welcome(welcome(FIRST)))), ["<ping>", "one"]);
}

#[test]
fn a_reconnect_by_hand_after_a_failure_is_a_new_life_with_a_new_session() {
    let mut tab = Tab::welcomed();
    tab.sends(&["one"]);
    tab.loses(4403);
    assert_eq!(tab.bench.status("a"), Status::Failed);
    owns_nothing(&mut tab);
    let done = tab.bench.reconnect(tab.socket.conn);
    tab.follow(&done);
    let hello = tab.greet();
    assert_eq!((hello.attempt, hello.epoch, hello.sent), (1, None, 0));
    assert_eq!(told(tab.says(ServerFrame::Welcome(welcome(SECOND)))), [Told::Open]);
}

#[test]
fn a_reconnect_while_it_closes_is_a_new_life_too() {
    let mut tab = Tab::welcomed();
    tab.bench.close(tab.socket.conn);
    let done = tab.bench.reconnect(tab.socket.conn);
    tab.follow(&done);
    assert_eq!(tab.greet().epoch, None);
}

#[test]
fn an_evicted_one_owns_nothing() {
    let mut tab = Tab::welcomed();
    tab.sends(&["one"]);
    tab.receives(&[1]);
    tab.bench.pool.set_active(tab.bench.now(), key("b"));
    tab.bench.pool.configure(tab.bench.now(), set(Knob::MaxConnections, 0.0));
    assert!(tab.bench.drain().contains(&Output::CloseSocket {
        socket: tab.socket,
        code: None,
        reason: "".into()
    }));
    tab.loses(1005);
    owns_nothing(&mut tab);
}

#[test]
fn the_application_judges_what_is_no_violation() {
    let mut tab = Tab::welcomed_with(set(Knob::Asks, 1.0));
    tab.sends(&["one"]);
    let judged = Output::Judge { socket: tab.socket, info: ended(4413) };
    assert_eq!(tab.loses(4413), [judged]);
    tab.bench.tell(Input::Judged(tab.socket, ended(4413), Some(true)));
    tab.next_socket();
    assert_eq!(tab.greet().epoch, Some(FIRST), "and it resumes");
    let info = CloseInfo { code: 4400, reason: "".into(), clean: true };
    assert_eq!(
        openings(&tab.bench.tell(Input::Closed(tab.socket, info))).len(),
        1,
        "there is nothing to judge"
    );
}

#[test]
fn codes_that_are_worth_a_retry_resume() {
    for code in [1001, 1006, 1012, 4408, 4413, 4429] {
        let mut tab = Tab::welcomed();
        tab.sends(&["one"]);
        assert!(!events(tab.loses(code)).iter().any(|event| matches!(event, super::Event::Gap { .. })));
        tab.next_socket();
        assert_eq!(tab.greet().epoch, Some(FIRST), "{code}");
    }
}

#[test]
fn what_a_plain_socket_took_before_may_be_lost_as_well() {
    let mut tab = Tab::new();
    tab.bench.tell(opened(tab.socket));
    tab.bench.pool.sent(tab.socket.conn, 3);
    tab.cut();
    tab.greet();
    tab.bench.close(tab.socket.conn);
    let gap = Told::Gap(Out, None, None, UNSURE.to_owned());
    assert_eq!(told(tab.bench.pass(3_000)), [gap, Told::Close(1006)]);
}

#[test]
fn who_has_the_end_does_not_come_back_for_the_close() {
    // Whoever did could find the source forgotten, and start another.
    for code in [1006, 1001, 4408] {
        let mut tab = Tab::welcomed();
        tab.says(ServerFrame::End { code: Some(0) });
        tab.bench.tell(Input::Errored(tab.socket));
        assert_eq!(told(tab.loses(code)), [Told::Close(1000)], "and no error");
        assert_eq!(tab.bench.status("a"), Status::Disconnected);
        owns_nothing(&mut tab);
    }
}
