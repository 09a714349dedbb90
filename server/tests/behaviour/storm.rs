//! Ten thousand bad handshakes beside a hundred good users: those notice nothing but a little less speed, which
//! `examples/storm` measures.

#[path = "../../examples/storm/attack.rs"]
mod attack;

use std::fmt::Write as _;
use std::net::Ipv4Addr;
use std::time::Duration;

use attack::{Outcome, Stormer};
use futures_util::future::join_all;
use rustix::process::Signal;
use tokio::sync::watch;
use tokio::time::interval;

use crate::support::{Client, Program, SECRET, Signed, Tab, bearer, command, within};

const USERS: usize = 100;
const HANDSHAKES: usize = 10_000;
const STORMERS: usize = 50;
/// Good users leave the machine to others in between.
const KEY_EVERY: Duration = Duration::from_millis(50);

/// Types until the storm is over, and at least so often; all must come back, in order, over the same link.
const AT_LEAST: usize = 20;

fn line(number: usize) -> String {
    format!("<{number}>\n")
}

async fn use_with_the_protocol(mut tab: Tab, is_over: watch::Receiver<bool>) -> usize {
    let (mut number, mut pace) = (0, interval(KEY_EVERY));
    while number < AT_LEAST || !*is_over.borrow() {
        pace.tick().await;
        tab.send(&line(number)).await;
        assert_eq!(tab.expect(&line(number)).await, "", "nothing else comes, and nothing twice");
        number += 1;
    }
    let lost = tab.told.iter().find(|frame| frame["type"] == "gap" || frame["type"] == "bye");
    assert_eq!(lost, None);
    number
}

async fn use_without(mut client: Client, is_over: watch::Receiver<bool>) -> usize {
    let (mut number, mut pace) = (0, interval(KEY_EVERY));
    while number < AT_LEAST || !*is_over.borrow() {
        pace.tick().await;
        client.send(&line(number)).await;
        assert_eq!(client.expect(&line(number)).await, "", "nothing else comes, and nothing twice");
        number += 1;
    }
    number
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storm_of_bad_handshakes_costs_no_good_user_a_message_or_a_connection() {
    let folder = tempfile::tempdir().expect("there is room");
    let path = folder.path().join("server.toml");
    let mut text =
        "[auth]\nalgorithm = \"HS256\"\nkey_env = \"TEST_SECRET\"\n[[project]]\nname = \"p\"\n".to_owned();
    for number in 0..USERS {
        let command = "[\"/bin/sh\", \"-c\", \"stty raw -echo; echo ready; exec cat\"]";
        write!(text, "[[project.environment]]\nid = \"{number}\"\ncommand = {command}\n")
            .expect("it is a text");
    }
    std::fs::write(&path, text).expect("it can be written");
    let mut command = command(&["--listen", "127.0.0.1:0", "--config", path.to_str().expect("a text")]);
    command.env("TEST_SECRET", SECRET).env("RUST_LOG", "warn");
    let program = Program::start(command).await;
    let addr = program.addr;
    let token = Signed::of("ada").everywhere(&["read", "write"]).expiring(600).sign();
    let (over, is_over) = watch::channel(false);
    let mut users = Vec::new();
    for number in 0..USERS {
        let is_over = is_over.clone();
        if number % 2 == 0 {
            let mut tab = Tab::new(addr, &format!("/ws/p/{number}")).with(token.clone());
            tab.attach().await;
            tab.expect("ready\n").await;
            users.push(tokio::spawn(use_with_the_protocol(tab, is_over)));
        } else {
            let [(name, value)] = bearer(&token);
            let path = format!("/ws/p/{number}");
            let client = Client::try_connect(addr, &path, &[(name, &value)], None).await;
            let mut client = client.expect("the upgrade is accepted");
            client.expect("ready\n").await;
            users.push(tokio::spawn(use_without(client, is_over)));
        }
    }
    let bad_token =
        Signed::of("ada").everywhere(&["read", "write"]).sign_with("another secret, which is long enough");
    // From a few addresses: some are slowed down, and some go on to where tokens are looked at.
    let stormers = (0..STORMERS).map(|number| {
        let from = Ipv4Addr::new(127, 0, 1, 1 + (number % 5) as u8);
        let mut stormer = Stormer::new(addr, from, "/ws/p/0", &bad_token);
        tokio::spawn(async move {
            for _ in 0..HANDSHAKES / STORMERS {
                stormer.next().await.expect("the server takes sockets");
            }
            stormer.outcome
        })
    });
    let mut all = Outcome::default();
    for done in join_all(stormers).await {
        all = all.and(done.expect("nobody panics"));
    }
    over.send_replace(true);
    assert_eq!(all.count(), HANDSHAKES);
    assert!(all.unauthorized > 0 && all.half_open > 0 && all.otherwise > 0, "{all:?}");
    for user in users {
        let lines = within("a user's last line", user).await.expect("nobody lost anything");
        assert!(lines >= AT_LEAST);
    }
    program.signal(Signal::TERM);
    let (status, logs) = program.end().await;
    assert_eq!(status.code(), Some(0), "{logs}");
}
