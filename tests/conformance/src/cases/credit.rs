//! Chapter "Windows, credit and acks": how much input a client may have outstanding.

use crate::case::{At, Case, case};
use crate::tab::{Tab, cost};

pub(super) const CASES: &[Case] = &[
    case!(input_up_to_the_credit_is_taken_and_one_byte_more_is_a_violation),
    case!(the_first_message_may_be_larger_than_the_credit),
    case!(acks_and_pongs_come_through_while_the_source_takes_nothing),
    case!(what_is_consumed_makes_room_in_the_credit),
    case!(empty_messages_cost_as_well),
];

/// A tab whose source has stopped at this gate, and how much room its credit has.
async fn stopped(at: &At, gate: &str) -> (Tab, u64) {
    let mut tab = at.attached("/told").await;
    let stop = format!("!stop {gate}");
    let room = tab.told("credit") - cost(stop.len());
    tab.send(stop).await;
    (tab, room)
}

async fn input_up_to_the_credit_is_taken_and_one_byte_more_is_a_violation(at: At) {
    for over in [0, 1] {
        let gate = at.gate();
        let (mut tab, mut room) = stopped(&at, &gate).await;
        while room > cost(20_000) {
            tab.send("x".repeat(10_000)).await;
            room -= cost(10_000);
        }
        tab.send("y".repeat((room - cost(0)) as usize + over)).await;
        if over == 0 {
            tab.round_trip().await;
            assert_eq!(tab.their_counts(), (tab.sent, 0));
            at.open_gate(&gate).await;
            tab.hear_counts(tab.sent, tab.sent).await;
        } else {
            let reason = tab.closed_with(4400).await;
            assert!(!reason.is_empty(), "a reason is told");
        }
    }
}

async fn the_first_message_may_be_larger_than_the_credit(at: At) {
    let mut tab = at.attached("/told").await;
    let (longest, credit) = (tab.told("maxMessage"), tab.told("credit"));
    assert!(longest > credit, "the terms of /told are such that this can be tried");
    for sent in 1..=3 {
        tab.send("x".repeat(longest as usize)).await;
        assert_eq!(tab.hear_text().await.len() as u64, longest);
        tab.hear_counts(sent, sent).await;
    }
}

async fn acks_and_pongs_come_through_while_the_source_takes_nothing(at: At) {
    let gate = at.gate();
    let (mut tab, room) = stopped(&at, &gate).await;
    let mut other = tab.double();
    tab.send("x".repeat((room - cost(0)) as usize)).await;
    for _ in 0..10 {
        tab.round_trip().await;
    }
    // A later hello comes through as well.
    other.recall(&tab);
    other.attach().await;
    other.round_trip().await;
    assert_eq!(other.their_counts(), (2, 0));
    at.open_gate(&gate).await;
    other.hear_text().await;
}

async fn what_is_consumed_makes_room_in_the_credit(at: At) {
    let mut tab = at.attached("/told").await;
    let credit = tab.told("credit");
    for round in 1..=20 {
        // Two of them are never outstanding together.
        tab.send(format!("!quiet {}", "x".repeat((credit - cost(7)) as usize))).await;
        tab.hear_counts(round, round).await;
    }
}

async fn empty_messages_cost_as_well(at: At) {
    let gate = at.gate();
    let (mut tab, room) = stopped(&at, &gate).await;
    for _ in 0..=room / cost(0) {
        tab.send("").await;
    }
    tab.closed_with(4400).await;
}
