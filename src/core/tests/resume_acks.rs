//! When the server is told what was received, and what it says of what was sent.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::resume_bench::{FIRST, Tab, controls, counts, welcome};
use super::{Output, Text};
use crate::core::resume::Size;
use crate::core::resume::frame::{ClientFrame, Counts, ServerFrame, Welcome};

fn acks(outputs: &[Output<Text>]) -> Vec<Counts> {
    let acks = controls(outputs).into_iter().filter_map(|frame| match frame {
        ClientFrame::Ack(counts) => Some(counts),
        _ => None,
    });
    acks.collect()
}

#[test]
fn half_the_window_is_acknowledged_at_once() {
    let mut tab = Tab::welcomed();
    // 64 more for each: 500 of 1,000 are reached with the second one.
    assert_eq!(acks(&tab.receives(&[185])), []);
    assert_eq!(acks(&tab.receives(&[186])), []);
    assert_eq!(acks(&tab.receives(&[0])), [counts(0, 3, 3)]);
    assert_eq!(acks(&tab.receives(&[300])), [], "it begins anew");
    assert_eq!(acks(&tab.receives(&[72])), [counts(0, 5, 5)]);
}

#[test]
fn less_is_acknowledged_a_second_after_the_first_of_them() {
    let mut tab = Tab::welcomed();
    tab.receives(&[1]);
    assert_eq!(acks(&tab.bench.pass(600)), []);
    tab.receives(&[1]);
    assert_eq!(acks(&tab.bench.pass(399)), []);
    assert_eq!(acks(&tab.bench.pass(1)), [counts(0, 2, 2)]);
    assert_eq!(acks(&tab.bench.pass(5_000)), [], "and once");
    tab.receives(&[1]);
    assert_eq!(acks(&tab.bench.pass(1_000)), [counts(0, 3, 3)]);
}

#[test]
fn numbered_frames_are_acknowledged_too() {
    let mut tab = Tab::welcomed();
    tab.says(ServerFrame::Size(Size { cols: 80, rows: 24 }));
    assert_eq!(acks(&tab.bench.pass(1_000)), [counts(0, 1, 1)]);
    tab.says(ServerFrame::Gap { from: 2, to: 4, reason: "evicted".into(), snapshot: false, size: None });
    assert_eq!(acks(&tab.bench.pass(1_000)), [counts(0, 4, 4)]);
    tab.says(ServerFrame::End { code: Some(0) });
    assert_eq!(acks(&tab.bench.pass(1_000)), [counts(0, 5, 5)]);
}

#[test]
fn a_pong_says_it_as_well() {
    let mut tab = Tab::welcomed();
    tab.receives(&[1]);
    let done = tab.says(ServerFrame::Ping(counts(1, 0, 0)));
    assert_eq!(controls(&done), [ClientFrame::Pong(counts(0, 1, 1)), ClientFrame::Ping(counts(0, 1, 1))]);
    assert_eq!(acks(&tab.bench.pass(5_000)), []);
}

#[test]
fn the_hot_path_asks_for_an_acknowledgement_once_a_second_at_most() {
    let mut tab = Tab::welcomed();
    let conn = tab.socket.conn;
    assert!(tab.bench.pool.received(conn, 1), "the first");
    tab.bench.pool.acknowledge(tab.bench.now(), conn);
    for _ in 0..6 {
        assert!(!tab.bench.pool.received(conn, 1));
    }
    assert!(tab.bench.pool.received(conn, 1), "half of the window");
    tab.bench.pool.acknowledge(tab.bench.now(), conn);
    assert_eq!(acks(&tab.bench.drain()), [counts(0, 8, 8)]);
}

#[test]
fn a_lost_link_owes_no_ack() {
    let mut tab = Tab::welcomed();
    tab.receives(&[1]);
    tab.cut();
    assert_eq!(acks(&tab.bench.pass(1_500)), []);
    assert_eq!(tab.greet().received, 1);
    let done = tab.says(ServerFrame::Welcome(Welcome { next: 2, live: 1, ..welcome(FIRST) }));
    assert_eq!(controls(&done), [ClientFrame::Ping(counts(0, 1, 1))], "the ping says it");
    assert_eq!(acks(&tab.bench.pass(2_000)), []);
}

#[test]
fn the_counts_stand_where_they_were_said_among_the_messages() {
    let mut tab = Tab::welcomed();
    let conn = tab.socket.conn;
    tab.bench.send(conn, "before").unwrap();
    tab.bench
        .pool
        .handle(tab.bench.now(), super::Input::Control(tab.socket, Ok(ServerFrame::Ping(counts(0, 0, 0)))));
    tab.bench.send(conn, "after").unwrap();
    let done = tab.bench.drain();
    assert_eq!(super::resume_bench::handed(&done), ["before", "<pong>", "<ping>", "after"]);
    assert_eq!(controls(&done)[0], ClientFrame::Pong(counts(1, 0, 0)));
}

#[test]
fn counts_that_cannot_be_are_against_the_protocol() {
    let miscount = "miscount: `sent` is not what was received";
    let backwards = "counts that go backwards";
    for (said, why) in [
        (counts(1, 2, 1), miscount),
        (counts(3, 2, 1), miscount),
        (counts(2, 1, 1), backwards),
        (counts(2, 2, 0), backwards),
        (counts(2, 4, 1), "miscount: more was received than was sent"),
    ] {
        let frames: [fn(Counts) -> ServerFrame; 3] = [ServerFrame::Ack, ServerFrame::Ping, ServerFrame::Pong];
        for frame in frames {
            let mut tab = Tab::welcomed();
            tab.sends(&["one", "two", "three"]);
            tab.receives(&[1, 1]);
            tab.says(ServerFrame::Ack(counts(2, 2, 1)));
            assert_eq!(tab.is_violated(frame(said)), why, "{said:?}");
        }
    }
}

#[test]
fn no_more_can_have_arrived_than_went_over_this_link() {
    let mut tab = Tab::welcomed();
    tab.sends(&["a", "b", "c"]);
    // Room for one at a time now.
    tab.comes_back(Welcome { credit: 1, ..welcome(FIRST) });
    assert_eq!(
        tab.is_violated(ServerFrame::Ack(counts(0, 2, 0))),
        "miscount: more was received than was sent"
    );
}
