//! What is counted over `envsocket.v1`.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::resume_bench::{FIRST, Tab, counts, welcome};
use super::{Input, Text};
use crate::core::event::Page;
use crate::core::resume::frame::{ServerFrame, Welcome};

#[test]
fn a_message_counts_once_however_often_it_is_handed_over() {
    let mut tab = Tab::welcomed();
    tab.sends(&["three", "four"]);
    tab.bench.pool.record(tab.socket.conn, Text("sixsix"), None).unwrap();
    tab.comes_back(welcome(FIRST));
    tab.bench.pool.sent(tab.socket.conn, 5);
    assert_eq!((tab.metrics().messages_out, tab.metrics().bytes_out), (3, 15));
}

#[test]
fn opens_and_reconnects_count_welcomes() {
    let mut tab = Tab::new();
    tab.greet();
    assert_eq!(tab.metrics().opens, 0);
    tab.says(ServerFrame::Welcome(welcome(FIRST)));
    tab.receives(&[10]);
    tab.comes_back(Welcome { next: 2, live: 1, ..welcome(FIRST) });
    let metrics = tab.metrics();
    assert_eq!((metrics.opens, metrics.reconnects, metrics.resumed), (2, 1, 1));
    assert_eq!((metrics.messages_in, metrics.bytes_in, metrics.attempts), (1, 10, 2));
    let (totals, ..) = tab.bench.pool.totals(tab.bench.now());
    assert_eq!((totals.resumed, totals.replayed), (1, 0));
}

#[test]
fn a_ping_and_its_pong_are_a_round_trip() {
    let mut tab = Tab::welcomed();
    tab.bench.ms += 8;
    tab.says(ServerFrame::Pong(counts(0, 0, 0)));
    tab.bench.ms += 500;
    tab.says(ServerFrame::Pong(counts(0, 0, 0)));
    let trips = tab.metrics().round_trips.as_ref().expect("there is one").summary().expect("of one");
    assert_eq!(trips.mean_us, 8_000, "a pong that answers nothing is none");
    tab.says(ServerFrame::Ping(counts(0, 0, 0)));
    tab.bench.ms += 20;
    tab.says(ServerFrame::Pong(counts(0, 0, 0)));
    let trips = tab.metrics().round_trips.as_ref().expect("there are two").summary().expect("of two");
    assert_eq!(trips.mean_us, 14_000);
}

#[test]
fn the_time_that_it_was_connected_begins_with_the_welcome() {
    let mut tab = Tab::new();
    tab.greet();
    tab.bench.ms += 1_000;
    tab.says(ServerFrame::Welcome(welcome(FIRST)));
    tab.bench.ms += 300;
    tab.loses(1006);
    tab.bench.ms += 1_000;
    assert_eq!(tab.bench.pool.metrics(tab.bench.now(), tab.socket.conn).unwrap().1, 300);
}

#[test]
fn of_two_pings_the_first_pong_answers_the_first() {
    let mut tab = Tab::welcomed();
    tab.bench.ms += 5;
    tab.bench.tell(Input::Page(Page::Awake));
    tab.bench.ms += 5;
    for _ in 0..2 {
        tab.says(ServerFrame::Pong(counts(0, 0, 0)));
    }
    let trips = tab.metrics().round_trips.as_ref().expect("there is one").summary().expect("of one");
    assert_eq!(trips.mean_us, 10_000);
}
