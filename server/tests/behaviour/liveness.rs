//! Protocol pings, and who does not answer them.

use std::time::Duration;

use envsocket_server::{Config, Limits};
use futures_util::StreamExt;
use tokio::io::AsyncReadExt;
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Ending, Said, Tab, TestServer, config, within};

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

#[tokio::test]
async fn with_the_protocol_pings_are_frames_and_who_answers_them_stays() {
    let server = impatient().await;
    let mut tab = server.tab().await;
    for _ in 0..5 {
        let ping = tab.hear_counts("ping").await;
        assert_eq!((&ping["sent"], &ping["received"]), (&tab.received.into(), &tab.sent.into()));
        tab.state("pong").await;
    }
    tab.state("ping").await;
    let pong = tab.hear_counts("pong").await;
    assert_eq!((&pong["received"], &pong["consumed"]), (&tab.sent.into(), &tab.sent.into()));
    server.stop().await;
}

#[tokio::test]
async fn with_the_protocol_who_is_silent_is_dropped_and_resumes() {
    let server = impatient().await;
    let mut tab = Tab::new(server.addr, "/ws/p/e");
    tab.attach().await;
    let epoch = tab.epoch.clone();
    loop {
        match tab.listen().await {
            Said::Ended(ending) => {
                break assert_eq!(ending, Ending::Closed(4408, "no sign of life".to_owned()));
            }
            Said::Text(_) | Said::Binary(_) => tab.received += 1,
            Said::Control(frame) => tab.received += u64::from(frame["type"] == "size"),
        }
    }
    tab.attach().await;
    assert_eq!(tab.epoch, epoch);
    server.stop().await;
}
