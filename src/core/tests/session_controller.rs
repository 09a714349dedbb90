//! Who is the controller, and whose size counts.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::session_bench::{Bench, Note, Tab, counts, note, size, tab};
use crate::core::resume::frame::{ClientFrame, ServerFrame};
use crate::core::resume::session::{Entry, Input, Next};

fn role(controller: bool) -> Next<Note> {
    Next::Frame(ServerFrame::Role { controller })
}

/// A tab with a terminal that is so wide.
fn wide(bench: &mut Bench, id: u128, cols: u16) -> Tab {
    let mut tab = tab(id);
    tab.hello.size = Some(size(cols));
    bench.enter(&mut tab);
    tab
}

#[test]
fn the_first_to_attach_is_the_controller_and_then_whoever_sends() {
    let mut bench = Bench::new();
    let (mut a, mut b) = (tab(1), tab(2));
    assert!(bench.enter(&mut a).controller);
    assert!(!bench.enter(&mut b).controller);
    bench.send(&b, [1]);
    assert_eq!((bench.pull(&a), bench.pull(&b)), (vec![role(false)], vec![role(true)]));
    bench.send(&b, [2]);
    let ack = Next::Frame(ServerFrame::Ack(counts(0, 2, 0)));
    assert_eq!((bench.pull(&a), bench.pull(&b)), (vec![], vec![ack]), "no news is not said");
    bench.send(&a, [3]);
    bench.send(&b, [4]);
    assert_eq!(bench.pull(&a), [], "what was undone before it was said is not said");
}

#[test]
fn a_reconnect_does_not_change_the_role() {
    let mut bench = Bench::new();
    let (mut a, mut b) = (bench.tab(1), bench.tab(2));
    bench.lose(&a);
    assert!(!bench.enter(&mut b).controller, "a cut does not take the role away");
    assert!(bench.enter(&mut a).controller);
    assert!(!bench.enter(&mut b).controller);
    assert_eq!(bench.pull(&a), []);
}

#[test]
fn only_the_sizes_of_the_controller_reach_the_source() {
    let mut bench = Bench::new();
    let a = wide(&mut bench, 1, 80);
    let b = wide(&mut bench, 2, 120);
    bench.frame(&b, ClientFrame::Resize(size(121)));
    bench.frame(&a, ClientFrame::Resize(size(81)));
    assert_eq!(bench.feed(), [Input::Resize(size(80)), Input::Resize(size(81))]);
    bench.send(&b, [1]);
    assert_eq!(
        bench.feed(),
        [Input::Resize(size(121)), Input::Message(note(1))],
        "first the size, then the key"
    );
    bench.send(&b, [2]);
    assert_eq!(bench.feed(), [Input::Message(note(2))]);
    bench.send(&a, [3]);
    assert_eq!(bench.feed(), [Input::Resize(size(81)), Input::Message(note(3))]);
    let mut b = b;
    (b.hello.size, b.hello.sent) = (None, 3);
    bench.enter(&mut b);
    bench.send(&b, [4]);
    assert_eq!(bench.feed(), [Input::Resize(size(121)), Input::Message(note(4))], "remembered over a cut");
}

#[test]
fn a_remembered_size_is_counted_and_consumed() {
    let mut bench = Bench::new();
    let _controller = bench.tab(1);
    let b = bench.tab(2);
    bench.frame(&b, ClientFrame::Resize(size(90)));
    bench.pass(1_000);
    let ack = ServerFrame::Ack(counts(0, 1, 1));
    assert_eq!(bench.pull(&b), [Next::Frame(ack)]);
}

#[test]
fn the_size_of_a_hello_is_applied_if_it_is_news() {
    let mut bench = Bench::new();
    let mut a = wide(&mut bench, 1, 80);
    bench.lose(&a);
    bench.enter(&mut a);
    assert_eq!(bench.feed(), [Input::Resize(size(80))]);
    a.hello.size = Some(size(100));
    bench.enter(&mut a);
    assert_eq!(bench.feed(), [Input::Resize(size(100))]);
    a.hello.size = None;
    bench.enter(&mut a);
    assert_eq!(bench.feed(), []);
}

#[test]
fn hellos_with_ever_new_sizes_make_nothing_grow() {
    let mut bench = Bench::new();
    let mut a = wide(&mut bench, 1, 80);
    let cost = bench.session.cost();
    for cols in 1..1_000 {
        a.hello.size = Some(size(cols));
        bench.enter(&mut a);
    }
    assert_eq!(bench.session.cost(), cost);
    assert_eq!(bench.feed(), [Input::Resize(size(999))]);
}

#[test]
fn when_the_controller_leaves_the_one_that_was_it_last_follows() {
    let mut bench = Bench::new();
    let mut tabs: Vec<_> = (0..4).map(|id| wide(&mut bench, id, 80 + id as u16)).collect();
    for controller in [2, 1, 3] {
        bench.send(&tabs[controller], [1]);
    }
    bench.feed();
    bench.lose(&tabs[1]);
    bench.leave(&tabs[3]);
    assert!(bench.pull(&tabs[2]).contains(&role(true)), "the one that is attached");
    assert_eq!(bench.feed(), [Input::Resize(size(82))]);
    tabs[1].hello.sent = 1;
    assert!(!bench.enter(&mut tabs[1]).controller);
}

#[test]
fn when_nobody_is_left_the_next_to_attach_follows() {
    let mut bench = Bench::new();
    let (a, mut b) = (bench.tab(1), bench.tab(2));
    bench.lose(&b);
    bench.leave(&a);
    assert!(bench.enter(&mut b).controller);
}

#[test]
fn a_size_that_came_from_elsewhere_gives_way_to_whoever_types() {
    let mut bench = Bench::new();
    let mut a = wide(&mut bench, 1, 80);
    bench.feed();
    bench.append(Entry::Size(size(80)));
    bench.send(&a, [1]);
    assert_eq!(bench.feed(), [Input::Message(note(1))], "the size is its own already");
    // Another session over the same terminal.
    bench.append(Entry::Size(size(120)));
    bench.send(&a, [2]);
    assert_eq!(bench.feed(), [Input::Resize(size(80)), Input::Message(note(2))]);
    bench.append(Entry::Size(size(80)));
    bench.append(Entry::Size(size(120)));
    bench.lose(&a);
    a.hello.sent = 2;
    bench.enter(&mut a);
    assert_eq!(bench.feed(), [Input::Resize(size(80))], "and to the controller that comes back");
}
