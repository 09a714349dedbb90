//! A cut at every byte of a whole conversation: the HTTP upgrade, hello and welcome, a short exchange, the shell's
//! end and the close. Wherever it comes, the application sees what it would have seen without it.

use std::fs;

use envsocket::core::event::CloseInfo;
use envsocket_faults::client::{Client, Message, Told, eager};
use envsocket_faults::noise::Noise;
use envsocket_faults::proxy::{Cut, Manner, Proxy, Tally, Way};

use crate::support::{TestServer, file, hear, path, program};

/// So many environments a server: one for each position, for a shell that was started twice shows in its file.
const ENVIRONMENTS: usize = 64;

/// What the client says, each once the one before it was echoed, so that every run has the same bytes: text, text
/// that could be taken for a control frame, and bytes.
fn sayings() -> [Message; 3] {
    ["one;".into(), "\0{two};".into(), Message::Binary(b"\xff\0three;".as_slice().into())]
}

/// Servers, one after the other, and an environment for every conversation.
struct Place {
    folder: tempfile::TempDir,
    server: TestServer,
    proxy: Proxy,
    used: usize,
    /// How often the present server's predecessors were there.
    lives: usize,
}

impl Place {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let server = Self::server(&folder, 0).await;
        let proxy = Proxy::start(server.addr).await.expect("a free port");
        Self { folder, server, proxy, used: 0, lives: 0 }
    }

    async fn server(folder: &tempfile::TempDir, life: usize) -> TestServer {
        let programs: Vec<_> = (0..ENVIRONMENTS)
            .map(|environment| program(&["echo", &file(folder, &format!("{life}-{environment}")).1]))
            .collect();
        TestServer::with(&programs, Default::default()).await
    }

    /// The next environment, and where its shell says that it was started.
    async fn next(&mut self) -> (String, std::path::PathBuf) {
        if self.used == ENVIRONMENTS {
            self.lives += 1;
            self.used = 0;
            let server = Self::server(&self.folder, self.lives).await;
            self.proxy.retarget(server.addr);
            std::mem::replace(&mut self.server, server).stop().await;
        }
        let environment = self.used;
        self.used += 1;
        let (started, _) = file(&self.folder, &format!("{}-{environment}", self.lives));
        (path(environment), started)
    }

    /// One conversation, with links that end as planned; what the proxy saw of it.
    async fn converse(&mut self, plans: &[Cut]) -> Tally {
        let (path, started) = self.next().await;
        let before = self.proxy.tally();
        let _plans = Planned(plans);
        plans.iter().for_each(|plan| self.proxy.plan(*plan));
        let mut client = Client::start(self.proxy.addr(), &path, eager());
        let mut told = hear(&mut client, b"ready").await;
        for saying in sayings() {
            client.send(saying.clone()).await;
            told.extend(hear(&mut client, saying.as_bytes()).await);
        }
        client.send("q").await;
        // The first that is neither must be the last.
        told.extend(client.until(|told| !matches!(told, Told::Message(_) | Told::Status(..))).await);

        let events: Vec<_> = told.iter().filter(|told| !matches!(told, Told::Status(..))).collect();
        // Without the words when the close frame was lost that says them.
        let end = |reason: &str| Told::Close(CloseInfo { code: 1000, reason: reason.into(), clean: true });
        let [said, lost] = [end("shell exited with code 0"), end("")];
        let is_whole = events == [&Told::Open, &said] || !plans.is_empty() && events == [&Told::Open, &lost];
        assert!(is_whole, "{events:?}");
        assert_eq!(fs::read_to_string(started).expect("a shell was started"), "started\n");
        assert_eq!(client.counted().await.lost, 0);
        drop(client);
        let after = self.proxy.until("the links' end", |tally| tally.open == 0).await;
        Tally {
            begun: after.begun - before.begun,
            open: 0,
            cut: after.cut - before.cut,
            refused: 0,
            up: after.up - before.up,
            down: after.down - before.down,
        }
    }

    /// How many bytes a whole conversation has, each way.
    async fn measure(&mut self) -> [(Way, u64); 2] {
        let whole = self.converse(&[]).await;
        assert_eq!((whole.begun, whole.cut), (1, 0));
        [(Way::Up, whole.up), (Way::Down, whole.down)]
    }

    async fn stop(self) {
        self.server.stop().await;
    }
}

/// Says which plans a test failed with.
struct Planned<'a>(&'a [Cut]);

impl Drop for Planned<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("planned: {:?}", self.0);
        }
    }
}

/// Both manners, by turns.
fn manner(position: u64) -> Manner {
    if position.is_multiple_of(2) { Manner::Reset } else { Manner::Finish }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_at_any_byte_of_a_conversation_is_not_noticed() {
    let mut place = Place::new().await;
    for (way, bytes) in place.measure().await {
        for after in 0..bytes {
            let cut = Cut { way, after, manner: manner(after) };
            let seen = place.converse(&[cut]).await;
            assert_eq!(seen.cut, 1, "{cut:?}");
        }
    }
    place.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_cut_while_it_comes_back_is_not_noticed_either() {
    let mut place = Place::new().await;
    let mut dice = Noise::new(4);
    let whole = place.measure().await;
    for (way, bytes) in whole {
        for after in (0..bytes).step_by(3) {
            let first = Cut { way, after, manner: manner(after / 3) };
            let (way, bytes) = whole[(dice.number() % 2) as usize];
            let second = Cut { way, after: dice.number() % bytes, manner: manner(dice.number()) };
            place.converse(&[first, second]).await;
        }
    }
    place.stop().await;
}
