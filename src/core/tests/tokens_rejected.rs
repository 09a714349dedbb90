//! A server that wants another token: 4401.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::resume_bench::{FIRST, SECOND, Told, gap, handed, told, welcome};
use super::token_bench::{FIRST_MESSAGE, HANDSHAKE, Holder, V1, asked, goes_on, plain, uses};
use super::{CloseInfo, Event, Input, Output, Status, ended, events, statuses};
use crate::core::event::{Direction, Occasion};
use crate::core::options::Knob;
use crate::core::resume::frame::{ServerFrame, Welcome};

const REJECTED: &str = "the token was rejected";

/// An open connection of v1 that has just been closed with 4401 after so long.
fn rejected_after(ms: u64) -> (Holder, Vec<Output<super::Text>>) {
    let mut holder = Holder::welcomed(uses(V1), None);
    holder.stays(ms);
    let done = holder.closes(4401);
    (holder, done)
}

#[test]
fn a_rejected_token_is_replaced_at_once_without_a_backoff() {
    let (mut holder, done) = rejected_after(5_000);
    assert_eq!(asked(&done), [(2, Occasion::Rejected, false)]);
    assert_eq!(statuses(done), [Status::Reconnecting]);
    assert_eq!(holder.reason(), REJECTED);
    assert!(goes_on(&holder.gives("token-2", None)));
    assert_eq!(holder.greets().as_deref(), Some("token-2"));
    let done = holder.says(ServerFrame::Welcome(welcome(FIRST)));
    assert_eq!(statuses(done), [Status::Connected]);
}

#[test]
fn a_rejection_before_the_welcome_is_one_as_well() {
    let mut holder = Holder::asking(uses(V1));
    holder.gives("stale", None);
    holder.greets();
    assert_eq!(asked(&holder.closes(4401)), [(2, Occasion::Rejected, false)]);
}

#[test]
fn plain_servers_may_reject_what_they_were_shown() {
    for token_use in [HANDSHAKE, FIRST_MESSAGE] {
        let mut holder = Holder::asking(uses(token_use));
        holder.gives("stale", Some(600_000));
        holder.opens_plain();
        assert_eq!(asked(&holder.closes(4401)), [(2, Occasion::Rejected, false)], "{token_use}");
    }
}

#[test]
fn a_plain_server_that_was_shown_none_cannot_be_helped() {
    let links = || {
        let mut without = Holder::made(plain(V1)).0;
        without.opens_plain();
        [Holder::open_plain(uses(V1), Some(600_000)), without]
    };
    for (words, reason) in [("who are you?", "who are you?"), ("", "the server wants a token")] {
        for mut holder in links() {
            holder.bench.pass(60_000);
            assert_eq!(asked(&rejects(&mut holder, words)), [], "however long it was open");
            assert_eq!((holder.bench.status("a"), &*holder.reason()), (Status::Failed, reason));
        }
    }
}

#[test]
fn a_bare_attempt_that_wants_a_token_may_be_at_a_server_that_takes_one_in_the_hello() {
    // It was away when the protocol was offered, and is back for the bare attempt.
    let refused = || {
        let mut holder = Holder::asking(uses(V1));
        holder.gives("good", None);
        holder.closes(1006);
        holder.opens_plain();
        assert_eq!(asked(&holder.closes(4401)), []);
        assert_eq!(holder.bench.status("a"), Status::Reconnecting);
        assert_eq!(holder.reason(), "the server wants a token");
        assert_eq!(asked(&holder.tries_again()), [], "nobody has rejected the one that there is");
        holder
    };
    let mut holder = refused();
    assert_eq!(holder.greets().as_deref(), Some("good"));
    assert_eq!(statuses(holder.says(ServerFrame::Welcome(welcome(FIRST)))), [Status::Connected]);
    let mut plain = refused();
    plain.closes(1006);
    plain.tries_again();
    plain.opens_plain();
    plain.closes(4401);
    assert_eq!(plain.bench.status("a"), Status::Failed, "it is a plain one, and says so again");
}

#[test]
fn what_was_sent_and_what_waits_outlives_the_rejection() {
    let mut holder = Holder::welcomed(uses(V1), None);
    let conn = holder.socket.conn;
    holder.bench.pool.record(conn, super::Text("typed"), None).unwrap();
    assert_eq!(told(holder.closes(4401)), [], "nothing is lost");
    holder.bench.send(conn, "typed meanwhile").unwrap();
    holder.gives("token-2", None);
    let done = holder.comes_in(welcome(FIRST));
    assert_eq!(handed(&done), ["<ping>", "typed", "typed meanwhile"]);
    assert_eq!(told(done), []);
}

#[test]
fn a_second_rejection_with_no_welcome_in_between_is_the_end() {
    let (mut holder, _) = rejected_after(60_000);
    holder.gives("token-2", None);
    holder.greets();
    let told = events(holder.closes(4401));
    assert_eq!(told.last(), Some(&Event::Close(ended(4401))));
    assert_eq!((holder.bench.status("a"), &*holder.reason()), (Status::Failed, REJECTED));
    assert_eq!(holder.bench.pool.poll_timeout(), None);
    assert_eq!(
        asked(&holder.reconnects()),
        [(3, Occasion::First, false)],
        "another life knows nothing of it"
    );
    holder.gives("token-3", None);
    holder.greets();
    assert_eq!(asked(&holder.closes(4401)), [(4, Occasion::Rejected, false)]);
}

/// The server closes with 4401 and these words.
fn rejects(holder: &mut Holder, words: &str) -> Vec<Output<super::Text>> {
    let info = CloseInfo { code: 4401, reason: words.to_owned().into(), clean: true };
    let done = holder.bench.tell(Input::Closed(holder.socket, info));
    holder.socket.generation += u32::from(!asked(&done).is_empty());
    done
}

#[test]
fn the_reason_is_ours_and_the_words_of_the_server_come_after_it() {
    let mut holder = Holder::welcomed(uses(V1), None);
    rejects(&mut holder, "it has expired");
    assert_eq!(holder.reason(), "the token was rejected: it has expired");
    holder.gives("token-2", None);
    holder.greets();
    let told = events(rejects(&mut holder, "nor is this one"));
    let info = CloseInfo { code: 4401, reason: "nor is this one".into(), clean: true };
    assert_eq!(told.last(), Some(&Event::Close(info)));
    assert_eq!(holder.reason(), "the token was rejected: nor is this one");
}

#[test]
fn who_has_no_other_token_and_no_words_for_it_leaves_it_at_those_of_the_server() {
    let mut holder = Holder::welcomed(uses(V1), None);
    rejects(&mut holder, "it has expired");
    holder.gives_none("", true);
    assert_eq!(holder.bench.status("a"), Status::Failed);
    assert_eq!(holder.reason(), "the token was rejected: it has expired");
}

#[test]
fn attempts_that_came_to_nothing_in_between_forgive_nothing() {
    let (mut holder, _) = rejected_after(0);
    holder.gives_none("the vault is shut", false);
    holder.tries_again();
    holder.gives("token-2", None);
    holder.closes(1006);
    holder.tries_again();
    holder.greets();
    holder.closes(4401);
    assert_eq!(holder.bench.status("a"), Status::Failed);
}

#[test]
fn hurrying_it_forgives_nothing() {
    let (mut holder, _) = rejected_after(0);
    assert_eq!(asked(&holder.reconnects()), [(3, Occasion::Rejected, false)]);
    holder.gives("token-2", None);
    holder.greets();
    holder.closes(4401);
    assert_eq!(holder.bench.status("a"), Status::Failed);
}

#[test]
fn after_a_welcome_that_did_not_last_the_next_rejection_backs_off() {
    let (mut holder, _) = rejected_after(60_000);
    for welcomes in 2..5 {
        holder.gives("another", None);
        holder.comes_in(welcome(FIRST));
        holder.stays(9_999);
        assert_eq!(asked(&holder.closes(4401)), []);
        assert_eq!(holder.bench.status("a"), Status::Reconnecting, "{welcomes}");
        assert!(holder.bench.delay("a") <= 250 << welcomes, "the usual backoff");
        let (generation, reason, _) = asked(&holder.tries_again())[0];
        assert_eq!((generation, reason), (welcomes + 1, Occasion::Rejected));
    }
    holder.gives("another", None);
    holder.greets();
    holder.closes(4401);
    assert_eq!(holder.bench.status("a"), Status::Failed, "without a welcome it is still the end");
}

#[test]
fn after_a_stable_time_a_rejection_is_a_first_one_again() {
    let (mut holder, _) = rejected_after(60_000);
    for attempt in 3..6 {
        holder.gives("another", None);
        holder.comes_in(welcome(FIRST));
        holder.stays(10_000);
        assert_eq!(asked(&holder.closes(4401)), [(attempt, Occasion::Rejected, false)]);
    }
}

#[test]
fn a_plain_socket_that_did_not_last_is_no_welcome() {
    for (ms, status) in [(9_999, Status::Failed), (10_000, Status::Reconnecting)] {
        let mut holder = Holder::open_plain(plain(HANDSHAKE), None);
        holder.closes(4401);
        holder.gives("token-2", None);
        holder.opens_plain();
        holder.bench.pass(ms);
        holder.closes(4401);
        assert_eq!(holder.bench.status("a"), status, "{ms}");
    }
}

#[test]
fn without_a_token_a_rejection_is_the_end() {
    let mut holder = Holder::made(uses(0.0)).0;
    holder.greets();
    let info = CloseInfo { code: 4401, reason: "who are you?".into(), clean: true };
    holder.bench.tell(Input::Closed(holder.socket, info));
    assert_eq!((holder.bench.status("a"), &*holder.reason()), (Status::Failed, "who are you?"));
}

#[test]
fn without_retries_a_rejection_is_the_end() {
    let mut holder = Holder::welcomed(uses(V1).with(Knob::MaxRetries, 0.0), None);
    holder.closes(4401);
    assert_eq!((holder.bench.status("a"), &*holder.reason()), (Status::Failed, REJECTED));
}

#[test]
fn another_failure_after_a_rejection_backs_off_as_a_second_one() {
    let (mut holder, _) = rejected_after(60_000);
    holder.gives_none("the vault is shut", false);
    assert!(holder.bench.delay("a") <= 500);
    assert_eq!(asked(&holder.tries_again()), [(3, Occasion::Rejected, false)]);
}

#[test]
fn the_code_decides_when_the_application_does_not() {
    let mut holder = Holder::welcomed(uses(V1).with(Knob::Asks, 1.0), None);
    let socket = holder.socket;
    assert_eq!(holder.closes(4401), [Output::Judge { socket, info: ended(4401) }]);
    let done = holder.bench.tell(Input::Judged(socket, ended(4401), None));
    assert_eq!(asked(&done), [(2, Occasion::Rejected, false)]);
    holder.socket.generation = 2;
    holder.gives("token-2", None);
    holder.greets();
    holder.closes(4401);
    holder.bench.tell(Input::Judged(holder.socket, ended(4401), None));
    assert_eq!(holder.bench.status("a"), Status::Failed);
}

#[test]
fn no_from_the_application_is_the_end_and_asks_for_nothing() {
    let mut holder = Holder::welcomed(uses(V1).with(Knob::Asks, 1.0), None);
    let socket = holder.socket;
    holder.closes(4401);
    let done = holder.bench.tell(Input::Judged(socket, ended(4401), Some(false)));
    assert_eq!((asked(&done), holder.bench.status("a")), (vec![], Status::Failed));
}

#[test]
fn an_application_that_insists_is_tried_for_again_and_again_with_the_backoff() {
    let mut holder = Holder::welcomed(uses(V1).with(Knob::Asks, 1.0), None);
    let yes = |holder: &mut Holder| {
        holder.closes(4401);
        holder.bench.tell(Input::Judged(holder.socket, ended(4401), Some(true)))
    };
    assert_eq!(asked(&yes(&mut holder)), [(2, Occasion::Rejected, false)], "the first at once");
    holder.socket.generation = 2;
    for _ in 0..3 {
        holder.gives("stale", None);
        holder.greets();
        assert_eq!(asked(&yes(&mut holder)), []);
        assert_eq!(holder.bench.status("a"), Status::Reconnecting);
        assert_eq!(asked(&holder.tries_again())[0].1, Occasion::Rejected);
    }
    // So it is for an application that has no token.
    let mut holder = Holder::made(uses(0.0).with(Knob::Asks, 1.0)).0;
    for _ in 0..3 {
        holder.greets();
        assert!(!goes_on(&yes(&mut holder)));
        assert!(goes_on(&holder.tries_again()));
    }
}

#[test]
fn hurrying_it_while_the_application_judges_does_not_bring_the_rejected_token_back() {
    let mut holder = Holder::welcomed(uses(V1).with(Knob::Asks, 1.0), None);
    holder.closes(4401);
    assert_eq!(asked(&holder.reconnects()), [(2, Occasion::Rejected, false)]);
}

#[test]
fn another_epoch_after_the_rejection_says_what_is_lost() {
    let mut holder = Holder::welcomed(uses(V1), None);
    holder.bench.pool.record(holder.socket.conn, super::Text("typed"), None).unwrap();
    holder.closes(4401);
    holder.gives("token-2", None);
    holder.greets();
    let lost = told(holder.says(ServerFrame::Welcome(Welcome { ..welcome(SECOND) })));
    let expected = [
        gap(Direction::In, 1, None, "session_lost"),
        gap(Direction::Out, 1, Some(1), "session_lost"),
        Told::Open,
    ];
    assert_eq!(lost, expected);
}
