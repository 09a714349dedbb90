//! Chapters "The server's log" and "Limits": how long who is away is remembered, and what all together may cost.

use crate::case::{At, Case, case, numbered};
use crate::tab::Tab;

pub(super) const CASES: &[Case] = &[
    case!(who_stays_away_longer_than_the_grace_is_forgotten),
    case!(grace_begins_anew_with_each_link),
    case!(who_is_away_longest_makes_room),
];

async fn who_stays_away_longer_than_the_grace_is_forgotten(at: At) {
    let mut tab = at.attached("/brief").await;
    let will = at.gate();
    tab.send(format!("!will {will}")).await;
    tab.hear_counts(1, 1).await;
    tab.cut();
    at.pass_gate(&will).await;
    tab.is_forgotten().await;
}

async fn grace_begins_anew_with_each_link(at: At) {
    let mut tab = at.attached("/brief").await;
    let epoch = tab.epoch.clone();
    for _ in 0..20 {
        tab.cut();
        tab.attach().await;
        assert_eq!(tab.epoch, epoch);
    }
}

/// A tab that is away, with a hundred messages of 1000 bytes that it lacks.
async fn heavy(at: &At, will: &str) -> Tab {
    let mut tab = at.attached("/tight").await;
    let (go, done) = (at.gate(), at.gate());
    for command in
        [format!("!will {will}"), format!("!stop {go}"), "!say 100 1000".to_owned(), format!("!go {done}")]
    {
        tab.send(command).await;
    }
    tab.hear_counts(4, 0).await;
    tab.cut();
    at.open_gate(&go).await;
    at.pass_gate(&done).await;
    tab
}

async fn who_is_away_longest_makes_room(at: At) {
    // One by one: 106 KB of each are kept, and 1 MiB is all that there is.
    let first = at.gate();
    heavy(&at, &first).await;
    let mut last = heavy(&at, &at.gate()).await;
    for _ in 0..10 {
        last = heavy(&at, &at.gate()).await;
    }
    at.pass_gate(&first).await;
    let epoch = last.epoch.clone();
    last.attach().await;
    assert_eq!(last.epoch, epoch, "who is away for the shortest time is kept");
    for number in 1..=100 {
        last.expect(&[&numbered(number, 1000)]).await;
    }
    // Who makes room when all are attached, a newcomer or those who have most, is the server's choice.
}
