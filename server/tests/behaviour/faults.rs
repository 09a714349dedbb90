//! Faults on demand: cut links and refused ones. Black holes have a file of their own.

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
async fn new_connections_are_refused_meanwhile_and_nothing_else_is() {
    let server = TestServer::start().await;
    let mut client = server.shell().await;
    assert_eq!(server.request("POST", "/faults/refuse?ms=600000").await.status, 204);
    assert_eq!(refusal(&server).await, Some(503));
    assert_eq!(server.request("GET", "/api/projects").await.status, 200);
    client.send("echo sti''ll\n").await;
    client.expect("still\r\n").await;
    assert_eq!(server.request("POST", "/faults/drop").await.json(), json!({ "cut": 1 }));
    assert_eq!(client.ending().await, Ending::Broken);
    assert_eq!(refusal(&server).await, Some(503), "a cut ends no refusal");
    server.request("POST", "/faults/refuse?ms=0").await;
    assert_eq!(refusal(&server).await, None);
    server.stop().await;
}

#[tokio::test]
async fn a_refusal_ends_by_itself() {
    let server = TestServer::start().await;
    server.request("POST", "/faults/refuse?ms=300").await;
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
async fn a_wrong_request_is_refused_and_names_the_field() {
    let server = TestServer::start().await;
    let mut client = server.shell().await;
    for fault in ["refuse", "blackhole"] {
        for (query, status) in
            [("ms=600001", 422), ("ms=x", 400), ("ms=-1", 400), ("ms=1.5", 400), ("ms=", 400), ("", 400)]
        {
            refuses(&server, &format!("{fault}?{query}"), status, "ms").await;
        }
        refuses(&server, &format!("{fault}?ms=1&for=2"), 400, "for").await;
    }
    refuses(&server, "drop?refuse_ms=1", 400, "refuse_ms").await;
    for fault in ["drop", "refuse", "blackhole"] {
        assert_eq!(server.request("GET", &format!("/faults/{fault}?ms=1")).await.status, 405);
    }
    client.send("echo unhar''med\n").await;
    client.expect("unharmed\r\n").await;
    server.stop().await;
}

async fn refuses(server: &TestServer, fault: &str, status: u16, field: &str) {
    let reply = server.request("POST", &format!("/faults/{fault}")).await;
    assert_eq!(reply.status, status, "{fault}: {}", reply.body);
    let is_named = reply.error().split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == field);
    assert!(is_named, "{fault}: {}", reply.error());
}

#[tokio::test]
async fn without_the_flag_there_are_no_faults() {
    let server = TestServer::with(Config { faults: Faults::Off, ..config(None) }).await;
    let mut client = server.shell().await;
    for fault in ["drop", "refuse?ms=1", "blackhole?ms=1"] {
        let reply = request(server.addr, "POST", &format!("/faults/{fault}"), &[], "").await;
        assert_eq!(reply.status, 404, "{fault}");
    }
    client.send("echo unhar''med\n").await;
    client.expect("unharmed\r\n").await;
    drop(client);
    server.stop().await;
}
