//! A session over several links: what is sent again, what is not, and that nobody notices.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::resume_bench::{FIRST, Tab, controls, counts, handed, only_sends, told, welcome};
use super::{Input, Output, Status, Text, statuses};
use crate::core::resume::frame::{ClientFrame, Hello, ServerFrame, Welcome};

/// The server has so much of both directions.
fn remembers(received: u64, next: u64, live: u64) -> Welcome {
    Welcome { received, next, live, ..welcome(FIRST) }
}

#[test]
fn a_resume_sends_what_the_server_lacks_then_what_waited_and_tells_nobody() {
    let mut tab = Tab::welcomed();
    assert_eq!(only_sends(&tab.sends(&["one", "two", "three"])), ["one", "two", "three"]);
    tab.receives(&[10, 10]);
    tab.cut();
    tab.sends(&["four"]);
    let hello = tab.greet();
    assert_eq!((hello.attempt, hello.epoch), (2, Some(FIRST)));
    assert_eq!((hello.received, hello.sent, hello.acked), (2, 3, 0));
    let done = tab.says(ServerFrame::Welcome(remembers(1, 3, 2)));
    assert_eq!(handed(&done), ["<ping>", "two", "three", "four"]);
    assert_eq!(controls(&done), [ClientFrame::Ping(counts(1, 2, 2))]);
    assert_eq!(told(done), []);
    assert_eq!((tab.metrics().resumed, tab.metrics().lost), (1, 0));
}

#[test]
fn people_see_it_reconnecting_until_the_welcome() {
    let mut tab = Tab::welcomed();
    assert_eq!(statuses(tab.bench.lose(tab.socket, 1006)), [Status::Reconnecting]);
    tab.next_socket();
    tab.greet();
    assert_eq!(tab.bench.status("a"), Status::Reconnecting);
    assert_eq!(statuses(tab.says(ServerFrame::Welcome(remembers(0, 1, 0)))), [Status::Connected]);
}

#[test]
fn what_the_server_has_is_never_sent_again_whether_an_ack_or_a_welcome_said_so() {
    let mut tab = Tab::welcomed();
    tab.sends(&["one", "two", "three"]);
    tab.says(ServerFrame::Ack(counts(0, 1, 1)));
    tab.cut();
    let hello = tab.greet();
    assert_eq!((hello.sent, hello.acked), (3, 1));
    assert_eq!(handed(&tab.says(ServerFrame::Welcome(remembers(2, 1, 0)))), ["<ping>", "three"]);
    assert_eq!(handed(&tab.comes_back(remembers(3, 1, 0))), ["<ping>"]);
}

#[test]
fn a_cut_while_it_is_sent_again_begins_where_the_server_says() {
    let mut tab = Tab::welcomed();
    tab.sends(&["one", "two", "three"]);
    assert_eq!(handed(&tab.comes_back(remembers(0, 1, 0))), ["<ping>", "one", "two", "three"]);
    assert_eq!(handed(&tab.comes_back(remembers(1, 1, 0))), ["<ping>", "two", "three"]);
    assert_eq!(handed(&tab.comes_back(remembers(1, 1, 0))), ["<ping>", "two", "three"]);
    assert_eq!(only_sends(&tab.sends(&["four"])), ["four"]);
    assert_eq!(handed(&tab.comes_back(remembers(3, 1, 0))), ["<ping>", "four"]);
}

#[test]
fn a_hello_that_was_never_answered_changes_no_number() {
    let mut tab = Tab::welcomed();
    tab.sends(&["one"]);
    tab.cut();
    let first = tab.greet();
    tab.cut();
    let second = tab.greet();
    assert_eq!(second, Hello { attempt: 3, ..first });
}

#[test]
fn what_was_on_its_way_to_a_socket_that_is_replaced_in_the_same_turn_is_sent_again() {
    let mut tab = Tab::welcomed();
    let conn = tab.socket.conn;
    tab.bench.send(conn, "on its way").unwrap();
    tab.bench.pool.reconnect(tab.bench.now(), conn).unwrap();
    tab.bench.send(conn, "later").unwrap();
    let done = tab.bench.drain();
    // The old socket may have taken it, or not: only the server knows.
    assert!(done.contains(&Output::Send { socket: tab.socket, payload: Text("on its way") }));
    tab.follow(&done);
    assert_eq!(tab.greet().sent, 1);
    assert_eq!(
        handed(&tab.says(ServerFrame::Welcome(remembers(0, 1, 0)))),
        ["<ping>", "on its way", "later"]
    );
}

#[test]
fn what_the_driver_hands_over_itself_is_numbered_among_the_rest() {
    let mut tab = Tab::welcomed();
    let conn = tab.socket.conn;
    tab.sends(&["one"]);
    assert_eq!(tab.bench.pool.record(conn, Text("two"), None), Ok(()));
    tab.sends(&["three"]);
    assert_eq!(tab.bench.drain(), [], "the driver has the second one in hand");
    assert_eq!(tab.metrics().messages_out, 3);
    assert_eq!(handed(&tab.comes_back(remembers(1, 1, 0))), ["<ping>", "two", "three"]);
}

#[test]
fn nothing_overtakes_what_the_driver_was_not_given_yet() {
    let mut tab = Tab::welcomed();
    let conn = tab.socket.conn;
    tab.bench.send(conn, "one").unwrap();
    assert_eq!(tab.bench.pool.record(conn, Text("two"), None), Err(Text("two")));
    tab.bench.drain();
    assert_eq!(tab.bench.pool.record(conn, Text("two"), None), Ok(()));
}

#[test]
fn the_fast_way_is_for_an_open_socket_that_speaks_it() {
    let mut tab = Tab::new();
    let conn = tab.socket.conn;
    let refused =
        |tab: &mut Tab| assert_eq!(tab.bench.pool.record(conn, Text("one"), None), Err(Text("one")));
    refused(&mut tab);
    tab.greet();
    refused(&mut tab);
    tab.says(ServerFrame::Welcome(welcome(FIRST)));
    assert_eq!(tab.bench.pool.passes(conn), None, "the way past the core is for plain sockets");
    tab.bench.close(conn);
    refused(&mut tab);
    let mut plain = Tab::new();
    plain.bench.tell(super::opened(plain.socket));
    refused(&mut plain);
    assert_eq!(plain.bench.pool.passes(conn), Some(plain.socket));
}

#[test]
fn a_socket_that_takes_no_more_gets_nothing_and_the_message_waits_for_the_next_one() {
    let mut tab = Tab::welcomed();
    let conn = tab.socket.conn;
    tab.bench.pool.send(tab.bench.now(), conn, Text("late"), super::Readiness::Drops).unwrap();
    assert_eq!(tab.bench.drain(), []);
    assert_eq!(tab.bench.pool.record(conn, Text("later"), None), Err(Text("later")), "one waits");
    assert_eq!(handed(&tab.comes_back(remembers(0, 1, 0))), ["<ping>", "late"]);
}

#[test]
fn a_reconnect_by_hand_resumes_too() {
    let mut tab = Tab::welcomed();
    tab.sends(&["one"]);
    let done = tab.bench.reconnect(tab.socket.conn);
    assert!(done.contains(&Output::AbandonSocket { socket: tab.socket }));
    let old = tab.socket;
    tab.follow(&done);
    assert_eq!(
        tab.bench.tell(Input::Control(old, Ok(ServerFrame::Ack(counts(9, 9, 9))))),
        [],
        "it is not read"
    );
    assert_eq!(tab.greet().epoch, Some(FIRST));
    let done = tab.says(ServerFrame::Welcome(remembers(1, 1, 0)));
    assert_eq!((handed(&done), told(done)), (vec!["<ping>"], vec![]));
}

#[test]
fn a_resume_that_contradicts_what_is_known_is_against_the_protocol() {
    let resumes: [(Welcome, &str); 4] = [
        (remembers(0, 3, 2), "`received` is not what was sent"),
        (remembers(4, 3, 2), "`received` is not what was sent"),
        (remembers(2, 2, 2), "`next` is not what comes next"),
        (remembers(2, 4, 4), "`next` is not what comes next"),
    ];
    for (welcome, why) in resumes {
        let mut tab = Tab::welcomed();
        tab.sends(&["one", "two", "three"]);
        tab.receives(&[1, 1]);
        tab.says(ServerFrame::Ack(counts(2, 1, 1)));
        tab.cut();
        tab.greet();
        assert_eq!(tab.is_violated(ServerFrame::Welcome(welcome)), ["welcome: ", why].concat());
    }
}

#[test]
fn what_existed_before_the_welcome_is_replayed_and_what_follows_is_not() {
    let mut tab = Tab::new();
    tab.greet();
    tab.says(ServerFrame::Welcome(Welcome { next: 5, live: 6, ..welcome(FIRST) }));
    tab.receives(&[1, 1, 1]);
    assert_eq!((tab.metrics().replayed, tab.metrics().messages_in), (2, 3));
    tab.cut();
    assert_eq!(tab.greet().received, 7);
    tab.says(ServerFrame::Welcome(remembers(0, 8, 8)));
    tab.receives(&[1, 1]);
    assert_eq!((tab.metrics().replayed, tab.metrics().messages_in), (3, 5));
}
