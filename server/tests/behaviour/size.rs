//! The terminal's size.

use crate::support::{Client, TestServer};

const SIZE: &str = "/api/projects/p/environments/e/size";

#[tokio::test]
async fn a_terminal_is_80_by_24_and_a_running_one_is_resized() {
    let server = TestServer::start().await;
    let mut client = server.shell().await;
    client.send("stty size\n").await;
    client.expect("24 80\r\n").await;
    assert_eq!(server.put_json(SIZE, r#"{"cols":132,"rows":43}"#).await.status, 204);
    client.send("stty size\n").await;
    client.expect("43 132\r\n").await;
    server.stop().await;
}

#[tokio::test]
async fn a_size_is_remembered_for_shells_to_come() {
    let server = TestServer::start().await;
    assert_eq!(server.put_json(SIZE, r#"{"cols":100,"rows":30}"#).await.status, 204);
    for _ in 0..2 {
        let mut client = Client::connect(server.addr, "p", "e").await;
        client.send("stty size; exit\n").await;
        client.expect("30 100\r\n").await;
        client.ending().await;
    }
    server.stop().await;
}

#[tokio::test]
async fn an_impossible_size_is_refused_with_the_field() {
    let server = TestServer::start().await;
    let bodies = [
        (r#"{"cols":0,"rows":24}"#, "cols"),
        (r#"{"cols":1001,"rows":24}"#, "cols"),
        (r#"{"cols":80,"rows":70000}"#, "rows"),
        (r#"{"cols":80,"rows":-1}"#, "rows"),
        (r#"{"cols":80.5,"rows":24}"#, "cols"),
        (r#"{"cols":80}"#, "rows"),
    ];
    for (body, field) in bodies {
        let reply = server.put_json(SIZE, body).await;
        assert_eq!(reply.status, 422, "{body}");
        assert!(reply.error().contains(field), "{}", reply.body);
    }
    for body in [r#"{"cols":1,"rows":1}"#, r#"{"cols":1000,"rows":1000}"#] {
        assert_eq!(server.put_json(SIZE, body).await.status, 204, "{body}");
    }
    let unknown = server.put_json("/api/projects/p/environments/nope/size", r#"{"cols":1,"rows":1}"#).await;
    assert_eq!((unknown.status.as_u16(), unknown.error().as_str()), (404, "unknown environment"));
    server.stop().await;
}
