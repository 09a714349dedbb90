//! Signs of life over `envsocket.v1`: the server asks, and its silence counts.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::resume_bench::{Tab, controls, counts, handed};
use super::{Input, Output, Status, Text, key, set};
use crate::core::event::Page;
use crate::core::options::Knob;
use crate::core::resume::frame::ServerFrame;

/// 2.3 of the welcome's intervals.
const SILENCE: u64 = 23_000;

fn is_over(tab: &Tab, outputs: &[Output<Text>]) -> bool {
    outputs.contains(&Output::AbandonSocket { socket: tab.socket })
}

/// Lets so much time pass. Whether the link is given up in it.
fn ends_within(tab: &mut Tab, ms: u64) -> bool {
    let done = tab.bench.pass(ms);
    is_over(tab, &done)
}

fn ping() -> ServerFrame {
    ServerFrame::Ping(counts(0, 0, 0))
}

#[test]
fn a_ping_is_answered_at_once_and_followed_by_one_of_the_clients_own() {
    let mut tab = Tab::welcomed();
    assert_eq!(handed(&tab.says(ping())), ["<pong>", "<ping>"]);
}

#[test]
fn silence_for_more_than_two_intervals_is_the_end_of_the_link() {
    let mut tab = Tab::welcomed();
    tab.bench.pass(10_000);
    tab.says(ping());
    let before = tab.bench.pass(SILENCE - 1);
    assert!(!is_over(&tab, &before) && controls(&before).is_empty());
    assert!(ends_within(&mut tab, 1));
    assert_eq!(tab.bench.facts("a").unwrap().reason, Some("no sign of life from the server"));
    assert_eq!(tab.bench.status("a"), Status::Reconnecting);
}

#[test]
fn a_server_that_pings_stays_though_it_has_nothing_else_to_say() {
    let mut tab = Tab::welcomed();
    for _ in 0..20 {
        let done = tab.bench.pass(10_000);
        assert!(!is_over(&tab, &done));
        tab.says(ping());
    }
}

#[test]
fn messages_without_pings_are_a_reason_to_ask() {
    let mut tab = Tab::welcomed();
    tab.bench.pass(SILENCE - 2_000);
    tab.receives(&[1]);
    assert_eq!(handed(&tab.bench.pass(2_000)), ["<ack>", "<ping>"]);
    assert!(!ends_within(&mut tab, 2_999));
    assert!(ends_within(&mut tab, 1));
}

#[test]
fn anything_answers_a_probe() {
    for by_message in [true, false] {
        let mut tab = Tab::welcomed();
        assert_eq!(handed(&tab.bench.tell(Input::Page(Page::Awake))), ["<ping>"]);
        tab.bench.pass(2_999);
        if by_message {
            tab.receives(&[1]);
        } else {
            tab.says(ServerFrame::Role { controller: false });
        }
        let done = tab.bench.pass(SILENCE - 1);
        assert!(!is_over(&tab, &done), "{by_message}");
        assert!(ends_within(&mut tab, 3_000), "and the silence begins anew: {by_message}");
    }
}

#[test]
fn a_page_that_wakes_up_asks_and_waits_no_longer_than_a_moment() {
    for page in [Page::Awake, Page::Online] {
        let mut tab = Tab::welcomed();
        assert_eq!(handed(&tab.bench.tell(Input::Page(page))), ["<ping>"]);
        tab.bench.pass(2_000);
        tab.bench.tell(Input::Page(page));
        assert!(!ends_within(&mut tab, 999));
        assert!(ends_within(&mut tab, 1), "asking again puts nothing off");
    }
}

#[test]
fn what_came_before_a_probe_is_no_answer_and_the_probe_decides() {
    let mut tab = Tab::welcomed();
    tab.bench.pass(SILENCE - 1_000);
    tab.receives(&[1]);
    tab.bench.tell(Input::Page(Page::Awake));
    assert!(!ends_within(&mut tab, 2_999), "the silence before it is forgiven");
    assert!(ends_within(&mut tab, 1));
}

#[test]
fn a_timer_that_fires_late_leads_to_a_probe_and_not_to_the_end() {
    let mut tab = Tab::welcomed();
    tab.bench.ms = 3_600_000;
    let done = tab.bench.tell(Input::Timeout);
    assert_eq!(handed(&done), ["<ping>"]);
    assert_eq!(tab.bench.status("a"), Status::Connected);
    tab.bench.ms += 60_000;
    assert_eq!(handed(&tab.bench.tell(Input::Timeout)), ["<ping>"], "nobody waited for that answer either");
    tab.bench.ms += 60_000;
    let done = tab.bench.tell(Input::Timeout);
    assert!(is_over(&tab, &done), "once");
}

#[test]
fn the_applications_own_heartbeat_has_nothing_to_do_here() {
    let mut tab = Tab::welcomed_with(set(Knob::HeartbeatIntervalMs, 1_000.0));
    let done = tab.bench.pass(SILENCE - 1);
    assert!(!done.iter().any(|output| matches!(output, Output::Beat { .. })) && !is_over(&tab, &done));
}

#[test]
fn pings_are_no_use_of_a_connection_in_the_background() {
    let mut tab = Tab::welcomed_with(set(Knob::IdleTimeoutMs, 60_000.0));
    for _ in 0..5 {
        tab.bench.pass(10_000);
        tab.says(ping());
    }
    tab.bench.pass(10_000);
    assert_eq!(tab.bench.status("a"), Status::Disconnecting);
}

#[test]
fn messages_are_and_so_is_input_that_has_not_arrived() {
    let idle = || set(Knob::IdleTimeoutMs, 20_000.0);
    let mut tab = Tab::welcomed_with(idle());
    tab.bench.pass(10_000);
    tab.receives(&[1]);
    tab.bench.pass(10_000);
    assert_eq!(tab.bench.status("a"), Status::Connected);
    let mut tab = Tab::welcomed_with(idle());
    tab.bench.pool.record(tab.socket.conn, Text("typed"), None).unwrap();
    for _ in 0..6 {
        tab.bench.pass(10_000);
        tab.says(ping());
    }
    assert_eq!(tab.bench.status("a"), Status::Connected);
    tab.says(ServerFrame::Ack(counts(0, 1, 1)));
    tab.bench.pass(20_000);
    assert_eq!(tab.bench.status("a"), Status::Disconnecting);
}

#[test]
fn the_active_one_is_left_alone() {
    let mut tab = Tab::welcomed_with(set(Knob::IdleTimeoutMs, 1_000.0));
    tab.bench.pool.set_active(tab.bench.now(), key("a"));
    tab.bench.pass(5_000);
    assert_eq!(tab.bench.status("a"), Status::Connected);
}
