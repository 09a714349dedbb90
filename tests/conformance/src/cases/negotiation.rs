//! Chapter "Negotiation": which subprotocol is chosen, and what a link without the protocol is.

use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::case::{At, Case, case};
use crate::wire::{chose_nothing, within};

pub(super) const CASES: &[Case] = &[
    case!(the_protocol_is_chosen_wherever_it_is_offered),
    case!(plain_is_chosen_where_the_protocol_is_not_on_offer, with Plain),
    case!(what_was_not_offered_is_not_chosen, with Plain),
    case!(a_plain_link_carries_no_frames_and_no_escapes, with Plain),
    case!(a_server_without_plain_links_refuses_them_in_the_handshake, without Plain),
];

async fn the_protocol_is_chosen_wherever_it_is_offered(at: At) {
    for offer in ["envsocket.v1", "envsocket.plain, envsocket.v1", "chat,envsocket.v1,envsocket.plain"] {
        let dialed = at.dial("/told", Some(offer)).await.expect("the upgrade is accepted");
        assert_eq!(dialed.chosen.as_deref(), Some("envsocket.v1"), "of {offer}");
    }
}

async fn plain_is_chosen_where_the_protocol_is_not_on_offer(at: At) {
    for offer in ["envsocket.plain", "chat, envsocket.plain"] {
        let dialed = at.dial("/told", Some(offer)).await.expect("the upgrade is accepted");
        assert_eq!(dialed.chosen.as_deref(), Some("envsocket.plain"), "of {offer}");
    }
}

async fn what_was_not_offered_is_not_chosen(at: At) {
    let dialed = at.dial("/told", None).await.expect("the upgrade is accepted");
    assert_eq!(dialed.chosen, None);
    for offer in ["chat", "envsocket.v2"] {
        let error = at.dial("/told", Some(offer)).await.map(|dialed| dialed.chosen).expect_err(offer);
        assert!(chose_nothing(&error), "{error}");
    }
}

async fn a_plain_link_carries_no_frames_and_no_escapes(at: At) {
    for offer in [None, Some("envsocket.plain")] {
        let mut socket = at.dial("/told", offer).await.expect("the upgrade is accepted").socket;
        let mut messages: Vec<Message> =
            ["plain", "", "\0", "\0\0", "\0{\"type\":\"hello\"}"].into_iter().map(Message::text).collect();
        messages.extend([Message::binary(Vec::new()), Message::binary(&b"\0{}"[..])]);
        for message in messages {
            socket.send(message.clone()).await.expect("the link is open");
            let echo = within("an echo", socket.next()).await.expect("the link is open");
            assert_eq!(echo.expect("the link is whole"), message);
        }
        socket.send(Message::text("!end 3")).await.expect("the link is open");
        match within("the end", socket.next()).await {
            Some(Ok(Message::Close(Some(frame)))) => assert_eq!(u16::from(frame.code), 1000),
            other => panic!("{other:?} instead of a close"),
        }
    }
}

async fn a_server_without_plain_links_refuses_them_in_the_handshake(at: At) {
    for offer in [None, Some("envsocket.plain")] {
        match at.dial("/told", offer).await {
            Err(Error::Http(answer)) => assert!(!answer.status().is_success(), "{answer:?}"),
            other => panic!("{other:?} instead of a refusal"),
        }
    }
}
