//! A server whose environments run programs of these tests, and the proxy before it.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use envsocket::core::options::Overrides;
use envsocket::core::status::Status;
use envsocket_faults::client::{Client, Told};
use envsocket_faults::patience::within;
use envsocket_faults::proxy::Proxy;
use envsocket_server::{Config, Limits, Server};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// What the environments run.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_fault-program");

/// A server in this process.
pub(crate) struct TestServer {
    pub(crate) addr: SocketAddr,
    shutdown: CancellationToken,
    running: JoinHandle<()>,
}

/// The program and its arguments that each environment of project `p` runs; they are called `0`, `1`, ….
pub(crate) fn layout(programs: &[Vec<String>]) -> String {
    let mut layout = String::from("[[project]]\nname = \"p\"\n");
    for (id, command) in programs.iter().enumerate() {
        layout.push_str(&format!("[[project.environment]]\nid = \"{id}\"\ncommand = {command:?}\n"));
    }
    layout
}

/// The path of an environment's WebSocket.
pub(crate) fn path(environment: usize) -> String {
    format!("/ws/p/{environment}")
}

/// A call of the program.
pub(crate) fn program(arguments: &[&str]) -> Vec<String> {
    [&[PROGRAM], arguments].concat().into_iter().map(str::to_owned).collect()
}

impl TestServer {
    /// With these programs, one an environment.
    pub(crate) async fn with(programs: &[Vec<String>], limits: Limits) -> Self {
        let server = Server::bind(Config {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            layout: layout(programs).parse().expect("the test's layout is valid"),
            limits: Limits { environments: programs.len().max(limits.environments), ..limits },
            ..Config::default()
        });
        let server = server.await.expect("the server starts");
        let (addr, shutdown) = (server.addr(), CancellationToken::new());
        let running = tokio::spawn(server.run(shutdown.clone()));
        Self { addr, shutdown, running }
    }

    /// Ends it, and everything that runs in it.
    pub(crate) async fn stop(self) {
        self.shutdown.cancel();
        within("the server's end", self.running).await.expect("the server does not panic");
    }
}

/// A server with one environment, a proxy before it, and a client that has come through.
pub(crate) struct Trio {
    pub(crate) server: TestServer,
    pub(crate) proxy: Proxy,
    pub(crate) client: Client,
}

impl Trio {
    pub(crate) async fn start(program: Vec<String>, limits: Limits, overrides: Overrides) -> Self {
        let server = TestServer::with(&[program], limits).await;
        let proxy = Proxy::start(server.addr).await.expect("a free port");
        let mut client = Client::start(proxy.addr(), &path(0), overrides);
        hear(&mut client, b"ready").await;
        Self { server, proxy, client }
    }

    pub(crate) async fn stop(self) {
        drop(self.client);
        self.server.stop().await;
    }
}

/// A folder, and a file in it that a program can be given.
pub(crate) fn file(folder: &tempfile::TempDir, name: &str) -> (PathBuf, String) {
    let path = folder.path().join(name);
    let text = path.to_str().expect("a path of this test is text").to_owned();
    (path, text)
}

/// Heartbeats so short that nobody waits long for what they notice.
pub(crate) fn short_heartbeats() -> Limits {
    Limits { ping_interval: Duration::from_millis(200), ..Limits::default() }
}

/// Waits for exactly these bytes, in whatever messages they come; returns what else was told meanwhile, which was
/// no loss.
pub(crate) async fn hear(client: &mut Client, bytes: &[u8]) -> Vec<Told> {
    let (mut heard, mut others) = (Vec::new(), Vec::new());
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    while heard.len() < bytes.len() {
        match client.next().await {
            Told::Message(message) => heard.extend_from_slice(message.as_bytes()),
            other @ (Told::Status(..) | Told::Open) => others.push(other),
            other => {
                panic!("{other:?} instead of {:?}, after {:?} and {others:?}", text(bytes), text(&heard))
            }
        }
    }
    assert_eq!(text(&heard), text(bytes), "after {others:?}");
    others
}

/// Whether nothing but the status was told: nothing was lost, and nobody had to know of it.
pub(crate) fn is_silent(told: &[Told]) -> bool {
    told.iter().all(|told| matches!(told, Told::Status(..)))
}

/// Waits until the client says that it is connected; returns what it was told before.
pub(crate) async fn connected(client: &mut Client) -> Vec<Told> {
    client.until(|told| told.is(Status::Connected)).await
}
