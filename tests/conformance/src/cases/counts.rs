//! Chapters "Numbers", "Heartbeat" and "Windows, credit and acks": what the counts say, when they come, and what is
//! done with those that cannot be.

use serde_json::{Value, json};

use crate::case::{At, Case, case};
use crate::tab::{Said, Tab};

pub(super) const CASES: &[Case] = &[
    case!(a_ping_is_answered_at_once),
    case!(several_pings_are_answered),
    case!(input_is_acknowledged_without_being_asked_for),
    case!(input_that_is_received_and_not_consumed_is_told_apart),
    case!(counts_that_cannot_be_end_the_link_and_nothing_else),
    case!(fields_that_nobody_knows_are_passed_over),
    case!(a_resize_is_counted_as_input),
];

async fn a_ping_is_answered_at_once(at: At) {
    let mut tab = at.attached("/told").await;
    tab.count("ping").await;
    // Nothing else is under way: no ack is owed, and the server's own ping is far off.
    assert!(matches!(tab.listen().await, Said::Frame(frame) if frame["type"] == "pong"));
    tab.send("!say 3 10").await;
    tab.round_trip().await;
    assert_eq!(tab.their_counts().0, 1, "a pong is an ack as well");
}

async fn several_pings_are_answered(at: At) {
    let mut tab = at.attached("/told").await;
    for _ in 0..10 {
        tab.count("ping").await;
    }
    tab.send("after").await;
    let mut has_ponged = false;
    loop {
        match tab.listen().await {
            Said::Frame(frame) if frame["type"] == "pong" => has_ponged = true,
            Said::Text(_) if has_ponged => break,
            Said::Frame(frame) if frame["type"] == "ack" => {}
            // The answers may come after the echo, but come.
            Said::Text(_) => {
                tab.hear_frame("pong").await;
                break;
            }
            other => panic!("{other:?}"),
        }
    }
}

/// Listens until the input is acknowledged so far, by an ack: a heartbeat would come much later.
async fn hear_ack(tab: &mut Tab, received: u64, consumed: u64) {
    while tab.their_counts().0 < received || tab.their_counts().1 < consumed {
        match tab.listen().await {
            Said::Frame(frame) if frame["type"] == "ack" => {}
            other => panic!("{other:?} instead of an ack of {received} and {consumed}"),
        }
    }
}

async fn input_is_acknowledged_without_being_asked_for(at: At) {
    let mut tab = at.attached("/told").await;
    for number in 1..=3 {
        tab.send("!quiet").await;
        hear_ack(&mut tab, number, number).await;
    }
    for _ in 0..100 {
        tab.send("!quiet").await;
    }
    hear_ack(&mut tab, 103, 103).await;
    // Enough for an ack to be owed at once.
    tab.send(format!("!quiet {}", "x".repeat(40_000))).await;
    hear_ack(&mut tab, 104, 104).await;
}

async fn input_that_is_received_and_not_consumed_is_told_apart(at: At) {
    let mut tab = at.attached("/told").await;
    let gate = at.gate();
    tab.send("!quiet").await;
    tab.send(format!("!stop {gate}")).await;
    tab.send("!quiet").await;
    hear_ack(&mut tab, 3, 1).await;
    tab.round_trip().await;
    assert_eq!(tab.their_counts(), (3, 1), "nothing behind a source that has stopped is consumed");
    at.open_gate(&gate).await;
    hear_ack(&mut tab, 3, 3).await;
}

fn counts(sent: u64, received: u64, consumed: u64) -> Value {
    json!({ "type": "ack", "sent": sent, "received": received, "consumed": consumed })
}

async fn counts_that_cannot_be_end_the_link_and_nothing_else(at: At) {
    let mut bystander = at.attached("/told").await;
    // After one input and three messages of output, all of them acknowledged as far as the first of each says.
    let cases: [(Option<Value>, Value); 7] = [
        (None, counts(0, 3, 3)),
        (None, counts(2, 3, 3)),
        (None, counts(1, 4, 3)),
        (Some(counts(1, 3, 0)), counts(1, 2, 0)),
        (Some(counts(1, 3, 3)), counts(1, 3, 2)),
        (Some(counts(1, 3, 2)), counts(1, 3, 1)),
        (None, counts(1, 2, 3)),
    ];
    for (first, wrong) in cases {
        for kind in ["ack", "ping", "pong"] {
            let mut tab = at.attached("/told").await;
            tab.consumes = false;
            tab.send("!say 3 10").await;
            while tab.received < 3 {
                tab.hear_text().await;
            }
            if let Some(first) = &first {
                tab.say(first).await;
            }
            let mut wrong = wrong.clone();
            wrong["type"] = kind.into();
            tab.say(&wrong).await;
            let reason = tab.closed_with(4400).await;
            assert!(!reason.is_empty(), "a reason is told for {wrong}");
        }
    }
    bystander.send("unharmed").await;
    bystander.expect(&["unharmed"]).await;
}

async fn fields_that_nobody_knows_are_passed_over(at: At) {
    let mut tab = at.attached("/told").await;
    let mut ping = counts(0, 0, 0);
    ping["type"] = "ping".into();
    ping["later"] = json!([{ "deep": [null, 1e300, "\0"] }]);
    ping["sent"] = json!(0.0);
    tab.say(&ping).await;
    tab.hear_frame("pong").await;
}

async fn a_resize_is_counted_as_input(at: At) {
    let mut tab = at.attached("/told").await;
    tab.send("!quiet").await;
    tab.resize(100, 30).await;
    tab.send("!quiet").await;
    tab.hear_counts(3, 3).await;
}
