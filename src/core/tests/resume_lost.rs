//! A server that does not remember, and a destination that is another: everything that may be lost is told.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::resume_bench::{
    FIRST, SECOND, Tab, Told, controls, counts, gap, handed, only_sends, told, welcome,
};
use super::{place, sends};
use crate::core::event::Direction::{In, Out};
use crate::core::resume::Size;
use crate::core::resume::frame::{ClientFrame, ServerFrame, Welcome};

#[test]
fn another_epoch_voids_the_counts_and_says_all_that_may_be_lost_before_the_open() {
    let mut tab = Tab::welcomed();
    tab.sends(&["one", "two", "three"]);
    tab.receives(&[1, 1]);
    tab.says(ServerFrame::Ack(counts(2, 2, 1)));
    tab.cut();
    tab.sends(&["typed offline"]);
    tab.greet();
    let done = tab.says(ServerFrame::Welcome(Welcome { next: 7, live: 8, ..welcome(SECOND) }));
    assert_eq!(handed(&done), ["<ping>"], "nothing that was meant for the old one is sent");
    assert_eq!(controls(&done), [ClientFrame::Ping(counts(0, 6, 6))]);
    assert_eq!(
        told(done),
        [
            gap(In, 3, None, "session_lost"),
            Told::Discarded(vec!["typed offline"], "session_lost"),
            // The second one had arrived, and nobody knows whether the source has taken it.
            gap(Out, 2, Some(3), "session_lost"),
            Told::Open,
        ]
    );
    assert_eq!((tab.metrics().lost, tab.metrics().discarded, tab.metrics().resumed), (2, 1, 0));
    assert_eq!(only_sends(&tab.sends(&["new"])), ["new"]);
    tab.says(ServerFrame::Ack(counts(6, 1, 1)));
    tab.cut();
    let hello = tab.greet();
    assert_eq!((hello.epoch, hello.received, hello.sent, hello.acked), (Some(SECOND), 6, 1, 1));
    assert_eq!(hello.attempt, 3, "the attachment is the same one");
}

#[test]
fn what_was_not_handed_to_the_latest_socket_cannot_have_arrived() {
    let mut tab = Tab::welcomed();
    tab.sends(&["one", "two", "three"]);
    // The next server has the first, and gives room for one more: the third stays here.
    let narrow = Welcome { received: 1, credit: 140, ..welcome(FIRST) };
    assert_eq!(handed(&tab.comes_back(narrow)), ["<ping>", "two"]);
    assert_eq!(
        told(tab.comes_back(welcome(SECOND))),
        [
            gap(In, 1, None, "session_lost"),
            Told::Discarded(vec!["three"], "session_lost"),
            gap(Out, 1, Some(2), "session_lost"),
            Told::Open,
        ]
    );
}

#[test]
fn input_that_the_source_has_taken_is_no_loss() {
    let mut tab = Tab::welcomed();
    tab.sends(&["one"]);
    tab.says(ServerFrame::Ack(counts(0, 1, 1)));
    assert_eq!(told(tab.comes_back(welcome(SECOND))), [gap(In, 1, None, "session_lost"), Told::Open]);
}

#[test]
fn a_new_epoch_cannot_have_input() {
    let mut tab = Tab::welcomed();
    tab.sends(&["one"]);
    tab.cut();
    tab.greet();
    let frame = ServerFrame::Welcome(Welcome { received: 1, ..welcome(SECOND) });
    assert_eq!(tab.is_violated(frame), "welcome: `received` is not what was sent");
}

#[test]
fn another_destination_is_another_session() {
    let mut tab = Tab::welcomed();
    tab.sends(&["one"]);
    tab.receives(&[1]);
    tab.bench.place = None;
    tab.bench.lose(tab.socket, 1006);
    tab.sends(&["queued"]);
    tab.bench.advance();
    tab.socket.generation += 1;
    let elsewhere = super::Input::Located(tab.socket, Ok(place("host", "/elsewhere")));
    let done = tab.bench.tell(elsewhere);
    let reason = "the destination has changed";
    assert_eq!(
        told(done),
        [gap(In, 2, None, reason), Told::Discarded(vec!["queued"], reason), gap(Out, 1, Some(1), reason),]
    );
    let hello = tab.greet();
    assert_eq!((hello.attempt, hello.epoch, hello.sent), (1, None, 0));
    assert_eq!(hello.attachment, super::resume_bench::fresh(2).attachment);
    let done = tab.says(ServerFrame::Welcome(welcome(SECOND)));
    assert_eq!((sends(&done), told(done)), (vec![], vec![Told::Open]));
}

#[test]
fn input_that_arrived_and_was_perhaps_never_taken_may_be_lost() {
    let mut tab = Tab::welcomed();
    tab.sends(&["one"]);
    tab.says(ServerFrame::Ack(counts(0, 1, 0)));
    assert_eq!(
        told(tab.comes_back(welcome(SECOND))),
        [gap(In, 1, None, "session_lost"), gap(Out, 1, Some(1), "session_lost"), Told::Open]
    );
}

#[test]
fn a_change_of_the_size_is_nothing_to_lose() {
    let mut tab = Tab::welcomed();
    for cols in [80, 90] {
        tab.bench.pool.resize(tab.bench.now(), tab.socket.conn, Size { cols, rows: 24 });
    }
    tab.bench.drain();
    tab.says(ServerFrame::Ack(counts(0, 1, 0)));
    assert_eq!(told(tab.comes_back(welcome(SECOND))), [gap(In, 1, None, "session_lost"), Told::Open]);
}
