//! Output that will never come, and the picture that may come in its place.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::resume_bench::{FIRST, Tab, controls, counts, gap, told, welcome};
use super::{Event, Output, Text, events};
use crate::core::event::Direction::In;
use crate::core::resume::Size;
use crate::core::resume::frame::{ClientFrame, ServerFrame, Welcome};

fn evicted(from: u64, to: u64, snapshot: bool) -> ServerFrame {
    ServerFrame::Gap { from, to, reason: "evicted".into(), snapshot, size: None }
}

/// What the client says that it has, when it is asked.
fn received(tab: &mut Tab, sent: u64) -> Option<u64> {
    let done = tab.says(ServerFrame::Ping(counts(sent, 0, 0)));
    controls(&done).iter().find_map(|frame| match frame {
        ClientFrame::Pong(counts) => Some(counts.received),
        _ => None,
    })
}

#[test]
fn a_gap_is_told_and_counts_as_received_at_once() {
    let mut tab = Tab::welcomed();
    tab.receives(&[1, 1]);
    let done = tab.says(evicted(3, 9, false));
    assert_eq!(told(done), [gap(In, 3, Some(9), "evicted")]);
    assert_eq!(tab.metrics().lost, 1);
    assert_eq!(received(&mut tab, 9), Some(9));
    tab.receives(&[1]);
    assert_eq!(received(&mut tab, 10), Some(10));
}

#[test]
fn right_after_a_resume_the_gap_is_all_that_is_told() {
    let mut tab = Tab::welcomed();
    tab.receives(&[1]);
    assert_eq!(told(tab.comes_back(Welcome { next: 2, live: 9, ..welcome(FIRST) })), []);
    assert_eq!(told(tab.says(evicted(2, 8, false))), [gap(In, 2, Some(8), "evicted")]);
    tab.receives(&[1]);
    assert_eq!((tab.metrics().replayed, received(&mut tab, 9)), (1, Some(9)));
}

#[test]
fn a_picture_has_no_number_and_stands_for_all_up_to_its_own() {
    let mut tab = Tab::welcomed();
    tab.receives(&[1]);
    let done = events(tab.says(evicted(2, 9, true)));
    assert!(matches!(&*done, [Event::Gap { snapshot: true, from: Some(2), to: Some(9), .. }]));
    assert_eq!(received(&mut tab, 1), Some(1), "until it is there");
    tab.receives(&[50]);
    assert_eq!(received(&mut tab, 9), Some(9));
    tab.receives(&[1]);
    assert_eq!(received(&mut tab, 10), Some(10));
}

#[test]
fn a_cut_before_the_picture_leaves_the_count_where_it_was() {
    let mut tab = Tab::welcomed();
    tab.receives(&[1]);
    tab.says(evicted(2, 9, true));
    tab.cut();
    assert_eq!(tab.greet().received, 1);
    tab.says(ServerFrame::Welcome(Welcome { next: 2, live: 9, ..welcome(FIRST) }));
    tab.receives(&[1]);
    assert_eq!(received(&mut tab, 2), Some(2), "the next message is no picture any more");
}

#[test]
fn in_place_of_the_picture_nothing_with_a_number_may_come() {
    let numbered = [
        ServerFrame::Size(Size { cols: 1, rows: 1 }),
        ServerFrame::End { code: None },
        evicted(1, 9, false),
        evicted(1, 9, true),
    ];
    for frame in numbered {
        let mut tab = Tab::welcomed();
        tab.says(evicted(1, 5, true));
        tab.says(ServerFrame::Role { controller: false });
        assert_eq!(tab.is_violated(frame), "the snapshot is missing");
    }
}

#[test]
fn a_gap_elsewhere_than_next_is_against_the_protocol() {
    for from in [1, 2, 4] {
        let mut tab = Tab::welcomed();
        tab.receives(&[1, 1]);
        assert_eq!(tab.is_violated(evicted(from, 9, false)), "gap: `from` is not what comes next");
    }
}

#[test]
fn size_and_end_are_numbered_as_messages_are() {
    let mut tab = Tab::welcomed();
    tab.says(ServerFrame::Size(Size { cols: 80, rows: 24 }));
    tab.receives(&[1]);
    let done = tab.says(ServerFrame::End { code: Some(1) });
    assert!(!done.iter().any(|output: &Output<Text>| matches!(output, Output::Emit { .. })));
    assert_eq!(received(&mut tab, 3), Some(3));
}
