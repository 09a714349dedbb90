//! What is typed reaches the shell as it is, in order, however much it is.

use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Client, Ending, TestServer, within};

const CHUNK: usize = 64 * 1024;
const CHUNKS: usize = 128;

#[tokio::test]
async fn text_and_binary_are_typed_alike() {
    let server = TestServer::start().await;
    let mut client = server.shell().await;
    client.send("echo te''xt\n").await;
    client.socket.send(Message::binary("echo bi''nary ü\n")).await.expect("open");
    client.expect("text\r\nbinary ü\r\n").await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_input_than_anything_can_hold_waits_and_arrives_in_order() {
    let server = TestServer::start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let go = folder.path().join("go");
    let mut client = server.shell().await;
    let total = CHUNK * CHUNKS;
    let wait = format!("until [ -e {} ]; do sleep 0.01; done", go.display());
    client.send(&format!("stty raw; echo rea''dy; {wait}; head -c {total} | cksum; echo fin''ished\n")).await;
    client.expect("ready").await;
    let Client { socket, .. } = client;
    let (mut sink, mut stream) = socket.split();
    let chunks: Vec<Vec<u8>> = (0..CHUNKS).map(|n| vec![b'a' + (n % 26) as u8; CHUNK]).collect();
    let expected = cksum(&chunks.concat()).await;
    let typing = tokio::spawn(async move {
        for chunk in chunks {
            sink.send(Message::binary(chunk)).await.expect("open");
        }
        sink
    });
    // The program reads nothing yet; others are served all the same.
    let mut other = Client::connect(server.addr, "p", "e").await;
    other.expect("ready").await;
    std::fs::write(&go, "").expect("the folder is writable");
    let before = other.expect("finished").await;
    assert!(before.contains(&expected), "{before:?} has no {expected:?}");
    let _sink = within("the typing", typing).await.expect("all was taken");
    assert!(stream.next().await.is_some_and(|message| message.is_ok()), "the link held");
    server.stop().await;
}

/// What cksum(1) says of these bytes.
async fn cksum(bytes: &[u8]) -> String {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), bytes).expect("the file is writable");
    let input = std::fs::File::open(file.path()).expect("the file is there");
    let output = tokio::process::Command::new("cksum").stdin(input).output().await.expect("cksum is there");
    String::from_utf8(output.stdout).expect("numbers").trim().to_owned()
}

#[tokio::test]
async fn the_largest_message_passes_and_a_larger_one_ends_the_connection_only() {
    let server = TestServer::start().await;
    let mut client = server.shell().await;
    let largest = 1024 * 1024;
    client
        .send(&format!("stty raw; echo rea''dy; head -c {largest} | wc -c; stty -raw; echo fin''ished\n"))
        .await;
    client.expect("ready").await;
    client.socket.send(Message::binary(vec![b'x'; largest])).await.expect("open");
    let before = client.expect("finished").await;
    assert!(before.contains(&largest.to_string()), "{before:?}");
    // The server may close before it has read all of it, so that sending fails.
    let _ = client.socket.send(Message::binary(vec![b'x'; largest + 1])).await;
    let ending = client.ending().await;
    assert!(matches!(ending, Ending::Closed(1009, _) | Ending::Broken), "{ending:?}");
    let mut again = Client::connect(server.addr, "p", "e").await;
    again.send("echo unhar''med\n").await;
    again.expect("unharmed").await;
    server.stop().await;
}

#[tokio::test]
async fn a_shell_that_ends_with_unread_input_leaves_the_server_to_others() {
    let server = TestServer::start().await;
    let mut client = server.shell().await;
    client.send("stty raw; echo stu''ck; sleep 1000\n").await;
    client.expect("stuck").await;
    for _ in 0..64 {
        client.send(&"x".repeat(16 * 1024)).await;
    }
    // The terminal is hung up while it is full. This server has one thread: it must not go round in circles.
    let (reply, _) =
        tokio::join!(server.request("DELETE", "/api/projects/p/environments/e"), client.ending());
    assert_eq!(reply.status, 204);
    server.stop().await;
}
