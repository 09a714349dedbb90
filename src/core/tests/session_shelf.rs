//! Which sessions go.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::core::resume::session::{Limits, Shelf};
use crate::core::time::Instant;

const LIMITS: Limits = Limits { grace_ms: 1_000, memory: 100 };

fn at(ms: u64) -> Instant {
    Instant::from_ms(ms)
}

/// What goes at this time: what is evicted, and what is shed, until nothing has to.
fn going(shelf: &mut Shelf<&'static str, &'static str>, now: u64) -> (Vec<&'static str>, Vec<&'static str>) {
    let (mut evicted, mut shed) = (Vec::new(), Vec::new());
    loop {
        evicted.extend(shelf.evict(at(now), LIMITS));
        match shelf.shed(LIMITS) {
            Some(key) => shed.push(key),
            None => return (evicted, shed),
        }
    }
}

const NOBODY: (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());

#[test]
fn a_detached_session_goes_after_its_grace() {
    let mut shelf = Shelf::default();
    shelf.note("a", "ada", 1, Some(at(500)));
    shelf.note("b", "bob", 1, Some(at(100)));
    shelf.note("c", "bob", 1, None);
    assert_eq!(shelf.next_deadline(LIMITS), Some(at(1_100)));
    assert_eq!(going(&mut shelf, 1_099), NOBODY);
    assert_eq!(going(&mut shelf, 1_100), (vec!["b"], vec![]));
    assert_eq!(shelf.next_deadline(LIMITS), Some(at(1_500)));
    assert_eq!(going(&mut shelf, u64::MAX / 2_000), (vec!["a"], vec![]));
    assert_eq!(shelf.next_deadline(LIMITS), None, "an attached one has no end");
    assert_eq!(shelf.cost(), 1);
}

#[test]
fn the_longest_detached_go_while_all_together_cost_too_much_and_then_what_costs_most() {
    let mut shelf = Shelf::default();
    for (key, cost, since) in [("a", 30, 3), ("b", 40, 1), ("c", 5, 2), ("d", 20, 4)] {
        shelf.note(key, "", cost, Some(at(since)));
    }
    assert_eq!(going(&mut shelf, 10), NOBODY);
    shelf.note("e", "", 45, None);
    assert_eq!(going(&mut shelf, 10), (vec!["b"], vec![]), "what is attached counts, and stays");
    shelf.note("e", "", 60, None);
    shelf.note("f", "", 50, None);
    assert_eq!(going(&mut shelf, 10), (vec!["c", "a", "d"], vec!["e"]));
    assert_eq!(going(&mut shelf, 10), NOBODY);
    assert_eq!(shelf.cost(), 50);
}

#[test]
fn who_has_most_pays_and_who_has_less_than_a_share_loses_nothing() {
    let mut shelf = Shelf::default();
    shelf.note("long ago", "ada", 10, Some(at(1)));
    shelf.note("used", "ada", 20, None);
    shelf.note("bob's", "bob", 33, Some(at(2)));
    for key in ["r1", "r2", "r3"] {
        shelf.note(key, "eve", 12, None);
    }
    shelf.note("left", "eve", 1, Some(at(9)));
    assert_eq!(going(&mut shelf, 10), NOBODY);
    shelf.note("r2", "eve", 30, None);
    assert_eq!(going(&mut shelf, 10), (vec!["left"], vec!["r2"]));
    // Eve has 24 by now, and more of hers than of the others' may come: it is bob's turn when he has most.
    shelf.note("bob's", "bob", 60, Some(at(2)));
    assert_eq!(going(&mut shelf, 10), (vec!["bob's"], vec![]));
    assert_eq!(shelf.cost(), 54);
}

#[test]
fn a_newcomer_is_let_in_unless_it_would_have_most_of_what_is_too_much() {
    let mut shelf = Shelf::default();
    shelf.note("big", "eve", 70, None);
    assert!(shelf.admits(&"eve", 30, LIMITS) && shelf.admits(&"ada", 30, LIMITS), "there is room");
    shelf.note("small", "ada", 25, None);
    assert!(!shelf.admits(&"eve", 10, LIMITS), "it is her own");
    assert!(shelf.admits(&"ada", 10, LIMITS) && shelf.admits(&"new", 10, LIMITS));
    assert!(!shelf.admits(&"ada", 50, LIMITS), "she would have more than anybody");
    shelf.note("new", "new", 10, None);
    assert_eq!(going(&mut shelf, 1), (vec![], vec!["big"]));
    let mut alone = Shelf::default();
    alone.note("used", "", 92, None);
    alone.note("left", "", 3, Some(at(1)));
    assert!(alone.admits(&"", 8, LIMITS), "its own makes room");
    assert!(!alone.admits(&"", 9, LIMITS), "nothing that is used goes for it");
}

#[test]
fn a_session_that_is_attached_again_stays() {
    let mut shelf = Shelf::default();
    shelf.note("a", "", 10, Some(at(1)));
    shelf.note("a", "", 20, None);
    assert_eq!(going(&mut shelf, 9_999), NOBODY);
    shelf.note("a", "", 30, Some(at(9_000)));
    assert_eq!(shelf.next_deadline(LIMITS), Some(at(10_000)));
    assert_eq!(shelf.cost(), 30);
}

#[test]
fn a_session_that_is_gone_costs_nothing() {
    let mut shelf = Shelf::default();
    shelf.note("a", "", 10, Some(at(1)));
    shelf.note("b", "ada", 10, None);
    for key in ["a", "b", "never"] {
        shelf.forget(&key);
    }
    assert_eq!((shelf.cost(), shelf.next_deadline(LIMITS)), (0, None));
    assert_eq!(going(&mut shelf, 9_999), NOBODY);
    assert!(shelf.admits(&"ada", 100, LIMITS) && !shelf.admits(&"ada", 101, LIMITS));
}
