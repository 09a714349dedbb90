//! A server to test, and clients to test it with. Every wait ends in a panic that says what was missing,
//! so that a broken promise is a failure and not a test that hangs.

mod client;
mod feed;
mod http;
mod program;
mod tab;
mod tokens;
mod wire;

pub(crate) use client::{Client, Ending};
pub(crate) use feed::FeedServer;
pub(crate) use http::{Reply, request};
pub(crate) use program::{Program, command, command_by};
pub(crate) use tab::{Said, Tab, dial};
pub(crate) use tokens::{SECRET, Signed, asking, bearer, offer};
pub(crate) use wire::{BINARY, CLOSE, CONTINUATION, FIN, Heard, PACKED, PING, TEXT, Wire, packed};

use std::future::Future;
use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

use envsocket_server::{Config, Faults, Server};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

/// Far longer than anything takes, on a machine that is busy with other things as well.
const FAR_TOO_LONG: Duration = Duration::from_secs(60);

/// Environments `p/e` and `p/f`.
const LAYOUT: &str = r#"
    [[project]]
    name = "p"
    [[project.environment]]
    id = "e"
    [[project.environment]]
    id = "f"
"#;

/// A configuration with the environments above, or those of another TOML text.
pub(crate) fn config(layout: Option<&str>) -> Config {
    Config {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        // Not the user's, whose start-up files may do anything.
        shell: "/bin/sh".into(),
        layout: layout.unwrap_or(LAYOUT).parse().expect("the test's layout is valid"),
        faults: Faults::On,
        ..Config::default()
    }
}

pub(crate) struct TestServer {
    pub(crate) addr: SocketAddr,
    shutdown: CancellationToken,
    running: JoinHandle<()>,
}

impl TestServer {
    pub(crate) async fn start() -> Self {
        Self::with(config(None)).await
    }

    pub(crate) async fn with(config: Config) -> Self {
        let server = Server::bind(config).await.expect("the server starts");
        let (addr, shutdown) = (server.addr(), CancellationToken::new());
        let running = tokio::spawn(server.run(shutdown.clone()));
        Self { addr, shutdown, running }
    }

    /// A client on `p/e`, with the terminal's echo off and the prompt empty: what it sees is what is printed.
    pub(crate) async fn shell(&self) -> Client {
        let mut client = Client::connect(self.addr, "p", "e").await;
        client.send("PS1= PS2=; stty -echo; echo qui''et\n").await;
        client.expect("quiet\r\n").await;
        client
    }

    /// A tab in a session of its own on `p/e`, likewise.
    pub(crate) async fn tab(&self) -> Tab {
        let mut tab = Tab::new(self.addr, "/ws/p/e");
        tab.attach().await;
        tab.send("PS1= PS2=; stty -echo; echo qui''et\n").await;
        tab.expect("quiet\r\n").await;
        tab
    }

    pub(crate) async fn request(&self, method: &str, path: &str) -> Reply {
        request(self.addr, method, path, &[], "").await
    }

    pub(crate) async fn post_json(&self, path: &str, body: &str) -> Reply {
        request(self.addr, "POST", path, &[("content-type", "application/json")], body).await
    }

    pub(crate) async fn put_json(&self, path: &str, body: &str) -> Reply {
        request(self.addr, "PUT", path, &[("content-type", "application/json")], body).await
    }

    /// For the end of a test whose clients no longer read: they are cut, and not waited for.
    pub(crate) async fn stop(self) {
        self.request("POST", "/faults/drop").await;
        self.shut_down().await;
    }

    pub(crate) async fn shut_down(self) {
        self.shutdown.cancel();
        within("the server's end", self.running).await.expect("the server does not panic");
    }
}

fn deadline() -> Instant {
    Instant::now() + FAR_TOO_LONG
}

pub(crate) async fn within<T>(what: &str, wait: impl Future<Output = T>) -> T {
    match timeout_at(deadline(), wait).await {
        Ok(done) => done,
        Err(_) => panic!("waited too long for {what}"),
    }
}

/// Whether a process has ended; a zombie has, whoever should reap it.
pub(crate) fn is_gone(pid: &str) -> bool {
    let output = Command::new("ps").args(["-o", "state=", "-p", pid]).output().expect("ps is there");
    let state = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    state.is_empty() || state.starts_with('Z')
}
