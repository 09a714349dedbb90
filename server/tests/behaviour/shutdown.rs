//! The library's orderly end.

use crate::support::{Client, TestServer, is_gone, request};

#[tokio::test]
async fn shutting_down_tells_clients_and_ends_every_process() {
    let server = TestServer::start().await;
    let mut e = server.shell().await;
    e.send("trap '' HUP; sleep 1000 & echo pid''=$$.$!.\n").await;
    e.expect("pid=").await;
    let (shell, job) = (e.expect(".").await, e.expect(".").await);
    let mut f = Client::connect(server.addr, "p", "f").await;
    let addr = server.addr;
    let ((), first, second) = tokio::join!(server.shut_down(), e.ending(), f.ending());
    assert!(first.is_shutdown() && second.is_shutdown(), "{first:?} {second:?}");
    assert!(is_gone(&shell) && is_gone(&job), "{shell} {job}");
    assert!(tokio::net::TcpStream::connect(addr).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn a_client_that_does_not_answer_does_not_keep_the_server() {
    let server = TestServer::start().await;
    let silent = server.shell().await;
    assert_eq!(request(server.addr, "GET", "/healthz", &[], "").await.status, 200);
    server.shut_down().await;
    drop(silent);
}
