//! How much input may be on its way, and what happens to the rest.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::resume_bench::{FIRST, Tab, Told, controls, counts, handed, only_sends, told, welcome};
use super::{Output, Overrides, Text, set};
use crate::core::connection::SendError;
use crate::core::options::Knob;
use crate::core::resume::frame::{ClientFrame, ServerFrame, Welcome};
use crate::core::resume::{MAX_NUMBER, Size};

/// A server that gives room for two messages of a letter (65 each) and a bit, and takes 10 bytes at once.
fn narrow() -> Welcome {
    Welcome { credit: 150, max_message: 10, ..welcome(FIRST) }
}

fn tab() -> Tab {
    tab_with(Overrides::default())
}

fn tab_with(overrides: Overrides) -> Tab {
    let mut tab = Tab::with(overrides);
    tab.greet();
    tab.says(ServerFrame::Welcome(narrow()));
    tab
}

#[test]
fn what_goes_beyond_the_credit_waits_and_follows_in_order() {
    let mut tab = tab();
    assert_eq!(only_sends(&tab.sends(&["a", "b", "c", "d", "e"])), ["a", "b"]);
    assert_eq!(tab.bench.pool.waiting_bytes(tab.socket.conn), 3);
    assert_eq!(only_sends(&tab.says(ServerFrame::Ack(counts(0, 1, 1)))), ["c"]);
    assert_eq!(only_sends(&tab.says(ServerFrame::Ack(counts(0, 3, 3)))), ["d", "e"]);
    assert_eq!(tab.bench.pool.waiting_bytes(tab.socket.conn), 0);
}

#[test]
fn what_arrived_makes_no_room_before_it_is_consumed() {
    let mut tab = tab();
    tab.sends(&["a", "b", "c"]);
    assert_eq!(only_sends(&tab.says(ServerFrame::Ack(counts(0, 2, 0)))), [""; 0]);
    assert_eq!(only_sends(&tab.says(ServerFrame::Ack(counts(0, 2, 1)))), ["c"]);
}

#[test]
fn nothing_goes_past_what_waits_for_room() {
    let mut tab = tab();
    tab.sends(&["a", "b", "c"]);
    assert_eq!(tab.bench.pool.record(tab.socket.conn, Text("d"), None), Err(Text("d")));
    tab.says(ServerFrame::Ack(counts(0, 1, 1)));
    assert_eq!(tab.bench.pool.record(tab.socket.conn, Text("d"), None), Err(Text("d")), "no room");
    tab.says(ServerFrame::Ack(counts(0, 2, 2)));
    assert_eq!(tab.bench.pool.record(tab.socket.conn, Text("d"), None), Ok(()));
}

#[test]
fn a_message_that_costs_more_than_the_whole_credit_goes_alone() {
    let mut tab = Tab::new();
    tab.greet();
    tab.says(ServerFrame::Welcome(Welcome { credit: 66, ..welcome(FIRST) }));
    assert_eq!(only_sends(&tab.sends(&["long one", "x"])), ["long one"]);
    assert_eq!(only_sends(&tab.says(ServerFrame::Ack(counts(0, 1, 1)))), ["x"]);
}

#[test]
fn a_message_larger_than_the_server_takes_is_told_and_the_link_lives_on() {
    let mut tab = Tab::new();
    tab.sends(&["first", "larger than ten", "even much larger", "last"]);
    tab.greet();
    let done = tab.says(ServerFrame::Welcome(narrow()));
    assert_eq!(handed(&done), ["<ping>", "first", "last"]);
    let reason = "larger than the server takes";
    assert_eq!(
        told(done),
        [Told::Discarded(vec!["larger than ten", "even much larger"], reason), Told::Open]
    );
    let done = tab.sends(&["larger than ten"]);
    assert_eq!((handed(&done), told(done)), (vec![], vec![Told::Discarded(vec!["larger than ten"], reason)]));
    assert_eq!(tab.metrics().discarded, 3);
    assert_eq!(
        tab.bench.pool.record(tab.socket.conn, Text("larger than ten"), None),
        Err(Text("larger than ten"))
    );
    assert_eq!(only_sends(&tab.sends(&["exactly 10"])), [""; 0], "no room yet");
    assert_eq!(only_sends(&tab.says(ServerFrame::Ack(counts(0, 2, 2)))), ["exactly 10"]);
}

#[test]
fn what_waits_for_room_is_bounded_as_ever() {
    let mut tab = tab_with(set(Knob::MaxQueuedBytes, 2.0));
    tab.sends(&["a", "b", "c", "d"]);
    assert_eq!(tab.bench.send(tab.socket.conn, "e"), Err(SendError::QueueFull));
    tab.says(ServerFrame::Ack(counts(0, 1, 1)));
    assert_eq!(tab.bench.send(tab.socket.conn, "e"), Ok(()));
}

#[test]
fn what_is_kept_for_the_server_waits_for_nobody_but_is_held() {
    let mut tab = Tab::welcomed();
    tab.sends(&["three", "four"]);
    assert_eq!(tab.bench.pool.waiting_bytes(tab.socket.conn), 0);
    assert_eq!(tab.bench.pool.retained_bytes(), 9);
    tab.says(ServerFrame::Ack(counts(0, 1, 0)));
    assert_eq!(tab.bench.pool.retained_bytes(), 4);
}

#[test]
fn a_welcome_does_not_make_room_and_its_credit_holds_for_what_is_sent_again() {
    let mut tab = tab();
    tab.sends(&["a", "b", "c"]);
    let done = tab.comes_back(Welcome { received: 2, ..narrow() });
    assert_eq!(handed(&done), ["<ping>"], "the two are with the server, and not known to be consumed");
    assert_eq!(only_sends(&tab.says(ServerFrame::Pong(counts(0, 2, 2)))), ["c"]);
    let mut tab = Tab::welcomed();
    tab.sends(&["a", "b", "c"]);
    assert_eq!(handed(&tab.comes_back(narrow())), ["<ping>", "a", "b"]);
    assert_eq!(tab.sends(&["d"]), []);
    assert_eq!(only_sends(&tab.says(ServerFrame::Ack(counts(0, 2, 2)))), ["c", "d"]);
}

#[test]
fn a_resize_is_input_and_only_the_latest_counts() {
    let size = |cols| Size { cols, rows: 24 };
    let resize = |tab: &mut Tab, cols| {
        tab.bench.pool.resize(tab.bench.now(), tab.socket.conn, size(cols));
        controls(&tab.bench.drain())
    };
    let mut tab = tab();
    assert_eq!(resize(&mut tab, 80), [ClientFrame::Resize(size(80))]);
    assert_eq!(resize(&mut tab, 80), [], "no news");
    tab.sends(&["a", "b"]);
    assert_eq!(resize(&mut tab, 90), [], "no room");
    assert_eq!(resize(&mut tab, 100), []);
    let done = tab.says(ServerFrame::Ack(counts(0, 1, 1)));
    assert_eq!(handed(&done), ["<resize>"], "before what waits");
    assert_eq!(controls(&done), [ClientFrame::Resize(size(100))]);
    assert_eq!(only_sends(&tab.says(ServerFrame::Ack(counts(0, 3, 3)))), ["b"]);
}

#[test]
fn without_a_link_the_size_rides_on_the_hello_and_an_old_one_never_undoes_it() {
    let size = |cols| Size { cols, rows: 24 };
    let mut tab = Tab::new();
    let conn = tab.socket.conn;
    tab.bench.pool.resize(tab.bench.now(), conn, size(80));
    assert_eq!(tab.bench.drain(), [] as [Output<Text>; 0]);
    assert_eq!(tab.greet().size, Some(size(80)));
    assert_eq!(handed(&tab.says(ServerFrame::Welcome(welcome(FIRST)))), ["<ping>"], "it is known");
    tab.bench.pool.resize(tab.bench.now(), conn, size(90));
    tab.bench.drain();
    tab.cut();
    tab.bench.pool.resize(tab.bench.now(), conn, size(100));
    let hello = tab.greet();
    assert_eq!((hello.size, hello.sent), (Some(size(100)), 1));
    let done = tab.says(ServerFrame::Welcome(welcome(FIRST)));
    assert_eq!(
        controls(&done)[1..],
        [ClientFrame::Resize(size(100))],
        "the numbered one says the present size"
    );
}

#[test]
fn a_small_one_does_not_overtake_a_large_one_that_waits_for_room() {
    const LARGE: &str = "larger than what is left";
    let wide = Welcome { max_message: 500, ..narrow() };
    let mut tab = Tab::new();
    tab.greet();
    tab.says(ServerFrame::Welcome(wide.clone()));
    assert_eq!(only_sends(&tab.sends(&["a", LARGE, "b"])), ["a"]);
    assert_eq!(only_sends(&tab.says(ServerFrame::Ack(counts(0, 1, 1)))), [LARGE]);
    assert_eq!(tab.bench.pool.record(tab.socket.conn, Text("c"), None), Err(Text("c")), "one waits");
    // The same for one that has its number already and is sent again with less room.
    let mut tab = Tab::welcomed();
    tab.sends(&["a", LARGE]);
    assert_eq!(handed(&tab.comes_back(wide)), ["<ping>", "a"]);
    assert_eq!(tab.bench.pool.record(tab.socket.conn, Text("b"), None), Err(Text("b")), "one waits");
    assert_eq!(tab.sends(&["c"]), []);
    assert_eq!(only_sends(&tab.says(ServerFrame::Ack(counts(0, 1, 1)))), [LARGE]);
    assert_eq!(only_sends(&tab.says(ServerFrame::Ack(counts(0, 2, 2)))), ["c"]);
}

#[test]
fn however_much_credit_is_given_what_is_kept_is_bounded() {
    let mut tab = Tab::with(set(Knob::MaxQueuedBytes, f64::INFINITY));
    tab.greet();
    let generous = Welcome { credit: MAX_NUMBER, max_message: MAX_NUMBER, ..welcome(FIRST) };
    tab.says(ServerFrame::Welcome(generous));
    let message: &'static str = "x".repeat(5 << 20).leak();
    assert_eq!(only_sends(&tab.sends(&[message; 4])).len(), 3, "16 MiB");
}
