//! Chapter "Handshake": what may come first, and what the first welcome says.

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::case::{At, Case, case};
use crate::document;

pub(super) const CASES: &[Case] = &[
    case!(the_first_welcome_says_that_all_begins),
    case!(who_says_nothing_is_told_so_in_the_words_of_the_document),
    case!(what_comes_first_must_be_a_hello),
    case!(what_the_document_refuses_is_refused_as_the_first_frame),
    case!(every_field_of_a_hello_is_looked_at),
    case!(what_later_versions_may_say_in_a_hello_is_taken),
    case!(a_hello_may_be_as_long_as_a_control_frame_and_no_longer),
    case!(a_second_hello_is_a_violation),
];

async fn the_first_welcome_says_that_all_begins(at: At) {
    let (one, other) = (at.attached("/told").await, at.attached("/told").await);
    assert_eq!((one.told("received"), one.told("next"), one.told("live")), (0, 1, 0));
    assert_eq!(one.welcome["controller"], true, "the first to attach is the controller");
    assert_ne!(one.welcome["readOnly"], true);
    assert_ne!(one.epoch, other.epoch, "epochs are random");
}

async fn who_says_nothing_is_told_so_in_the_words_of_the_document(at: At) {
    let mut tab = at.tab("/told");
    tab.open().await;
    assert_eq!(tab.closed_with(4400).await, "no hello in time");
}

async fn what_comes_first_must_be_a_hello(at: At) {
    let counts = json!({ "type": "ping", "sent": 0, "received": 0, "consumed": 0 });
    let mut firsts: Vec<Message> = ["data", "", "\0", "\0\0escaped", "\0hello", "\0[]", "\0 {}"]
        .into_iter()
        .map(Message::text)
        .collect();
    firsts.extend([Message::binary(&b"\0{}"[..]), Message::binary(Vec::new())]);
    firsts.push(Message::text(format!("\0{counts}")));
    firsts.push(Message::text("\0{\"type\":\"resize\",\"cols\":80,\"rows\":24}"));
    for first in firsts {
        let mut tab = at.tab("/told");
        tab.open().await;
        tab.put(first.clone()).await;
        let reason = tab.closed_with(4400).await;
        assert!(!reason.is_empty(), "a reason is told for {first:?}");
    }
}

async fn what_the_document_refuses_is_refused_as_the_first_frame(at: At) {
    for json in document::refused_of_clients() {
        let mut tab = at.tab("/told");
        tab.open().await;
        tab.put(Message::text(format!("\0{json}"))).await;
        let reason = tab.closed_with(4400).await;
        assert!(!reason.is_empty(), "a reason is told for {json}");
    }
}

async fn every_field_of_a_hello_is_looked_at(at: At) {
    let long = "x".repeat(8193);
    let mut wrong: Vec<(&str, Value)> = Vec::new();
    for id in ["session", "attachment", "secret", "epoch"] {
        let strange =
            [json!(7), json!(""), json!("0f3c"), json!("0F3C2B1A4D5E6F708192A3B4C5D6E7F8"), json!([])];
        wrong.extend(strange.map(|value| (id, value)));
    }
    wrong.extend(["session", "attachment", "secret"].map(|id| (id, Value::Null)));
    for count in ["attempt", "received", "sent", "acked"] {
        let strange =
            [json!(-1), json!(1.5), json!(true), json!("1"), json!(null), json!(1e300), json!(1_u64 << 53)];
        wrong.extend(strange.map(|value| (count, value)));
    }
    wrong.extend([("attempt", json!(0)), ("sent", json!(1)), ("received", json!(1)), ("acked", json!(1))]);
    wrong.extend([("cols", json!(80)), ("rows", json!(24)), ("token", json!("")), ("token", json!(long))]);
    for (field, value) in wrong {
        let mut tab = at.tab("/told");
        let mut hello = tab.hello();
        hello[field] = value.clone();
        tab.open().await;
        tab.say(&hello).await;
        let reason = tab.closed_with(4400).await;
        assert!(!reason.is_empty(), "a reason is told for {field}: {value:.40}");
    }
    for (cols, rows) in [
        (json!(0), json!(24)),
        (json!(80), json!(65_536)),
        (json!(80.5), json!(24)),
        (json!(80), json!("24")),
    ] {
        let mut tab = at.tab("/told");
        let mut hello = tab.hello();
        (hello["cols"], hello["rows"]) = (cols, rows);
        tab.open().await;
        tab.say(&hello).await;
        tab.closed_with(4400).await;
    }
}

async fn what_later_versions_may_say_in_a_hello_is_taken(at: At) {
    let mut tab = at.tab("/told");
    let mut hello = tab.hello();
    hello["later"] = json!({ "any": ["thing", null, 1.5e300] });
    hello["attempt"] = json!(1.0);
    hello["cols"] = Value::Null;
    hello["rows"] = Value::Null;
    hello["token"] = Value::Null;
    tab.open().await;
    tab.attach_by(&hello).await;
    let mut tab = at.tab("/told");
    let hello = tab.hello().to_string().replacen("\"attempt\":1", "\"attempt\":1e3", 1);
    tab.open().await;
    tab.put(Message::text(format!("\0{hello} "))).await;
    tab.hear_welcome().await;
    // 1e3 was 1000: no attempt up to that is higher.
    tab.attempt = 999;
    tab.open().await;
    let hello = tab.hello();
    tab.say(&hello).await;
    tab.closed_with(4409).await;
}

/// The frame with a field more, so that it has so many bytes with its mark.
fn filled(mut frame: Value, bytes: usize) -> Message {
    frame["more"] = "".into();
    let more = bytes - 1 - frame.to_string().len();
    frame["more"] = "x".repeat(more).into();
    Message::text(format!("\0{frame}"))
}

async fn a_hello_may_be_as_long_as_a_control_frame_and_no_longer(at: At) {
    let mut tab = at.tab("/told");
    let hello = tab.hello();
    tab.open().await;
    tab.put(filled(hello, 16_384)).await;
    tab.hear_welcome().await;
    let counts = json!({ "type": "ping", "sent": 0, "received": 0, "consumed": 0 });
    tab.put(filled(counts.clone(), 16_384)).await;
    tab.hear_frame("pong").await;
    tab.put(filled(counts, 16_385)).await;
    tab.closed_with(4400).await;
    let mut tab = at.tab("/told");
    let hello = tab.hello();
    tab.open().await;
    tab.put(filled(hello, 16_385)).await;
    tab.closed_with(4400).await;
}

async fn a_second_hello_is_a_violation(at: At) {
    let mut tab = at.attached("/told").await;
    let hello = tab.hello();
    tab.say(&hello).await;
    tab.closed_with(4400).await;
}
