//! How links with the protocol end when the server ends them.

use crate::support::{Ending, Tab, TestServer};

#[tokio::test]
async fn a_server_that_ends_says_bye_and_spreads_when_to_come_back() {
    let server = TestServer::start().await;
    let mut tabs = Vec::new();
    for _ in 0..4 {
        tabs.push(server.tab().await);
    }
    let mut silent = Tab::new(server.addr, "/ws/p/e");
    silent.open().await;
    let goodbyes = async {
        let mut times = Vec::new();
        for tab in &mut tabs {
            let bye = tab.expect_frame("bye").await;
            assert_eq!(bye["code"], 1001);
            times.push(bye["retryAfterMs"].as_u64().expect("a time"));
            assert_eq!(tab.ending().await, Ending::Closed(1001, "server is shutting down".to_owned()));
        }
        let ending = silent.ending().await;
        assert!(ending.is_shutdown(), "without a welcome the reason says when: {ending:?}");
        times
    };
    let (mut times, ()) = tokio::join!(goodbyes, server.shut_down());
    times.sort_unstable();
    assert!(times.iter().all(|ms| (1_000..4_000).contains(ms)), "{times:?}");
    assert!(times.windows(2).all(|pair| pair[0] < pair[1]), "{times:?}");
}

#[tokio::test]
async fn a_deletion_closes_every_link_with_4410() {
    let server = TestServer::start().await;
    let mut tab = server.tab().await;
    let mut other = tab.sibling();
    other.attach().await;
    let (reply, first, second) = tokio::join!(
        server.request("DELETE", "/api/projects/p/environments/e"),
        tab.ending(),
        other.ending()
    );
    assert_eq!(reply.status, 204);
    let told = Ending::Closed(4410, "environment deleted".to_owned());
    assert_eq!((&first, &second), (&told, &told));
    let bye = serde_json::json!({ "type": "bye", "code": 4410, "retryAfterMs": null });
    assert_eq!(tab.told.last(), Some(&bye));
    server.stop().await;
}

#[tokio::test]
async fn an_unknown_environment_is_refused_after_the_hello() {
    let server = TestServer::start().await;
    for path in ["/ws/p/nope", "/ws/p", "/ws/%ff/%00"] {
        let mut tab = Tab::new(server.addr, path);
        tab.open().await;
        let hello = tab.hello();
        tab.control(&hello).await;
        assert_eq!(tab.ending().await, Ending::Closed(4404, "unknown environment".to_owned()), "{path}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_shell_that_cannot_be_started_is_told_with_1011_and_can_be_tried_again() {
    let layout = "[[project]]\nname = \"p\"\n[[project.environment]]\nid = \"e\"\ncwd = \"/nowhere\"\n";
    let server = TestServer::with(crate::support::config(Some(layout))).await;
    let mut tab = Tab::new(server.addr, "/ws/p/e");
    for _ in 0..2 {
        tab.open().await;
        let hello = tab.hello();
        tab.control(&hello).await;
        match tab.ending().await {
            Ending::Closed(1011, told) => assert!(told.contains("no folder /nowhere"), "{told}"),
            other => panic!("{other:?}"),
        }
    }
    server.stop().await;
}
