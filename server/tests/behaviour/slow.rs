//! Clients that take too little of what there is.

use envsocket_server::resume::{Limits, Terms};
use serde_json::json;

use crate::support::{Ending, FeedServer, Said};

fn price(number: usize, bytes: usize) -> String {
    json!({ "salt": number, "why": "x".repeat(bytes) }).to_string()
}

#[tokio::test]
async fn who_acknowledges_nothing_gets_no_more_than_its_window_and_then_what_it_all_led_to() {
    let terms = Terms { ring: 64 << 10, tail: 1 << 10, ..Terms::default() };
    let server = FeedServer::start(terms, Limits::default()).await;
    let mut brisk = server.tab();
    brisk.attach().await;
    let mut slow = brisk.sibling();
    slow.acknowledges = false;
    slow.attach().await;
    for number in 1..=200 {
        server.feed.say(price(number, 1000));
        assert!(matches!(brisk.hear().await, Said::Text(_)));
    }
    // What fits into the window, and no more: the answer to the ping comes after it.
    slow.state("ping").await;
    slow.hear_counts("pong").await;
    assert!(slow.seen.len() <= 32 << 10, "no more than the window: {}", slow.seen.len());
    let had = slow.received;
    slow.acknowledges = true;
    slow.state("ack").await;
    let gap = slow.expect_frame("gap").await;
    assert_eq!((&gap["from"], &gap["to"]), (&(had + 1).into(), &200.into()));
    assert!(matches!(slow.hear().await, Said::Text(_)), "the snapshot");
    server.feed.say(price(201, 1000));
    assert_eq!(slow.hear().await, Said::Text(price(201, 1000)));
    assert_eq!(brisk.hear().await, Said::Text(price(201, 1000)));
}

#[tokio::test]
async fn a_controller_holds_the_source_for_its_patience_and_loses_nothing_by_being_slow() {
    let terms = Terms { ring: 64 << 10, tail: 1 << 10, patience_ms: 600_000, ..Terms::default() };
    let server = FeedServer::start(terms, Limits::default()).await;
    let mut tab = server.tab();
    tab.acknowledges = false;
    tab.attach().await;
    for number in 1..=300 {
        server.feed.say(price(number, 1000));
    }
    for number in 1..=300 {
        assert_eq!(tab.hear().await, Said::Text(price(number, 1000)));
        if number % 20 == 0 {
            tab.state("ack").await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_that_is_not_read_is_closed_in_the_middle_of_a_message() {
    const MESSAGE: usize = 1 << 20;
    let terms = Terms { ring: 32 << 20, window: 16 << 20, tail: 1 << 10, ..Terms::default() };
    let server = FeedServer::start(terms, Limits::default()).await;
    let mut brisk = server.tab();
    brisk.attach().await;
    let mut stuck = brisk.sibling();
    stuck.open_narrow().await;
    stuck.welcome().await;
    // More than the ring has and any socket's buffers have.
    for number in 1..=50 {
        server.feed.say(price(number, MESSAGE));
        assert!(matches!(brisk.hear().await, Said::Text(_)));
    }
    stuck.acknowledges = false;
    server.sessions.shut_down();
    let ending = stuck.ending().await;
    assert!(matches!(ending, Ending::Closed(1001, _)), "{ending:?}");
    assert!(stuck.seen.len() <= 17 * MESSAGE, "no more than the window: {}", stuck.seen.len());
}
