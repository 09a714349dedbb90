//! Protocol pings, and who does not answer them.

use std::time::Duration;

use envsocket_server::{Config, Limits};
use futures_util::StreamExt;
use tokio::io::AsyncReadExt;
use tokio_tungstenite::tungstenite::Message;

use crate::support::{TestServer, config, within};

async fn impatient() -> TestServer {
    let limits = Limits { ping_interval: Duration::from_millis(500), ..Limits::default() };
    TestServer::with(Config { limits, ..config(None) }).await
}

#[tokio::test]
async fn who_answers_pings_stays() {
    let server = impatient().await;
    let mut client = server.shell().await;
    let mut pings = 0;
    while pings < 5 {
        match within("a ping", client.socket.next()).await {
            Some(Ok(Message::Ping(_))) => pings += 1,
            Some(Ok(_)) => {}
            other => panic!("{other:?}"),
        }
    }
    client.send("echo sti''ll\n").await;
    client.expect("still\r\n").await;
    server.stop().await;
}

#[tokio::test]
async fn who_is_silent_is_dropped() {
    let server = impatient().await;
    let client = server.shell().await;
    // Bare bytes from here on: nobody answers pings.
    let mut stream = client.socket.into_inner();
    let mut rest = Vec::new();
    within("the drop", stream.read_to_end(&mut rest)).await.expect("the connection ends in order");
    let ping = [0x89, 0];
    assert!(rest.windows(2).any(|frame| frame == ping), "it was asked before: {rest:?}");
    server.stop().await;
}
