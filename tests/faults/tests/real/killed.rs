//! The server's program, killed and started again: what it knew is gone, and that is said.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;

use envsocket::core::event::Direction;
use envsocket::core::status::Status;
use envsocket_faults::client::{Client, Message, Told, eager};
use envsocket_faults::patience::within;
use envsocket_faults::proxy::Proxy;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::support::{file, hear, layout, path, program};

/// The server's own program.
const SERVER: &str = env!("CARGO_BIN_EXE_fault-server");

/// A server that is a process, and can be killed as one.
struct Process {
    child: Child,
    addr: SocketAddr,
}

impl Process {
    async fn start(config: &Path) -> Self {
        let mut child = Command::new(SERVER)
            .args(["--listen", "127.0.0.1:0", "--exit-with-stdin", "--config"])
            .arg(config)
            .env("RUST_LOG", "error")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the server's program starts");
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let line = within("the server's address", lines.next_line()).await.expect("a pipe can be read");
        let line = line.expect("the server says where it listens");
        let addr = line.trim_start_matches("listening on http://").trim_end_matches('/');
        Self { child, addr: addr.parse().expect("an address") }
    }

    /// SIGKILL: without a word to anybody.
    async fn kill(mut self) {
        self.child.kill().await.expect("it can be killed");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_was_killed_has_lost_the_session_and_that_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let (started, text) = file(&folder, "started");
    let (config, _) = file(&folder, "config.toml");
    std::fs::write(&config, layout(&[program(&["echo", &text])])).expect("the folder is writable");
    let server = Process::start(&config).await;
    let proxy = Proxy::start(server.addr).await.expect("a free port");
    let mut client = Client::start(proxy.addr(), &path(0), eager());
    hear(&mut client, b"ready").await;
    client.send("first;").await;
    hear(&mut client, b"first;").await;

    server.kill().await;
    client.until(|told| told.is(Status::Reconnecting)).await;
    client.send("typed meanwhile;").await;
    client.send("and more;").await;
    // The new one comes when the client has the messages, and has tried in vain.
    client.counted().await;
    let begun = proxy.tally().begun;
    proxy.until("tries in vain", |tally| tally.begun > begun + 1).await;
    let server = Process::start(&config).await;
    proxy.retarget(server.addr);

    let told = client.until(|told| *told == Told::Open).await;
    let events: Vec<_> = told.iter().filter(|told| !matches!(told, Told::Status(..))).collect();
    let has_lost_output = |told: &&&Told| match told {
        Told::Gap { direction: Direction::In, from: Some(_), to: None, reason, snapshot: false } => {
            reason == "session_lost"
        }
        _ => false,
    };
    assert_eq!(events.iter().filter(has_lost_output).count(), 1, "{events:?}");
    let discarded = events.iter().find_map(|told| match told {
        Told::Discarded(messages, _) => Some(messages.as_slice()),
        _ => None,
    });
    // The first one may be among them: the server had no time to say that it has it.
    let queued = ["typed meanwhile;", "and more;"].map(Message::from);
    assert!(discarded.is_some_and(|discarded| discarded.ends_with(&queued)), "{events:?}");
    assert_eq!(events.last(), Some(&&Told::Open));

    // A new shell, which has heard nothing of what was discarded.
    hear(&mut client, b"ready").await;
    client.send("second;").await;
    assert_eq!(hear(&mut client, b"second;").await, []);
    assert_eq!(std::fs::read_to_string(started).expect("it is there"), "started\nstarted\n");
    server.kill().await;
}
