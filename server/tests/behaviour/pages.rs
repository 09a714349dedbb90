//! The built page, and the headers around it.

use std::fs;
use std::path::Path;

use envsocket_server::{BindError, Config, Server};

use crate::support::{TestServer, config};

fn page() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("index.html"), "<p>page").expect("writable");
    fs::create_dir(folder.path().join("assets")).expect("writable");
    fs::write(folder.path().join("assets/app-1a2b.js"), "app()").expect("writable");
    fs::write(folder.path().join("assets/core-1a2b.wasm"), "wasm").expect("writable");
    folder
}

fn with_page(folder: &Path) -> Config {
    Config { www: Some(folder.to_owned()), ..config(None) }
}

#[tokio::test]
async fn the_page_is_served_with_types_and_cache_rules() {
    let folder = page();
    let server = TestServer::with(with_page(folder.path())).await;
    let expected = [
        ("/", "text/html", "no-cache"),
        ("/index.html", "text/html", "no-cache"),
        ("/assets/app-1a2b.js", "text/javascript", "public, max-age=31536000, immutable"),
        ("/assets/core-1a2b.wasm", "application/wasm", "public, max-age=31536000, immutable"),
    ];
    for (path, kind, cache) in expected {
        let reply = server.request("GET", path).await;
        assert_eq!(reply.status, 200, "{path}");
        assert!(reply.header("content-type").is_some_and(|it| it.starts_with(kind)), "{path}");
        assert_eq!(reply.header("cache-control"), Some(cache), "{path}");
    }
    assert_eq!(server.request("GET", "/").await.body, "<p>page");
    server.stop().await;
}

#[tokio::test]
async fn an_unknown_path_is_not_the_page() {
    let folder = page();
    let server = TestServer::with(with_page(folder.path())).await;
    for path in
        ["/nope", "/assets/nope.js", "/../Cargo.toml", "/%2e%2e/Cargo.toml", "/assets/..%2f..%2fetc/passwd"]
    {
        let reply = server.request("GET", path).await;
        assert_eq!(reply.status, 404, "{path}");
        assert_eq!(reply.header("cache-control"), Some("no-cache"), "{path}");
    }
    let reply = server.request("GET", "/api/nope").await;
    assert_eq!(reply.status, 404);
    assert!(reply.error().contains("/api/nope"));
    server.stop().await;
}

#[tokio::test]
async fn every_answer_is_protected() {
    let folder = page();
    let server = TestServer::with(with_page(folder.path())).await;
    for path in ["/", "/nope", "/api/projects", "/healthz"] {
        let reply = server.request("GET", path).await;
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(reply.header("cross-origin-resource-policy"), Some("same-origin"), "{path}");
        assert_eq!(reply.header("referrer-policy"), Some("no-referrer"), "{path}");
        let policy = reply.header("content-security-policy").expect("there is a policy");
        for part in
            ["default-src 'self'", "'wasm-unsafe-eval'", "connect-src 'self'", "frame-ancestors 'none'"]
        {
            assert!(policy.contains(part), "{path}: {policy}");
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn without_a_page_the_server_says_how_to_get_one() {
    let server = TestServer::start().await;
    let reply = server.request("GET", "/").await;
    assert_eq!(reply.status, 200);
    assert!(reply.body.contains("cargo xtask demo"), "{}", reply.body);
    assert_eq!(server.request("GET", "/index.html").await.status, 404);
    server.stop().await;
}

#[tokio::test]
async fn a_folder_without_a_page_is_refused_at_the_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let error = Server::bind(with_page(folder.path())).await.expect_err("there is no index.html");
    assert!(matches!(error, BindError::NoPage(_)));
    assert!(error.to_string().contains(&folder.path().display().to_string()), "{error}");
}
