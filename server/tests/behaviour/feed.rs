//! The library without terminals: a feed of JSON, over real sockets.

use envsocket_server::resume::{Farewell, Limits, Output, Size, Terms, Urgent};
use futures_util::StreamExt;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Ending, FeedServer, Said, Tab, dial, within};

/// A ring that a few messages of `price` fill.
const NARROW: u64 = 4096;

async fn start() -> FeedServer {
    FeedServer::start(Terms::default(), Limits::default()).await
}

async fn start_narrow() -> FeedServer {
    let terms = Terms { ring: NARROW, tail: 256, ..Terms::default() };
    FeedServer::start(terms, Limits::default()).await
}

fn price(name: &str, price: u32) -> String {
    json!({ name: price }).to_string()
}

async fn text(tab: &mut Tab) -> String {
    match tab.hear().await {
        Said::Text(text) => text,
        other => panic!("{other:?} instead of a price"),
    }
}

#[tokio::test]
async fn a_cut_loses_nothing_and_doubles_nothing() {
    let server = start().await;
    let mut tab = server.tab();
    let welcome = tab.attach().await;
    assert_eq!(
        (&welcome["next"], &welcome["live"], &welcome["controller"]),
        (&1.into(), &0.into(), &true.into())
    );
    for number in 0..100 {
        server.feed.say(price("salt", number));
        if number % 10 == 3 {
            tab.cut();
            let welcome = tab.attach().await;
            assert_eq!(welcome["epoch"], json!(tab.epoch), "it is the same session");
        }
        if number % 2 == 1 {
            assert_eq!(text(&mut tab).await, price("salt", number - 1));
            assert_eq!(text(&mut tab).await, price("salt", number));
        }
    }
    assert_eq!(server.feed.opened(), 1);
}

#[tokio::test]
async fn what_was_evicted_meanwhile_is_announced_with_a_snapshot_of_what_it_led_to() {
    let server = start_narrow().await;
    let mut tab = server.tab();
    tab.attach().await;
    server.feed.say(price("salt", 1));
    assert_eq!(text(&mut tab).await, price("salt", 1));
    tab.cut();
    for number in 1..=200 {
        server.feed.say(price("pepper", number));
    }
    let mut live = 0;
    while live < 201 {
        // A cut between the gap and its snapshot announces it anew.
        tab.cut();
        live = tab.attach().await["live"].as_u64().expect("a number");
    }
    let gap = match tab.hear().await {
        Said::Control(frame) => frame,
        other => panic!("{other:?} instead of a gap"),
    };
    let expected = json!({
        "type": "gap", "from": 2, "to": 201, "reason": "evicted", "snapshot": true, "cols": null, "rows": null,
    });
    assert_eq!(gap, expected);
    assert_eq!(text(&mut tab).await, json!({ "pepper": 200, "salt": 1 }).to_string());
    server.feed.say(price("salt", 2));
    assert_eq!(text(&mut tab).await, price("salt", 2));
    assert_eq!(tab.received, 202);
}

#[tokio::test]
async fn text_that_looks_like_control_and_bytes_arrive_as_they_are() {
    let server = start().await;
    let mut tab = server.tab();
    tab.attach().await;
    for output in [Output::from(vec![0, 123]), Output::from(Vec::new())] {
        let Output::Message(message) = output.clone() else { panic!("it is a message") };
        server.feed.say(output);
        assert_eq!(tab.hear().await, Said::Binary(message.into_bytes().to_vec()));
    }
    tab.send_message(Message::text("\0\0{")).await;
    tab.send_message(Message::text("\0\0")).await;
    tab.send_message(Message::binary(&b"\0{"[..])).await;
    tab.send_message(Message::text("")).await;
    server.until_taken(&["\0{", "\0", "\0{", ""]).await;
}

#[tokio::test]
async fn a_clients_size_and_the_sources_own_go_their_ways_in_order() {
    let server = start().await;
    let mut tab = server.tab().sized(100, 30);
    tab.attach().await;
    tab.send("one").await;
    tab.resize(120, 40).await;
    tab.send("two").await;
    server.until_taken(&["100x30", "one", "120x40", "two"]).await;
    server.feed.say(price("salt", 1));
    server.feed.say(Output::Size(Size { cols: 120, rows: 40 }));
    server.feed.say(price("salt", 2));
    assert_eq!(text(&mut tab).await, price("salt", 1));
    assert_eq!(tab.hear().await, Said::Control(json!({ "type": "size", "cols": 120, "rows": 40 })));
    assert_eq!(text(&mut tab).await, price("salt", 2));
    assert_eq!(tab.received, 3, "a size is numbered");
}

#[tokio::test]
async fn an_end_is_told_to_who_comes_back_for_it_and_then_the_session_is_gone() {
    let server = start().await;
    let mut tab = server.tab();
    tab.attach().await;
    tab.cut();
    server.feed.say(price("salt", 1));
    server.feed.say(Output::End { code: Some(7), reason: "closing time".to_owned() });
    tab.attach().await;
    assert_eq!(text(&mut tab).await, price("salt", 1));
    assert_eq!(tab.hear().await, Said::Control(json!({ "type": "end", "code": 7 })));
    assert_eq!(tab.hear().await, Said::Ended(Ending::Closed(1000, "closing time".to_owned())));
    server.until_count(0).await;
}

#[tokio::test]
async fn a_source_that_is_gone_ends_everything_at_once() {
    let server = start().await;
    let mut tab = server.tab();
    tab.attach().await;
    server.feed.say(Urgent::Gone(Farewell::new(4410, "sold out")));
    assert_eq!(tab.expect_frame("bye").await, json!({ "type": "bye", "code": 4410, "retryAfterMs": null }));
    assert_eq!(tab.ending().await, Ending::Closed(4410, "sold out".to_owned()));
    server.until_count(0).await;
}

#[tokio::test]
async fn who_closes_for_good_is_forgotten_and_who_gives_a_link_up_is_not() {
    let server = start().await;
    for code in [1000, 3000, 4400, 4999] {
        let mut tab = server.tab();
        tab.attach().await;
        tab.close(code).await;
        server.until_count(0).await;
    }
    for code in [1001, 4408] {
        let mut tab = server.tab();
        tab.attach().await;
        tab.close(code).await;
        let epoch = tab.epoch.clone();
        tab.attach().await;
        assert_eq!(tab.epoch, epoch, "closed with {code}");
    }
    assert_eq!(server.sessions.count(), 2);
}

#[tokio::test]
async fn a_client_without_the_protocol_has_a_source_of_its_own() {
    let server = start().await;
    let (mut socket, chosen) = dial(server.addr, "/prices", &[], None).await.expect("accepted");
    assert_eq!(chosen, None);
    let opened = async {
        while server.feed.opened() == 0 {
            tokio::task::yield_now().await;
        }
    };
    within("a source", opened).await;
    server.feed.say(price("salt", 1));
    server.feed.say(Output::end("closing time"));
    let first = within("a price", socket.next()).await.expect("it is open").expect("it is whole");
    assert_eq!(first, Message::text(price("salt", 1)));
    let Some(Ok(Message::Close(Some(frame)))) = within("the end", socket.next()).await else {
        panic!("a close frame is next")
    };
    assert_eq!((u16::from(frame.code), frame.reason.as_str()), (1000, "closing time"));
    assert_eq!(server.sessions.count(), 0);
}
