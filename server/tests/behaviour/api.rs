//! The JSON API: what it lists, creates and refuses.

use envsocket_server::{Config, Limits};
use serde_json::json;

use crate::support::{Client, Ending, TestServer, config, request};

const ENVIRONMENTS: &str = "/api/projects/p/environments";

#[tokio::test]
async fn the_server_is_healthy() {
    let server = TestServer::start().await;
    let reply = server.request("GET", "/healthz").await;
    assert_eq!((reply.status.as_u16(), reply.body.as_str()), (200, "ok"));
    server.stop().await;
}

#[tokio::test]
async fn projects_are_listed_in_order_of_creation_with_what_runs() {
    let server = TestServer::start().await;
    let created = server.post_json("/api/projects/a/environments", r#"{"id":"z"}"#).await;
    assert_eq!((created.status.as_u16(), created.json()), (201, json!({ "id": "z", "running": false })));
    assert_eq!(server.post_json("/api/projects/a/environments", r#"{"id":"b"}"#).await.status, 201);
    let client = server.shell().await;
    let running = |id, running| json!({ "id": id, "running": running });
    let expected = json!({ "projects": [
        { "name": "p", "environments": [running("e", true), running("f", false)] },
        { "name": "a", "environments": [running("z", false), running("b", false)] },
    ] });
    let reply = server.request("GET", "/api/projects").await;
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(reply.json(), expected);
    drop(client);
    assert_eq!(server.request("GET", "/api/projects").await.json(), expected, "shells outlive connections");
    server.stop().await;
}

#[tokio::test]
async fn a_shell_that_ended_is_not_listed_as_running() {
    let server = TestServer::start().await;
    let mut client = server.shell().await;
    client.send("exit\n").await;
    assert!(matches!(client.ending().await, Ending::Closed(1000, _)));
    let list = server.request("GET", "/api/projects").await.json();
    assert_eq!(list["projects"][0]["environments"][0], json!({ "id": "e", "running": false }));
    server.stop().await;
}

#[tokio::test]
async fn a_project_without_environments_stays() {
    let server = TestServer::start().await;
    for env in ["e", "f"] {
        assert_eq!(server.request("DELETE", &format!("{ENVIRONMENTS}/{env}")).await.status, 204);
    }
    let list = server.request("GET", "/api/projects").await.json();
    assert_eq!(list, json!({ "projects": [{ "name": "p", "environments": [] }] }));
    server.stop().await;
}

#[tokio::test]
async fn what_exists_is_not_created_again() {
    let server = TestServer::start().await;
    let reply = server.post_json(ENVIRONMENTS, r#"{"id":"e"}"#).await;
    assert_eq!(reply.status, 409);
    assert!(reply.error().contains("\"e\" of project \"p\" exists already"), "{}", reply.body);
    server.stop().await;
}

#[tokio::test]
async fn a_bad_name_is_refused_with_the_field_and_the_reason() {
    let server = TestServer::start().await;
    let long = "x".repeat(257);
    let bodies = [
        (r#"{"id":""}"#.to_owned(), "id must not be empty"),
        (r#"{"id":"a\u0007"}"#.to_owned(), "id must not contain control characters"),
        (r#"{"id":".."}"#.to_owned(), "id must not be \".\""),
        (format!(r#"{{"id":"{long}"}}"#), "id must not be longer than 256 bytes"),
    ];
    for (body, error) in bodies {
        let reply = server.post_json(ENVIRONMENTS, &body).await;
        assert_eq!(reply.status, 422, "{body}");
        assert!(reply.error().starts_with(error), "{}", reply.body);
    }
    for (project, error) in
        [("%07", "must not contain control characters"), (long.as_str(), "must not be longer")]
    {
        let reply = server.post_json(&format!("/api/projects/{project}/environments"), r#"{"id":"e"}"#).await;
        assert_eq!(reply.status, 422);
        assert!(reply.error().starts_with(&format!("the project's name {error}")), "{}", reply.body);
    }
    let list = server.request("GET", "/api/projects").await.json();
    assert_eq!(list["projects"].as_array().map(Vec::len), Some(1), "nothing was created");
    server.stop().await;
}

#[tokio::test]
async fn only_json_is_taken() {
    let server = TestServer::start().await;
    let body = r#"{"id":"x"}"#;
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "text/json"] {
        let reply = request(server.addr, "POST", ENVIRONMENTS, &[("content-type", kind)], body).await;
        assert_eq!(reply.status, 415, "{kind}");
        assert!(reply.error().contains("application/json"), "{}", reply.body);
    }
    assert_eq!(request(server.addr, "POST", ENVIRONMENTS, &[], body).await.status, 415);
    let headers = [("content-type", "application/json; charset=utf-8")];
    assert_eq!(request(server.addr, "POST", ENVIRONMENTS, &headers, body).await.status, 201);
    server.stop().await;
}

#[tokio::test]
async fn broken_incomplete_and_oversized_bodies_are_told_apart() {
    let server = TestServer::start().await;
    assert_eq!(server.post_json(ENVIRONMENTS, "{").await.status, 400);
    assert_eq!(server.post_json(ENVIRONMENTS, "").await.status, 400);
    let reply = server.post_json(ENVIRONMENTS, "{}").await;
    assert_eq!(reply.status, 422);
    assert!(reply.error().contains("`id`"), "{}", reply.body);
    assert_eq!(server.post_json(ENVIRONMENTS, r#"{"id":7}"#).await.status, 422);
    assert_eq!(server.post_json(ENVIRONMENTS, r#"{"id":"x","colour":"red"}"#).await.status, 422);
    let reply = server.post_json(ENVIRONMENTS, &format!(r#"{{"id":"{}"}}"#, "x".repeat(20_000))).await;
    assert_eq!(reply.status, 413);
    server.stop().await;
}

#[tokio::test]
async fn there_is_a_most_of_environments() {
    let limits = Limits { environments: 3, ..Limits::default() };
    let server = TestServer::with(Config { limits, ..config(None) }).await;
    assert_eq!(server.post_json(ENVIRONMENTS, r#"{"id":"third"}"#).await.status, 201);
    let reply = server.post_json("/api/projects/new/environments", r#"{"id":"fourth"}"#).await;
    assert_eq!(reply.status, 429);
    assert!(reply.error().starts_with("there are 3 environments"), "{}", reply.body);
    let list = server.request("GET", "/api/projects").await.json();
    assert_eq!(list["projects"].as_array().map(Vec::len), Some(1), "no empty project is left behind");
    server.stop().await;
}

#[tokio::test]
async fn unknown_paths_and_wrong_methods_are_answered_in_json() {
    let server = TestServer::start().await;
    for path in ["/api", "/api/", "/api/nope", "/api/projects/p", "/api/projects/p/environments/e/nope"] {
        let reply = server.request("GET", path).await;
        assert_eq!(reply.status, 404, "{path}");
        assert!(reply.error().contains(path), "{}", reply.body);
    }
    let wrong = [
        ("POST", "/api/projects", "GET,HEAD"),
        ("GET", ENVIRONMENTS, "POST"),
        ("POST", "/healthz", "GET,HEAD"),
    ];
    for (method, path, allowed) in wrong {
        let reply = server.request(method, path).await;
        assert_eq!(reply.status, 405, "{method} {path}");
        assert_eq!(reply.header("allow"), Some(allowed));
        assert!(reply.error().contains(method), "{}", reply.body);
    }
    server.stop().await;
}

#[tokio::test]
async fn an_environment_created_over_http_has_a_shell() {
    let server = TestServer::start().await;
    assert_eq!(server.post_json(ENVIRONMENTS, r#"{"id":"new"}"#).await.status, 201);
    let mut client = Client::connect(server.addr, "p", "new").await;
    client.send("echo wor''ks\n").await;
    client.expect("works").await;
    server.stop().await;
}
