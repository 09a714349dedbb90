//! The shell outlives its connections, and a newcomer sees what a terminal that was always there shows.

use envsocket_server::resume::Size;
use envsocket_server::screen::Screen;

use crate::support::{Client, Ending, TestServer, within};

/// More than the screen keeps of a flood of short lines.
const PLENTY: usize = 64 * 1024;

#[tokio::test]
async fn a_shell_survives_a_dropped_connection() {
    let server = TestServer::start().await;
    let mut client = server.shell().await;
    client.send("kept=here; echo se''t\n").await;
    client.expect("set\r\n").await;
    drop(client);
    let mut client = Client::connect(server.addr, "p", "e").await;
    client.send("echo \"still $kept\"\n").await;
    client.expect("still here\r\n").await;
    server.stop().await;
}

#[tokio::test]
async fn a_program_goes_on_while_nobody_watches() {
    let server = TestServer::start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let (go, done) = (folder.path().join("go"), folder.path().join("done"));
    let mut client = server.shell().await;
    let wait = format!("until [ -e {} ]; do sleep 0.01; done", go.display());
    client.send(&format!("echo star''ted; {wait}; echo on''wards; : > {}\n", done.display())).await;
    client.expect("started\r\n").await;
    drop(client);
    std::fs::write(&go, "").expect("the folder is writable");
    let finished = async {
        while !done.exists() {
            tokio::task::yield_now().await;
        }
    };
    within("the program's end", finished).await;
    let mut client = Client::connect(server.addr, "p", "e").await;
    client.expect("onwards\r\n").await;
    server.stop().await;
}

#[tokio::test]
async fn a_newcomer_gets_the_screen_and_what_has_scrolled_off_it() {
    let server = TestServer::start().await;
    let mut first = server.shell().await;
    first.send("seq 1 30000; echo fin''ished\n").await;
    first.expect("finished\r\n").await;
    let mut second = Client::connect(server.addr, "p", "e").await;
    second.expect("30000\r\nfinished").await;
    let shown = String::from_utf8_lossy(&second.seen);
    assert!(shown.contains("29001\r\n29002\r\n") && !shown.contains("28970\r\n"), "{shown}");
    server.stop().await;
}

#[tokio::test]
async fn less_output_than_that_is_replayed_whole() {
    let server = TestServer::start().await;
    let mut first = server.shell().await;
    first.send("echo shor''t\n").await;
    first.expect("short\r\n").await;
    let mut second = Client::connect(server.addr, "p", "e").await;
    second.expect("short\r\n").await;
    assert_eq!(second.seen, first.seen);
    server.stop().await;
}

#[tokio::test]
async fn a_newcomer_in_the_middle_of_a_flood_gets_no_gap_and_nothing_twice() {
    let server = TestServer::start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let stop = folder.path().join("stop");
    let mut first = server.shell().await;
    let flood = "n=1000000; while [ ! -e FILE ]; do seq $n $((n+999)); n=$((n+1000)); done; exit\n";
    first.send(&flood.replace("FILE", &stop.display().to_string())).await;
    first.expect("\r\n1009999\r\n").await;
    let newcomer = async {
        let mut second = Client::connect(server.addr, "p", "e").await;
        second.expect_bytes(3 * PLENTY).await;
        std::fs::write(&stop, "").expect("the folder is writable");
        (second.ending().await, second.seen)
    };
    let (told, (told_too, part)) = tokio::join!(first.ending(), newcomer);
    let exited = Ending::Closed(1000, "shell exited with code 0".to_owned());
    assert_eq!((&told, &told_too), (&exited, &exited));
    assert!(first.seen.ends_with(b"999\r\n"), "the end is delivered before the close");
    let shown = |output: &[u8]| {
        let mut screen = Screen::new(Size { cols: 80, rows: 24 });
        screen.feed(output);
        screen.draw()
    };
    assert_eq!(shown(&part), shown(&first.seen));
    // What came while the flood went on.
    let live = &part[part.len() - 2 * PLENTY..];
    assert!(first.seen.ends_with(live));
    server.stop().await;
}
