//! Attachments that may only read: they get all, say nothing, and are nobody's controller.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::session_bench::{Bench, NOTE_COST, Note, TERMS, Tab, counts, note, size, tab};
use crate::core::resume::Access;
use crate::core::resume::frame::{ClientFrame, ServerFrame};
use crate::core::resume::session::{Farewell, Input, Next};

fn role(controller: bool) -> Next<Note> {
    Next::Frame(ServerFrame::Role { controller })
}

/// One that may only read, with a terminal that is so wide.
fn reader(id: u128, cols: u16) -> Tab {
    let mut reader = tab(id);
    reader.access = Access::ReadOnly;
    reader.hello.size = Some(size(cols));
    reader
}

#[test]
fn a_reader_is_told_so_gets_all_and_is_never_the_controller() {
    let mut bench = Bench::new();
    let mut reader = reader(1, 80);
    let welcome = bench.enter(&mut reader);
    assert!(welcome.read_only && !welcome.controller, "though nobody else is there");
    bench.say(1..=3);
    assert_eq!(bench.notes(&reader), [1, 2, 3]);
    assert_eq!(bench.feed(), [], "its size is nobody's affair");
    let mut writer = tab(2);
    let welcome = bench.enter(&mut writer);
    assert!(welcome.controller && !welcome.read_only);
    bench.leave(&writer);
    assert_eq!(bench.pull(&reader), [], "it inherits nothing");
}

#[test]
fn what_a_reader_types_ends_its_link_and_reaches_nobody() {
    type Says = fn(&mut Bench, &Tab);
    let says: [Says; 2] =
        [|bench, a| bench.send(a, [1]), |bench, a| bench.frame(a, ClientFrame::Resize(size(81)))];
    for say in says {
        let mut bench = Bench::new();
        let other = bench.tab(1);
        let mut reader = reader(2, 80);
        bench.enter(&mut reader);
        say(&mut bench, &reader);
        let refusal = "input from an attachment that may only read";
        assert_eq!(bench.over(&reader), Some((4403, refusal.into())));
        assert_eq!(bench.feed(), []);
        bench.send(&other, [7]);
        assert_eq!(bench.feed(), [Input::Message(note(7))], "it disturbs nobody");
    }
}

#[test]
fn a_reader_answers_pings_and_skips() {
    let mut bench = Bench::new();
    let mut reader = reader(1, 80);
    bench.enter(&mut reader);
    bench.say(1..=2);
    assert_eq!(bench.notes(&reader), [1, 2]);
    bench.frame(&reader, ClientFrame::Ping(counts(0, 2, 2)));
    assert_eq!(bench.pull(&reader), [Next::Frame(ServerFrame::Pong(counts(2, 0, 0)))]);
}

#[test]
fn a_reader_holds_nothing_back() {
    let mut bench = Bench::new();
    let mut reader = reader(1, 80);
    bench.enter(&mut reader);
    bench.say(1..=40);
    assert!(!bench.session.holds());
}

#[test]
fn who_comes_back_with_less_gives_up_the_controls_and_with_more_may_type_again() {
    let mut bench = Bench::new();
    let (mut a, b) = (bench.tab(1), bench.tab(2));
    bench.send(&a, [1]);
    bench.lose(&a);
    a.access = Access::ReadOnly;
    (a.hello.sent, a.hello.acked) = (2, 0);
    let welcome = bench.enter(&mut a);
    assert_eq!((welcome.received, welcome.read_only, welcome.controller), (1, true, false));
    assert_eq!(bench.pull(&b), [role(true)], "there is always one, if somebody may be it");
    // What it had sent before, and this server lacks.
    bench.frame(&a, ClientFrame::Skip { to: 2 });
    assert_eq!(bench.over(&a), None);
    a.access = Access::ReadWrite;
    let welcome = bench.enter(&mut a);
    assert_eq!((welcome.received, welcome.read_only, welcome.controller), (2, false, false));
    bench.pull(&a);
    bench.send(&a, [3]);
    assert_eq!(bench.pull(&a), [role(true)]);
}

#[test]
fn a_session_of_readers_alone_keeps_no_more_than_their_window() {
    let mut bench = Bench::painting();
    let mut reader = reader(1, 80);
    bench.enter(&mut reader);
    bench.say(1..=10);
    assert_eq!(bench.session.cost(), TERMS.window);
    let mut writer = tab(2);
    bench.enter(&mut writer);
    bench.say(11..=20);
    assert_eq!(bench.session.cost(), TERMS.ring, "whoever may write comes back to all of it");
    bench.lose(&writer);
    bench.say(21..=30);
    assert_eq!(bench.session.cost(), TERMS.ring, "also while it is away");
    bench.enter(&mut writer);
    bench.leave(&writer);
    bench.say(31..=40);
    assert_eq!(bench.session.cost(), TERMS.window, "until it has left for good");
}

#[test]
fn what_is_on_its_way_is_known_and_a_session_that_is_given_up_keeps_nothing() {
    let mut bench = Bench::new();
    let tab = bench.tab(1);
    bench.say(1..=3);
    assert_eq!(bench.session.in_flight(), 0);
    assert_eq!(bench.notes(&tab), [1, 2, 3]);
    assert_eq!(bench.session.in_flight(), 3 * NOTE_COST);
    bench.frame(&tab, ClientFrame::Ack(counts(0, 3, 2)));
    assert_eq!(bench.session.in_flight(), NOTE_COST);
    bench.send(&tab, [1]);
    bench.session.say_bye(tab.link, Farewell::new(4413, "no memory"), None);
    bench.session.abandon();
    assert_eq!((bench.session.cost(), bench.session.in_flight()), (0, 0));
    assert_eq!(bench.over(&tab), Some((4413, "no memory".into())), "it is told all the same");
}
