//! Chapter "Tokens", on `/token`; README.md says what its tokens mean.

use serde_json::json;

use crate::case::{At, Case, case};
use crate::tab::Tab;

pub(super) const CASES: &[Case] = &[
    case!(a_good_token_is_let_in_and_no_other, with Tokens),
    case!(only_who_may_know_is_told_that_something_is_missing, with Tokens),
    case!(a_session_is_its_owners, with Tokens),
    case!(a_token_is_looked_at_before_the_rest_of_the_hello, with Tokens),
    case!(who_may_only_read_gets_output_and_may_not_type, with Tokens),
    case!(a_new_token_takes_the_place_of_the_old_one_without_a_word, with Tokens),
    case!(a_new_token_that_is_no_good_ends_the_link, with Tokens),
    case!(a_new_token_with_other_rights_is_told_by_the_next_welcome, with Tokens),
    case!(a_token_that_expires_ends_the_link_and_a_new_one_resumes, with Tokens),
    case!(without_tokens_a_token_is_ignored, without Tokens),
];

/// A tab with this token.
fn holder(at: &At, path: &str, token: &str) -> Tab {
    let mut tab = at.tab(path);
    tab.token = Some(token.to_owned());
    tab
}

async fn is_refused(tab: &mut Tab, code: u16) {
    tab.open().await;
    let hello = tab.hello();
    tab.say(&hello).await;
    let reason = tab.closed_with(code).await;
    if let Some(token) = &tab.token {
        assert!(!reason.contains(token), "a token is told");
    }
}

async fn renew(tab: &mut Tab, token: &str) {
    tab.token = Some(token.to_owned());
    tab.say(&json!({ "type": "token", "token": token })).await;
}

async fn a_good_token_is_let_in_and_no_other(at: At) {
    holder(&at, "/token", "ada write").attach().await;
    is_refused(&mut at.tab("/token"), 4401).await;
    is_refused(&mut holder(&at, "/token", "eve"), 4401).await;
    is_refused(&mut holder(&at, "/token", "ada expired"), 4401).await;
    is_refused(&mut holder(&at, "/token", "ada none"), 4403).await;
}

async fn only_who_may_know_is_told_that_something_is_missing(at: At) {
    is_refused(&mut holder(&at, "/token-missing", "ada write"), 4404).await;
    is_refused(&mut holder(&at, "/token-missing", "ada none"), 4403).await;
    is_refused(&mut at.tab("/token-missing"), 4401).await;
}

async fn a_session_is_its_owners(at: At) {
    let mut own = holder(&at, "/token", "ada write");
    own.attach().await;
    own.send("mine").await;
    own.expect(&["mine"]).await;
    let mut foreign = own.double();
    foreign.token = Some("bob write".to_owned());
    is_refused(&mut foreign, 4403).await;
    let mut foreign = own.sibling();
    foreign.token = Some("bob write".to_owned());
    is_refused(&mut foreign, 4403).await;
    own.send("still").await;
    own.expect(&["still"]).await;
}

async fn a_token_is_looked_at_before_the_rest_of_the_hello(at: At) {
    let mut own = holder(&at, "/token", "ada write");
    own.attach().await;
    let mut late = own.double();
    (late.attempt, late.token) = (0, None);
    is_refused(&mut late, 4401).await;
    let mut newer = own.double();
    newer.token = Some("eve".to_owned());
    is_refused(&mut newer, 4401).await;
    own.round_trip().await;
}

async fn who_may_only_read_gets_output_and_may_not_type(at: At) {
    let mut writer = holder(&at, "/token", "ada write");
    let mut reader = writer.sibling();
    reader.token = Some("ada read".to_owned());
    reader.attach().await;
    assert_eq!((&reader.welcome["readOnly"], &reader.welcome["controller"]), (&true.into(), &false.into()));
    writer.attach().await;
    assert_eq!(writer.welcome["controller"], true);
    writer.send("typed").await;
    reader.expect(&["typed"]).await;
    reader.round_trip().await;
    reader.send("forbidden").await;
    reader.closed_with(4403).await;
    let mut reader = writer.sibling();
    reader.token = Some("ada read".to_owned());
    reader.attach().await;
    reader.resize(90, 20).await;
    reader.closed_with(4403).await;
    writer.send("on").await;
    writer.expect(&["typed", "on"]).await;
}

async fn a_new_token_takes_the_place_of_the_old_one_without_a_word(at: At) {
    let mut tab = holder(&at, "/token", "ada write 3");
    tab.attach().await;
    for number in 1..=5 {
        renew(&mut tab, &format!("ada write {}", 1000 + number)).await;
        let text = number.to_string();
        tab.send(&text).await;
        tab.expect(&[&text]).await;
    }
    // The first one's time is over by the time that another's is.
    let mut other = holder(&at, "/token", "ada write 4");
    other.attach().await;
    other.closed_with(4401).await;
    tab.send("on").await;
    tab.expect(&["on"]).await;
}

async fn a_new_token_that_is_no_good_ends_the_link(at: At) {
    for (token, code) in [("eve", 4401), ("ada expired", 4401), ("ada none", 4403), ("bob write", 4403)] {
        let mut tab = holder(&at, "/token", "ada write");
        tab.attach().await;
        renew(&mut tab, token).await;
        let reason = tab.closed_with(code).await;
        assert!(!reason.contains(token), "a token is told");
    }
}

async fn a_new_token_with_other_rights_is_told_by_the_next_welcome(at: At) {
    for (first, next) in [("ada write", "ada read"), ("ada read", "ada write")] {
        let mut tab = holder(&at, "/token", first);
        tab.attach().await;
        assert_eq!(tab.welcome["readOnly"] == true, first == "ada read");
        renew(&mut tab, next).await;
        tab.closed_with(4408).await;
        let epoch = tab.epoch.clone();
        tab.attach().await;
        assert_eq!((tab.welcome["readOnly"] == true, &tab.epoch), (next == "ada read", &epoch));
    }
}

async fn a_token_that_expires_ends_the_link_and_a_new_one_resumes(at: At) {
    let mut tab = holder(&at, "/token", "ada write 1");
    tab.attach().await;
    tab.send("before").await;
    tab.expect(&["before"]).await;
    tab.closed_with(4401).await;
    let epoch = tab.epoch.clone();
    tab.token = Some("ada write".to_owned());
    tab.attach().await;
    assert_eq!((&tab.epoch, tab.told("next")), (&epoch, 2));
}

async fn without_tokens_a_token_is_ignored(at: At) {
    let mut tab = holder(&at, "/told", "whatever it is");
    tab.attach().await;
    renew(&mut tab, "another").await;
    tab.round_trip().await;
}
