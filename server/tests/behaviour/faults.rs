//! Faults on demand.

use envsocket_server::{Config, Faults};
use serde_json::json;
use tokio_tungstenite::tungstenite::Error;

use crate::support::{Client, Ending, TestServer, config, request, within};

/// The status with which an upgrade is refused, if it is.
async fn refusal(server: &TestServer) -> Option<u16> {
    match Client::try_connect(server.addr, "/ws/p/e", &[], None).await {
        Ok(_) => None,
        Err(Error::Http(response)) => Some(response.status().as_u16()),
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_drop_cuts_every_connection_without_a_close_frame_and_the_shell_goes_on() {
    let server = TestServer::start().await;
    let mut e = server.shell().await;
    e.send("kept=here; echo don''e\n").await;
    e.expect("done\r\n").await;
    let mut f = Client::connect(server.addr, "p", "f").await;
    let reply = server.request("POST", "/faults/drop").await;
    assert_eq!((reply.status.as_u16(), reply.json()), (200, json!({ "cut": 2 })));
    assert_eq!((e.ending().await, f.ending().await), (Ending::Broken, Ending::Broken));
    let mut again = Client::connect(server.addr, "p", "e").await;
    again.send("echo \"still $kept\"\n").await;
    again.expect("still here\r\n").await;
    server.stop().await;
}

#[tokio::test]
async fn new_connections_are_refused_meanwhile_and_http_is_not() {
    let server = TestServer::start().await;
    let mut client = server.shell().await;
    assert_eq!(server.request("POST", "/faults/drop?refuse_ms=600000").await.json(), json!({ "cut": 1 }));
    assert_eq!(client.ending().await, Ending::Broken);
    assert_eq!(refusal(&server).await, Some(503));
    assert_eq!(server.request("GET", "/api/projects").await.status, 200);
    assert_eq!(server.request("POST", "/faults/drop").await.json(), json!({ "cut": 0 }), "ends the refusal");
    assert_eq!(refusal(&server).await, None);
    server.stop().await;
}

#[tokio::test]
async fn a_refusal_ends_by_itself() {
    let server = TestServer::start().await;
    server.request("POST", "/faults/drop?refuse_ms=300").await;
    let refused = async {
        while let Some(status) = refusal(&server).await {
            assert_eq!(status, 503);
        }
    };
    within("the refusal's end", refused).await;
    server.stop().await;
}

#[tokio::test]
async fn drops_among_connections_that_come_and_go_leave_none_hanging() {
    let server = TestServer::start().await;
    let coming = async {
        for _ in 0..30 {
            let mut client = Client::connect(server.addr, "p", "e").await;
            assert_eq!(client.ending().await, Ending::Broken);
        }
    };
    let dropping = async {
        loop {
            assert_eq!(server.request("POST", "/faults/drop").await.status, 200);
        }
    };
    tokio::select! {
        () = coming => {}
        () = dropping => {}
    }
    server.stop().await;
}

#[tokio::test]
async fn a_wrong_duration_is_refused() {
    let server = TestServer::start().await;
    for (query, status) in
        [("refuse_ms=600001", 422), ("refuse_ms=x", 400), ("refuse_ms=-1", 400), ("ms=1", 400)]
    {
        let reply = server.request("POST", &format!("/faults/drop?{query}")).await;
        assert_eq!(reply.status, status, "{query}: {}", reply.body);
        assert!(!reply.error().is_empty());
    }
    assert_eq!(server.request("GET", "/faults/drop").await.status, 405);
    server.stop().await;
}

#[tokio::test]
async fn without_the_flag_there_are_no_faults() {
    let server = TestServer::with(Config { faults: Faults::Off, ..config(None) }).await;
    let mut client = server.shell().await;
    let reply = request(server.addr, "POST", "/faults/drop?refuse_ms=1", &[], "").await;
    assert_eq!(reply.status, 404);
    client.send("echo unhar''med\n").await;
    client.expect("unharmed\r\n").await;
    drop(client);
    server.stop().await;
}
