//! Who is who, and who is active.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{Bench, Input, Key, Output, Overrides, key};
use crate::core::event::Page;

fn active(bench: &Bench) -> Vec<String> {
    let rows = bench.pool.listing().filter_map(|(id, _)| bench.pool.facts(id));
    rows.filter(|facts| bench.pool.is_active(facts.key)).map(|facts| facts.key.label()).collect()
}

#[test]
fn a_pair_is_found_again_and_another_with_the_same_label_is_not_it() {
    let mut bench = Bench::new();
    let pair = |project, env| Key::new(project, env).unwrap();
    let id = bench.pool.connect(bench.now(), Some(pair("a-b", "c")), Overrides::default());
    assert_eq!(bench.pool.find(&pair("a-b", "c")), Some(id));
    assert_eq!(bench.pool.find(&pair("a", "b-c")), None);
}

#[test]
fn one_connection_or_none_is_active() {
    let mut bench = Bench::new();
    assert_eq!(active(&bench), [""; 0]);
    for env in ["a", "b", "c"] {
        bench.open(env);
    }
    for env in ["b", "a", "c", "c"] {
        bench.pool.set_active(bench.now(), key(env));
        assert_eq!(active(&bench), [["project-", env].concat()]);
    }
}

#[test]
fn an_unknown_pair_becomes_active_once_it_exists() {
    let mut bench = Bench::new();
    bench.open("a");
    bench.pool.set_active(bench.now(), key("a"));
    bench.pool.set_active(bench.now(), key("b"));
    assert!(active(&bench).is_empty() && !bench.pool.is_active(&key("b")));
    bench.open("b");
    assert_eq!(active(&bench), ["project-b"]);
}

#[test]
fn none_is_active_while_the_active_pair_is_gone_and_it_is_again_when_it_is_back() {
    let mut bench = Bench::new();
    let socket = bench.open("a");
    bench.pool.set_active(bench.now(), key("a"));
    bench.lose(socket, 1000);
    bench.open("b");
    assert!(active(&bench).is_empty());
    bench.open("a");
    assert_eq!(active(&bench), ["project-a"]);
}

#[test]
fn switching_touches_no_socket() {
    let mut bench = Bench::new();
    bench.open("a");
    bench.open("b");
    bench.pool.set_active(bench.now(), key("a"));
    bench.drain();
    bench.pool.set_active(bench.now(), key("b"));
    assert_eq!(bench.drain(), [Output::Changed]);
}

#[test]
fn changes_are_announced_once_and_only_when_something_shows() {
    let mut bench = Bench::new();
    let socket = bench.open("a");
    bench.pool.set_active(bench.now(), key("a"));
    bench.drain();
    let revision = bench.pool.revision();
    bench.pool.set_active(bench.now(), key("a"));
    bench.tell(Input::Page(Page::Online));
    bench.tell(Input::Timeout);
    bench.tell(Input::Errored(socket));
    assert_eq!((bench.drain(), bench.pool.revision()), (vec![], revision));
    let offline = bench.tell(Input::Page(Page::Offline));
    assert_eq!(offline, [Output::Changed], "a snapshot shows it");
    let changes = bench.lose(socket, 1006);
    assert_eq!(changes.iter().filter(|output| **output == Output::Changed).count(), 1);
    assert_eq!(changes.last(), Some(&Output::Changed));
}

#[test]
fn a_socket_without_a_pair_is_not_listed_and_leaves_when_it_fails() {
    let mut bench = Bench::new();
    let id = bench.pool.connect(bench.now(), None, Overrides::default());
    let socket = bench.opening(id);
    assert_eq!(bench.pool.listing().count(), 0);
    assert!(bench.lose(socket, 4404).contains(&Output::Release { conn: id }));
}

#[test]
fn times_are_unix_times() {
    let mut bench = Bench::new();
    bench.ms = 500;
    let socket = bench.open("a");
    bench.ms = 700;
    assert_eq!(bench.facts("a").unwrap().connected_at, Some(1_000_500));
    bench.lose(socket, 1006);
    let facts = bench.facts("a").unwrap();
    assert_eq!(facts.connected_at, None);
    assert!((1_000_700..=1_000_950).contains(&facts.next_attempt_at.unwrap()));
}
