//! Chapter "Ends": which closes of a client, and of the server, an attachment outlives.

use futures_util::StreamExt;
use tokio_tungstenite::tungstenite::Message;

use crate::case::{At, Case, case};
use crate::tab::{Ending, Said};
use crate::wire::within;

pub(super) const CASES: &[Case] = &[
    case!(who_closes_for_good_is_forgotten_and_so_is_its_source),
    case!(who_gives_a_link_up_is_kept),
    case!(what_was_sent_before_a_close_counts, with Attachments),
    case!(what_becomes_of_a_fenced_link_changes_nothing),
    case!(an_answered_4400_forgets, with Answers),
    case!(a_source_that_is_gone_closes_everybody_at_once, with Gone),
    case!(a_server_that_shuts_down_sends_everybody_away_for_a_while, with Shutdown),
];

async fn who_closes_for_good_is_forgotten_and_so_is_its_source(at: At) {
    for code in [Some(1000), None, Some(3000), Some(4400), Some(4999)] {
        let mut tab = at.attached("/told").await;
        let will = at.gate();
        tab.send(format!("!will {will}")).await;
        tab.hear_counts(1, 1).await;
        tab.close(code).await;
        at.pass_gate(&will).await;
        tab.is_forgotten().await;
        assert_eq!(tab.told("live"), 0, "another source");
    }
}

async fn who_gives_a_link_up_is_kept(at: At) {
    for code in [Some(1001), Some(4408), None] {
        let mut tab = at.attached("/told").await;
        tab.send("one").await;
        tab.expect(&["one"]).await;
        if code.is_some() {
            tab.close(code).await
        } else {
            tab.cut()
        }
        let epoch = tab.epoch.clone();
        tab.attach().await;
        assert_eq!((&tab.epoch, tab.told("next")), (&epoch, 2), "closed with {code:?}");
    }
}

async fn what_was_sent_before_a_close_counts(at: At) {
    let mut stays = at.attached("/told").await;
    for code in [Some(1000), Some(4408)] {
        let mut leaves = stays.sibling();
        leaves.attach().await;
        for number in 1..=50 {
            leaves.feed(Message::text(format!("word {number}"))).await;
        }
        leaves.close(code).await;
        for number in 1..=50 {
            stays.expect(&[&format!("word {number}")]).await;
        }
    }
}

async fn what_becomes_of_a_fenced_link_changes_nothing(at: At) {
    for code in [Some(1000), Some(4400), None] {
        let mut old = at.attached("/told").await;
        let mut new = old.double();
        new.attach().await;
        // It has not read that it was superseded.
        old.close(code).await;
        new.round_trip().await;
        new.cut();
        let epoch = new.epoch.clone();
        new.attach().await;
        assert_eq!(new.epoch, epoch, "the older link closed with {code:?}");
    }
}

async fn an_answered_4400_forgets(at: At) {
    let mut tab = at.attached("/told").await;
    let will = at.gate();
    tab.send(format!("!will {will}")).await;
    tab.hear_counts(1, 1).await;
    tab.put(Message::text("\0{")).await;
    tab.closed_with(4400).await;
    at.pass_gate(&will).await;
    tab.is_forgotten().await;
}

async fn a_source_that_is_gone_closes_everybody_at_once(at: At) {
    let mut tab = at.attached("/told").await;
    let will = at.gate();
    tab.send(format!("!will {will}")).await;
    tab.send("!gone").await;
    tab.closed_with(4410).await;
    at.pass_gate(&will).await;
    tab.is_forgotten().await;
    assert_eq!(tab.told("live"), 0, "another source");
}

async fn a_server_that_shuts_down_sends_everybody_away_for_a_while(at: At) {
    let (mut one, mut other) = (at.attached("/leaving").await, at.attached("/leaving").await);
    other.send("!quiet").await;
    other.hear_counts(1, 1).await;
    let mut plain = at.dial("/leaving", None).await.ok().map(|dialed| dialed.socket);
    one.send("!shutdown").await;
    for tab in [&mut one, &mut other] {
        let mut has_bye = false;
        let ending = loop {
            match tab.listen().await {
                Said::Frame(frame) if frame["type"] == "bye" => has_bye = true,
                Said::Ended(ending) => break ending,
                _ => {}
            }
        };
        match ending {
            Ending::Closed(code @ (1001 | 1012), _) => println!("closed with {code}, with `bye`: {has_bye}"),
            ending => panic!("{ending:?}"),
        }
    }
    while let Some(socket) = &mut plain {
        match within("a plain link's end", socket.next()).await {
            Some(Ok(Message::Close(Some(frame)))) => {
                assert!([1001, 1012].contains(&u16::from(frame.code)), "{frame:?}");
                break;
            }
            Some(Ok(_)) => {}
            other => panic!("{other:?} instead of a close"),
        }
    }
    // Who comes now is sent away as well, before or after the handshake.
    let mut late = other.double();
    if at.dial("/leaving", Some("envsocket.v1")).await.is_ok() {
        late.open().await;
        let hello = late.hello();
        late.say(&hello).await;
        match late.ending().await {
            Ending::Closed(1001 | 1012, _) | Ending::Broken => {}
            ending => panic!("{ending:?}"),
        }
    }
}
