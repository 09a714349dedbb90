//! Who may speak for an attachment, and where it goes on.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::session_bench::{Bench, TERMS, Tab, counts, note, size, tab};
use crate::core::resume::frame::{ClientFrame, Hello, ServerFrame, Welcome};
use crate::core::resume::session::{Input, MAX_ATTACHMENTS, Next};
use crate::core::resume::{Access, Id, MAX_NUMBER};

#[test]
fn the_first_welcome_says_all_terms_and_begins_at_the_tail() {
    let mut bench = Bench::new();
    bench.say(1..=9);
    let mut a = tab(1);
    let welcome = bench.enter(&mut a);
    let expected = Welcome {
        epoch: welcome.epoch,
        received: 0,
        next: 8,
        live: 9,
        heartbeat_ms: 15_000,
        window: 500,
        credit: 400,
        max_message: 500,
        controller: true,
        read_only: false,
        size: None,
    };
    assert_eq!(welcome, expected);
    assert_eq!(bench.notes(&a), [8, 9]);
}

#[test]
fn where_numbering_begins_is_settled_when_the_welcome_is_handed_over() {
    let mut bench = Bench::new();
    let mut a = tab(1);
    bench.attach(&mut a).expect("it may attach");
    bench.say(1..=30);
    let Next::Frame(ServerFrame::Welcome(welcome)) = bench.next(&a) else { panic!("no welcome") };
    assert_eq!((welcome.next, welcome.live), (29, 30));
    assert_eq!(bench.pull(&a), [Next::Message(note(29)), Next::Message(note(30))], "and no gap");
}

#[test]
fn after_a_cut_it_goes_on_with_what_was_not_received() {
    let mut bench = Bench::new();
    let mut a = bench.tab(1);
    bench.say(1..=4);
    assert_eq!(bench.notes(&a), [1, 2, 3, 4]);
    bench.lose(&a);
    bench.say(5..=5);
    a.hello.received = 2;
    let epoch = a.hello.epoch;
    let welcome = bench.enter(&mut a);
    assert_eq!((Some(welcome.epoch), welcome.next, welcome.live), (epoch, 3, 5));
    assert_eq!(bench.notes(&a), [3, 4, 5]);
}

#[test]
fn a_lost_welcome_begins_where_the_first_one_said() {
    let mut bench = Bench::new();
    bench.say(1..=9);
    let mut a = tab(1);
    let first = bench.enter(&mut a);
    assert_eq!(bench.notes(&a), [8, 9]);
    a.hello.epoch = None;
    bench.say(10..=12);
    let second = bench.enter(&mut a);
    assert_eq!((second.epoch, second.next, second.received), (first.epoch, 8, 0));
    assert_eq!(bench.notes(&a), [8, 9, 10, 11, 12]);
}

#[test]
fn nobody_attaches_with_another_secret() {
    let mut bench = Bench::new();
    let a = bench.tab(1);
    let mut thief = a.clone();
    thief.hello.secret = Id(7);
    assert_eq!(bench.attach(&mut thief).expect_err("it is refused").code, 4403);
    bench.say(1..=1);
    assert_eq!(bench.notes(&a), [1], "the attachment's own link lives on");
}

#[test]
fn a_late_hello_of_an_older_socket_changes_nothing() {
    let mut bench = Bench::new();
    let mut late = bench.tab(1);
    let mut a = late.clone();
    bench.enter(&mut a);
    bench.pull(&a);
    late.hello.attempt -= 1;
    for _ in 0..2 {
        let refused = bench.attach(&mut late).expect_err("neither less nor equal is more");
        assert_eq!((refused.code, &*refused.reason), (4409, "superseded"));
        assert_eq!(bench.next(&late), Next::Idle, "the session does not know the socket");
    }
    bench.say(1..=1);
    bench.send(&a, [5]);
    assert_eq!(bench.notes(&a), [1]);
    assert_eq!(bench.feed(), [Input::Message(note(5))]);
}

#[test]
fn a_fenced_socket_is_over_and_nothing_is_read_from_it() {
    let mut bench = Bench::new();
    let mut a = bench.tab(1);
    let older = a.clone();
    bench.say(1..=3);
    assert!(matches!(bench.next(&older), Next::Message(_)));
    bench.send(&older, [5]);
    (a.hello.received, a.hello.sent) = (1, 2);
    let welcome = bench.enter(&mut a);
    bench.send(&older, [6]);
    bench.frame(&older, ClientFrame::Ack(counts(2, 3, 3)));
    assert_eq!((welcome.received, welcome.next), (1, 2));
    assert_eq!(bench.over(&older), Some((4409, "superseded".into())));
    bench.send(&a, [6]);
    assert_eq!(bench.feed(), [Input::Message(note(5)), Input::Message(note(6))]);
    assert_eq!(bench.notes(&a), [2, 3]);
    bench.leave(&older);
    bench.say(4..=4);
    assert_eq!(bench.notes(&a), [4], "its end is nobody's");
}

#[test]
fn another_epoch_begins_anew() {
    let mut bench = Bench::new();
    let mut a = bench.tab(1);
    bench.send(&a, [1, 2]);
    bench.say(1..=9);
    let epoch = a.hello.epoch;
    (a.hello.epoch, a.hello.received, a.hello.sent, a.hello.acked) = (Some(Id(7)), 400, 90, 80);
    let welcome = bench.enter(&mut a);
    assert_ne!(Some(welcome.epoch), epoch);
    assert_ne!(welcome.epoch, Id(7));
    assert_eq!((welcome.received, welcome.next, welcome.live), (0, 8, 9));
    assert!(welcome.controller, "a role is not a count");
    bench.send(&a, [3]);
    let fed = [1, 2, 3].map(|id| Input::Message(note(id)));
    assert_eq!(bench.feed(), fed, "what was taken before still reaches the source, once");
    bench.frame(&a, ClientFrame::Ping(counts(1, 7, 7)));
    assert_eq!(bench.next(&a), Next::Frame(ServerFrame::Pong(counts(7, 1, 1))));
}

#[test]
fn a_welcome_that_was_lost_after_a_restart_loses_nothing_of_the_beginning() {
    let mut bench = Bench::new();
    let mut a = tab(1);
    (a.hello.epoch, a.hello.received, a.hello.sent, a.hello.acked) = (Some(Id(7)), 400, 90, 80);
    let first = bench.enter(&mut a);
    bench.say(1..=9);
    (a.hello.epoch, a.hello.received) = (Some(Id(7)), 400);
    let second = bench.enter(&mut a);
    assert_eq!(
        (second.epoch, second.received, second.next),
        (first.epoch, 0, 1),
        "not at the tail's beginning"
    );
    bench.frame(&a, ClientFrame::Skip { to: 90 });
    let why = "skip: `to` is beyond what was ever sent (90, 0)";
    assert_eq!(bench.over(&a), Some((4400, why.into())), "its own counts are void");
}

#[test]
fn a_hello_that_contradicts_what_is_known_is_refused() {
    type Spoil = fn(&mut Hello);
    let wrong: [(&str, Spoil); 8] = [
        ("`received` is less than was acknowledged before (1, 2)", |hello| hello.received = 1),
        ("`received` is more than was sent (5, 4)", |hello| hello.received = 5),
        ("`received` is more than was sent", |hello| hello.received = MAX_NUMBER),
        ("`acked` is more than was received (2, 1)", |hello| (hello.acked, hello.sent) = (2, 2)),
        ("`sent` is less than was received (0, 1)", |hello| (hello.acked, hello.sent) = (0, 0)),
        ("no epoch, but counts", |hello| hello.epoch = None),
        ("`received` is less than was acknowledged", |hello| {
            (hello.epoch, hello.received, hello.sent, hello.acked) = (None, 0, 0, 0);
        }),
        ("`acked` is more than", |hello| (hello.acked, hello.sent) = (u64::MAX, u64::MAX)),
    ];
    for (why, spoil) in wrong {
        let mut bench = Bench::new();
        let mut a = bench.tab(1);
        let older = a.clone();
        bench.say(1..=5);
        for _ in 0..4 {
            bench.next(&a);
        }
        bench.send(&a, [1]);
        bench.frame(&a, ClientFrame::Ack(counts(1, 2, 2)));
        (a.hello.received, a.hello.sent, a.hello.acked) = (3, 1, 1);
        let good = a.hello.clone();
        spoil(&mut a.hello);
        let refused = bench.attach(&mut a).expect_err(why);
        assert_eq!(refused.code, 4400);
        assert!(refused.reason.contains(why) && refused.reason.len() <= 123, "{}", refused.reason);
        assert_eq!(bench.over(&older), Some((4409, "superseded".into())));
        a.hello = Hello { attempt: a.hello.attempt, ..good };
        assert_eq!(bench.enter(&mut a).next, 4, "nothing else has changed");
    }
}

#[test]
fn a_null_epoch_after_input_is_refused() {
    let mut bench = Bench::new();
    let mut a = bench.tab(1);
    bench.send(&a, [1]);
    a.hello.epoch = None;
    let refused = bench.attach(&mut a).expect_err("no input is allowed before a welcome");
    assert_eq!((refused.code, &*refused.reason), (4400, "hello: `sent` is less than was received (0, 1)"));
}

#[test]
fn a_second_hello_on_one_socket_is_a_violation() {
    let mut bench = Bench::new();
    let a = bench.tab(1);
    let mut hello = a.hello.clone();
    hello.attempt += 1;
    bench.frame(&a, ClientFrame::Hello(hello.clone()));
    assert_eq!(bench.over(&a), Some((4400, "hello was said before".into())));
    let b = bench.tab(2);
    let now = bench.now();
    let refused =
        bench.session.attach(now, b.link, &hello, Access::ReadWrite, Id(9)).expect_err("the link is taken");
    assert_eq!(refused.code, 4400);
    assert_eq!(bench.over(&b), Some((4400, "hello was said before".into())));
}

#[test]
fn nothing_is_said_before_the_welcome() {
    let said: [fn(&mut Bench, &Tab); 5] = [
        |bench, a| bench.send(a, [1]),
        |bench, a| bench.ack(a, 0),
        |bench, a| bench.frame(a, ClientFrame::Resize(size(9))),
        |bench, a| bench.frame(a, ClientFrame::Skip { to: 1 }),
        |bench, a| bench.frame(a, ClientFrame::Ping(counts(0, 0, 0))),
    ];
    for say in said {
        let mut bench = Bench::new();
        let _controller = bench.tab(2);
        let mut a = tab(1);
        bench.attach(&mut a).expect("it may attach");
        say(&mut bench, &a);
        assert_eq!(bench.over(&a), Some((4400, "something was sent before the welcome".into())));
        assert_eq!(bench.feed(), []);
    }
}

#[test]
fn the_longest_detached_attachment_makes_room_for_one_more() {
    let mut bench = Bench::new();
    let mut tabs: Vec<_> = (0..MAX_ATTACHMENTS as u128).map(|id| bench.tab(id)).collect();
    let mut late = tab(1_000);
    let refused = bench.attach(&mut late).expect_err("all of them are attached");
    assert_eq!((refused.code, &*refused.reason), (4429, "too many attachments"));
    for gone in [5, 3] {
        bench.ms += 1;
        bench.lose(&tabs[gone]);
    }
    bench.enter(&mut late);
    let (third, fifth) = (tabs[3].hello.epoch, tabs[5].hello.epoch);
    assert_eq!(Some(bench.enter(&mut tabs[3]).epoch), third, "it is still known");
    bench.lose(&late);
    assert_ne!(Some(bench.enter(&mut tabs[5]).epoch), fifth, "it was forgotten");
}

#[test]
fn who_comes_sends_and_goes_does_not_fill_the_queue() {
    let mut bench = Bench::new();
    let _watching = bench.tab(0);
    let mut refused = None;
    for id in 1..100 {
        let mut a = tab(id);
        refused = bench.attach(&mut a).err();
        if refused.is_some() {
            break;
        }
        bench.pull(&a);
        bench.send(&a, 1..=4);
        bench.leave(&a);
    }
    let refused = refused.expect("the source has consumed nothing");
    assert_eq!((refused.code, &*refused.reason), (4429, "the source is behind with its input"));
    assert_eq!(bench.session.cost(), 2 * TERMS.credit);
    assert_eq!(bench.feed().len(), 8, "what was taken still reaches the source");
    bench.tab(200);
}

#[test]
fn a_tab_that_begins_anew_again_and_again_does_not_fill_the_queue_either() {
    let mut bench = Bench::new();
    let mut a = bench.tab(1);
    for _ in 0..2 {
        bench.send(&a, 1..=4);
        a.hello.epoch = Some(Id(7));
        bench.enter(&mut a);
    }
    bench.send(&a, 1..=1);
    a.hello.epoch = Some(Id(7));
    assert_eq!(bench.attach(&mut a).expect_err("eight wait already").code, 4429);
    assert_eq!(bench.feed().len(), 9);
    bench.enter(&mut a);
}

#[test]
fn however_a_fenced_link_ends_it_changes_nothing() {
    let mut bench = Bench::new();
    let mut a = bench.tab(1);
    let old = a.clone();
    a.hello.received = 99;
    assert_eq!(bench.attach(&mut a).expect_err("it contradicts what is known").code, 4400);
    assert_eq!(bench.over(&old).map(|(code, _)| code), Some(4409));
    bench.leave(&old);
    a.hello.received = 0;
    let epoch = a.hello.epoch;
    assert_eq!(Some(bench.enter(&mut a).epoch), epoch);
}
