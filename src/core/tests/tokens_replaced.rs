//! A token that the application replaces unasked, and tokens that it takes away.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::resume_bench::{FIRST, controls, handed, welcome};
use super::token_bench::{FIRST_MESSAGE, HANDSHAKE, Holder, V1, asked, goes_on, plain, told_tokens, uses};
use super::{Event, Input, Output, Status, ended, events, openings, set};
use crate::core::event::Occasion;
use crate::core::options::Knob;
use crate::core::resume::frame::{ClientFrame, ServerFrame};

#[test]
fn over_an_open_v1_link_it_is_said_at_once_and_nothing_is_disturbed() {
    let mut holder = Holder::welcomed(uses(V1), None);
    let done = holder.replaces("other", None);
    assert_eq!(handed(&done), ["<token>"]);
    assert_eq!(told_tokens(&done), ["other"]);
    assert_eq!(events(done), []);
    assert_eq!(holder.bench.status("a"), Status::Connected);
    holder.closes(1006);
    assert_eq!(asked(&holder.tries_again()), []);
    assert_eq!(holder.greets().as_deref(), Some("other"));
}

#[test]
fn its_own_expiry_counts_from_then_on() {
    let mut holder = Holder::welcomed(uses(V1), Some(60_000));
    holder.replaces("other", Some(600_000));
    assert_eq!(asked(&holder.stays(400_000)), []);
    assert_eq!(asked(&holder.stays(200_000))[0], (1, Occasion::Expired, false));
    holder.replaces("for ever", None);
    assert_eq!(asked(&holder.stays(3_600_000)), [], "and the question is answered");
    assert_eq!(holder.gives("late", None), []);
}

#[test]
fn an_attempt_that_waits_for_a_token_goes_on_with_it() {
    let mut holder = Holder::asking(uses(V1));
    assert!(goes_on(&holder.replaces("other", None)));
    assert_eq!(holder.gives("late", None), []);
    assert_eq!(holder.greets().as_deref(), Some("other"));
}

#[test]
fn while_the_backoff_runs_it_is_what_the_next_attempt_has() {
    let mut holder = Holder::asking(uses(V1));
    holder.gives_none("the vault is shut", false);
    assert!(!goes_on(&holder.replaces("other", None)));
    assert!(goes_on(&holder.tries_again()));
    assert_eq!(holder.greets().as_deref(), Some("other"));
}

#[test]
fn while_the_place_is_asked_for_it_is_what_this_attempt_has() {
    let mut holder = Holder::welcomed(uses(V1), Some(1_000));
    let place = holder.bench.place.take().unwrap();
    holder.closes(1006);
    holder.bench.ms += 5_000;
    holder.tries_again();
    holder.replaces("other", None);
    let done = holder.bench.tell(Input::Located(holder.socket, Ok(place)));
    assert_eq!((asked(&done), openings(&done)), (vec![], vec![holder.socket]));
}

#[test]
fn while_the_socket_opens_it_is_what_the_hello_has() {
    let mut holder = Holder::asking(uses(V1));
    holder.gives("token-1", None);
    assert_eq!(holder.replaces("other", None), []);
    assert_eq!(holder.greets().as_deref(), Some("other"));
    assert_eq!(told_tokens(&holder.says(ServerFrame::Welcome(welcome(FIRST)))), [""; 0]);
}

#[test]
fn between_hello_and_welcome_it_waits_for_the_welcome() {
    let mut holder = Holder::asking(uses(V1));
    holder.gives("token-1", None);
    assert_eq!(holder.greets().as_deref(), Some("token-1"));
    assert_eq!(holder.replaces("other", Some(60_000)), []);
    holder.bench.send(holder.socket.conn, "ls").unwrap();
    let done = holder.says(ServerFrame::Welcome(welcome(FIRST)));
    assert_eq!(handed(&done), ["<token>", "<ping>", "ls"]);
    assert_eq!(told_tokens(&done), ["other"]);
    assert_eq!(asked(&holder.stays(60_000)).len(), 1, "its expiry is known");
}

#[test]
fn the_rejection_of_its_predecessor_is_not_its_own() {
    let mut holder = Holder::asking(uses(V1));
    holder.gives("stale", None);
    holder.greets();
    holder.replaces("other", None);
    let done = holder.closes(4401);
    assert_eq!(asked(&done), []);
    assert_eq!(openings(&done), [holder.socket], "at once, and with the other one");
    assert_eq!(holder.greets().as_deref(), Some("other"));
    holder.closes(4401);
    assert_eq!(holder.bench.status("a"), Status::Failed, "it was the second in a row");
}

#[test]
fn on_a_plain_link_it_waits_for_the_next_handshake() {
    for token_use in [HANDSHAKE, FIRST_MESSAGE] {
        let mut holder = Holder::open_plain(plain(token_use), None);
        assert_eq!(holder.replaces("other", None), []);
        holder.closes(1006);
        let done = holder.tries_again();
        assert_eq!(asked(&done), [], "no server has seen it");
        assert!(goes_on(&done));
    }
}

#[test]
fn one_that_comes_while_a_plain_server_is_still_to_be_shown_one_is_the_one_that_it_sees() {
    // Found by the simulation: a listener of the status replaced it before the first message was sent.
    let mut first_message = Holder::asking(plain(FIRST_MESSAGE));
    first_message.gives("token-1", None);
    let now = first_message.bench.now();
    first_message.bench.pool.handle(now, super::opened(first_message.socket));
    let mut handshake = Holder::asking(plain(HANDSHAKE));
    let answer = Ok(super::token_bench::grant("token-1", None));
    handshake.bench.pool.handle(now, Input::Authorized(handshake.socket, answer));
    for (mut holder, is_open) in [(first_message, true), (handshake, false)] {
        holder.replaces("other", None);
        if !is_open {
            holder.opens_plain();
        }
        assert_eq!(asked(&holder.closes(4401)), [(2, Occasion::Rejected, false)], "{is_open}");
    }
}

#[test]
fn after_a_rejection_it_is_what_comes_next() {
    let mut holder = Holder::welcomed(uses(V1), None);
    holder.closes(4401);
    assert!(goes_on(&holder.replaces("other", None)));
    assert_eq!(holder.greets().as_deref(), Some("other"));
}

#[test]
fn one_that_is_taken_back_is_not_shown_again_and_the_next_attempt_asks_for_the_first() {
    let mut holder = Holder::welcomed(uses(V1), Some(600_000));
    holder.forgets();
    assert_eq!(holder.bench.status("a"), Status::Connected);
    assert!(!holder.bench.pool.has_token());
    holder.closes(1006);
    assert_eq!(asked(&holder.tries_again()), [(2, Occasion::First, false)]);
    holder.gives("other", None);
    assert_eq!(holder.greets().as_deref(), Some("other"));
}

#[test]
fn one_that_is_taken_back_while_the_place_is_asked_for_is_not_this_attempts() {
    for code in [1006, 4401] {
        let mut holder = Holder::welcomed(uses(V1), Some(600_000));
        let place = holder.bench.place.take().unwrap();
        holder.closes(code);
        if code == 1006 {
            holder.tries_again();
        }
        holder.forgets();
        let done = holder.bench.tell(Input::Located(holder.socket, Ok(place)));
        assert_eq!(asked(&done), [(2, Occasion::First, false)], "{code}");
    }
}

#[test]
fn another_giver_does_not_make_up_for_a_rejection() {
    let mut holder = Holder::welcomed(uses(V1), None);
    let place = holder.bench.place.take().unwrap();
    holder.closes(4401);
    holder.forgets();
    holder.bench.tell(Input::Located(holder.socket, Ok(place)));
    holder.gives("other", None);
    holder.greets();
    holder.closes(4401);
    assert_eq!(holder.bench.status("a"), Status::Failed);
}

#[test]
fn the_first_one_may_come_while_the_link_lives() {
    let mut holder = Holder::made(uses(0.0)).0;
    assert_eq!(holder.greets(), None);
    holder.says(ServerFrame::Welcome(welcome(FIRST)));
    assert_eq!(holder.replaces("unwanted", None), [], "there is no use for it");
    holder.bench.pool.configure_connection(holder.socket.conn, set(Knob::TokenUse, V1));
    assert_eq!(told_tokens(&holder.replaces("first", Some(60_000))), ["first"]);
    assert_eq!(asked(&holder.stays(60_000)).len(), 1);
}

#[test]
fn the_first_one_may_come_while_a_server_refuses_to_go_on_without() {
    let mut holder = Holder::made(uses(0.0)).0;
    holder.greets();
    holder.bench.pool.configure_connection(holder.socket.conn, set(Knob::TokenUse, V1));
    holder.replaces("first", None);
    assert!(goes_on(&holder.closes(4401)));
    assert_eq!(holder.greets().as_deref(), Some("first"));
}

#[test]
fn while_the_application_judges_it_is_what_comes_next() {
    let mut holder = Holder::welcomed(uses(V1).with(Knob::Asks, 1.0), None);
    let socket = holder.socket;
    holder.closes(4401);
    holder.replaces("other", None);
    let done = holder.bench.tell(Input::Judged(socket, ended(4401), None));
    assert_eq!(asked(&done), []);
    holder.socket.generation = 2;
    assert_eq!(holder.greets().as_deref(), Some("other"));
}

#[test]
fn a_connection_that_is_over_takes_none() {
    let mut failed = Holder::asking(uses(V1));
    failed.gives_none("no", true);
    assert_eq!(failed.replaces("other", None), []);
    assert_eq!(asked(&failed.reconnects()), [(2, Occasion::First, false)]);
    let mut closing = Holder::welcomed(uses(V1), None);
    closing.bench.close(closing.socket.conn);
    assert_eq!(closing.replaces("other", None), []);
    assert_eq!(asked(&closing.reconnects()), [(2, Occasion::First, false)], "another life begins without");
    let mut gone = Holder::welcomed(uses(V1), None);
    gone.bench.close(gone.socket.conn);
    gone.closes(1000);
    assert_eq!(gone.replaces("other", None), []);
}

/// A connection in each state that it can be in with a token, by the state's name.
fn in_every_state() -> Vec<(&'static str, Holder)> {
    let opening = || {
        let mut holder = Holder::asking(uses(V1));
        holder.gives("hush", Some(60_000));
        holder
    };
    let greeting = || {
        let mut holder = opening();
        holder.greets();
        holder
    };
    let open = || Holder::welcomed(uses(V1), Some(60_000));
    let mut waiting = open();
    waiting.closes(1006);
    let mut locating = open();
    locating.bench.place = None;
    locating.closes(1006);
    locating.tries_again();
    let mut renewing = open();
    while asked(&renewing.stays(1_000)).is_empty() {}
    let mut rejected = open();
    rejected.closes(4401);
    let mut judging = Holder::welcomed(uses(V1).with(Knob::Asks, 1.0), None);
    judging.closes(1006);
    let plain = Holder::open_plain(plain(FIRST_MESSAGE), Some(60_000));
    let mut queued = open();
    for env in ["1", "2", "3", "4"] {
        queued.bench.connect(env);
    }
    queued.closes(1006);
    queued.tries_again();
    let mut failed = Holder::asking(uses(V1));
    failed.gives_none("no", true);
    vec![
        ("locating", locating),
        ("authorizing", Holder::asking(uses(V1))),
        ("authorizing", rejected),
        ("queued", queued),
        ("opening", opening()),
        ("greeting", greeting()),
        ("open", open()),
        ("open", renewing),
        ("open", plain),
        ("waiting", waiting),
        ("open", judging),
        ("failed", failed),
    ]
}

#[test]
fn signing_out_leaves_no_token_and_no_timer_in_any_state() {
    for (state, mut holder) in in_every_state() {
        assert_eq!(holder.states().last(), Some(&state));
        let now = holder.bench.now();
        holder.bench.pool.close_chosen(now, |_| true);
        let done = holder.bench.drain();
        assert_eq!(asked(&done), [], "{state}");
        assert!(!holder.bench.pool.asks_token(holder.socket), "{state}");
        assert!(!holder.bench.pool.has_token(), "at once, and not when the server has answered: {state}");
        assert_eq!(holder.gives("late", Some(60_000)), [], "{state}");
        assert_eq!(holder.replaces("late", Some(60_000)), [], "{state}");
        assert!(!holder.bench.pool.has_token(), "{state}");
        let mut left = holder.bench.pass(3_000);
        left.extend(done);
        assert_eq!((asked(&left), told_tokens(&left)), (vec![], vec![]), "{state}");
        assert!(!controls(&left).iter().any(|frame| matches!(frame, ClientFrame::Hello(_))), "{state}");
        assert_eq!(holder.bench.pool.poll_timeout(), None, "{state}");
        let closes = events(left).into_iter().filter(|event| matches!(event, Event::Close(_))).count();
        assert!(closes >= 1 || state == "failed", "{state}");
    }
}

#[test]
fn however_a_connection_ends_it_has_no_token_afterwards() {
    let open = || Holder::welcomed(uses(V1).with(Knob::MaxRetries, 0.0), Some(60_000));
    assert!(open().bench.pool.has_token());
    for code in [1000, 1006, 4401, 4404] {
        let mut holder = open();
        holder.closes(code);
        assert!(!holder.bench.pool.has_token(), "{code}");
    }
    let mut rejected = Holder::welcomed(uses(V1), None);
    rejected.closes(4401);
    assert!(!rejected.bench.pool.has_token(), "nor has one whose token is of no use any more");
    let mut evicted = open();
    let now = evicted.bench.now();
    evicted.bench.connect("b");
    evicted.bench.pool.configure(now, set(Knob::MaxConnections, 1.0));
    evicted.bench.drain();
    assert_eq!(evicted.bench.status("a"), Status::Disconnecting);
    assert!(!evicted.bench.pool.has_token());
}

#[test]
fn a_connection_that_is_over_has_no_token_in_its_next_life() {
    for (state, mut holder) in in_every_state() {
        holder.bench.close(holder.socket.conn);
        // Before it is over, but for those that are so at once.
        if holder.bench.status("a") != Status::Disconnecting {
            continue;
        }
        holder.bench.place = Some(super::place("host", "/path"));
        let questions = asked(&holder.reconnects());
        assert_eq!(questions.last().map(|question| question.1), Some(Occasion::First), "{state}");
    }
}

#[test]
fn no_token_is_in_anything_that_people_or_logs_see() {
    for (state, mut holder) in in_every_state() {
        let mut seen = Vec::new();
        let input = Input::Authorized(holder.socket, Ok(super::token_bench::grant("hush-input", None)));
        seen.push(format!("{input:?}"));
        let mut see = |done: Vec<Output<super::Text>>| seen.extend(done.iter().map(|it| format!("{it:?}")));
        see(holder.gives("hush-given", Some(60_000)));
        see(holder.replaces("hush-other", Some(60_000)));
        see(holder.bench.tell(Input::Closed(holder.socket, ended(4401))));
        see(holder.reconnects());
        see(holder.gives("hush-again", Some(60_000)));
        see(holder
            .bench
            .tell(Input::Opened(holder.socket, super::Spoken::V1(super::resume_bench::fresh(1)))));
        see(holder.bench.tell(Input::Closed(holder.socket, ended(4401))));
        let pool = &holder.bench.pool;
        seen.extend(holder.bench.facts("a").map(|facts| format!("{facts:?}")));
        seen.extend(pool.log(&super::key("a")).map(|entry| format!("{entry:?}")));
        seen.push(format!("{:?}", pool.totals(holder.bench.now()).0));
        assert!(seen.iter().any(|text| text.contains("Token(")), "they were there: {state}");
        let told = seen.iter().find(|text| text.contains("hush") || text.contains("token-1"));
        assert_eq!(told, None, "{state}");
    }
}
