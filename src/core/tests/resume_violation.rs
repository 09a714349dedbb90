//! One of the two does not keep to the protocol: once is forgiven, with everything said that may be lost.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::resume_bench::{FIRST, SECOND, Tab, Told, counts, fresh, gap, handed, told, welcome};
use super::{CloseInfo, Input, Output, Overrides, Status, openings, set};
use crate::core::event::Direction::{In, Out};
use crate::core::options::Knob;
use crate::core::resume::NO_HELLO;
use crate::core::resume::frame::ServerFrame;

/// A tab with something to lose.
fn tab_with(overrides: Overrides) -> Tab {
    let mut tab = Tab::welcomed_with(overrides);
    tab.sends(&["one", "two"]);
    tab.says(ServerFrame::Ack(counts(0, 1, 1)));
    tab
}

fn tab() -> Tab {
    tab_with(Overrides::default())
}

fn lost() -> [Told; 2] {
    [gap(In, 1, None, "protocol"), gap(Out, 2, Some(2), "protocol")]
}

#[test]
fn the_client_says_why_and_begins_a_new_session_at_once() {
    let mut tab = tab();
    let done = tab.violates("what was wrong");
    assert_eq!(tab.violation(&done), "what was wrong");
    assert_eq!(told(done), lost());
    assert_eq!(tab.bench.facts("a").unwrap().reason, Some("against the protocol: what was wrong"));
    assert_eq!(tab.bench.status("a"), Status::Reconnecting);
    let hello = tab.greet();
    assert_eq!((hello.session, hello.attachment, hello.secret), {
        let ids = fresh(2);
        (ids.session, ids.attachment, ids.secret)
    });
    assert_eq!((hello.attempt, hello.epoch, hello.sent, hello.received), (1, None, 0, 0));
    let done = tab.says(ServerFrame::Welcome(welcome(SECOND)));
    assert_eq!((handed(&done), told(done)), (vec!["<ping>"], vec![Told::Open]));
}

#[test]
fn a_close_with_4400_is_the_same() {
    let mut tab = tab();
    let info = CloseInfo { code: 4400, reason: "miscount".into(), clean: true };
    let done = tab.bench.tell(Input::Closed(tab.socket, info));
    tab.follow(&done);
    assert_eq!(told(done), lost());
    assert_eq!(tab.bench.facts("a").unwrap().reason, Some("against the protocol: miscount"));
    assert_eq!(tab.greet().epoch, None);
}

#[test]
fn a_hello_that_came_too_late_is_none() {
    // The page was frozen between the socket's opening and its own turn.
    let mut tab = tab();
    tab.cut();
    tab.greet();
    let info = CloseInfo { code: 4400, reason: NO_HELLO.into(), clean: true };
    let done = tab.bench.tell(Input::Closed(tab.socket, info));
    assert_eq!(told(done), []);
    assert_eq!(tab.bench.status("a"), Status::Reconnecting);
    tab.next_socket();
    assert_eq!(tab.greet().epoch, Some(FIRST), "it comes back to its session");
}

#[test]
fn a_second_one_within_a_minute_is_the_end() {
    let mut tab = tab();
    let done = tab.violates("once");
    tab.follow(&done);
    tab.greet();
    tab.says(ServerFrame::Welcome(welcome(SECOND)));
    tab.bench.ms += 59_999;
    tab.sends(&["three"]);
    let done = tab.violates("twice");
    assert_eq!(openings(&done), []);
    assert_eq!(tab.bench.status("a"), Status::Failed);
    assert_eq!(tab.bench.facts("a").unwrap().reason, Some("against the protocol: twice"));
    let reason = "the connection ended before all had surely arrived";
    assert_eq!(told(done), [gap(Out, 1, Some(1), reason), Told::Close(4400)]);
    assert_eq!((tab.bench.pool.poll_timeout(), tab.bench.pool.retained_bytes()), (None, 0));
}

#[test]
fn after_a_minute_the_first_one_is_forgotten() {
    let mut tab = tab();
    for _ in 0..3 {
        let done = tab.violates("once a minute");
        tab.follow(&done);
        tab.greet();
        tab.says(ServerFrame::Welcome(welcome(SECOND)));
        // As a server that lives would, so that the link does.
        for _ in 0..6 {
            tab.bench.pass(10_000);
            tab.says(ServerFrame::Ping(counts(0, 0, 0)));
        }
    }
}

#[test]
fn a_new_life_by_hand_has_forgotten_it_too() {
    let mut tab = tab();
    let done = tab.violates("once");
    tab.follow(&done);
    tab.greet();
    tab.violates("twice");
    assert_eq!(tab.bench.status("a"), Status::Failed);
    let done = tab.bench.reconnect(tab.socket.conn);
    tab.follow(&done);
    tab.greet();
    let done = tab.violates("once more");
    assert_eq!(openings(&done).len(), 1);
}

#[test]
fn before_the_open_a_4400_is_an_ordinary_refusal() {
    let mut tab = Tab::welcomed();
    tab.cut();
    assert_eq!(openings(&tab.loses(4400)), []);
    tab.next_socket();
    assert_eq!(tab.greet().epoch, Some(FIRST));
}

#[test]
fn the_retries_bound_it_too() {
    let mut tab = tab_with(set(Knob::MaxRetries, 0.0));
    assert_eq!(openings(&tab.violates("once")), []);
    assert_eq!(tab.bench.status("a"), Status::Failed);
}

#[test]
fn what_waits_for_a_session_that_never_was_stays() {
    let mut tab = Tab::new();
    tab.sends(&["typed early"]);
    tab.greet();
    let done = tab.loses(4400);
    tab.follow(&done);
    assert_eq!(told(done), []);
    tab.greet();
    assert_eq!(handed(&tab.says(ServerFrame::Welcome(welcome(FIRST)))), ["<ping>", "typed early"]);
}

#[test]
fn it_is_counted_and_the_other_connections_do_not_notice() {
    let mut tab = tab();
    let other = tab.bench.open("b");
    let done = tab.violates("once");
    assert!(done.contains(&Output::AbandonSocket { socket: tab.socket }));
    assert_eq!(tab.metrics().failures, [("against the protocol", 1)]);
    assert_eq!((tab.bench.status("b"), other.generation), (Status::Connected, 1));
}
