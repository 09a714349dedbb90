//! Who is spoken to in `envsocket.v1`, and how it is found out.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::resume_bench::{FIRST, Tab, controls, fresh, told, welcome};
use super::{
    Bench, Event, Input, Output, Overrides, SocketId, Spoken, Status, Text, events, opened, place, set,
};
use crate::core::event::Offer;
use crate::core::options::Knob;
use crate::core::resume::frame::ServerFrame;

const AUTO: f64 = 1.0;
const REQUIRE: f64 = 2.0;

fn connect(mode: f64) -> (Bench, Vec<Output<Text>>) {
    let mut bench = Bench::new();
    bench.pool.connect(bench.now(), Some(super::key("a")), set(Knob::Protocol, mode));
    let done = bench.drain();
    (bench, done)
}

/// The sockets that are asked for, with what they offer.
fn offers(outputs: &[Output<Text>]) -> Vec<(SocketId, Offer)> {
    let asked = outputs.iter().filter_map(|output| match output {
        Output::OpenSocket { socket, offer } => Some((*socket, *offer)),
        _ => None,
    });
    asked.collect()
}

/// The next offer, however long it takes.
fn next_offer(bench: &mut Bench) -> (SocketId, Offer) {
    loop {
        if let Some(offer) = offers(&bench.advance()).pop() {
            return offer;
        }
    }
}

#[test]
fn each_mode_offers_its_own() {
    for (mode, offer) in [(0.0, Offer::Given), (AUTO, Offer::Both), (REQUIRE, Offer::V1)] {
        let (_, done) = connect(mode);
        assert_eq!(offers(&done).iter().map(|(_, offer)| *offer).collect::<Vec<_>>(), [offer], "{mode}");
    }
    let mut bench = Bench::new();
    bench.pool.connect(bench.now(), None, Overrides::default());
    assert_eq!(offers(&bench.drain())[0].1, Offer::Given, "off unless it is said");
}

#[test]
fn a_refused_offer_is_followed_at_once_by_a_bare_attempt_that_is_no_retry() {
    let mut bench = Bench::new();
    let socket = bench.connect_with("a", set(Knob::Protocol, AUTO).with(Knob::MaxRetries, 0.0));
    let done = bench.lose(socket, 1006);
    let next = SocketId { generation: 2, ..socket };
    assert_eq!(offers(&done), [(next, Offer::Nothing)]);
    let told = events(bench.tell(opened(next)));
    assert_eq!(told.last(), Some(&Event::Open));
    assert_eq!(bench.facts("a").unwrap().protocol, Some("plain"));
}

#[test]
fn afterwards_they_take_turns_one_a_backoff_step() {
    let (mut bench, done) = connect(AUTO);
    let mut socket = offers(&done)[0].0;
    socket = offers(&bench.lose(socket, 1006))[0].0;
    for expected in [Offer::Both, Offer::Nothing, Offer::Both, Offer::Nothing, Offer::Both] {
        assert_eq!(offers(&bench.lose(socket, 1006)), [], "not at once");
        let (next, offer) = next_offer(&mut bench);
        assert_eq!(offer, expected);
        socket = next;
    }
}

#[test]
fn silence_is_no_refusal() {
    let (mut bench, _) = connect(AUTO);
    for _ in 0..3 {
        assert_eq!(next_offer(&mut bench).1, Offer::Both);
    }
}

#[test]
fn being_plain_holds_for_that_socket_only_and_the_next_refusal_is_answered_at_once_again() {
    let (mut bench, done) = connect(AUTO);
    let mut socket = offers(&done)[0].0;
    for _ in 0..3 {
        socket = offers(&bench.lose(socket, 1006))[0].0;
        bench.tell(opened(socket));
        bench.lose(socket, 1006);
        let (next, offer) = next_offer(&mut bench);
        assert_eq!(offer, Offer::Both);
        socket = next;
    }
}

#[test]
fn a_reconnect_by_hand_begins_with_the_offer() {
    let (mut bench, done) = connect(AUTO);
    let socket = offers(&done)[0].0;
    bench.lose(socket, 1006);
    assert_eq!(offers(&bench.reconnect(socket.conn))[0].1, Offer::Both);
}

#[test]
fn a_server_that_chooses_nothing_or_plain_is_plain_and_never_sees_a_control_frame() {
    let mut tab = Tab::new();
    let done = tab.bench.tell(opened(tab.socket));
    assert_eq!(tab.bench.status("a"), Status::Connected);
    let more = tab.sends(&["as it is"]);
    tab.bench.pool.resize(tab.bench.now(), tab.socket.conn, crate::core::resume::Size { cols: 80, rows: 24 });
    let resized = tab.bench.drain();
    for outputs in [&done, &more, &resized] {
        assert_eq!(controls(outputs), []);
    }
}

#[test]
fn what_is_not_to_be_spoken_is_not_spoken() {
    let mut bench = Bench::new();
    let socket = bench.connect("a");
    let done = bench.tell(Input::Opened(socket, Spoken::V1(fresh(1))));
    assert_eq!((controls(&done), bench.status("a")), (vec![], Status::Connected));
}

#[test]
fn under_require_a_plain_server_is_refused_for_good() {
    let (mut bench, done) = connect(REQUIRE);
    let socket = offers(&done)[0].0;
    let done = bench.tell(opened(socket));
    assert!(done.contains(&Output::AbandonSocket { socket }));
    assert_eq!(bench.facts("a").unwrap().reason, Some("the server does not speak envsocket.v1"));
    assert_eq!((bench.status("a"), bench.pool.poll_timeout()), (Status::Failed, None));
    use super::resume_bench::Told;
    assert_eq!(told(done), [Told::Error, Told::Close(1006)]);
}

#[test]
fn under_require_a_refused_handshake_is_retried_with_the_same_offer() {
    let (mut bench, done) = connect(REQUIRE);
    assert_eq!(offers(&bench.lose(offers(&done)[0].0, 1006)), []);
    assert_eq!(next_offer(&mut bench).1, Offer::V1);
}

#[test]
fn a_destination_that_has_spoken_it_is_never_downgraded() {
    let mut tab = Tab::welcomed();
    tab.cut();
    for _ in 0..3 {
        assert_eq!(offers(&tab.bench.lose(tab.socket, 1006)), [], "no bare attempt");
        let (next, offer) = next_offer(&mut tab.bench);
        assert_eq!(offer, Offer::Both);
        tab.socket = next;
    }
    let done = tab.bench.tell(opened(tab.socket));
    assert!(done.contains(&Output::AbandonSocket { socket: tab.socket }), "it is not used");
    assert_eq!(tab.bench.status("a"), Status::Reconnecting);
    tab.next_socket();
    assert_eq!(tab.greet().epoch, Some(FIRST), "and resumes later");
}

#[test]
fn that_is_remembered_of_every_destination() {
    let mut tab = Tab::welcomed();
    tab.bench.place = Some(place("host", "/elsewhere"));
    tab.cut();
    tab.bench.tell(opened(tab.socket));
    assert_eq!(tab.bench.status("a"), Status::Connected, "this one was never heard to speak it");
    tab.bench.place = Some(place("host", "/path"));
    tab.cut();
    tab.bench.tell(opened(tab.socket));
    assert_eq!(tab.bench.status("a"), Status::Reconnecting);
}

#[test]
fn a_server_that_has_chosen_it_is_no_plain_one_though_its_welcome_was_lost() {
    let mut tab = Tab::new();
    let hello = tab.greet();
    tab.cut();
    assert_eq!(offers(&tab.bench.lose(tab.socket, 1006)), [], "no bare attempt");
    tab.next_socket();
    assert!(tab.bench.tell(opened(tab.socket)).contains(&Output::AbandonSocket { socket: tab.socket }));
    tab.next_socket();
    assert_eq!(tab.greet().attachment, hello.attachment, "the hello may have begun a session");
}

#[test]
fn a_plain_server_that_learns_it_has_a_gap_between() {
    let mut tab = Tab::new();
    tab.bench.tell(opened(tab.socket));
    tab.cut();
    tab.greet();
    let done = tab.says(ServerFrame::Welcome(welcome(FIRST)));
    let gaps = events(done).into_iter().filter(|event| matches!(event, Event::Gap { .. })).count();
    assert_eq!((gaps, tab.bench.facts("a").unwrap().protocol), (1, Some("envsocket.v1")));
}
