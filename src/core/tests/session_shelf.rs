//! Which detached sessions go.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::core::resume::session::{Limits, Shelf};
use crate::core::time::Instant;

const LIMITS: Limits = Limits { grace_ms: 1_000, memory: 100 };

fn at(ms: u64) -> Instant {
    Instant::from_ms(ms)
}

#[test]
fn a_detached_session_goes_after_its_grace() {
    let mut shelf = Shelf::default();
    shelf.note("a", 1, Some(at(500)));
    shelf.note("b", 1, Some(at(100)));
    shelf.note("c", 1, None);
    assert_eq!(shelf.next_deadline(LIMITS), Some(at(1_100)));
    assert_eq!(shelf.evict(at(1_099), LIMITS), [""; 0]);
    assert_eq!(shelf.evict(at(1_100), LIMITS), ["b"]);
    assert_eq!(shelf.next_deadline(LIMITS), Some(at(1_500)));
    assert_eq!(shelf.evict(at(u64::MAX / 2_000), LIMITS), ["a"]);
    assert_eq!(shelf.next_deadline(LIMITS), None, "an attached one has no end");
    assert_eq!(shelf.cost(), 1);
}

#[test]
fn the_longest_detached_go_while_all_together_cost_too_much() {
    let mut shelf = Shelf::default();
    for (key, cost, since) in [("a", 30, 3), ("b", 40, 1), ("c", 5, 2), ("d", 20, 4)] {
        shelf.note(key, cost, Some(at(since)));
    }
    assert_eq!(shelf.evict(at(10), LIMITS), [""; 0]);
    shelf.note("e", 45, None);
    assert_eq!(shelf.evict(at(10), LIMITS), ["b"], "what is attached counts, and stays");
    shelf.note("e", 1_000, None);
    assert_eq!(shelf.evict(at(10), LIMITS), ["c", "a", "d"]);
    assert_eq!(shelf.evict(at(10), LIMITS), [""; 0]);
    assert_eq!(shelf.cost(), 1_000);
}

#[test]
fn a_session_that_is_attached_again_stays() {
    let mut shelf = Shelf::default();
    shelf.note("a", 10, Some(at(1)));
    shelf.note("a", 20, None);
    assert_eq!(shelf.evict(at(9_999), LIMITS), [""; 0]);
    shelf.note("a", 30, Some(at(9_000)));
    assert_eq!(shelf.next_deadline(LIMITS), Some(at(10_000)));
    assert_eq!(shelf.cost(), 30);
}

#[test]
fn a_session_that_is_gone_costs_nothing() {
    let mut shelf = Shelf::default();
    shelf.note("a", 10, Some(at(1)));
    shelf.note("b", 10, None);
    for key in ["a", "b", "never"] {
        shelf.forget(&key);
    }
    assert_eq!((shelf.cost(), shelf.next_deadline(LIMITS)), (0, None));
    assert_eq!(shelf.evict(at(9_999), LIMITS), [""; 0]);
}
