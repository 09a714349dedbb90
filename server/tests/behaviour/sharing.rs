//! Several tabs on one session: all see the same, and one at a time is in charge.

use serde_json::json;

use crate::support::{Tab, TestServer};

fn role(is_controller: bool) -> serde_json::Value {
    json!({ "type": "role", "controller": is_controller })
}

#[tokio::test]
async fn two_tabs_see_the_same_and_whoever_types_is_in_charge() {
    let server = TestServer::start().await;
    let mut first = server.tab().await;
    let mut second = first.sibling();
    let welcome = second.attach().await;
    assert_eq!(welcome["controller"], json!(false));
    second.expect("quiet\r\n").await;
    second.send("echo sec''ond\n").await;
    assert_eq!(second.expect_frame("role").await, role(true));
    assert_eq!(first.expect_frame("role").await, role(false));
    first.expect("second\r\n").await;
    second.expect("second\r\n").await;
    first.send("echo fir''st\n").await;
    assert_eq!(first.expect_frame("role").await, role(true));
    assert_eq!(second.expect_frame("role").await, role(false));
    first.expect("first\r\n").await;
    second.expect("first\r\n").await;
    assert!(first.seen.ends_with(b"second\r\nfirst\r\n") && second.seen.ends_with(b"second\r\nfirst\r\n"));
    server.stop().await;
}

#[tokio::test]
async fn the_size_of_who_is_in_charge_counts_and_everybody_is_told_in_order() {
    let server = TestServer::start().await;
    let mut first = Tab::new(server.addr, "/ws/p/e").sized(100, 30);
    first.attach().await;
    first.send("PS1= PS2=; stty -echo; stty size\n").await;
    first.expect("30 100\r\n").await;
    let mut second = first.sibling().sized(120, 40);
    second.attach().await;
    // A watcher's size is remembered, and no more.
    second.resize(130, 50).await;
    first.send("stty size\n").await;
    first.expect("30 100\r\n").await;
    second.send("stty size\n").await;
    second.expect("50 130\r\n").await;
    first.expect("50 130\r\n").await;
    let sizes = |tab: &Tab| -> Vec<_> {
        tab.told.iter().filter(|frame| frame["type"] == "size").map(|frame| frame["cols"].clone()).collect()
    };
    assert!(sizes(&first).ends_with(&[json!(100), json!(130)]), "{:?}", first.told);
    assert_eq!(sizes(&second).last(), Some(&json!(130)), "{:?}", second.told);
    server.stop().await;
}

#[tokio::test]
async fn tabs_of_different_sessions_share_the_shell() {
    let server = TestServer::start().await;
    let mut one = server.tab().await;
    let mut other = Tab::new(server.addr, "/ws/p/e");
    other.attach().await;
    other.send("echo from the oth''er\n").await;
    one.expect("from the other\r\n").await;
    assert_eq!(other.told.iter().filter(|frame| frame["type"] == "role").count(), 0);
    server.stop().await;
}

#[tokio::test]
async fn a_tab_that_leaves_hands_the_charge_over_and_the_terminal_has_the_others_size() {
    let server = TestServer::start().await;
    let mut first = Tab::new(server.addr, "/ws/p/e").sized(100, 30);
    first.attach().await;
    let mut second = first.sibling().sized(120, 40);
    second.attach().await;
    first.close(1000).await;
    assert_eq!(second.expect_frame("role").await, role(true));
    while second.expect_frame("size").await["cols"] != 120 {}
    server.stop().await;
}
