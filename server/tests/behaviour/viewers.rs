//! Several connections to one environment, fast ones and one that does not read.

use crate::support::{Client, Ending, TestServer, within};

const FLOOD: usize = 50_000_000;

fn flood() -> String {
    format!("head -c {FLOOD} /dev/zero | tr '\\0' x; echo fin''ished\n")
}

#[tokio::test]
async fn two_connections_see_the_same_and_both_may_type() {
    let server = TestServer::start().await;
    let mut first = server.shell().await;
    let mut second = Client::connect(server.addr, "p", "e").await;
    second.expect("quiet\r\n").await;
    first.send("echo fir''st\n").await;
    second.expect("first\r\n").await;
    second.send("echo sec''ond\n").await;
    first.expect("second\r\n").await;
    second.expect("second\r\n").await;
    assert_eq!(first.seen, second.seen);
    server.stop().await;
}

#[tokio::test]
async fn two_first_connections_at_once_share_one_shell() {
    let server = TestServer::start().await;
    let (mut first, mut second) =
        tokio::join!(Client::connect(server.addr, "p", "e"), Client::connect(server.addr, "p", "e"));
    first.send("echo pid''=$$.\n").await;
    let pid = async |client: &mut Client| {
        client.expect("pid=").await;
        client.expect(".").await
    };
    let (a, b) = tokio::join!(pid(&mut first), pid(&mut second));
    assert_eq!(a, b);
    server.stop().await;
}

#[tokio::test]
async fn environments_are_separate() {
    let server = TestServer::start().await;
    let mut e = server.shell().await;
    e.send("where=e; echo don''e\n").await;
    e.expect("done\r\n").await;
    let mut f = Client::connect(server.addr, "p", "f").await;
    f.send("echo \"[$where][$ENVSOCKET_PROJECT][$ENVSOCKET_ENV][$TERM][$COLORTERM]\"\n").await;
    f.expect("[][p][f][xterm-256color][truecolor]\r\n").await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_reaches_a_reading_viewer_to_the_byte() {
    let server = TestServer::start().await;
    let mut client = server.shell().await;
    let before = client.seen.len();
    client.send(&flood()).await;
    let total = before + FLOOD + "finished\r\n".len();
    client.expect_bytes(total).await;
    assert_eq!(client.seen.len(), total);
    assert!(client.seen[before..before + FLOOD].iter().all(|byte| *byte == b'x'));
    assert!(client.seen.ends_with(b"finished\r\n"));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_that_does_not_read_is_closed_and_holds_nobody_back() {
    let server = TestServer::start().await;
    let mut brisk = server.shell().await;
    let mut stuck = Client::try_connect(server.addr, "/ws/p/e", &[], Some(4096)).await.expect("accepted");
    let before = brisk.seen.len();
    brisk.send(&flood()).await;
    // No socket's buffers hold as much as this: `stuck` was struck off before.
    brisk.expect_bytes(before + FLOOD / 4).await;
    let rest = async {
        brisk.expect_bytes(before + FLOOD + "finished\r\n".len()).await;
        brisk.send("echo go''es on\n").await;
        brisk.expect("goes on\r\n").await;
    };
    let ((), ending) = tokio::join!(rest, within("the slow viewer's close", stuck.ending()));
    assert_eq!(ending, Ending::Closed(4413, "too slow".to_owned()));
    assert!(stuck.seen.len() < FLOOD / 4, "it got {} bytes", stuck.seen.len());
    server.stop().await;
}
