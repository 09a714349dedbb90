//! A link that carries nothing and is not closed, as a tunnel or a dead access point makes it.

use std::time::Duration;

use envsocket_server::{Config, Limits};
use futures_util::{FutureExt, SinkExt, StreamExt};
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Client, Ending, TestServer, config, within};

const BEGIN: &str = "/faults/blackhole?ms=600000";
const END: &str = "/faults/blackhole?ms=0";

#[tokio::test]
async fn nothing_passes_and_afterwards_everything_does_whole_and_in_order() {
    let server = TestServer::start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let (go, done) = (folder.path().join("go"), folder.path().join("done"));
    let mut client = server.shell().await;
    let wait = format!("until [ -e {} ]; do sleep 0.01; done", go.display());
    client.send(&format!("echo star''ted; {wait}; seq 1 5000; : > {}\n", done.display())).await;
    client.expect("started\r\n").await;

    assert_eq!(server.request("POST", BEGIN).await.json(), json!({ "held": 1 }));
    client.socket.send(Message::Ping("anybody there?".into())).await.expect("the connection is open");
    client.send("echo ty''ped\n").await;
    std::fs::write(&go, "").expect("the folder is writable");
    let printed = async {
        while !done.exists() {
            tokio::task::yield_now().await;
        }
    };
    within("the program's end", printed).await;
    assert_eq!(server.request("GET", "/healthz").await.status, 200, "HTTP goes on");
    let heard = client.socket.next().now_or_never();
    assert!(heard.is_none(), "{heard:?}");

    server.request("POST", END).await;
    let printed = client.expect("typed\r\n").await;
    let whole: String = (1..=5000).map(|number| format!("{number}\r\n")).collect();
    assert_eq!(printed, whole);
    server.stop().await;
}

#[tokio::test]
async fn a_ping_is_answered_afterwards() {
    let server = TestServer::start().await;
    let mut client = server.shell().await;
    server.request("POST", BEGIN).await;
    client.socket.send(Message::Ping("anybody there?".into())).await.expect("the connection is open");
    server.request("POST", END).await;
    let pong = async {
        loop {
            match client.socket.next().await {
                Some(Ok(Message::Pong(payload))) => return payload,
                Some(Ok(_)) => {}
                other => panic!("{other:?}"),
            }
        }
    };
    assert_eq!(within("the pong", pong).await, "anybody there?");
    server.stop().await;
}

#[tokio::test]
async fn it_ends_by_itself_and_its_time_is_not_held_against_the_client() {
    let limits = Limits { ping_interval: Duration::from_millis(500), ..Limits::default() };
    let server = TestServer::with(Config { limits, ..config(None) }).await;
    let mut client = server.shell().await;
    let folder = tempfile::tempdir().expect("a folder");
    let go = folder.path().join("go");
    client
        .send(&format!("echo star''ted; until [ -e {} ]; do sleep 0.01; done; echo on''ce\n", go.display()))
        .await;
    client.expect("started\r\n").await;
    // Longer than the 2.3 intervals after which a silent client is dropped.
    server.request("POST", "/faults/blackhole?ms=2000").await;
    std::fs::write(&go, "").expect("the folder is writable");
    client.expect("once\r\n").await;
    client.send("echo twi''ce\n").await;
    client.expect("twice\r\n").await;
    server.stop().await;
}

#[tokio::test]
async fn a_new_connections_handshake_is_answered_when_it_is_over() {
    let server = TestServer::start().await;
    assert_eq!(server.request("POST", BEGIN).await.json(), json!({ "held": 0 }));
    let addr = server.addr;
    let connecting = tokio::spawn(async move { Client::connect(addr, "p", "e").await });
    assert_eq!(server.request("POST", "/faults/drop").await.json(), json!({ "cut": 0 }));
    assert_eq!(server.request("GET", "/healthz").await.status, 200);
    assert!(!connecting.is_finished());
    server.request("POST", END).await;
    let mut client = within("the handshake", connecting).await.expect("it is accepted");
    client.send("echo wel''come\n").await;
    client.expect("welcome\r\n").await;
    server.stop().await;
}

#[tokio::test]
async fn a_held_connection_can_be_cut() {
    let server = TestServer::start().await;
    let mut client = server.shell().await;
    server.request("POST", BEGIN).await;
    assert_eq!(server.request("POST", "/faults/drop").await.json(), json!({ "cut": 1 }));
    assert_eq!(client.ending().await, Ending::Broken);
    server.stop().await;
}

#[tokio::test]
async fn it_does_not_outlast_the_server() {
    let server = TestServer::start().await;
    let mut held = server.shell().await;
    server.request("POST", BEGIN).await;
    let ((), ending) = tokio::join!(server.shut_down(), held.ending());
    assert!(ending.is_shutdown(), "{ending:?}");
}
