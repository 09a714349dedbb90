//! Which of the subprotocols that a client offers is chosen, and how it is served then.

use crate::support::{Client, TestServer, request};

/// The subprotocol in the answer to an upgrade with these offers, a header each.
async fn chosen(server: &TestServer, offers: &[&str]) -> Option<String> {
    let mut headers = vec![
        ("connection", "upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    headers.extend(offers.iter().map(|offer| ("sec-websocket-protocol", *offer)));
    let reply = request(server.addr, "GET", "/ws/p/e", &headers, "").await;
    assert_eq!(reply.status, 101, "{offers:?}");
    reply.header("sec-websocket-protocol").map(str::to_owned)
}

#[tokio::test]
async fn the_protocol_is_chosen_whenever_it_is_offered_and_plain_before_nothing() {
    let server = TestServer::start().await;
    let cases: [(&[&str], Option<&str>); 10] = [
        (&[], None),
        (&["envsocket.v1"], Some("envsocket.v1")),
        (&["envsocket.plain, envsocket.v1"], Some("envsocket.v1")),
        (&["envsocket.v1,envsocket.plain"], Some("envsocket.v1")),
        (&["envsocket.plain"], Some("envsocket.plain")),
        (&["chat"], None),
        (&["chat, envsocket.plain"], Some("envsocket.plain")),
        (&["chat", "envsocket.v1"], Some("envsocket.v1")),
        (&["envsocket.v2"], None),
        (&["ENVSOCKET.V1"], None),
    ];
    for (offers, expected) in cases {
        assert_eq!(chosen(&server, offers).await.as_deref(), expected, "{offers:?}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_client_that_got_plain_never_sees_a_control_frame() {
    let server = TestServer::start().await;
    let offer = [("sec-websocket-protocol", "envsocket.plain")];
    let mut client = Client::try_connect(server.addr, "/ws/p/e", &offer, None).await.expect("accepted");
    // `read` of this client panics at anything that is not binary.
    client.send("stty -echo; echo rea''dy; exit\n").await;
    client.expect("ready\r\n").await;
    client.ending().await;
    server.stop().await;
}
