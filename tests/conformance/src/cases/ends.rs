//! Chapter "Ends": how a source's end comes to everybody.

use crate::case::{At, Case, case, numbered};
use crate::tab::Tab;

pub(super) const CASES: &[Case] = &[
    case!(an_end_comes_last_with_all_acks_before_it),
    case!(an_end_may_have_any_code_or_none),
    case!(who_was_away_at_the_end_comes_back_to_it),
    case!(who_has_the_end_and_comes_back_all_the_same_finds_no_new_source),
    case!(a_close_that_crosses_the_end_leaves_it_to_come_back_to),
    case!(an_ended_session_is_forgotten_once_its_close_is_answered, with Answers),
    case!(who_comes_new_to_an_ended_session_gets_its_end, with Attachments),
];

/// Hears the end, and the close with 1000 after it.
async fn hear_end(tab: &mut Tab, code: Option<i64>) {
    let end = tab.hear_frame("end").await;
    assert_eq!(end["code"].as_i64(), code, "{end}");
    tab.closed_with(1000).await;
}

async fn an_end_comes_last_with_all_acks_before_it(at: At) {
    let mut tab = at.attached("/told").await;
    tab.send("!quiet").await;
    tab.send("!say 3 10").await;
    tab.send("!end 7").await;
    for number in 1..=3 {
        tab.expect(&[&numbered(number, 10)]).await;
    }
    let end = tab.hear_frame("end").await;
    assert_eq!((&end["code"], tab.received), (&7.into(), 4), "an end is numbered");
    let (received, consumed) = tab.their_counts();
    // Whether what made it end counts as consumed is the source's business.
    assert!(received == 3 && consumed >= 2, "what is owed is said before the end: {received}, {consumed}");
    tab.closed_with(1000).await;
}

async fn an_end_may_have_any_code_or_none(at: At) {
    for code in [Some(0), Some(-1), Some(i64::from(i32::MIN)), None] {
        let mut tab = at.attached("/told").await;
        let word = code.map_or("null".to_owned(), |code| code.to_string());
        tab.send(format!("!end {word}")).await;
        hear_end(&mut tab, code).await;
    }
}

/// A tab that was away when its source said two messages and ended, with this will.
async fn missed_end(at: &At, will: &str) -> Tab {
    let mut tab = at.attached("/told").await;
    let gate = at.gate();
    for command in [format!("!will {will}"), format!("!stop {gate}"), "!say 2 5".into(), "!end 0".into()] {
        tab.send(command).await;
    }
    tab.hear_counts(4, 0).await;
    tab.cut();
    at.open_gate(&gate).await;
    tab
}

async fn who_was_away_at_the_end_comes_back_to_it(at: At) {
    let mut tab = missed_end(&at, &at.gate()).await;
    tab.attach().await;
    tab.expect(&["1....", "2...."]).await;
    let end = tab.hear_frame("end").await;
    assert_eq!(end["code"], 0);
    let (received, consumed) = tab.their_counts();
    assert!(received == 4 && consumed >= 3, "said anew on this link: {received}, {consumed}");
    tab.closed_with(1000).await;
}

async fn who_has_the_end_and_comes_back_all_the_same_finds_no_new_source(at: At) {
    let mut tab = at.attached("/told").await;
    tab.send("!end 5").await;
    tab.hear_frame("end").await;
    for _ in 0..2 {
        tab.cut();
        let epoch = tab.epoch.clone();
        tab.attach().await;
        assert_eq!((&tab.epoch, tab.told("next"), tab.told("live")), (&epoch, 2, 1));
    }
    tab.closed_with(1000).await;
}

async fn a_close_that_crosses_the_end_leaves_it_to_come_back_to(at: At) {
    let mut tab = at.attached("/told").await;
    let done = at.gate();
    let mut other = at.attached("/told").await;
    tab.send(format!("!go {done}")).await;
    tab.send("!end 5").await;
    other.send(format!("!stop {done}")).await;
    other.send("passed").await;
    other.expect(&["passed"]).await;
    // It has read nothing of that: its own close crosses the server's.
    tab.close(Some(4408)).await;
    tab.attach().await;
    hear_end(&mut tab, Some(5)).await;
}

async fn an_ended_session_is_forgotten_once_its_close_is_answered(at: At) {
    let mut tab = at.attached("/told").await;
    let will = at.gate();
    tab.send(format!("!will {will}")).await;
    tab.send("!end 0").await;
    hear_end(&mut tab, Some(0)).await;
    at.pass_gate(&will).await;
    let mut anew = tab.sibling();
    anew.attach().await;
    assert_eq!((anew.told("live"), anew.told("next")), (0, 1), "another source");
}

async fn who_comes_new_to_an_ended_session_gets_its_end(at: At) {
    let mut tab = at.attached("/told").await;
    let mut away = tab.sibling();
    away.attach().await;
    away.cut();
    tab.send("!say 2 5").await;
    tab.send("!end -3").await;
    hear_end(&mut tab, Some(-3)).await;
    let mut late = tab.sibling();
    late.attach().await;
    hear_end(&mut late, Some(-3)).await;
    away.attach().await;
    away.expect(&["1....", "2...."]).await;
    hear_end(&mut away, Some(-3)).await;
}
