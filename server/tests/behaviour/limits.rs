//! How much anybody may have: each bound with its close code, and all of it is given back.

use std::future::Future;
use std::net::SocketAddr;

use envsocket_server::{Config, Limits, Proxies, Quotas};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::Error;

use crate::support::{
    Client, Ending, Program, SECRET, Signed, Tab, TestServer, asking, bearer, command_by, config, request,
    within,
};

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

/// A socket from this address of the machine, and whether the server answers on it.
async fn asks(to: SocketAddr, from: &str) -> Option<TcpStream> {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind(format!("{from}:0").parse().expect("an address")).expect("it is this machine's");
    let mut stream = socket.connect(to).await.ok()?;
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").await.ok()?;
    let mut status = [0; 15];
    within("an answer, or none", stream.read_exact(&mut status)).await.ok()?;
    assert_eq!(&status, b"HTTP/1.1 200 OK");
    Some(stream)
}

/// All sockets that this address gets.
async fn all_of(to: SocketAddr, from: &str) -> Vec<TcpStream> {
    let mut all = Vec::new();
    while let Some(stream) = asks(to, from).await {
        all.push(stream);
        assert!(all.len() < 1_000, "it gets all that it wants");
    }
    all
}

// Other systems have one address for loopback only.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_address_that_takes_all_sockets_leaves_some_to_others() {
    let server =
        TestServer::with(Config { quotas: Quotas { sockets: 60, ..Quotas::default() }, ..config(None) })
            .await;
    let first = all_of(server.addr, "127.0.0.1").await;
    assert_eq!(first.len(), 30, "half of all");
    let second = all_of(server.addr, "127.0.0.2").await;
    assert_eq!(second.len(), 15, "half of what is left");
    assert!(asks(server.addr, "127.0.0.3").await.is_some(), "there still is something");
    drop((first, second));
    until("the places of those who have gone", || asks(server.addr, "127.0.0.1")).await;
    server.shut_down().await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn one_address_cannot_take_all_the_files_that_the_server_may_open() {
    let folder = tempfile::tempdir().expect("there is room");
    let path = folder.path().join("server.toml");
    let text = "[auth]\nalgorithm = \"HS256\"\nkey_env = \"TEST_SECRET\"\n[[project]]\nname = \"p\"\n\
                [[project.environment]]\nid = \"e\"\n";
    std::fs::write(&path, text).expect("it can be written");
    // More than what is usual is allowed, and little in all.
    let arguments = ["--listen", "127.0.0.1:0", "--config", path.to_str().expect("a text")];
    let mut command =
        command_by(&["/bin/sh", "-c", "ulimit -Sn 100; ulimit -Hn 300; exec \"$0\" \"$@\""], &arguments);
    command.env("TEST_SECRET", SECRET);
    let program = Program::start(command).await;
    let taken = all_of(program.addr, "127.0.0.1").await;
    assert_eq!(taken.len(), 75, "half of the half that is for sockets");
    assert!(asks(program.addr, "127.0.0.2").await.is_some());
    let [(name, value)] = bearer(&token("ada"));
    let mut client = {
        drop(taken);
        until("a place", || async {
            Client::try_connect(program.addr, "/ws/p/e", &[(name, value.as_str())], None).await.ok()
        })
        .await
    };
    // Shells have what was there before.
    client.send("echo li''mit=$(ulimit -Sn).\n").await;
    client.expect("limit=100.").await;
    program.signal(rustix::process::Signal::TERM);
    let (_, logs) = program.end().await;
    assert!(logs.contains("few files may be open"), "{logs}");
    let refused = logs.lines().filter(|line| line.contains("sockets closed since the start")).count();
    assert!(refused >= 1, "{logs}");
}

/// What tabs of a session each, which take nothing, cost their owner, and nobody else.
#[tokio::test]
async fn who_has_most_of_the_memory_pays_for_it() {
    let limits = Limits { session_ring: 64 << 10, sessions_total: 400 << 10, ..Limits::default() };
    let server = TestServer::with(Config { limits, ..asking() }).await;
    let mut ada = Tab::new(server.addr, "/ws/p/e").with(token("ada"));
    ada.attach().await;
    ada.send("echo mar''ker\n").await;
    ada.expect("marker").await;
    let epoch = ada.epoch.clone();
    ada.cut();
    let mut eves = JoinSet::new();
    for _ in 0..12 {
        let token = Signed::of("eve").on("p", "f", &["read"]).sign();
        let mut reader = Tab::new(server.addr, "/ws/p/f").with(token);
        reader.attach().await;
        reader.acknowledges = false;
        eves.spawn(async move { reader.ending().await });
    }
    let mut bob = Tab::new(server.addr, "/ws/p/f").with(token("bob"));
    bob.attach().await;
    bob.send("head -c 300000 /dev/zero | tr '\\0' x | fold -w 100; echo do''ne\n").await;
    bob.expect("done").await;
    let ended = within("one of hers to go", eves.join_next()).await.expect("there are some");
    let why = "the server is short of memory, and this takes most of it";
    assert_eq!(ended.expect("it does not panic"), Ending::Closed(4413, why.to_owned()));
    tab(&server, "new").await.expect("whoever has little is let in");
    ada.attach().await;
    assert_eq!(ada.epoch, epoch, "what others have left stays");
    bob.send("echo st''ill\n").await;
    bob.expect("still").await;
    server.stop().await;
}
