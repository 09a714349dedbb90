//! No foreign page opens a shell: Host and Origin on every kind of request.

use envsocket_server::Config;
use tokio_tungstenite::tungstenite::Error;

use crate::support::{Client, TestServer, config, request};

fn allowing(origins: &[&str]) -> Config {
    let allow_origins = origins.iter().map(|text| text.parse().expect("an origin")).collect();
    Config { allow_origins, ..config(None) }
}

/// The status of an upgrade: 101 when it was accepted.
async fn upgrade(server: &TestServer, headers: &[(&'static str, &str)]) -> u16 {
    match Client::try_connect(server.addr, "/ws/p/e", headers, None).await {
        Ok(_) => 101,
        Err(Error::Http(response)) => response.status().as_u16(),
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_foreign_host_is_refused_everywhere() {
    let server = TestServer::start().await;
    let port = server.addr.port();
    for host in
        ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "192.168.0.1", "[::2]", "", "a b"]
    {
        for (method, path) in [
            ("GET", "/"),
            ("GET", "/healthz"),
            ("GET", "/api/projects"),
            ("GET", "/nope"),
            ("POST", "/faults/drop"),
            ("DELETE", "/api/projects/p/environments/e"),
        ] {
            let reply = request(server.addr, method, path, &[("host", host)], "").await;
            assert_eq!(reply.status, 403, "{method} {path} for {host:?}");
        }
        assert_eq!(upgrade(&server, &[("host", host)]).await, 403, "{host:?}");
    }
    let own = format!("localhost:{port}");
    for host in [own.as_str(), "localhost", "127.0.0.1", "127.8.8.8:1", "demo.localhost", "[::1]"] {
        let reply = request(server.addr, "GET", "/api/projects", &[("host", host)], "").await;
        assert_eq!(reply.status, 200, "{host}");
        assert_eq!(upgrade(&server, &[("host", host)]).await, 101, "{host}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_foreign_origin_is_refused_everywhere() {
    let server = TestServer::start().await;
    let own = format!("http://{}", server.addr);
    let https = format!("https://{}", server.addr);
    for origin in ["null", "http://evil.example", "http://127.0.0.1", https.as_str()] {
        for (method, path) in [
            ("GET", "/"),
            ("GET", "/healthz"),
            ("GET", "/api/projects"),
            ("OPTIONS", "/api/projects"),
            ("POST", "/faults/drop"),
            ("DELETE", "/api/projects/p/environments/e"),
        ] {
            let reply = request(server.addr, method, path, &[("origin", origin)], "").await;
            assert_eq!(reply.status, 403, "{method} {path} from {origin}");
            assert_eq!(reply.header("access-control-allow-origin"), None);
        }
        assert_eq!(upgrade(&server, &[("origin", origin)]).await, 403, "{origin}");
    }
    let reply = request(server.addr, "GET", "/api/projects", &[("origin", &own)], "").await;
    assert_eq!(reply.status, 200);
    assert_eq!(upgrade(&server, &[("origin", &own)]).await, 101);
    assert_eq!(upgrade(&server, &[]).await, 101, "programs send no Origin");
    server.stop().await;
}

#[tokio::test]
async fn an_allowed_origin_may_connect_and_read_answers() {
    let server = TestServer::with(allowing(&["http://127.0.0.1:*", "https://app.example"])).await;
    for origin in ["http://127.0.0.1:5173", "http://127.0.0.1", "https://app.example"] {
        let reply = request(server.addr, "GET", "/api/projects", &[("origin", origin)], "").await;
        assert_eq!(reply.status, 200, "{origin}");
        assert_eq!(reply.header("access-control-allow-origin"), Some(origin));
        assert_eq!(upgrade(&server, &[("origin", origin)]).await, 101, "{origin}");
    }
    for origin in ["https://app.example:8443", "http://app.example", "http://localhost:5173"] {
        assert_eq!(upgrade(&server, &[("origin", origin)]).await, 403, "{origin}");
    }
    let behind_a_proxy = [("host", "app.example"), ("origin", "https://app.example")];
    assert_eq!(upgrade(&server, &behind_a_proxy).await, 101);
    server.stop().await;
}

#[tokio::test]
async fn an_allowed_origins_preflight_is_answered() {
    let server = TestServer::with(allowing(&["http://localhost:5173"])).await;
    for method in ["POST", "PUT", "DELETE"] {
        let headers = [
            ("origin", "http://localhost:5173"),
            ("access-control-request-method", method),
            ("access-control-request-headers", "content-type"),
        ];
        let reply = request(server.addr, "OPTIONS", "/api/projects/p/environments/e", &headers, "").await;
        assert_eq!(reply.status, 200);
        assert_eq!(reply.header("access-control-allow-origin"), Some("http://localhost:5173"));
        let methods = reply.header("access-control-allow-methods").expect("methods are listed");
        assert!(methods.split(',').any(|listed| listed == method), "{methods}");
        assert_eq!(reply.header("access-control-allow-headers"), Some("authorization,content-type"));
    }
    server.stop().await;
}

#[tokio::test]
async fn a_refusal_says_what_to_do() {
    let server = TestServer::start().await;
    let reply = request(server.addr, "GET", "/", &[("host", "evil.example")], "").await;
    assert!(reply.error().contains("\"evil.example\"") && reply.error().contains("--allow-origin"));
    let reply = request(server.addr, "GET", "/", &[("origin", "null")], "").await;
    assert!(reply.error().contains("\"null\"") && reply.error().contains("--allow-origin"));
    assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
    server.stop().await;
}
