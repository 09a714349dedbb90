//! From the socket's open to the welcome.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::resume_bench::{FIRST, Tab, Told, controls, counts, fresh, handed, told, welcome};
use super::{Heard, Input, Output, SocketId, Status, events, openings, set, statuses};
use crate::core::event::Event;
use crate::core::options::Knob;
use crate::core::resume::Size;
use crate::core::resume::frame::{ClientFrame, ServerFrame, Welcome};
use crate::core::status::ReadyState;

#[test]
fn the_client_speaks_first_and_nothing_but_hello() {
    let mut tab = Tab::new();
    tab.sends(&["typed early"]);
    let hello = tab.greet();
    let ids = fresh(1);
    assert_eq!((hello.session, hello.attachment, hello.secret), (ids.session, ids.attachment, ids.secret));
    assert_eq!((hello.attempt, hello.epoch, hello.size), (1, None, None));
    assert_eq!((hello.received, hello.sent, hello.acked), (0, 0, 0));
}

#[test]
fn until_the_welcome_people_see_it_connecting() {
    let mut tab = Tab::new();
    let done = tab.open();
    assert_eq!(statuses(done), []);
    let conn = tab.socket.conn;
    assert_eq!(tab.bench.pool.ready_state(conn), Some(ReadyState::Connecting));
    assert_eq!(tab.bench.facts("a").unwrap().protocol, None);
    let done = tab.says(ServerFrame::Welcome(welcome(FIRST)));
    assert_eq!(events(done).last(), Some(&Event::Open));
    assert_eq!(tab.bench.status("a"), Status::Connected);
    let facts = tab.bench.facts("a").unwrap();
    assert_eq!((facts.protocol, facts.attempt), (Some("envsocket.v1"), 0));
}

#[test]
fn what_was_sent_before_follows_the_welcome_and_comes_before_the_open() {
    let mut tab = Tab::new();
    tab.sends(&["one", "two"]);
    tab.greet();
    tab.sends(&["three"]);
    assert_eq!(tab.bench.pool.waiting_bytes(tab.socket.conn), 11);
    let done = tab.says(ServerFrame::Welcome(welcome(FIRST)));
    assert_eq!(handed(&done), ["<ping>", "one", "two", "three"]);
    assert_eq!(controls(&done), [ClientFrame::Ping(counts(0, 0, 0))]);
    let last = done.iter().rposition(|output| matches!(output, Output::Send { .. }));
    let open = done.iter().position(|output| matches!(output, Output::Emit { event: Event::Open, .. }));
    assert!(last < open);
}

#[test]
fn the_connect_timeout_covers_it_and_the_attachment_survives() {
    let mut tab = Tab::new();
    tab.bench.ms += 10_000;
    tab.greet();
    let done = tab.bench.pass(19_999);
    assert!(!done.contains(&Output::AbandonSocket { socket: tab.socket }));
    assert!(tab.bench.pass(1).contains(&Output::AbandonSocket { socket: tab.socket }));
    tab.next_socket();
    let hello = tab.greet();
    assert_eq!((hello.attempt, hello.attachment), (2, fresh(1).attachment));
}

#[test]
fn its_slot_is_free_while_it_waits_for_the_welcome() {
    let mut tab = Tab::new();
    for env in ["b", "c", "d"] {
        tab.bench.connect(env);
    }
    tab.bench.pool.connect(tab.bench.now(), Some(super::key("e")), Default::default());
    assert_eq!(openings(&tab.bench.drain()), []);
    assert_eq!(openings(&tab.open()).len(), 1);
}

#[test]
fn a_lost_welcome_is_asked_for_again_and_nothing_has_happened_before() {
    let mut tab = Tab::new();
    tab.sends(&["once"]);
    tab.greet();
    tab.cut();
    let hello = tab.greet();
    assert_eq!((hello.attempt, hello.epoch, hello.sent), (2, None, 0));
    assert_eq!((hello.session, hello.secret), (fresh(1).session, fresh(1).secret), "the ids stay");
    let done = tab.says(ServerFrame::Welcome(welcome(FIRST)));
    assert_eq!(handed(&done), ["<ping>", "once"]);
    assert_eq!(told(done), [Told::Open]);
}

#[test]
fn who_wants_a_message_changes_with_the_welcome() {
    let mut tab = Tab::new();
    assert_eq!(tab.bench.pool.hears(tab.socket), Heard::Nobody);
    tab.greet();
    assert_eq!(tab.bench.pool.hears(tab.socket), Heard::Greeting);
    tab.says(ServerFrame::Welcome(welcome(FIRST)));
    assert_eq!(tab.bench.pool.hears(tab.socket), Heard::V1);
    tab.bench.close(tab.socket.conn);
    assert_eq!(tab.bench.pool.hears(tab.socket), Heard::Nobody);
}

#[test]
fn anything_before_the_welcome_is_against_the_protocol() {
    let early = [
        ServerFrame::Ack(counts(0, 0, 0)),
        ServerFrame::Ping(counts(0, 0, 0)),
        ServerFrame::Size(Size { cols: 1, rows: 1 }),
        ServerFrame::Bye { code: 1012, retry_after_ms: None },
    ];
    for frame in early {
        let mut tab = Tab::new();
        tab.greet();
        assert_eq!(tab.is_violated(frame), "a frame before the welcome");
    }
    let mut tab = Tab::new();
    tab.greet();
    let done = tab.violates("data before the welcome");
    assert_eq!(tab.violation(&done), "data before the welcome");
}

#[test]
fn a_second_welcome_is_against_the_protocol() {
    let mut tab = Tab::welcomed();
    assert_eq!(tab.is_violated(ServerFrame::Welcome(welcome(FIRST))), "a second welcome");
}

#[test]
fn a_beginning_with_input_is_against_the_protocol() {
    let mut tab = Tab::new();
    tab.greet();
    let frame = ServerFrame::Welcome(Welcome { received: 1, ..welcome(FIRST) });
    assert_eq!(tab.is_violated(frame), "welcome: `received` is not what was sent");
}

#[test]
fn a_frame_of_a_socket_that_was_let_go_changes_nothing() {
    let mut tab = Tab::new();
    tab.greet();
    let old = tab.socket;
    let done = tab.bench.reconnect(old.conn);
    tab.follow(&done);
    let done = tab.bench.tell(Input::Control(old, Ok(ServerFrame::Welcome(welcome(FIRST)))));
    assert_eq!(done, []);
    assert_eq!(tab.greet().attempt, 2);
    assert_eq!(SocketId { generation: 2, ..old }, tab.socket);
}

#[test]
fn a_refusal_in_place_of_the_welcome_is_final_when_its_code_is() {
    for (code, status) in [(4403, Status::Failed), (4404, Status::Failed), (4409, Status::Failed)] {
        let mut tab = Tab::new();
        tab.greet();
        tab.loses(code);
        assert_eq!((tab.bench.status("a"), tab.bench.pool.poll_timeout()), (status, None), "{code}");
    }
    let mut tab = Tab::with(set(Knob::MaxRetries, 1.0));
    tab.greet();
    tab.loses(4429);
    assert_eq!(tab.bench.status("a"), Status::Connecting);
}
