//! How much anybody may have: each bound with its close code, and all of it is given back.

use std::future::Future;

use envsocket_server::{Config, Proxies, Quotas};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Error;

use crate::support::{Client, Ending, Signed, Tab, TestServer, asking, bearer, config, request, within};

const WRITE: &[&str] = &["read", "write"];

fn token(subject: &str) -> String {
    Signed::of(subject).everywhere(WRITE).sign()
}

/// With these quotas, behind a proxy that may say anything of where its clients are.
async fn server(quotas: Quotas) -> TestServer {
    TestServer::with(Config { quotas, proxies: Proxies::AtLoopbackAnd(Vec::new()), ..asking() }).await
}

/// A client without the protocol, from this address.
async fn from(server: &TestServer, address: &str, token: &str) -> Client {
    let [(name, value)] = bearer(token);
    let headers = [(name, value.as_str()), ("x-forwarded-for", address)];
    Client::try_connect(server.addr, "/ws/p/e", &headers, None).await.expect("the upgrade is accepted")
}

/// What it was refused with, without the time after which it may come back.
async fn refusal(client: &mut Client) -> Result<String, Ending> {
    match client.ending().await {
        Ending::Closed(4429, reason) => {
            let (why, after) = reason.split_once("; retry-after: ").expect("it says when to come back");
            assert!(matches!(after, "1" | "2" | "3"), "{after}");
            Ok(why.to_owned())
        }
        other => Err(other),
    }
}

/// Whether the shell answers it.
async fn works(mut client: Client) -> Client {
    client.send("echo wor''ks\n").await;
    client.expect("works").await;
    client
}

/// Tries until it works: what was given back is counted a moment later.
async fn until<T, F: Future<Output = Option<T>>>(what: &str, attempt: impl Fn() -> F) -> T {
    let tries = async {
        loop {
            if let Some(done) = attempt().await {
                return done;
            }
        }
    };
    within(what, tries).await
}

/// A tab of this subject, if it is let in.
async fn tab(server: &TestServer, subject: &str) -> Option<Tab> {
    let mut tab = Tab::new(server.addr, "/ws/p/e").with(token(subject));
    tab.open().await;
    let hello = tab.hello();
    tab.control(&hello).await;
    match tab.hear().await {
        crate::support::Said::Control(welcome) if welcome["type"] == "welcome" => Some(tab),
        _ => None,
    }
}

#[tokio::test]
async fn a_subject_has_so_many_connections_whatever_they_speak() {
    let server = server(Quotas { connections_per_subject: 2, ..Quotas::default() }).await;
    let first = works(from(&server, "192.0.2.1", &token("ada")).await).await;
    let mut second = tab(&server, "ada").await.expect("there is a place");
    let why = "too many connections with this token's subject";
    let mut third = from(&server, "192.0.2.3", &token("ada")).await;
    assert_eq!(refusal(&mut third).await, Ok(why.to_owned()));
    let (code, reason) = Tab::new(server.addr, "/ws/p/e").with(token("ada")).refusal().await;
    assert!(code == 4429 && reason.starts_with(why), "{code} {reason}");
    works(from(&server, "192.0.2.1", &token("eve")).await).await;
    // A token that is renewed takes no place of its own.
    for _ in 0..5 {
        second.renew(token("ada")).await;
    }
    second.send("echo re''newed\n").await;
    second.expect("renewed").await;
    // Who may not come here at all is told that, and takes no place.
    let nothing = Signed::of("ada").sign();
    assert_eq!(Tab::new(server.addr, "/ws/p/e").with(nothing).refusal().await.0, 4403);
    drop(first);
    until("the place of who has gone", || tab(&server, "ada")).await;
    server.stop().await;
}

#[tokio::test]
async fn an_address_has_so_many_connections_whoever_they_are() {
    let server = server(Quotas { connections_per_address: 2, ..Quotas::default() }).await;
    let why = "too many connections from this address";
    let first = works(from(&server, "2001:db8::1", &token("ada")).await).await;
    let _second = works(from(&server, "2001:db8::2", &token("bob")).await).await;
    // The same customer's; and what its token is worth is not even looked at.
    for token in [token("eve"), "garbage".to_owned()] {
        let mut third = from(&server, "2001:db8::ffff:1", &token).await;
        assert_eq!(refusal(&mut third).await, Ok(why.to_owned()));
    }
    works(from(&server, "2001:db8:0:1::1", &token("eve")).await).await;
    drop(first);
    until("the place of who has gone", || async {
        let mut client = from(&server, "2001:db8::3", "garbage").await;
        refusal(&mut client).await.err()
    })
    .await;
    server.stop().await;
}

#[tokio::test]
async fn what_a_client_says_of_its_address_is_believed_of_proxies_only() {
    let quotas = Quotas { connections_per_address: 2, ..Quotas::default() };
    let server = TestServer::with(Config { quotas, ..asking() }).await;
    let _kept = [
        works(from(&server, "192.0.2.1", &token("ada")).await).await,
        works(from(&server, "192.0.2.2", &token("ada")).await).await,
    ];
    let mut third = from(&server, "192.0.2.3", &token("ada")).await;
    assert_eq!(refusal(&mut third).await, Ok("too many connections from this address".to_owned()));
    server.stop().await;
}

#[tokio::test]
async fn an_address_begins_so_many_at_once_and_others_are_not_concerned() {
    let quotas = Quotas { handshakes_per_second: 1, handshakes_burst: 5, ..Quotas::default() };
    let server = server(quotas).await;
    let mut begun = Vec::new();
    let refused = loop {
        let mut client = from(&server, "192.0.2.1", "garbage").await;
        match client.ending().await {
            Ending::Closed(4401, _) => begun.push(client),
            other => break other,
        }
        assert!(begun.len() < 100, "they go on and on");
    };
    let Ending::Closed(4429, reason) = refused else { panic!("{refused:?}") };
    assert!(reason.starts_with("too many handshakes from this address; retry-after: "), "{reason}");
    assert!(begun.len() >= 5, "{}", begun.len());
    works(from(&server, "192.0.2.2", &token("ada")).await).await;
    server.stop().await;
}

#[tokio::test]
async fn an_address_asks_so_often_over_http_whatever_it_asks_for() {
    let quotas = Quotas { requests_per_second: 1, requests_burst: 5, ..Quotas::default() };
    let server = server(quotas).await;
    let ask = async |address: &str, path: &str| {
        let headers = [("x-forwarded-for", address)];
        request(server.addr, "GET", path, &headers, "").await
    };
    let mut answered = 0;
    let refused = loop {
        // In turn: they count together.
        let path = ["/healthz", "/", "/api/projects", "/nope"][answered % 4];
        let reply = ask("192.0.2.1", path).await;
        match reply.status.as_u16() {
            429 => break reply,
            _ => answered += 1,
        }
        assert!(answered < 100, "they go on and on");
    };
    assert_eq!(refused.header("retry-after"), Some("3"));
    assert_eq!(refused.body, r#"{"error":"too many requests from this address"}"#);
    assert!(answered >= 5, "{answered}");
    assert_eq!(ask("192.0.2.2", "/healthz").await.status, 200);
    works(from(&server, "192.0.2.1", &token("ada")).await).await;
    server.stop().await;
}

#[tokio::test]
async fn upgrades_that_are_wrong_count_as_handshakes() {
    let quotas = Quotas { handshakes_per_second: 1, handshakes_burst: 5, ..Quotas::default() };
    let server = server(quotas).await;
    let ask = async || {
        let headers = [("x-forwarded-for", "192.0.2.1")];
        request(server.addr, "GET", "/ws/p/e", &headers, "").await.status.as_u16()
    };
    let mut wrong = 0;
    while ask().await == 400 {
        wrong += 1;
        assert!(wrong < 100, "they go on and on");
    }
    assert_eq!((wrong >= 5, ask().await), (true, 429));
    server.stop().await;
}

#[tokio::test]
async fn when_too_many_are_to_be_told_the_others_get_an_answer_over_http() {
    let server = server(Quotas { handshakes_per_second: 1, handshakes_burst: 1, ..Quotas::default() }).await;
    let mut silent = Vec::new();
    let refused = loop {
        let headers = [("x-forwarded-for", "192.0.2.1")];
        match Client::try_connect(server.addr, "/ws/p/e", &headers, None).await {
            // They keep the server waiting for its close frame's answer.
            Ok(client) => silent.push(client),
            Err(error) => break error,
        }
        assert!(silent.len() < 20_000, "they are told for ever");
    };
    let Error::Http(response) = refused else { panic!("{refused}") };
    assert_eq!(response.status(), 429);
    assert_eq!(response.headers()["retry-after"], "3");
    assert!(silent.len() >= 256, "{}", silent.len());
    works(from(&server, "192.0.2.2", &token("ada")).await).await;
    server.stop().await;
}

#[tokio::test]
async fn a_subject_has_so_many_sessions_and_those_without_anybody_make_room() {
    let server = server(Quotas { sessions_per_subject: 2, ..Quotas::default() }).await;
    let mut older = tab(&server, "ada").await.expect("there is room");
    let mut newer = tab(&server, "ada").await.expect("there is room");
    let (code, reason) = Tab::new(server.addr, "/ws/p/e").with(token("ada")).refusal().await;
    assert!(
        code == 4429 && reason.starts_with("too many sessions with this token's subject"),
        "{code} {reason}"
    );
    // Another tab of a session is none of its own.
    let mut sibling = newer.sibling();
    sibling.attach().await;
    tab(&server, "eve").await.expect("others have room of their own");
    older.cut();
    let third = until("the one that nobody is attached to to go", || tab(&server, "ada")).await;
    let epoch = older.epoch.clone();
    drop(third);
    // Its place is taken, and what it was is forgotten: it comes back to a new life of its session.
    until("a session to go for this one", || async {
        let mut again = older.double().with(token("ada"));
        again.open().await;
        let hello = again.hello();
        again.control(&hello).await;
        match again.hear().await {
            crate::support::Said::Control(welcome) if welcome["type"] == "welcome" => {
                assert_ne!(welcome["epoch"].as_str(), epoch.as_deref());
                Some(())
            }
            _ => None,
        }
    })
    .await;
    newer.send("echo st''ays\n").await;
    newer.expect("stays").await;
    server.stop().await;
}

#[tokio::test]
async fn whatever_becomes_of_a_connection_its_place_is_given_back() {
    let quotas = Quotas { connections_per_subject: 3, connections_per_address: 3, ..Quotas::default() };
    let server = server(quotas).await;
    let address = "192.0.2.1";
    for round in 0..12 {
        let enter = || async {
            let mut tab = Tab::new(server.addr, "/ws/p/e").with(token("ada"));
            tab.open().await;
            let hello = tab.hello();
            tab.control(&hello).await;
            let crate::support::Said::Control(frame) = tab.hear().await else { return None };
            (frame["type"] == "welcome").then_some(tab)
        };
        let mut tab = until("a place", enter).await;
        match round % 4 {
            0 => tab.close(1000).await,
            1 => tab.cut(),
            2 => {
                tab.renew("garbage".to_owned()).await;
                assert!(matches!(tab.ending().await, Ending::Closed(4401, _)));
            }
            _ => {
                tab.control(&serde_json::json!({ "type": "nonsense" })).await;
                assert!(matches!(tab.ending().await, Ending::Closed(4400, _)));
            }
        }
        let refused = until("a place", || async {
            let mut client = from(&server, address, "garbage").await;
            refusal(&mut client).await.err()
        });
        assert!(matches!(refused.await, Ending::Closed(4401, _)));
    }
    // All three are free at the same time.
    let mut all = Vec::new();
    while all.len() < 3 {
        all.push(until("a place", || tab(&server, "ada")).await);
    }
    server.stop().await;
}

#[tokio::test]
async fn sockets_that_ask_for_nothing_are_bounded_too() {
    let quotas = Quotas { connections_per_address: 2, ..Quotas::default() };
    let server = TestServer::with(Config { quotas, ..config(None) }).await;
    let mut idle = Vec::new();
    for _ in 0..4 {
        idle.push(TcpStream::connect(server.addr).await.expect("the server listens"));
    }
    let mut fifth = TcpStream::connect(server.addr).await.expect("the server listens");
    let read = within("the fifth to be closed", fifth.read(&mut [0; 1])).await;
    assert!(matches!(read, Ok(0) | Err(_)), "nothing is said to it");
    idle.clear();
    let served = until("an idle one's place", || async {
        let stream = TcpStream::connect(server.addr).await.ok()?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(hyper_util::rt::TokioIo::new(stream)).await.ok()?;
        let connection = tokio::spawn(connection);
        let request = hyper::Request::builder().uri("/healthz").header("host", server.addr.to_string());
        let request = request.body(http_body_util::Empty::<hyper::body::Bytes>::new()).expect("a request");
        let response = sender.send_request(request).await;
        connection.abort();
        response.ok()
    })
    .await;
    assert_eq!(served.status(), 200);
    server.shut_down().await;
}
