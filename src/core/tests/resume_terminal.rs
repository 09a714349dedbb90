//! What a terminal is told besides its output: sizes, whether it is the one that counts, and what is old.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::resume_bench::{FIRST, SECOND, Tab, auto, welcome};
use super::{Event, Output, Spoken, Text};
use crate::core::event::Input;
use crate::core::resume::Size;
use crate::core::resume::frame::{ServerFrame, Welcome};

const SMALL: Size = Size { cols: 80, rows: 24 };
const LARGE: Size = Size { cols: 200, rows: 50 };

#[derive(Debug, PartialEq)]
enum Told {
    Open,
    Gap,
    Size(Size),
    Role(bool),
}

fn told(outputs: Vec<Output<Text>>) -> Vec<Told> {
    let told = super::events(outputs).into_iter().filter_map(|event| match event {
        Event::Open => Some(Told::Open),
        Event::Gap { .. } => Some(Told::Gap),
        Event::Size(size) => Some(Told::Size(size)),
        Event::Role { controller } => Some(Told::Role(controller)),
        _ => None,
    });
    told.collect()
}

/// Receives a message and says whether it is an old one.
fn is_old(tab: &mut Tab) -> bool {
    tab.receives(&[1]);
    tab.bench.pool.is_replaying(tab.socket.conn)
}

#[test]
fn a_size_is_told_where_it_stands() {
    let mut tab = Tab::welcomed();
    assert_eq!(told(tab.says(ServerFrame::Size(LARGE))), [Told::Size(LARGE)]);
}

#[test]
fn a_gap_says_what_follows_it_was_made_for() {
    for snapshot in [false, true] {
        let mut tab = Tab::welcomed();
        let gap = |from, size| ServerFrame::Gap { from, to: from, reason: "evicted".into(), snapshot, size };
        assert_eq!(told(tab.says(gap(1, Some(LARGE)))), [Told::Gap, Told::Size(LARGE)]);
        tab.receives(&[1]);
        let from = if snapshot { 2 } else { 3 };
        assert_eq!(told(tab.says(gap(from, None))), [Told::Gap]);
    }
}

#[test]
fn a_welcome_says_it_only_to_a_session_that_begins() {
    let mut tab = Tab::new();
    tab.greet();
    let first = Welcome { size: Some(SMALL), ..welcome(FIRST) };
    let done = tab.says(ServerFrame::Welcome(first.clone()));
    assert_eq!(told(done), [Told::Open, Told::Size(SMALL)]);
    assert_eq!(told(tab.comes_back(Welcome { size: Some(LARGE), ..first })), []);
    let again = Welcome { size: Some(LARGE), ..welcome(SECOND) };
    assert_eq!(told(tab.comes_back(again)), [Told::Gap, Told::Open, Told::Size(LARGE)]);
}

#[test]
fn a_role_is_told_when_it_is_another_one() {
    let mut tab = Tab::new();
    tab.greet();
    let viewer = Welcome { controller: false, ..welcome(FIRST) };
    let done = tab.says(ServerFrame::Welcome(viewer.clone()));
    assert_eq!(told(done), [Told::Role(false), Told::Open], "a terminal counts until it is told otherwise");
    assert_eq!(told(tab.says(ServerFrame::Role { controller: false })), []);
    assert_eq!(told(tab.says(ServerFrame::Role { controller: true })), [Told::Role(true)]);
    assert_eq!(told(tab.comes_back(viewer.clone())), [Told::Role(false)]);
    assert_eq!(told(tab.comes_back(viewer)), []);
}

#[test]
fn another_life_begins_as_the_first_did() {
    let mut tab = Tab::new();
    tab.greet();
    let viewer = Welcome { controller: false, ..welcome(FIRST) };
    tab.says(ServerFrame::Welcome(viewer.clone()));
    tab.loses(4403);
    let done = tab.bench.reconnect(tab.socket.conn);
    tab.follow(&done);
    tab.greet();
    let again = Welcome { epoch: SECOND, ..viewer };
    assert_eq!(told(tab.says(ServerFrame::Welcome(again))), [Told::Role(false), Told::Open]);
}

#[test]
fn a_plain_server_heeds_everybody() {
    let mut tab = Tab::new();
    tab.greet();
    tab.says(ServerFrame::Welcome(Welcome { controller: false, ..welcome(FIRST) }));
    // It is not asked for the protocol any more.
    tab.bench.pool.configure_connection(tab.socket.conn, super::set(super::Knob::Protocol, 0.0).over(auto()));
    tab.cut();
    let done = told(tab.bench.tell(Input::Opened(tab.socket, Spoken::Plain)));
    assert!(done.ends_with(&[Told::Role(true), Told::Open]), "{done:?}");
    assert!(!is_old_plain(&mut tab));
}

fn is_old_plain(tab: &mut Tab) -> bool {
    tab.bench.pool.received(tab.socket.conn, 1);
    tab.bench.pool.is_replaying(tab.socket.conn)
}

#[test]
fn what_was_there_before_the_link_is_old_and_so_is_a_snapshot() {
    let mut tab = Tab::new();
    tab.greet();
    tab.says(ServerFrame::Welcome(Welcome { next: 5, live: 6, ..welcome(FIRST) }));
    assert_eq!([(); 3].map(|()| is_old(&mut tab)), [true, true, false]);
    tab.comes_back(Welcome { next: 8, live: 8, ..welcome(FIRST) });
    assert_eq!([(); 2].map(|()| is_old(&mut tab)), [true, false]);
    tab.says(ServerFrame::Gap { from: 10, to: 20, reason: "evicted".into(), snapshot: true, size: None });
    assert_eq!([(); 2].map(|()| is_old(&mut tab)), [true, false]);
    tab.cut();
    assert!(!tab.bench.pool.is_replaying(tab.socket.conn));
}
