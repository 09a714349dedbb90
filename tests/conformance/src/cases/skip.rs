//! Chapter "Input": input that has grown old is skipped, and only where it may be.

use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use crate::case::{At, Case, case};
use crate::tab::Tab;

pub(super) const CASES: &[Case] = &[
    case!(what_is_skipped_counts_as_received_and_consumed_and_is_never_taken),
    case!(a_skip_behind_input_that_waits_is_consumed_after_it),
    case!(a_skip_that_was_lost_is_said_again),
    case!(a_skip_to_where_it_may_not_go_is_a_violation),
];

/// Has one input, of which it is known that it was taken, and three more that were lost on the way.
async fn forgetful(at: &At) -> Tab {
    let mut tab = at.attached("/told").await;
    tab.send("one").await;
    tab.expect(&["one"]).await;
    tab.hear_counts(1, 1).await;
    for text in ["two", "three", "four"] {
        tab.lose(text);
    }
    tab.cut();
    tab.open().await;
    let hello = tab.hello();
    tab.say(&hello).await;
    tab.hear_welcome().await;
    assert_eq!(tab.told("received"), 1);
    tab
}

async fn skip(tab: &mut Tab, to: u64) {
    tab.say(&json!({ "type": "skip", "to": to })).await;
}

async fn what_is_skipped_counts_as_received_and_consumed_and_is_never_taken(at: At) {
    let mut tab = forgetful(&at).await;
    skip(&mut tab, 4).await;
    tab.count("ping").await;
    tab.send("five").await;
    tab.expect(&["five"]).await;
    tab.hear_counts(5, 5).await;
    tab.cut();
    tab.attach().await;
    assert_eq!((tab.told("received"), tab.told("next")), (5, 3));
}

async fn a_skip_behind_input_that_waits_is_consumed_after_it(at: At) {
    let mut tab = at.attached("/told").await;
    let gate = at.gate();
    tab.send(format!("!stop {gate}")).await;
    tab.send("two").await;
    tab.hear_counts(2, 0).await;
    tab.lose("three");
    tab.cut();
    tab.open().await;
    let hello = tab.hello();
    tab.say(&hello).await;
    tab.hear_welcome().await;
    skip(&mut tab, 3).await;
    tab.round_trip().await;
    assert_eq!(tab.their_counts(), (3, 0));
    at.open_gate(&gate).await;
    tab.expect(&["two"]).await;
    tab.hear_counts(3, 3).await;
}

async fn a_skip_that_was_lost_is_said_again(at: At) {
    // The link breaks before it says anything.
    let mut tab = forgetful(&at).await;
    tab.cut();
    tab.open().await;
    let hello = tab.hello();
    tab.say(&hello).await;
    tab.hear_welcome().await;
    assert_eq!(tab.told("received"), 1);
    skip(&mut tab, 3).await;
    // What was not skipped is sent again.
    tab.put(Message::text("four")).await;
    tab.expect(&["four"]).await;
    tab.hear_counts(4, 4).await;
}

async fn a_skip_to_where_it_may_not_go_is_a_violation(at: At) {
    for to in [1, 5, 1 << 40] {
        let mut tab = forgetful(&at).await;
        skip(&mut tab, to).await;
        tab.closed_with(4400).await;
    }
    let mut tab = forgetful(&at).await;
    skip(&mut tab, 4).await;
    skip(&mut tab, 4).await;
    tab.closed_with(4400).await;
    let mut fresh = at.attached("/told").await;
    skip(&mut fresh, 1).await;
    fresh.closed_with(4400).await;
}
