//! How long sessions are kept that nobody is attached to, and how much of them.

use envsocket_server::resume::{Limits, Terms};

use crate::support::{Ending, FeedServer, Said, Tab};

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
    // Each keeps some 22 KiB and costs 10 KiB more.
    let server = FeedServer::start(terms, Limits { memory: 78 << 10, ..Limits::default() }).await;
    let mut first = detached(&server, 1).await;
    let mut second = detached(&server, 2).await;
    let mut third = detached(&server, 3).await;
    for _ in 0..20 {
        server.feed.say(format!("{{\"salt\":\"{}\"}}", "x".repeat(1000)));
    }
    server.until_count(2).await;
    assert!(server.sessions.cost() <= 78 << 10, "{:?}", server.sessions);
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
    assert!((1..=4).contains(&server.sessions.count()), "{:?}", server.sessions);
}

#[tokio::test]
async fn when_those_that_are_attached_take_all_the_room_nobody_new_comes_in_until_one_leaves() {
    let server = FeedServer::start(Terms::default(), Limits { memory: 40 << 10, ..Limits::default() }).await;
    let mut attached = Vec::new();
    let refused = loop {
        let mut tab = server.tab();
        tab.open().await;
        let hello = tab.hello();
        tab.control(&hello).await;
        if let Said::Ended(ending) = tab.hear().await {
            break ending;
        }
        attached.push(tab);
        assert!(attached.len() < 100, "{:?}", server.sessions);
    };
    let Ending::Closed(4429, reason) = refused else { panic!("{refused:?}") };
    assert!(reason.starts_with("the server has no room for another session; retry-after: "), "{reason}");
    assert_eq!(server.sessions.count(), attached.len(), "and nothing is left of it");
    let mut leaving = attached.pop().expect("somebody came in");
    leaving.close(1000).await;
    server.until_count(attached.len()).await;
    server.tab().attach().await;
}

#[tokio::test]
async fn a_hello_that_comes_after_its_client_has_left_opens_no_source() {
    let server = FeedServer::start(Terms::default(), Limits::default()).await;
    let mut tab = server.tab();
    tab.open().await;
    let mut late = tab.hello();
    tab.attach().await;
    tab.close(1000).await;
    server.until_count(0).await;
    late["epoch"] = serde_json::Value::Null;
    tab.open().await;
    tab.control(&late).await;
    assert_eq!(tab.ending().await, Ending::Closed(4409, "superseded".to_owned()));
    assert_eq!((server.sessions.count(), server.feed.opened()), (0, 1));
    tab.epoch = None;
    tab.attach().await;
    assert_eq!(server.feed.opened(), 2, "whoever really comes back is welcome");
}

#[tokio::test]
async fn dropping_all_sessions_lets_go_of_their_sources() {
    let server = FeedServer::start(Terms::default(), Limits::default()).await;
    detached(&server, 1).await;
    let feed = server.feed.clone();
    drop(server);
    feed.until_dropped().await;
}
