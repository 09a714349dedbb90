//! Chapter "Messages and control frames": a message stays what it is, whatever it looks like.

use tokio_tungstenite::tungstenite::Message;

use crate::case::{At, Case, case, numbered};
use crate::tab::{Ending, Said};

pub(super) const CASES: &[Case] = &[
    case!(every_message_arrives_as_it_is),
    case!(every_message_is_sent_again_as_it_is),
    case!(the_longest_message_is_taken_and_a_longer_one_is_told_with_1009),
    case!(a_text_with_one_mark_that_is_no_object_is_a_violation),
];

/// What might be taken for something else.
fn odd() -> Vec<Said> {
    let texts =
        ["", " ", "\0", "\0\0", "\0{", "\0{\"type\":\"bye\"}", "{\"type\":\"ack\"}", "ü\u{20ac}\u{1f600}\0"];
    let mut odd: Vec<Said> = texts.into_iter().map(|text| Said::Text(text.to_owned())).collect();
    odd.push(Said::Text("€".repeat(20_000)));
    for bytes in [&b""[..], b"\0", b"\0{}", b"\0\0{}", b"plain", b"\xff\xfe\x80"] {
        odd.push(Said::Binary(bytes.to_vec()));
    }
    odd
}

async fn every_message_arrives_as_it_is(at: At) {
    let mut tab = at.attached("/told").await;
    for said in odd() {
        match &said {
            Said::Text(text) => tab.send(text).await,
            Said::Binary(bytes) => tab.send_bytes(bytes.clone()).await,
            _ => unreachable!("the odd are messages"),
        }
        assert_eq!(tab.hear().await, said);
    }
    tab.send("!bytes 2 5").await;
    for number in 1..=2 {
        assert_eq!(tab.hear().await, Said::Binary(numbered(number, 5).into_bytes()));
    }
    tab.send("!say 2 0").await;
    tab.expect(&["", ""]).await;
}

async fn every_message_is_sent_again_as_it_is(at: At) {
    let mut tab = at.attached("/told").await;
    tab.consumes = false;
    for said in odd() {
        match &said {
            Said::Text(text) if text.len() > 1000 => continue,
            Said::Text(text) => tab.send(text).await,
            Said::Binary(bytes) => tab.send_bytes(bytes.clone()).await,
            _ => unreachable!("the odd are messages"),
        }
        // What is not heard of this link is sent again over the next.
        tab.cut();
        tab.attach().await;
        assert_eq!(tab.hear().await, said);
    }
}

async fn the_longest_message_is_taken_and_a_longer_one_is_told_with_1009(at: At) {
    let mut tab = at.attached("/told").await;
    let longest = tab.told("maxMessage") as usize;
    tab.send("x".repeat(longest)).await;
    assert_eq!(tab.hear_text().await.len(), longest);
    tab.consume().await;
    // On the wire it is one longer, because of the escape.
    tab.hear_counts(1, 1).await;
    tab.send(format!("\0{}", "x".repeat(longest - 1))).await;
    assert_eq!(tab.hear_text().await.len(), longest);
    tab.hear_counts(2, 2).await;
    tab.put(Message::binary(vec![0; longest + 1])).await;
    tab.closed_with(1009).await;
    // What its library does not even read to the end may cost it the close frame: the connection is reset then.
    let mut tab = at.attached("/told").await;
    tab.put(Message::binary(vec![0; 64 << 20])).await;
    match tab.ending().await {
        Ending::Closed(1009, _) | Ending::Broken => {}
        other => panic!("{other:?}"),
    }
}

async fn a_text_with_one_mark_that_is_no_object_is_a_violation(at: At) {
    for text in ["\0", "\0x", "\0[]", "\0 {}", "\0\u{1}{}", "\0{", "\0{}}", "\0null"] {
        let mut tab = at.attached("/told").await;
        tab.put(Message::text(text)).await;
        tab.closed_with(4400).await;
    }
}
