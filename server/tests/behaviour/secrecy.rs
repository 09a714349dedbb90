//! Tokens are nowhere but in memory: not in the log, however much is logged, nor in what anybody is told.

use rustix::process::Signal;

use crate::support::{Client, Ending, Program, SECRET, Signed, Tab, bearer, command, dial, offer, request};

const WRITE: &[&str] = &["read", "write"];

/// In the ways that programs print bytes.
fn spellings(secret: &str) -> Vec<String> {
    let hex = |upper: bool| {
        let digits =
            secret.bytes().map(|byte| if upper { format!("{byte:02X}") } else { format!("{byte:02x}") });
        digits.collect::<String>()
    };
    let list = secret.bytes().map(|byte| byte.to_string()).collect::<Vec<_>>().join(", ");
    vec![secret.to_owned(), hex(false), hex(true), list, offer(secret)]
}

#[tokio::test]
async fn no_token_and_no_key_is_in_the_log_in_a_close_reason_or_in_an_answer() {
    let folder = tempfile::tempdir().expect("there is room");
    let path = folder.path().join("server.toml");
    let text = "[auth]\nalgorithm = \"HS256\"\nkey_env = \"TEST_SECRET\"\nleeway_seconds = 0\ngrace_seconds = 0\n\
                [[project]]\nname = \"p\"\n[[project.environment]]\nid = \"e\"\n";
    std::fs::write(&path, text).expect("it can be written");
    let mut command = command(&["--listen", "127.0.0.1:0", "--config", path.to_str().expect("a text")]);
    command.env("TEST_SECRET", SECRET).env("RUST_LOG", "trace");
    let program = Program::start(command).await;
    let addr = program.addr;
    let good = Signed::of("ada").everywhere(WRITE);
    let tokens = [
        good.sign(),
        good.clone().expiring(-5).sign(),
        good.sign_with("another secret, which is long enough"),
        Signed::of("ada").sign(),
        "not-even-a-token".to_owned(),
    ];
    let mut told = String::new();
    for token in &tokens {
        let mut tab = Tab::new(addr, "/ws/p/e").with(token.clone());
        tab.open().await;
        let hello = tab.hello();
        tab.control(&hello).await;
        told.push_str(&format!("{:?}", tab.hear().await));
        let [(name, value)] = bearer(token);
        let mut client =
            Client::try_connect(addr, "/ws/p/e", &[(name, &value)], None).await.expect("accepted");
        if *token != tokens[0] {
            told.push_str(&format!("{:?}", client.ending().await));
        }
        let (socket, _) = dial(addr, "/ws/p/e", &[&offer(token)], None).await.expect("accepted");
        drop(socket);
        let reply = request(addr, "GET", "/api/projects", &[(name, &value)], "").await;
        told.push_str(&format!("{:?} {}", reply.headers, reply.body));
        let headers = [(name, value.as_str()), ("content-type", "application/json")];
        let reply = request(addr, "POST", "/api/projects/p/environments", &headers, r#"{"id":7}"#).await;
        told.push_str(&format!("{:?} {}", reply.headers, reply.body));
    }
    for token in &tokens[1..] {
        let mut tab = Tab::new(addr, "/ws/p/e").with(tokens[0].clone());
        tab.attach().await;
        tab.renew(tokens[0].clone()).await;
        tab.renew(token.clone()).await;
        let Ending::Closed(_, reason) = tab.ending().await else { panic!("it is closed in order") };
        told.push_str(&reason);
    }
    let mut typist = Tab::new(addr, "/ws/p/e").with(tokens[0].clone());
    typist.attach().await;
    typist.send("echo a-typed-''secret\n").await;
    typist.expect("a-typed-secret").await;
    typist.cut();
    program.signal(Signal::TERM);
    let (_, logs) = program.end().await;
    assert!(logs.contains(" DEBUG ") && logs.contains("token refused"), "everything is logged: {logs:.2000}");
    for secret in tokens.iter().map(String::as_str).chain([SECRET, "a-typed-''secret", "a-typed-secret"]) {
        for spelling in spellings(secret) {
            assert!(!told.contains(&spelling), "{spelling} was told: {told}");
            let at = logs.find(&spelling).map(|at| &logs[at.saturating_sub(300)..at]);
            assert_eq!(at, None, "{spelling} is in the log");
        }
        // No part of a token either: its claims and its signature are long enough to be recognised.
        for part in secret
            .split('.')
            .filter(|part| part.len() > 20 && *part != "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9")
        {
            assert!(!logs.contains(part) && !told.contains(part), "{part}");
        }
    }
}

#[tokio::test]
async fn the_variable_with_the_key_is_in_no_shell() {
    let folder = tempfile::tempdir().expect("there is room");
    let path = folder.path().join("server.toml");
    let text = "[auth]\nalgorithm = \"HS256\"\nkey_env = \"TEST_SECRET\"\n[[project]]\nname = \"p\"\n\
                [[project.environment]]\nid = \"e\"\n[[project.environment]]\nid = \"f\"\ncommand = [\"/bin/sh\"]\n";
    std::fs::write(&path, text).expect("it can be written");
    let mut command = command(&["--listen", "127.0.0.1:0", "--config", path.to_str().expect("a text")]);
    command.env("TEST_SECRET", SECRET).env("TEST_OTHER", "any other");
    let program = Program::start(command).await;
    let token = Signed::of("ada").everywhere(WRITE).sign();
    let [(name, value)] = bearer(&token);
    let headers = [(name, value.as_str()), ("content-type", "application/json")];
    let made = request(program.addr, "POST", "/api/projects/p/environments", &headers, r#"{"id":"made"}"#);
    assert_eq!(made.await.status, 201);
    for env in ["e", "f", "made"] {
        let mut tab = Tab::new(program.addr, &format!("/ws/p/{env}")).with(token.clone());
        tab.attach().await;
        tab.send("env; echo do''ne\n").await;
        tab.expect("done").await;
        let seen = String::from_utf8_lossy(&tab.seen).into_owned();
        assert!(seen.contains("TEST_OTHER=any other"), "{seen}");
        assert!(!seen.contains("TEST_SECRET") && !seen.contains(SECRET), "{seen}");
        tab.close(1000).await;
    }
    program.signal(Signal::TERM);
    program.end().await;
}
