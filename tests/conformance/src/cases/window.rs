//! Chapters "Windows, credit and acks" and "The server's log": how much output may be outstanding, and whom the source
//! waits for. That no more than that is outstanding is judged on every link.

use crate::case::{At, Case, case, numbered};
use crate::tab::{Ending, Said, Tab, cost};

pub(super) const CASES: &[Case] = &[
    case!(output_fills_the_window_and_goes_on_as_it_is_consumed),
    case!(what_is_received_and_not_consumed_makes_no_room),
    case!(a_message_larger_than_the_window_comes_alone),
    case!(a_resumed_link_begins_with_output_and_goes_on),
    case!(the_source_waits_for_a_controller_that_is_slow, with Holding),
    case!(the_source_does_not_wait_for_ever, with Attachments Controller),
    case!(nobody_waits_for_who_is_away, with Attachments),
    case!(nobody_waits_for_who_is_not_the_controller, with Attachments Controller),
];

/// Listens until no more entry of this cost fits.
async fn fill(tab: &mut Tab, cost: u64) {
    let window = tab.told("window");
    while tab.outstanding() == 0 || tab.outstanding() + cost <= window {
        tab.hear_text().await;
    }
    let received = tab.received;
    tab.round_trip().await;
    assert_eq!(tab.received, received, "nothing comes that is too much");
}

async fn output_fills_the_window_and_goes_on_as_it_is_consumed(at: At) {
    let mut tab = at.attached("/told").await;
    tab.consumes = false;
    tab.send("!say 60 2000").await;
    fill(&mut tab, cost(2000)).await;
    for consumed in [3, 4, 20] {
        tab.consumed = consumed;
        tab.count("ack").await;
        fill(&mut tab, cost(2000)).await;
    }
    tab.consumes = true;
    tab.consume().await;
    while tab.received < 59 {
        tab.hear_text().await;
    }
    tab.expect(&[&numbered(60, 2000)]).await;
}

async fn what_is_received_and_not_consumed_makes_no_room(at: At) {
    let mut tab = at.attached("/told").await;
    tab.consumes = false;
    tab.send("!say 40 3000").await;
    fill(&mut tab, cost(3000)).await;
    let received = tab.received;
    for kind in ["ack", "pong", "ping"] {
        tab.count(kind).await;
    }
    tab.hear_frame("pong").await;
    tab.round_trip().await;
    assert_eq!(tab.received, received);
}

async fn a_message_larger_than_the_window_comes_alone(at: At) {
    let mut tab = at.attached("/told").await;
    tab.consumes = false;
    assert!(tab.told("window") < 100_000, "the terms of /told are such that this can be tried");
    tab.send("!say 2 100000").await;
    tab.expect(&[&numbered(1, 100_000)]).await;
    tab.round_trip().await;
    assert_eq!(tab.received, 1);
    tab.consume().await;
    tab.expect(&[&numbered(2, 100_000)]).await;
}

async fn a_resumed_link_begins_with_output_and_goes_on(at: At) {
    let mut tab = at.attached("/told").await;
    tab.consumes = false;
    tab.send("!say 40 3000").await;
    fill(&mut tab, cost(3000)).await;
    tab.cut();
    tab.consumes = true;
    tab.attach().await;
    tab.consume().await;
    while tab.received < 39 {
        tab.hear_text().await;
    }
    tab.expect(&[&numbered(40, 3000)]).await;
}

async fn the_source_waits_for_a_controller_that_is_slow(at: At) {
    let mut tab = at.attached("/told").await;
    tab.consumes = false;
    // Three times the ring: were it not held, it would have to be short of something.
    for number in 1..=400 {
        if number == 1 {
            tab.send("!say 400 2000").await;
        }
        tab.expect(&[&numbered(number, 2000)]).await;
        if tab.outstanding() + cost(2000) > tab.told("window") {
            tab.round_trip().await;
            tab.consume().await;
        }
    }
}

/// Listens until this text comes; comes back when it was too slow. Returns whether it missed anything.
async fn until(tab: &mut Tab, text: &str) -> bool {
    let mut has_missed = false;
    loop {
        match tab.hear().await {
            Said::Text(said) if said == text => return has_missed,
            Said::Text(_) => {}
            Said::Frame(frame) if frame["type"] == "gap" => has_missed = true,
            Said::Frame(frame) if frame["type"] == "role" => {}
            Said::Ended(Ending::Closed(4413, _)) => tab.attach().await,
            other => panic!("{other:.200?}"),
        }
    }
}

async fn the_source_does_not_wait_for_ever(at: At) {
    let mut controller = at.attached("/told").await;
    controller.consumes = false;
    let mut viewer = controller.sibling();
    viewer.attach().await;
    controller.send("!say 400 2000").await;
    // The controller reads nothing of it; at the latest after 5 s nobody minds.
    until(&mut viewer, &numbered(400, 2000)).await;
    controller.consumes = true;
    // What it could be given fills its window; the rest of it is gone.
    controller.consume().await;
    assert!(until(&mut controller, &numbered(400, 2000)).await, "it has missed something, and was told");
}

async fn nobody_waits_for_who_is_away(at: At) {
    let mut away = at.attached("/told").await;
    let mut viewer = away.sibling();
    viewer.attach().await;
    let gate = at.gate();
    away.send(format!("!stop {gate}")).await;
    away.send("!say 400 2000").await;
    away.hear_counts(2, 0).await;
    away.cut();
    at.open_gate(&gate).await;
    until(&mut viewer, &numbered(400, 2000)).await;
    away.attach().await;
    assert!(until(&mut away, &numbered(400, 2000)).await, "it has missed something, and was told");
}

async fn nobody_waits_for_who_is_not_the_controller(at: At) {
    let mut controller = at.attached("/told").await;
    let mut viewer = controller.sibling();
    viewer.attach().await;
    viewer.consumes = false;
    controller.send("!say 400 2000").await;
    until(&mut controller, &numbered(400, 2000)).await;
    controller.send("still").await;
    until(&mut controller, "still").await;
    viewer.consumes = true;
    viewer.consume().await;
    assert!(until(&mut viewer, "still").await, "it has missed something, and was told");
}
