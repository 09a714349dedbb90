//! How long sessions are kept that nobody is attached to, and how much of them.

use envsocket_server::resume::{Limits, Terms};

use crate::support::{FeedServer, Tab};

async fn detached(server: &FeedServer, count: usize) -> Tab {
    let mut tab = server.tab();
    tab.attach().await;
    server.until_count(count).await;
    tab.close(1001).await;
    tab
}

async fn is_kept(tab: &mut Tab) -> bool {
    let epoch = tab.epoch.clone();
    tab.attach().await;
    tab.epoch == epoch
}

#[tokio::test]
async fn a_session_is_given_up_when_its_grace_is_over_and_not_while_somebody_is_attached() {
    let limits = Limits { grace_ms: 300, ..Limits::default() };
    let server = FeedServer::start(Terms::default(), limits).await;
    let mut attached = server.tab();
    attached.attach().await;
    let mut tab = detached(&server, 2).await;
    server.until_count(1).await;
    assert!(!is_kept(&mut tab).await, "its grace was over");
    attached.send("still there").await;
    server.until_taken(&["still there"]).await;
    assert_eq!(server.feed.opened(), 3, "a source for each, and a new one for who came back too late");
}

#[tokio::test]
async fn the_longest_detached_goes_first_when_all_together_cost_too_much() {
    let terms = Terms { ring: 64 << 10, tail: 1 << 10, ..Terms::default() };
    // Each keeps some 22 KiB and costs 4 KiB more.
    let server = FeedServer::start(terms, Limits { memory: 60 << 10, ..Limits::default() }).await;
    let mut first = detached(&server, 1).await;
    let mut second = detached(&server, 2).await;
    let mut third = detached(&server, 3).await;
    for _ in 0..20 {
        server.feed.say(format!("{{\"salt\":\"{}\"}}", "x".repeat(1000)));
    }
    server.until_count(2).await;
    assert!(server.sessions.cost() <= 60 << 10, "{:?}", server.sessions);
    assert!(is_kept(&mut third).await && is_kept(&mut second).await);
    assert!(!is_kept(&mut first).await);
}

#[tokio::test]
async fn sessions_without_output_are_bounded_too() {
    let server = FeedServer::start(Terms::default(), Limits { memory: 40 << 10, ..Limits::default() }).await;
    for _ in 0..30 {
        let mut tab = server.tab();
        tab.attach().await;
        tab.close(1001).await;
    }
    assert!((1..=10).contains(&server.sessions.count()), "{:?}", server.sessions);
}

#[tokio::test]
async fn dropping_all_sessions_lets_go_of_their_sources() {
    let server = FeedServer::start(Terms::default(), Limits::default()).await;
    detached(&server, 1).await;
    let feed = server.feed.clone();
    drop(server);
    feed.until_dropped().await;
}
