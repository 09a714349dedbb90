//! Tokens for attempts: when one is asked for, what becomes of the answer, and who gets it.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::resume_bench::{FIRST, controls, handed, welcome};
use super::token_bench::{FIRST_MESSAGE, HANDSHAKE, Holder, V1, asked, goes_on, plain, uses};
use super::{Bench, Event, Input, Output, SocketId, Status, ended, events, openings, set};
use crate::core::event::{NoAnswer, Occasion, Offer};
use crate::core::options::{Knob, Overrides};
use crate::core::resume::frame::ServerFrame;

#[test]
fn who_has_no_use_for_a_token_is_not_asked_for_one() {
    for overrides in [Overrides::default(), uses(0.0), plain(V1)] {
        let (holder, done) = Holder::made(overrides);
        assert_eq!(asked(&done), []);
        assert_eq!(openings(&done), [holder.socket]);
        assert!(!holder.bench.pool.asks_token(holder.socket));
    }
}

#[test]
fn the_token_is_asked_for_after_the_place_and_before_the_socket() {
    for token_use in [V1, HANDSHAKE, FIRST_MESSAGE] {
        let mut holder = Holder::asking(uses(token_use));
        assert!(holder.bench.pool.asks_token(holder.socket) && !holder.bench.pool.asks_where(holder.socket));
        assert_eq!(holder.bench.status("a"), Status::Connecting);
        assert_eq!(openings(&holder.gives("good", None)), [holder.socket]);
        assert!(!holder.bench.pool.asks_token(holder.socket));
        assert_eq!(holder.greets().as_deref(), Some("good"));
        assert_eq!(holder.states(), ["locating", "authorizing", "queued", "opening", "greeting"]);
    }
}

#[test]
fn one_answer_is_enough_and_a_late_one_changes_nothing() {
    let mut holder = Holder::asking(uses(V1));
    holder.gives("good", None);
    assert_eq!(holder.gives("other", None), []);
    assert_eq!(holder.gives_none("too late", true), []);
    assert_eq!(holder.greets().as_deref(), Some("good"));
}

#[test]
fn waiting_for_a_token_takes_no_slot_from_others() {
    let mut bench = Bench::new();
    let mut asking: Vec<SocketId> = Vec::new();
    for env in ["a", "b", "c", "d"] {
        let id = bench.pool.connect(bench.now(), Some(super::key(env)), uses(V1));
        bench.drain();
        asking.push(SocketId { conn: id, generation: 1 });
    }
    assert!(asking.iter().all(|socket| bench.pool.asks_token(*socket)));
    bench.connect("e");
    // Those that have their token first go first.
    let (last, first) = (asking[0], asking[3]);
    for socket in [first, last] {
        let done = bench.tell(Input::Authorized(socket, Ok(super::token_bench::grant("good", None))));
        assert_eq!(openings(&done), [socket]);
    }
}

#[test]
fn the_connect_timeout_covers_the_token_and_the_handshake_together() {
    let mut holder = Holder::asking(uses(V1));
    let socket = holder.socket;
    holder.bench.pass(29_000);
    assert!(goes_on(&holder.gives("good", None)));
    assert!(!holder.bench.pass(999).contains(&Output::AbandonSocket { socket }));
    assert!(holder.bench.pass(1).contains(&Output::AbandonSocket { socket }));
}

#[test]
fn a_provider_that_hangs_is_asked_again_by_the_next_attempt_which_is_told_so() {
    let mut holder = Holder::asking(uses(V1));
    let done = holder.bench.pass(30_000);
    assert!(!done.iter().any(|output| matches!(output, Output::AbandonSocket { .. })), "there is no socket");
    assert_eq!(holder.reason(), "no token within the connect timeout");
    assert_eq!(holder.gives("too late", None), []);
    assert_eq!(asked(&holder.tries_again()), [(2, Occasion::First, true)]);
    // Whoever hurries it does not doubt the call that is under way.
    assert_eq!(asked(&holder.reconnects()), [(3, Occasion::First, false)]);
    assert!(goes_on(&holder.gives("good", None)));
}

#[test]
fn an_answer_that_overslept_leaves_the_handshake_a_short_time() {
    let mut holder = Holder::asking(uses(V1));
    let socket = holder.socket;
    holder.bench.ms = 3_600_000;
    holder.gives("good", None);
    assert!(!holder.bench.pass(2_999).contains(&Output::AbandonSocket { socket }));
    assert!(holder.bench.pass(1).contains(&Output::AbandonSocket { socket }));
}

#[test]
fn a_deadline_that_overslept_gives_the_provider_a_short_time() {
    let mut holder = Holder::asking(uses(V1));
    holder.bench.ms = 3_600_000;
    assert_eq!(holder.bench.tell(Input::Timeout), []);
    assert!(holder.bench.pool.asks_token(holder.socket));
    holder.bench.pass(3_000);
    assert_eq!(holder.reason(), "no token within the connect timeout");
}

#[test]
fn a_provider_that_fails_backs_off_and_its_words_are_told() {
    let mut holder = Holder::asking(uses(V1));
    holder.gives_none("the vault is shut", false);
    assert_eq!((holder.bench.status("a"), &*holder.reason()), (Status::Connecting, "the vault is shut"));
    assert!(holder.bench.delay("a") <= 250);
    assert_eq!(asked(&holder.tries_again()), [(2, Occasion::First, false)]);
    let metrics = holder.bench.pool.metrics(holder.bench.now(), holder.socket.conn).unwrap().0;
    assert_eq!(metrics.failures, [("no token for the attempt", 1)]);
}

#[test]
fn a_provider_that_fails_is_asked_no_more_often_than_the_retries_allow() {
    let mut holder = Holder::asking(uses(V1).with(Knob::MaxRetries, 1.0));
    holder.gives_none("no", false);
    holder.tries_again();
    let told = events(holder.gives_none("no", false));
    assert_eq!(told[1..], [Event::Error, Event::Close(ended(1006))]);
    assert_eq!((holder.bench.status("a"), &*holder.reason()), (Status::Failed, "out of retries: no"));
}

#[test]
fn the_application_may_judge_an_attempt_that_had_no_token() {
    let mut holder = Holder::asking(uses(V1).with(Knob::Asks, 1.0));
    let done = holder.gives_none("no", false);
    assert_eq!(done, [Output::Judge { socket: holder.socket, info: ended(1006) }]);
    holder.bench.tell(Input::Judged(holder.socket, ended(1006), Some(false)));
    assert_eq!(holder.bench.status("a"), Status::Failed);
}

#[test]
fn a_provider_that_gives_up_for_good_is_the_end_with_its_reason() {
    let mut holder = Holder::asking(uses(V1).with(Knob::Asks, 1.0));
    holder.bench.send(holder.socket.conn, "queued").unwrap();
    let told = events(holder.gives_none("the account is closed", true));
    assert!(matches!(&told[1], Event::Discarded { kept: true, .. }));
    assert_eq!(told[2..], [Event::Error, Event::Close(ended(1006))]);
    assert_eq!((holder.bench.status("a"), &*holder.reason()), (Status::Failed, "the account is closed"));
    assert_eq!(holder.bench.pool.poll_timeout(), None);
    assert_eq!(asked(&holder.reconnects()), [(2, Occasion::First, false)], "another life");
}

#[test]
fn the_late_answer_to_an_older_attempt_changes_nothing() {
    let mut holder = Holder::asking(uses(V1));
    let older = holder.socket;
    holder.reconnects();
    let late = NoAnswer { why: "late".into(), is_final: true };
    assert_eq!(holder.bench.tell(Input::Authorized(older, Err(late))), []);
    assert_eq!(holder.bench.tell(Input::Authorized(older, Ok(super::token_bench::grant("old", None)))), []);
    holder.gives("new", None);
    assert_eq!(holder.greets().as_deref(), Some("new"));
}

#[test]
fn closing_while_it_asks_wins_and_nothing_is_left() {
    let mut holder = Holder::asking(uses(V1));
    holder.bench.close(holder.socket.conn);
    assert!(!holder.bench.pool.asks_token(holder.socket));
    assert_eq!(holder.gives("too late", None), []);
    let told = events(holder.bench.advance());
    assert_eq!(told[1..], [Event::Error, Event::Close(ended(1006))]);
    assert_eq!(holder.bench.pool.poll_timeout(), None);
}

#[test]
fn a_token_that_was_welcome_is_used_again_and_nobody_is_asked() {
    let mut holder = Holder::welcomed(uses(V1), None);
    holder.closes(1006);
    let done = holder.tries_again();
    assert_eq!(asked(&done), []);
    assert!(goes_on(&done));
    assert_eq!(holder.greets().as_deref(), Some("token-1"));
    holder.closes(1006);
    assert_eq!(asked(&holder.tries_again()), [], "v1 would have said that it is no good");
}

#[test]
fn a_token_whose_time_has_come_is_asked_for_anew_by_the_next_attempt() {
    let mut holder = Holder::welcomed(uses(V1), Some(60_000));
    holder.closes(1006);
    holder.bench.ms = 3_600_000;
    assert_eq!(asked(&holder.tries_again()), [(2, Occasion::Expired, false)]);
    holder.gives("token-2", Some(60_000));
    assert_eq!(holder.greets().as_deref(), Some("token-2"));
}

#[test]
fn a_plain_server_that_cannot_complain_gets_a_new_one_for_every_attempt_if_nobody_knows_the_expiry() {
    for token_use in [HANDSHAKE, FIRST_MESSAGE] {
        let mut holder = Holder::open_plain(plain(token_use), None);
        holder.closes(1006);
        assert_eq!(asked(&holder.tries_again()), [(2, Occasion::Expired, false)]);
        holder.gives("token-2", None);
        // A handshake that was refused: perhaps because of the token.
        holder.closes(1006);
        assert_eq!(asked(&holder.tries_again()), [(3, Occasion::Expired, false)]);
    }
}

#[test]
fn on_a_plain_server_a_token_whose_expiry_is_known_is_used_until_then() {
    let mut holder = Holder::open_plain(plain(HANDSHAKE), Some(600_000));
    holder.closes(1006);
    let done = holder.tries_again();
    assert_eq!(asked(&done), []);
    assert!(goes_on(&done));
    holder.bench.ms = 600_000;
    holder.closes(1006);
    assert_eq!(asked(&holder.tries_again()), [(3, Occasion::Expired, false)]);
}

#[test]
fn a_server_of_v1_vouches_for_an_opaque_token_whatever_plain_servers_get() {
    let mut holder = Holder::welcomed(uses(HANDSHAKE), None);
    holder.closes(1006);
    assert_eq!(asked(&holder.tries_again()), []);
    // This attempt was lost before anybody could say so again.
    holder.closes(1006);
    assert_eq!(asked(&holder.tries_again()), [(3, Occasion::Expired, false)]);
}

#[test]
fn the_first_message_is_the_token_before_all_that_was_queued_and_is_not_counted() {
    let mut holder = Holder::asking(plain(FIRST_MESSAGE));
    holder.bench.send(holder.socket.conn, "ls").unwrap();
    holder.gives("good", None);
    let done = holder.opens_plain();
    let at = |wanted: &dyn Fn(&Output<super::Text>) -> bool| done.iter().position(wanted).unwrap();
    let credential = at(&|output| *output == Output::Credential { socket: holder.socket });
    assert!(credential < at(&|output| matches!(output, Output::Send { .. })));
    let metrics = holder.bench.pool.metrics(holder.bench.now(), holder.socket.conn).unwrap().0;
    assert_eq!((metrics.messages_out, metrics.bytes_out), (0, 0), "the driver counts what it hands over");
    for token_use in [V1, HANDSHAKE] {
        let mut other = Holder::made(plain(token_use)).0;
        other.gives("good", None);
        let done = other.opens_plain();
        assert!(!done.iter().any(|output| matches!(output, Output::Credential { .. })));
    }
}

#[test]
fn the_bare_attempt_of_the_negotiation_needs_no_token_that_only_v1_would_get() {
    let mut holder = Holder::asking(uses(V1));
    holder.gives("good", None);
    let done = holder.closes(1006);
    assert_eq!(asked(&done), []);
    let bare = Output::OpenSocket { socket: holder.socket, offer: Offer::Nothing };
    assert!(done.contains(&bare));
    // Though it has expired meanwhile.
    let mut holder = Holder::asking(uses(V1));
    holder.gives("good", Some(2_000));
    holder.bench.ms = 5_000;
    let done = holder.closes(1006);
    assert!(asked(&done).is_empty() && done.contains(&bare));
    holder.closes(1006);
    assert_eq!(asked(&holder.tries_again()), [(3, Occasion::Expired, false)], "the next one offers v1");
    let mut holder = Holder::asking(uses(V1));
    holder.gives("good", None);
    holder.closes(1006);
    holder.closes(1006);
    let offered = holder.tries_again();
    assert!(asked(&offered).is_empty() && goes_on(&offered), "it was never refused");
    assert_eq!(holder.greets().as_deref(), Some("good"));
}

#[test]
fn where_plain_servers_get_the_token_the_bare_attempt_needs_one() {
    let mut holder = Holder::asking(uses(HANDSHAKE));
    holder.gives("good", None);
    assert_eq!(asked(&holder.closes(1006)), [(2, Occasion::Expired, false)]);
}

#[test]
fn a_server_that_must_speak_v1_always_gets_its_token() {
    let required = set(Knob::TokenUse, V1).with(Knob::Protocol, 2.0);
    let mut holder = Holder::asking(required);
    holder.gives("good", None);
    assert_eq!(holder.greets().as_deref(), Some("good"));
    // Though it was not so when the offer was refused, and a bare attempt was to follow.
    let mut holder = Holder::asking(uses(V1));
    holder.gives("good", Some(2_000));
    holder.bench.ms = 5_000;
    holder.bench.pool.configure_connection(holder.socket.conn, required);
    let done = holder.closes(1006);
    assert_eq!(asked(&done), [(2, Occasion::Expired, false)]);
}

#[test]
fn a_token_that_has_no_use_any_more_is_forgotten() {
    let mut holder = Holder::welcomed(uses(V1), None);
    holder.bench.pool.configure_connection(holder.socket.conn, set(Knob::TokenUse, 0.0));
    holder.closes(1006);
    let done = holder.tries_again();
    assert!(asked(&done).is_empty() && goes_on(&done));
    assert_eq!(holder.greets(), None);
    holder.bench.pool.configure_connection(holder.socket.conn, set(Knob::TokenUse, 1.0));
    holder.closes(1006);
    assert_eq!(asked(&holder.tries_again()), [(3, Occasion::First, false)]);
}

#[test]
fn what_was_queued_waits_for_the_token_and_goes_after_the_welcome() {
    let mut holder = Holder::asking(uses(V1));
    holder.bench.send(holder.socket.conn, "ls").unwrap();
    holder.gives("good", None);
    holder.greets();
    let done = holder.says(ServerFrame::Welcome(welcome(FIRST)));
    assert_eq!(handed(&done), ["<ping>", "ls"]);
    assert!(!controls(&done).iter().any(|frame| format!("{frame:?}").contains("good")));
}
