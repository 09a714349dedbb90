//! Input that has grown old while there was no link.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::resume_bench::{FIRST, SECOND, Tab, Told, controls, counts, handed, told, welcome};
use super::{Text, set};
use crate::core::options::Knob;
use crate::core::resume::frame::{ClientFrame, ServerFrame, Welcome};

const OLD: &str = "older than maxInputAgeMs";

/// A tab whose input may be five seconds old, and that reconnects within a moment.
fn tab() -> Tab {
    let backoff = set(Knob::BackoffBaseMs, 1.0).with(Knob::BackoffCapMs, 1.0);
    Tab::welcomed_with(backoff.with(Knob::MaxInputAgeMs, 5_000.0))
}

fn after(received: u64) -> Welcome {
    Welcome { received, ..welcome(FIRST) }
}

#[test]
fn when_the_oldest_is_too_old_all_of_it_goes_and_its_numbers_are_skipped() {
    let mut tab = tab();
    tab.sends(&["one", "two", "three"]);
    tab.cut();
    tab.bench.ms += 4_900;
    tab.sends(&["just now"]);
    tab.bench.ms += 200;
    tab.greet();
    let done = tab.says(ServerFrame::Welcome(after(1)));
    assert_eq!(handed(&done), ["<skip>", "<ping>"]);
    assert_eq!(controls(&done), [ClientFrame::Skip { to: 3 }, ClientFrame::Ping(counts(3, 0, 0))]);
    assert_eq!(told(done), [Told::Discarded(vec!["two", "three", "just now"], OLD)]);
    assert_eq!(handed(&tab.sends(&["new"])), ["new"]);
    tab.says(ServerFrame::Ack(counts(0, 4, 4)));
    assert_eq!(tab.metrics().discarded, 3);
}

#[test]
fn five_seconds_are_not_too_old_and_only_what_the_server_lacks_is_looked_at() {
    let mut tab = tab();
    tab.sends(&["one"]);
    tab.bench.ms = 3_000;
    tab.sends(&["two"]);
    tab.cut();
    tab.bench.ms = 8_000;
    tab.greet();
    assert_eq!(handed(&tab.says(ServerFrame::Welcome(after(1)))), ["<ping>", "two"]);
}

#[test]
fn what_only_waited_has_no_number_to_skip() {
    let mut tab = tab();
    tab.cut();
    tab.sends(&["queued"]);
    tab.bench.ms += 5_001;
    tab.greet();
    let done = tab.says(ServerFrame::Welcome(after(0)));
    assert_eq!(handed(&done), ["<ping>"]);
    assert_eq!(told(done), [Told::Discarded(vec!["queued"], OLD)]);
}

#[test]
fn a_skip_that_is_lost_with_its_link_is_said_again_before_what_followed_it() {
    let mut tab = tab();
    tab.sends(&["one", "two"]);
    tab.cut();
    tab.bench.ms += 5_001;
    tab.greet();
    tab.says(ServerFrame::Welcome(after(0)));
    tab.sends(&["three"]);
    let done = tab.comes_back(after(0));
    assert_eq!(handed(&done), ["<skip>", "<ping>", "three"]);
    assert_eq!(controls(&done)[0], ClientFrame::Skip { to: 2 });
    assert_eq!(told(done), []);
    assert_eq!(handed(&tab.comes_back(after(2))), ["<ping>", "three"], "and not when it arrived");
}

#[test]
fn what_was_skipped_takes_no_credit_and_is_no_loss_of_a_session() {
    let mut tab = tab();
    tab.sends(&["one"]);
    tab.cut();
    tab.bench.ms += 5_001;
    tab.greet();
    tab.says(ServerFrame::Welcome(after(0)));
    // The skip has arrived, and nobody says that it is consumed.
    assert_eq!(handed(&tab.comes_back(Welcome { credit: 130, ..after(1) })), ["<ping>"]);
    assert_eq!(handed(&tab.sends(&["x", "y"])), ["x", "y"]);
    tab.says(ServerFrame::Ack(counts(0, 3, 0)));
    assert_eq!(tab.sends(&["z"]), []);
    assert_eq!(handed(&tab.says(ServerFrame::Ack(counts(0, 3, 2)))), ["z"]);
    let mut tab = self::tab();
    tab.sends(&["one"]);
    tab.cut();
    tab.bench.ms += 5_001;
    tab.greet();
    tab.says(ServerFrame::Welcome(after(0)));
    let lost = told(tab.comes_back(welcome(SECOND)));
    assert!(
        !lost.iter().any(|told| matches!(told, Told::Gap(crate::core::event::Direction::Out, ..))),
        "{lost:?}"
    );
}

#[test]
fn before_the_first_welcome_input_may_be_as_old_as_it_likes() {
    let mut tab = Tab::with(set(Knob::MaxInputAgeMs, 1_000.0));
    tab.sends(&["early"]);
    tab.bench.ms += 20_000;
    tab.greet();
    assert_eq!(handed(&tab.says(ServerFrame::Welcome(after(0)))), ["<ping>", "early"]);
}

#[test]
fn an_age_that_is_set_while_the_link_is_open_is_that_of_what_is_sent_from_then_on() {
    let mut tab = Tab::welcomed();
    let conn = tab.socket.conn;
    tab.bench.ms = 60_000;
    tab.bench.pool.record(conn, Text("of an age that nobody asked for"), None).unwrap();
    tab.bench.pool.configure_connection(conn, set(Knob::MaxInputAgeMs, 5_000.0));
    assert!(tab.bench.pool.stamps(conn), "it holds from the next attempt on, and for this message");
    let now = tab.bench.now();
    tab.bench.pool.record(conn, Text("just now"), Some(now)).unwrap();
    tab.sends(&["by the slow way"]);
    let done = tab.comes_back(after(0));
    assert_eq!(handed(&done), ["<ping>", "of an age that nobody asked for", "just now", "by the slow way"]);
    assert_eq!(told(done), []);
    tab.cut();
    tab.bench.ms += 5_001;
    tab.greet();
    let all = vec!["of an age that nobody asked for", "just now", "by the slow way"];
    assert_eq!(told(tab.says(ServerFrame::Welcome(after(0)))), [Told::Discarded(all, OLD)]);
}

#[test]
fn the_fast_way_wants_the_time_only_when_it_matters() {
    let mut tab = tab();
    let conn = tab.socket.conn;
    assert!(tab.bench.pool.stamps(conn));
    assert!(!Tab::welcomed().bench.pool.stamps(conn));
    tab.bench.ms = 60_000;
    let now = tab.bench.now();
    tab.bench.pool.record(conn, Text("just now"), Some(now)).unwrap();
    assert_eq!(handed(&tab.comes_back(after(0))), ["<ping>", "just now"]);
}
