//! The pool is bounded: who leaves when one too many comes.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{Bench, Status, key, set};
use crate::core::options::Knob;

/// A pool for three, with three open connections.
fn full() -> Bench {
    let mut bench = Bench::new();
    bench.pool.configure(bench.now(), set(Knob::MaxConnections, 3.0));
    for env in ["a", "b", "c"] {
        bench.open(env);
    }
    bench
}

/// The pairs that are not on their way out.
fn staying(bench: &Bench) -> Vec<String> {
    let ids = bench.pool.listing().map(|(id, _)| id);
    let facts = ids.filter_map(|id| bench.pool.facts(id));
    let stay = facts.filter(|facts| facts.status != Status::Disconnecting);
    stay.map(|facts| facts.key.env().into()).collect()
}

fn activate(bench: &mut Bench, env: &str) {
    bench.pool.set_active(bench.now(), key(env));
    bench.drain();
}

#[test]
fn up_to_the_limit_everybody_stays() {
    assert_eq!(staying(&full()), ["a", "b", "c"]);
}

#[test]
fn the_one_that_was_not_active_for_longest_goes_and_says_why() {
    let mut bench = full();
    for env in ["a", "b", "a"] {
        activate(&mut bench, env);
    }
    bench.connect("d");
    assert_eq!(staying(&bench), ["a", "b", "d"]);
    let facts = bench.facts("c").unwrap();
    assert_eq!((facts.status, facts.reason), (Status::Disconnecting, Some("evicted: the pool is full")));
}

#[test]
fn one_that_was_active_until_now_is_more_recent_than_one_that_came_meanwhile() {
    let mut bench = Bench::new();
    bench.pool.configure(bench.now(), set(Knob::MaxConnections, 3.0));
    bench.open("a");
    activate(&mut bench, "a");
    bench.open("b");
    bench.open("c");
    activate(&mut bench, "c");
    bench.connect("d");
    assert_eq!(staying(&bench), ["a", "c", "d"]);
}

#[test]
fn of_those_that_were_never_active_the_oldest_goes() {
    let mut bench = Bench::new();
    bench.pool.configure(bench.now(), set(Knob::MaxConnections, 3.0));
    for env in ["c", "a", "b", "d"] {
        bench.open(env);
    }
    assert_eq!(staying(&bench), ["a", "b", "d"]);
}

#[test]
fn the_active_one_and_the_newest_are_spared() {
    let mut bench = Bench::new();
    bench.pool.configure(bench.now(), set(Knob::MaxConnections, 1.0));
    bench.open("a");
    activate(&mut bench, "a");
    bench.open("b");
    assert_eq!(staying(&bench), ["a", "b"], "there is nobody else to go");
    bench.open("c");
    assert_eq!(staying(&bench), ["a", "c"]);
}

#[test]
fn one_that_is_leaving_already_does_not_count() {
    let mut bench = full();
    let a = bench.pool.listed(&key("a")).unwrap();
    bench.close(a);
    bench.connect("d");
    assert_eq!(staying(&bench), ["b", "c", "d"]);
}

#[test]
fn a_failed_one_counts_and_leaves_without_a_second_close() {
    let mut bench = full();
    let a = bench.pool.listed(&key("a")).and_then(|id| bench.pool.socket(id)).unwrap();
    bench.lose(a, 4404);
    let id = bench.pool.connect(bench.now(), Some(key("d")), Default::default());
    let done = bench.drain();
    assert!(done.contains(&super::Output::Release { conn: a.conn }));
    let closes = super::events(done).into_iter().filter(|event| matches!(event, super::Event::Close(_)));
    assert_eq!(closes.count(), 0);
    assert_eq!(staying(&bench), ["b", "c", "d"]);
    assert_eq!(bench.pool.find(&key("d")), Some(id));
}

#[test]
fn sockets_without_a_pair_are_not_counted_and_not_evicted() {
    let mut bench = full();
    let bare = bench.pool.connect(bench.now(), None, Default::default());
    bench.drain();
    assert_eq!(staying(&bench), ["a", "b", "c"]);
    bench.connect("d");
    assert_eq!(bench.pool.connection_status(bare), Some(Status::Connecting));
}

#[test]
fn sixty_four_is_the_limit_unless_said() {
    let mut bench = Bench::new();
    for n in 0..65 {
        bench.pool.connect(bench.now(), Some(key(&n.to_string())), Default::default());
    }
    bench.drain();
    assert_eq!((staying(&bench).len(), bench.status("0")), (64, Status::Disconnecting));
}

#[test]
fn a_lower_limit_holds_at_once() {
    let mut bench = Bench::new();
    for env in ["a", "b", "c"] {
        bench.open(env);
    }
    bench.pool.configure(bench.now(), set(Knob::MaxConnections, 1.0));
    let leaving = ["a", "b", "c"].map(|env| bench.status(env) == Status::Disconnecting);
    assert_eq!(leaving, [true, true, false]);
}
