//! A token that is renewed over the open link, before it expires.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::resume_bench::{FIRST, counts, handed, told, welcome};
use super::token_bench::{HANDSHAKE, Holder, V1, asked, goes_on, plain, told_tokens, uses};
use super::{Bench, Event, Input, Output, SocketId, Spoken, Status, Text, ended, events, set};
use crate::core::event::Occasion;
use crate::core::options::Knob;
use crate::core::pool::Pool;
use crate::core::resume::frame::ServerFrame;

const MINUTE: u64 = 60_000;

/// A connection whose token is good for a minute.
fn minute() -> Holder {
    Holder::welcomed(uses(V1).with(Knob::BackoffBaseMs, 1_000.0), Some(MINUTE))
}

/// Lets time pass in steps of 100 ms, the server's pings with it, until the client asks for a token; returns when that was.
fn until_asked(holder: &mut Holder) -> (u64, Vec<(u32, Occasion, bool)>) {
    let end = holder.bench.ms + 10 * MINUTE;
    while holder.bench.ms < end {
        let asked = asked(&holder.stays(100));
        if !asked.is_empty() {
            return (holder.bench.ms, asked);
        }
    }
    panic!("it is not asked for a token");
}

#[test]
fn a_new_one_is_asked_for_before_the_old_one_expires_and_said_over_the_open_link() {
    let mut holder = minute();
    let (at, questions) = until_asked(&mut holder);
    assert!((42_000..=54_100).contains(&at), "with a lead between 6 and 18 s: {at}");
    assert_eq!(questions, [(1, Occasion::Expired, false)]);
    assert!(holder.bench.pool.asks_token(holder.socket));
    let done = holder.gives("token-2", Some(MINUTE));
    assert_eq!(handed(&done), ["<token>"]);
    assert_eq!(told_tokens(&done), ["token-2"]);
    assert_eq!(events(done), [], "nobody notices");
    assert_eq!(holder.bench.status("a"), Status::Connected);
    let (again, _) = until_asked(&mut holder);
    assert!((at + 42_000..=at + 54_100).contains(&again), "and so it goes on");
    holder.closes(1006);
    assert_eq!(asked(&holder.tries_again()), [(2, Occasion::Expired, false)], "nobody had an answer");
}

#[test]
fn the_new_one_is_that_of_the_next_hello() {
    let mut holder = minute();
    until_asked(&mut holder);
    holder.gives("token-2", Some(MINUTE));
    holder.closes(1006);
    assert!(goes_on(&holder.tries_again()));
    assert_eq!(holder.greets().as_deref(), Some("token-2"));
}

#[test]
fn renewing_loses_and_disorders_nothing_of_what_is_typed() {
    let mut holder = minute();
    let conn = holder.socket.conn;
    until_asked(&mut holder);
    holder.bench.pool.record(conn, Text("l"), None).unwrap();
    // From within a listener: the answer comes while other things wait to be handed over.
    holder.bench.send(conn, "s").unwrap();
    let now = holder.bench.now();
    let answer = Ok(super::token_bench::grant("token-2", None));
    holder.bench.pool.handle(now, Input::Authorized(holder.socket, answer));
    holder.bench.send(conn, "\n").unwrap();
    let done = holder.bench.drain();
    assert_eq!(handed(&done), ["s", "<token>", "\n"]);
    assert_eq!(told(done), []);
    // The frame has no number: the server has three messages, and the counts agree.
    assert_eq!(told(holder.says(ServerFrame::Ack(counts(0, 3, 3)))), []);
    assert_eq!(holder.bench.status("a"), Status::Connected);
}

#[test]
fn everybody_renews_at_a_time_of_their_own() {
    let mut leads: Vec<u64> = (0..200)
        .map(|seed| {
            let mut bench = Bench::seeded(seed);
            let conn = bench.pool.connect(bench.now(), Some(super::key("a")), uses(V1));
            bench.drain();
            let socket = SocketId { conn, generation: 1 };
            bench.tell(Input::Authorized(socket, Ok(super::token_bench::grant("t", Some(3_600_000)))));
            bench.tell(Input::Opened(socket, Spoken::V1(super::resume_bench::fresh(1))));
            bench.tell(Input::Control(socket, Ok(ServerFrame::Welcome(welcome(FIRST)))));
            let renewal = renewal_at(&mut bench.pool, &mut bench.ms, socket);
            3_600_000 - renewal
        })
        .collect();
    leads.sort_unstable();
    assert!(leads[0] >= 100_000 && leads[199] <= 300_000, "{leads:?}");
    let mean = leads.iter().sum::<u64>() / 200;
    assert!((185_000..=215_000).contains(&mean), "{mean}");
    leads.dedup();
    assert!(leads.len() > 190, "hardly any two at the same millisecond");
}

/// Passes from deadline to deadline, the server pinging at each, until the client asks for a token.
fn renewal_at(pool: &mut Pool<Text>, ms: &mut u64, socket: SocketId) -> u64 {
    loop {
        let at = pool.poll_timeout().expect("a deadline is set").since(Default::default());
        let now = |ms| super::Now { instant: super::Instant::from_ms(ms), unix_ms: ms };
        // A moment before it, so that no silence is ever too long.
        let before = at.saturating_sub(1).max(*ms);
        pool.handle(now(before), Input::Control(socket, Ok(ServerFrame::Pong(counts(0, 0, 0)))));
        while pool.poll_output().is_some() {}
        *ms = at;
        pool.handle(now(at), Input::Timeout);
        while let Some(output) = pool.poll_output() {
            if matches!(output, Output::Authorize { .. }) {
                return at;
            }
        }
    }
}

#[test]
fn a_token_of_unknown_expiry_is_not_renewed_ahead_of_time() {
    for expiry in [None, Some(0), Some(999)] {
        let mut holder = Holder::welcomed(uses(V1), expiry);
        assert_eq!(asked(&holder.stays(3_600_000)), [], "{expiry:?}");
        holder.closes(1006);
        assert_eq!(asked(&holder.tries_again()), []);
    }
}

#[test]
fn a_token_that_never_ends_is_not_renewed() {
    let mut holder = Holder::welcomed(uses(V1), Some(u64::MAX));
    assert_eq!(asked(&holder.stays(3_600_000)), []);
}

#[test]
fn a_token_that_came_due_before_the_welcome_is_renewed_right_after_it() {
    let mut holder = Holder::asking(uses(V1));
    holder.gives("short", Some(2_000));
    holder.bench.ms = 5_000;
    holder.comes_in(welcome(FIRST));
    assert_eq!(asked(&holder.bench.advance()), [(1, Occasion::Expired, false)]);
    assert_eq!(holder.bench.ms, 5_000);
}

#[test]
fn plain_links_are_not_renewed_because_nobody_would_understand() {
    let mut holder = Holder::open_plain(plain(HANDSHAKE), Some(MINUTE));
    assert_eq!(holder.bench.pool.poll_timeout(), None);
    holder.closes(1006);
}

#[test]
fn a_renewal_that_fails_is_tried_again_with_a_backoff_of_its_own_and_the_link_lives_on() {
    let mut holder = minute();
    until_asked(&mut holder);
    let mut most = 1_000;
    for _ in 0..4 {
        let began = holder.bench.ms;
        let done = holder.gives_none("the vault is shut", false);
        assert_eq!((handed(&done), events(done)), (vec![], vec![]));
        let (at, questions) = until_asked(&mut holder);
        assert_eq!(questions, [(1, Occasion::Expired, false)]);
        assert!(at - began <= most + 100, "{at} - {began}");
        most *= 2;
    }
    assert_eq!(holder.bench.status("a"), Status::Connected);
    let key = super::key("a");
    let log = holder.bench.pool.log(&key);
    assert_eq!(
        log.filter(|entry| entry.because == "the token was not renewed: the vault is shut").count(),
        4
    );
    assert_eq!(told_tokens(&holder.gives("token-2", Some(MINUTE))), ["token-2"]);
    // One that came ends the row of failures.
    let (began, _) = until_asked(&mut holder);
    holder.gives_none("the vault is shut", false);
    assert!(until_asked(&mut holder).0 - began <= 1_100);
    holder.gives("token-3", Some(MINUTE));
    // A link that was lost afterwards begins with the first interval: nothing failed there.
    holder.bench.pass(1);
    holder.closes(1006);
    assert!(holder.bench.delay("a") <= 1_000);
}

#[test]
fn a_provider_that_hangs_is_asked_again_while_the_link_lives_on() {
    let mut holder = Holder::welcomed(uses(V1).with(Knob::ReconnectTimeoutMs, 4_000.0), Some(MINUTE));
    let (at, _) = until_asked(&mut holder);
    let (again, questions) = until_asked(&mut holder);
    assert_eq!(questions, [(1, Occasion::Expired, true)]);
    assert!((at + 3_900..=at + 4_100).contains(&again), "{at} {again}");
    assert_eq!(holder.bench.status("a"), Status::Connected);
    // Whichever call answers first.
    assert_eq!(told_tokens(&holder.gives("token-2", None)), ["token-2"]);
    assert_eq!(holder.gives("token-3", None), [], "and only that one");
}

#[test]
fn a_provider_whose_time_ran_out_unobserved_gets_a_little_more() {
    let mut holder = Holder::welcomed(uses(V1).with(Knob::ReconnectTimeoutMs, 4_000.0), Some(MINUTE));
    until_asked(&mut holder);
    holder.bench.ms += 3_600_000;
    assert_eq!(asked(&holder.bench.tell(Input::Timeout)), []);
    assert_eq!(told_tokens(&holder.gives("token-2", None)), ["token-2"]);
    // Once: whoever is late again is asked again.
    let mut holder = Holder::welcomed(uses(V1).with(Knob::ReconnectTimeoutMs, 4_000.0), Some(MINUTE));
    until_asked(&mut holder);
    for late in [false, true] {
        holder.bench.ms += 30_000;
        let asked = asked(&holder.bench.tell(Input::Timeout));
        assert_eq!(asked, if late { vec![(1, Occasion::Expired, true)] } else { vec![] });
        holder.says(ServerFrame::Pong(counts(0, 0, 0)));
    }
}

#[test]
fn a_page_that_slept_past_the_expiry_asks_at_once_and_gives_the_link_its_chance() {
    let mut holder = minute();
    holder.bench.ms = 3_600_000;
    let done = holder.bench.tell(Input::Timeout);
    assert_eq!(asked(&done), [(1, Occasion::Expired, false)]);
    assert_eq!(handed(&done), ["<ping>"], "a late timer leads to a probe, not to a kill");
    assert_eq!(holder.bench.status("a"), Status::Connected);
}

#[test]
fn a_provider_that_gives_up_for_good_closes_the_link_for_good() {
    let mut holder = minute();
    until_asked(&mut holder);
    let socket = holder.socket;
    let done = holder.gives_none("the account is closed", true);
    let closed = Output::CloseSocket { socket, code: Some(1000), reason: "".into() };
    let at = done.iter().position(|output| *output == closed).expect("the server is told goodbye");
    assert_eq!(done[at + 1], Output::AbandonSocket { socket });
    let told = events(done);
    assert_eq!(told[1..], [Event::Error, Event::Close(ended(1006))]);
    assert_eq!((holder.bench.status("a"), &*holder.reason()), (Status::Failed, "the account is closed"));
    assert_eq!(holder.bench.pool.poll_timeout(), None);
    assert_eq!(holder.bench.pool.totals(holder.bench.now()).1, holder.bench.ms, "it was open until now");
}

#[test]
fn a_link_that_is_lost_while_a_token_is_on_its_way_shares_the_call() {
    let mut holder = minute();
    until_asked(&mut holder);
    let older = holder.socket;
    holder.closes(1006);
    assert!(!holder.bench.pool.asks_token(older));
    assert_eq!(asked(&holder.tries_again()), [(2, Occasion::Expired, false)]);
    let late = Input::Authorized(older, Ok(super::token_bench::grant("late", None)));
    assert_eq!(holder.bench.tell(late), [], "it answers another question");
    holder.gives("token-2", None);
    assert_eq!(holder.greets().as_deref(), Some("token-2"));
}

#[test]
fn a_link_that_has_no_use_for_tokens_waits_for_none() {
    let mut holder = minute();
    until_asked(&mut holder);
    holder.bench.pool.configure_connection(holder.socket.conn, set(Knob::Protocol, 0.0));
    holder.closes(1006);
    assert_eq!(asked(&holder.tries_again()), [], "a plain server does not get it");
    holder.opens_plain();
    assert!(!holder.bench.pool.asks_token(holder.socket));
    assert_eq!(holder.gives_none("too late", true), []);
}

#[test]
fn a_token_that_is_not_to_be_used_any_more_is_not_renewed() {
    let mut holder = minute();
    holder.bench.pool.configure_connection(holder.socket.conn, set(Knob::TokenUse, 0.0));
    assert_eq!(asked(&holder.stays(600_000)), []);
    assert!(!holder.bench.pool.has_token(), "it has been forgotten when it was to be renewed");
    assert_eq!(holder.bench.status("a"), Status::Connected);
}

#[test]
fn hurrying_it_while_it_renews_asks_once_more() {
    let mut holder = minute();
    until_asked(&mut holder);
    let done = holder.reconnects();
    assert_eq!(asked(&done), [(2, Occasion::Expired, false)]);
}

#[test]
fn closing_while_it_renews_wins() {
    let mut holder = minute();
    until_asked(&mut holder);
    holder.bench.close(holder.socket.conn);
    assert!(!holder.bench.pool.asks_token(holder.socket));
    assert_eq!(holder.gives("token-2", Some(MINUTE)), []);
    let told = events(holder.closes(1000));
    assert_eq!(told.last(), Some(&Event::Close(ended(1000))));
    assert_eq!(holder.bench.pool.poll_timeout(), None);
}

#[test]
fn a_renewal_is_no_use_of_an_idle_connection() {
    let mut holder = Holder::welcomed(uses(V1).with(Knob::IdleTimeoutMs, 120_000.0), Some(MINUTE));
    until_asked(&mut holder);
    holder.gives("token-2", Some(MINUTE));
    until_asked(&mut holder);
    holder.gives("token-3", None);
    holder.stays(120_000 - holder.bench.ms);
    assert_eq!(holder.bench.status("a"), Status::Disconnecting);
}
