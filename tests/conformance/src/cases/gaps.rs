//! Chapters "Gaps" and "The server's log": what is gone is told, and what is kept is bounded.

use serde_json::Value;

use crate::case::{At, Case, case, numbered};
use crate::tab::{Said, Tab, cost};

pub(super) const CASES: &[Case] = &[
    case!(what_was_evicted_while_away_is_told_by_a_gap_and_the_rest_comes),
    case!(a_gap_that_was_cut_off_is_told_again),
    case!(an_entry_larger_than_the_ring_is_kept_alone),
    case!(a_picture_takes_the_place_of_what_is_gone, with Pictures),
    case!(a_picture_that_was_cut_off_is_drawn_again, with Pictures),
    case!(what_somebody_who_is_away_lacks_is_kept_though_others_have_it, with Attachments),
    case!(who_comes_new_begins_with_the_newest_entries, with Attachments Tail),
    case!(the_tail_is_bounded, with Attachments Tail),
    case!(without_a_tail_who_comes_new_begins_with_what_is_next, with Attachments; without Tail),
];

/// A tab that was away while its source did this.
async fn missed(at: &At, path: &str, commands: &[&str]) -> Tab {
    let mut tab = at.attached(path).await;
    let (go, done) = (at.gate(), at.gate());
    tab.send(format!("!stop {go}")).await;
    for command in commands {
        tab.send(*command).await;
    }
    tab.send(format!("!go {done}")).await;
    tab.hear_counts(tab.sent, 0).await;
    tab.cut();
    at.open_gate(&go).await;
    at.pass_gate(&done).await;
    tab
}

async fn hear_gap(tab: &mut Tab) -> Value {
    match tab.hear().await {
        Said::Frame(frame) if frame["type"] == "gap" => frame,
        other => panic!("{other:?} instead of a gap"),
    }
}

async fn what_was_evicted_while_away_is_told_by_a_gap_and_the_rest_comes(at: At) {
    let mut tab = missed(&at, "/narrow", &["!say 100 100"]).await;
    tab.attach().await;
    assert_eq!((tab.told("next"), tab.told("live")), (1, 100));
    let gap = hear_gap(&mut tab).await;
    assert_eq!((&gap["from"], &gap["snapshot"]), (&1.into(), &false.into()), "{gap}");
    let first = tab.received + 1;
    let kept = (101 - first) * cost(100);
    assert!((512..=4096).contains(&kept), "{kept} is kept, of a ring of 4096");
    for number in first..=100 {
        tab.expect(&[&numbered(number, 100)]).await;
    }
    tab.send("on").await;
    tab.expect(&["on"]).await;
}

async fn a_gap_that_was_cut_off_is_told_again(at: At) {
    let mut tab = missed(&at, "/narrow", &["!say 100 100"]).await;
    let mut lost = tab.double();
    lost.consumes = false;
    lost.attach().await;
    hear_gap(&mut lost).await;
    lost.cut();
    // Nothing of that link has arrived, not even the gap.
    tab.attempt = lost.attempt;
    tab.attach().await;
    assert_eq!(tab.told("next"), 1);
    hear_gap(&mut tab).await;
    let received = tab.received;
    tab.cut();
    tab.attach().await;
    assert_eq!(tab.told("next"), received + 1, "a gap is received");
    tab.expect(&[&numbered(received + 1, 100)]).await;
}

async fn an_entry_larger_than_the_ring_is_kept_alone(at: At) {
    let mut tab = missed(&at, "/narrow", &["one", "two", "!say 1 6000"]).await;
    tab.attach().await;
    assert_eq!(hear_gap(&mut tab).await["to"], 2);
    tab.expect(&[&numbered(1, 6000)]).await;
}

async fn a_picture_takes_the_place_of_what_is_gone(at: At) {
    let mut tab = missed(&at, "/pictured", &["!say 100 100"]).await;
    tab.attach().await;
    let gap = hear_gap(&mut tab).await;
    assert_eq!((&gap["from"], &gap["snapshot"]), (&1.into(), &true.into()), "{gap}");
    let to = gap["to"].as_u64().expect("it was read");
    assert_eq!(tab.received, 0, "it counts once the picture has come");
    tab.expect(&[&numbered(to, 100)]).await;
    assert_eq!(tab.received, to);
    for number in to + 1..=100 {
        tab.expect(&[&numbered(number, 100)]).await;
    }
    tab.send("on").await;
    tab.expect(&["on"]).await;
}

async fn a_picture_that_was_cut_off_is_drawn_again(at: At) {
    let mut tab = missed(&at, "/pictured", &["!say 100 100"]).await;
    for _ in 0..3 {
        tab.attach().await;
        assert_eq!(tab.told("next"), 1);
        hear_gap(&mut tab).await;
        tab.cut();
    }
    tab.attach().await;
    let to = hear_gap(&mut tab).await["to"].as_u64().expect("it was read");
    tab.expect(&[&numbered(to, 100)]).await;
}

async fn what_somebody_who_is_away_lacks_is_kept_though_others_have_it(at: At) {
    let mut viewer = at.attached("/told").await;
    let mut away = viewer.sibling();
    away.attach().await;
    away.cut();
    // Much more than the tail, and much less than the ring.
    viewer.send("!say 50 1000").await;
    for number in 1..=50 {
        viewer.expect(&[&numbered(number, 1000)]).await;
    }
    viewer.round_trip().await;
    away.attach().await;
    for number in 1..=50 {
        away.expect(&[&numbered(number, 1000)]).await;
    }
}

async fn who_comes_new_begins_with_the_newest_entries(at: At) {
    let mut first = at.attached("/told").await;
    first.send("!say 5 20").await;
    while first.received < 5 {
        first.hear_text().await;
    }
    let mut late = first.sibling();
    late.attach().await;
    assert_eq!((late.told("next"), late.told("live")), (1, 5));
    for number in 1..=5 {
        late.expect(&[&numbered(number, 20)]).await;
    }
}

async fn the_tail_is_bounded(at: At) {
    let mut first = at.attached("/narrow").await;
    first.send("!say 50 100").await;
    while first.received < 50 {
        first.hear_text().await;
    }
    let mut late = first.sibling();
    late.attach().await;
    let next = late.told("next");
    let kept = (51 - next) * cost(100);
    assert!(kept > 0 && kept <= 512, "{kept} of a tail of 512");
    for number in next..=50 {
        late.expect(&[&numbered(number, 100)]).await;
    }
}

async fn without_a_tail_who_comes_new_begins_with_what_is_next(at: At) {
    let mut first = at.attached("/told").await;
    first.send("one").await;
    first.expect(&["one"]).await;
    let mut late = first.sibling();
    late.attach().await;
    assert_eq!((late.told("next"), late.told("live")), (2, 1));
}
