//! Connections to what does not exist are accepted and closed with a code, because a browser shows nothing
//! of a refused upgrade.

use crate::support::{Client, Ending, TestServer, request};

#[tokio::test]
async fn an_unknown_environment_closes_with_4404() {
    let server = TestServer::start().await;
    let paths = [
        "/ws/p/nope",
        "/ws/nope/e",
        "/ws/p/e/more",
        "/ws/p",
        "/ws/p/",
        "/ws//e",
        "/ws/",
        "/ws",
        "/ws/%ff/%00",
        "/ws/p/%E2%82",
    ];
    for path in paths {
        let mut client = Client::try_connect(server.addr, path, &[], None).await.expect(path);
        assert_eq!(client.ending().await, Ending::Closed(4404, "unknown environment".to_owned()), "{path}");
    }
    server.stop().await;
}

#[tokio::test]
async fn names_with_slashes_spaces_and_any_script_are_found() {
    let server = TestServer::start().await;
    let created =
        server.post_json("/api/projects/my%20shop%2F%C3%BC/environments", r#"{"id":"日本 %/?#"}"#).await;
    assert_eq!(created.status, 201, "{}", created.body);
    let env = "%E6%97%A5%E6%9C%AC%20%25%2F%3F%23";
    let mut client = Client::connect(server.addr, "my%20shop%2F%C3%BC", env).await;
    client.send("echo \"[$ENVSOCKET_PROJECT][$ENVSOCKET_ENV]\"\n").await;
    client.expect("[my shop/ü][日本 %/?#]").await;
    let path = format!("/api/projects/my%20shop%2F%C3%BC/environments/{env}");
    assert_eq!(server.request("DELETE", &path).await.status, 204);
    server.stop().await;
}

#[tokio::test]
async fn a_request_that_is_no_upgrade_is_told_so() {
    let server = TestServer::start().await;
    for path in ["/ws/p/e", "/ws/nope/e"] {
        let reply = request(server.addr, "GET", path, &[], "").await;
        assert_eq!(reply.status, 400);
        assert!(reply.error().contains("upgrade"), "{}", reply.body);
    }
    server.stop().await;
}
