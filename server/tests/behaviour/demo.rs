//! `--demo-auth`: tokens from the server itself, for everybody who asks, and codes for those who may only look.

use std::time::Duration;

use envsocket_server::{Auth, Config};
use rustix::process::Signal;

use crate::support::{Ending, Program, Reply, Tab, TestServer, command, config, request};

async fn demo(seconds: u64) -> TestServer {
    TestServer::with(Config { auth: Auth::Demo(Duration::from_secs(seconds)), ..config(None) }).await
}

async fn token(server: &TestServer, body: &str) -> Reply {
    server.post_json("/api/demo/token", body).await
}

async fn writer(server: &TestServer) -> String {
    let reply = token(server, "{}").await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.json()["token"].as_str().expect("a token").to_owned()
}

async fn viewer(server: &TestServer, by: &str, body: &str) -> Reply {
    let bearer = format!("Bearer {by}");
    let headers = [("content-type", "application/json"), ("authorization", &*bearer)];
    request(server.addr, "POST", "/api/demo/viewers", &headers, body).await
}

#[tokio::test]
async fn everybody_gets_a_token_with_which_everything_may_be_done_for_a_while() {
    let server = demo(30).await;
    assert_eq!(server.request("GET", "/api/demo").await.json()["expiresInMs"], 30_000);
    assert_eq!(server.request("GET", "/api/projects").await.status, 401);
    let reply = token(&server, "{}").await;
    assert_eq!(reply.json()["expiresInMs"], 30_000);
    let mut tab = Tab::new(server.addr, "/ws/p/e").with(writer(&server).await);
    assert_eq!(tab.attach().await["readOnly"], false);
    tab.renew(writer(&server).await).await;
    tab.send("echo ren''ewed\n").await;
    tab.expect("renewed").await;
    for body in ["", "[]", r#"{"viewer":7}"#, r#"{"subject":"root"}"#] {
        assert!(token(&server, body).await.status.is_client_error(), "{body}");
    }
    let foreign = [("content-type", "application/json"), ("origin", "http://evil.example")];
    assert_eq!(request(server.addr, "POST", "/api/demo/token", &foreign, "{}").await.status, 403);
    server.stop().await;
}

#[tokio::test]
async fn a_viewers_code_shows_one_environment_and_is_no_token() {
    let server = demo(30).await;
    let by = writer(&server).await;
    let reply = viewer(&server, &by, r#"{"project":"p","env":"e"}"#).await;
    assert_eq!(reply.status, 201, "{}", reply.body);
    let code = reply.json()["viewer"].as_str().expect("a code").to_owned();
    let mut as_a_token = Tab::new(server.addr, "/ws/p/e").with(code.clone());
    assert_eq!(as_a_token.refusal().await, (4401, "the token is not good here".to_owned()));
    assert_eq!(viewer(&server, &code, r#"{"project":"p","env":"e"}"#).await.status, 401);
    let reader = token(&server, &format!(r#"{{"viewer":"{code}"}}"#)).await.json();
    let reader = reader["token"].as_str().expect("a token").to_owned();
    let mut tab = Tab::new(server.addr, "/ws/p/e").with(reader.clone());
    assert_eq!(tab.attach().await["readOnly"], true);
    tab.send("x").await;
    assert!(matches!(tab.ending().await, Ending::Closed(4403, _)));
    let (code_, _) = Tab::new(server.addr, "/ws/p/f").with(reader.clone()).refusal().await;
    assert_eq!(code_, 4403);
    // Who may only look makes no codes, and a token is no code.
    assert_eq!(viewer(&server, &reader, r#"{"project":"p","env":"e"}"#).await.status, 403);
    for wrong in [by.as_str(), &reader, "garbage", "", &"x".repeat(9_000)] {
        let refused = token(&server, &format!(r#"{{"viewer":"{wrong}"}}"#)).await;
        assert_eq!(refused.status, 403, "{wrong}");
        assert!(!refused.body.contains(wrong) || wrong.is_empty());
    }
    for (by, body, status) in [
        (&*by, r#"{"project":"","env":"e"}"#, 422),
        (&*by, r#"{"project":"p"}"#, 422),
        ("garbage", r#"{"project":"p","env":"e"}"#, 401),
    ] {
        assert_eq!(viewer(&server, by, body).await.status, status, "{body}");
    }
    server.stop().await;
}

#[tokio::test]
async fn there_is_none_of_it_where_it_was_not_asked_for() {
    let server = TestServer::start().await;
    let reply = server.request("GET", "/api/demo").await;
    assert_eq!(reply.status, 200);
    assert!(reply.json()["expiresInMs"].is_null());
    assert_eq!(token(&server, "{}").await.status, 404);
    assert_eq!(viewer(&server, "x", r#"{"project":"p","env":"e"}"#).await.status, 404);
    server.shut_down().await;
}

#[tokio::test]
async fn the_program_has_it_by_an_option_which_excludes_the_configurations_own() {
    let options = ["--listen", "127.0.0.1:0", "--demo-auth", "--demo-auth-seconds", "2"];
    let program = Program::start(command(&options)).await;
    let reply = request(program.addr, "GET", "/api/demo", &[], "").await;
    assert_eq!(reply.json()["expiresInMs"], 2_000);
    program.signal(Signal::TERM);
    program.end().await;
    let folder = tempfile::tempdir().expect("there is room");
    let path = folder.path().join("server.toml");
    let text = "[auth]\nalgorithm = \"HS256\"\nkey_env = \"TEST_SECRET\"\n";
    std::fs::write(&path, text).expect("it can be written");
    let path = path.to_str().expect("a text");
    for (options, expected) in [
        (
            &["--demo-auth", "--config", path][..],
            "--demo-auth and [auth] in the configuration exclude each other",
        ),
        (&["--demo-auth", "--demo-auth-seconds", "1"], "2..=3600"),
        (&["--demo-auth-seconds", "5"], "--demo-auth"),
    ] {
        let mut command = command(options);
        command.env("TEST_SECRET", crate::support::SECRET);
        let output = command.output().await.expect("the program was built");
        let error = String::from_utf8(output.stderr).expect("text");
        assert!(!output.status.success() && error.contains(expected), "{error}");
    }
}
