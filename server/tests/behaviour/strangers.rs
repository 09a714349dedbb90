//! What somebody can make the server do without a token: next to nothing.

use envsocket_server::resume::{Limits, Terms};

use rustix::process::Signal;
use serde_json::json;

use crate::support::{
    BINARY, CLOSE, CONTINUATION, Ending, FIN, FeedServer, PACKED, Program, SECRET, Signed, TEXT, Tab,
    TestServer, Wire, asking, command, packed, request,
};

const MAX: usize = 1 << 20;

#[tokio::test]
async fn what_a_refused_client_sends_is_let_go_as_it_comes_until_it_closes() {
    let server = TestServer::with(asking()).await;
    let bomb = packed(&vec![0; MAX]);
    for protocol in ["envsocket.v1", "envsocket.plain"] {
        let mut wire = Wire::packing(server.addr, "/ws/p/e", protocol).await;
        if protocol == "envsocket.v1" {
            let hello = Tab::new(server.addr, "").hello();
            wire.send(TEXT, format!("\0{hello}").as_bytes()).await;
        }
        assert_eq!(wire.farewell().await.0, 4401, "{protocol}");
        // Whoever reads any of these as a message ends here, with unread input: the end would be a reset.
        for (first, payload) in [
            (TEXT | PACKED, &b"not compressed"[..]),
            (BINARY, &vec![0; MAX + 1]),
            (TEXT, b"\xff\xfe"),
            (CONTINUATION, b"of nothing"),
            (BINARY | 0x20, b""),
            (BINARY | PACKED, &bomb),
            (CLOSE, &4401_u16.to_be_bytes()),
        ] {
            wire.send(first, payload).await;
        }
        wire.end().await.expect("all was read");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_first_frame_is_short_however_it_comes() {
    let server = TestServer::with(asking()).await;
    let told = Ending::Closed(4400, "a first frame of more than 16384 bytes".to_owned());
    let open = || Wire::packing(server.addr, "/ws/p/e", "envsocket.v1");
    for bomb in [packed(&[b'x'; 16_385]), packed(&vec![0; MAX]), packed(&vec![0; 64 << 20])] {
        let mut wire = open().await;
        wire.send(TEXT | PACKED, &bomb).await;
        assert_eq!(wire.ending().await, told, "{} bytes on the wire", bomb.len());
    }
    let mut wire = open().await;
    wire.send(TEXT & !FIN, &[b'x'; 16_000]).await;
    wire.send(CONTINUATION & !FIN, &[b'x'; 1_000]).await;
    assert_eq!(wire.ending().await, told, "in fragments");
    // Nobody waits for what was only announced.
    for length in [17_000, MAX as u64, u64::MAX >> 1] {
        let mut wire = open().await;
        wire.announce(length).await;
        let mut said = wire.farewell().await;
        said.1.truncate(40);
        assert_eq!(Ending::Closed(said.0, said.1), told, "{length} bytes announced");
    }
    server.stop().await;
}

#[tokio::test]
async fn whoever_was_let_in_may_send_long_messages() {
    let server = FeedServer::start(Terms::default(), Limits::default()).await;
    let long = "x".repeat(MAX);
    for (mark, message) in [(0, long.as_bytes().to_vec()), (PACKED, packed(long.as_bytes()))] {
        let mut wire = Wire::packing(server.addr, "/prices", "envsocket.v1").await;
        wire.send(TEXT, format!("\0{}", Tab::new(server.addr, "").hello()).as_bytes()).await;
        assert!(wire.message().await.starts_with(b"\0{\"type\":\"welcome\""));
        wire.send(TEXT | mark, &message).await;
    }
    server.until_taken(&[&long, &long]).await;
}

#[tokio::test]
async fn nobody_writes_lines_or_escapes_into_the_log_or_much_of_it() {
    let folder = tempfile::tempdir().expect("there is room");
    let path = folder.path().join("server.toml");
    let text = "[auth]\nalgorithm = \"HS256\"\nkey_env = \"TEST_SECRET\"\n\
                [[project]]\nname = \"p\"\n[[project.environment]]\nid = \"e\"\n";
    std::fs::write(&path, text).expect("it can be written");
    let mut command = command(&["--listen", "127.0.0.1:0", "--config", path.to_str().expect("a text")]);
    command.env("TEST_SECRET", SECRET).env("RUST_LOG", "envsocket_server=trace");
    let program = Program::start(command).await;
    let addr = program.addr;
    let said = "x\n2026 INFO fake \u{1b}[31m\u{9b}2J\u{7}";
    for frame in [json!({ "type": said }), json!({ "type": "hello", "session": said })] {
        let mut tab = Tab::new(addr, "/ws/p/e");
        tab.open().await;
        tab.control(&frame).await;
        let Ending::Closed(4400, reason) = tab.ending().await else { panic!("it is refused") };
        assert!(!reason.contains(char::is_control), "{reason:?}");
    }
    let mut tab = Tab::new(addr, "/ws/p/e").with(Signed::of(said).sign());
    assert_eq!(tab.refusal().await.0, 4403);
    let long = "a".repeat(4_000);
    let long_path = format!("/api/{long}");
    for (method, path, header, value) in [
        ("GET", "/healthz", "host", long.as_str()),
        ("GET", "/healthz", "origin", &long),
        (&long, &long_path, "host", "evil.example"),
        (&long, &long_path, "accept", "*/*"),
        ("DELETE", "/api/projects/p/environments/e", "authorization", &long),
    ] {
        let reply = request(addr, method, path, &[(header, value)], "").await;
        assert!(reply.status.as_u16() >= 400 && reply.body.len() < 1_000, "{} {}", reply.status, reply.body);
    }
    for _ in 0..20 {
        assert_eq!(request(addr, "GET", "/", &[("host", "evil.example")], "").await.status, 403);
    }
    program.signal(Signal::TERM);
    let (_, logs) = program.end().await;
    assert!(logs.contains("unknown control frame"), "{logs}");
    for line in logs.lines() {
        assert!(!line.contains(char::is_control) && line.len() < 1_000, "{line:?}");
        assert!(line.starts_with("20") && !line.starts_with("2026 INFO fake"), "{line:?}");
    }
    // 23 were refused by their Host or Origin.
    let refused = logs.lines().filter(|line| line.contains("requests refused since the start")).count();
    assert_eq!(refused, 5, "{logs}");
}
