//! The JSON API and the faults ask for the same tokens as the WebSockets.

use crate::support::{Reply, Signed, TestServer, asking, bearer, request};

const READ: &[&str] = &["read"];
const WRITE: &[&str] = &["read", "write"];

async fn ask(server: &TestServer, method: &str, path: &str, token: Option<&str>, body: &str) -> Reply {
    let bearer = token.map(bearer).into_iter().flatten().collect::<Vec<_>>();
    let mut headers: Vec<_> = bearer.iter().map(|(name, value)| (*name, value.as_str())).collect();
    if !body.is_empty() {
        headers.push(("content-type", "application/json"));
    }
    request(server.addr, method, path, &headers, body).await
}

/// Every request that needs a right, each with its body.
const REQUESTS: [(&str, &str, &str); 7] = [
    ("GET", "/api/projects", ""),
    ("POST", "/api/projects/p/environments", r#"{"id":"x"}"#),
    ("PUT", "/api/projects/p/environments/e/size", r#"{"cols":80,"rows":24}"#),
    ("DELETE", "/api/projects/p/environments/x", ""),
    ("POST", "/faults/drop", ""),
    ("POST", "/faults/refuse?ms=0", ""),
    ("POST", "/faults/blackhole?ms=0", ""),
];

#[tokio::test]
async fn without_a_good_token_the_answer_is_401_and_says_what_is_wanted() {
    let server = TestServer::with(asking()).await;
    let expired = Signed::of("ada").everywhere(WRITE).expiring(-5).sign();
    for (method, path, body) in REQUESTS {
        for (token, why) in [
            (None, "a token is needed"),
            (Some("garbage"), "the token is not good here"),
            (Some(&*expired), "the token has expired"),
        ] {
            let reply = ask(&server, method, path, token, body).await;
            assert_eq!((reply.status.as_u16(), reply.error().as_str()), (401, why), "{method} {path}");
            assert_eq!(reply.header("www-authenticate"), Some("Bearer"), "{method} {path}");
        }
    }
    let in_the_url = format!("/api/projects?token={}", Signed::of("ada").everywhere(WRITE).sign());
    assert_eq!(ask(&server, "GET", &in_the_url, None, "").await.status, 401);
    for path in ["/healthz", "/"] {
        assert_eq!(ask(&server, "GET", path, None, "").await.status, 200, "{path}");
    }
    server.shut_down().await;
}

#[tokio::test]
async fn who_may_only_read_changes_nothing_and_learns_nothing_by_trying() {
    let server = TestServer::with(asking()).await;
    let reader = Signed::of("ada").everywhere(READ).sign();
    for (method, path, body) in &REQUESTS[1..] {
        let reply = ask(&server, method, path, Some(&reader), body).await;
        assert_eq!(reply.status, 403, "{method} {path}");
        assert_eq!(reply.error(), "the token gives no right to write here");
    }
    for there in ["/api/projects/p/environments/e", "/api/projects/p/environments/nope"] {
        assert_eq!(ask(&server, "DELETE", there, Some(&reader), "").await.status, 403, "{there}");
    }
    server.shut_down().await;
}

#[tokio::test]
async fn the_right_to_write_is_for_the_environment_that_it_names() {
    let server = TestServer::with(asking()).await;
    let writer = Signed::of("ada").on("p", "x", &["write"]).sign();
    let size = r#"{"cols":80,"rows":24}"#;
    let status = async |method, path, body| ask(&server, method, path, Some(&writer), body).await.status;
    assert_eq!(status("POST", "/api/projects/p/environments", r#"{"id":"y"}"#).await, 403);
    assert_eq!(status("POST", "/api/projects/q/environments", r#"{"id":"x"}"#).await, 403);
    assert_eq!(status("POST", "/api/projects/p/environments", r#"{"id":"x"}"#).await, 201);
    assert_eq!(status("PUT", "/api/projects/p/environments/e/size", size).await, 403);
    assert_eq!(status("PUT", "/api/projects/p/environments/x/size", size).await, 204);
    assert_eq!(status("DELETE", "/api/projects/p/environments/e", "").await, 403);
    assert_eq!(status("DELETE", "/api/projects/p/environments/x", "").await, 204);
    assert_eq!(status("DELETE", "/api/projects/p/environments/x", "").await, 404);
    assert_eq!(status("POST", "/faults/drop", "").await, 403, "faults are everybody's business");
    let everywhere = Signed::of("ada").everywhere(WRITE).sign();
    assert_eq!(ask(&server, "POST", "/faults/drop", Some(&everywhere), "").await.status, 200);
    server.shut_down().await;
}

#[tokio::test]
async fn only_what_may_be_read_is_listed() {
    let server = TestServer::with(asking()).await;
    let all = Signed::of("ada").everywhere(WRITE).sign();
    let made = ask(&server, "POST", "/api/projects/q/environments", Some(&all), r#"{"id":"g"}"#).await;
    assert_eq!(made.status, 201);
    let gone = ask(&server, "POST", "/api/projects/r/environments", Some(&all), r#"{"id":"h"}"#).await;
    assert_eq!(gone.status, 201);
    assert_eq!(ask(&server, "DELETE", "/api/projects/r/environments/h", Some(&all), "").await.status, 204);
    let listed = async |token: Signed| {
        let reply = ask(&server, "GET", "/api/projects", Some(&token.sign()), "").await;
        let projects = reply.json()["projects"].as_array().expect("a list").clone();
        let name = |it: &serde_json::Value| it["name"].as_str().expect("a name").to_owned();
        let ids = |it: &serde_json::Value| {
            let ids = it["environments"].as_array().expect("a list").clone();
            ids.iter().map(|it| it["id"].as_str().expect("an id").to_owned()).collect::<Vec<_>>().join("+")
        };
        projects.iter().map(|it| format!("{}:{}", name(it), ids(it))).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(listed(Signed::of("ada").everywhere(READ)).await, "p:e+f q:g r:");
    assert_eq!(listed(Signed::of("ada").on("p", "f", READ)).await, "p:f");
    assert_eq!(listed(Signed::of("ada").on("p", "f", READ).on("q", "g", WRITE)).await, "p:f q:g");
    assert_eq!(listed(Signed::of("ada").on("r", "h", READ)).await, "");
    assert_eq!(listed(Signed::of("ada").everywhere(&["write"])).await, "");
    assert_eq!(listed(Signed::of("ada")).await, "");
    server.shut_down().await;
}
