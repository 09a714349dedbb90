//! Links that carry nothing, in one direction or in both, and are not closed: a heartbeat notices, and what was
//! sent into them arrives by the next link.

use envsocket::core::options::Knob;
use envsocket::core::status::Status;
use envsocket_faults::client::{Jump, Told, eager, hours};
use envsocket_faults::proxy::{Manner, Way};

use crate::support::{Trio, connected, file, hear, is_silent, program, short_heartbeats};

/// What is sent into the hole arrives once, over a link that is made because somebody noticed; afterwards the old
/// link gives back what it held, which nobody takes any more.
async fn what_is_said_into_a_hole_arrives(ways: &[Way]) {
    let folder = tempfile::tempdir().expect("a folder");
    let echo = program(&["echo", &file(&folder, "started").1]);
    let mut trio = Trio::start(echo, short_heartbeats(), eager()).await;
    trio.client.send("before;").await;
    hear(&mut trio.client, b"before;").await;

    trio.proxy.hold_open(ways);
    trio.client.send("into;").await;
    trio.client.send("the hole;").await;
    let told = hear(&mut trio.client, b"into;the hole;").await;
    assert!(is_silent(&told), "{told:?}");
    assert!(told.iter().any(|told| told.is(Status::Reconnecting)), "{told:?}");

    trio.proxy.release();
    trio.client.send("after;").await;
    hear(&mut trio.client, b"after;").await;
    let counted = trio.client.counted().await;
    assert_eq!((counted.lost, counted.resumed), (0, 1), "{counted:?}");
    assert_eq!(std::fs::read_to_string(folder.path().join("started")).expect("started"), "started\n");
    trio.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_carries_nothing_is_noticed_and_nothing_is_lost() {
    what_is_said_into_a_hole_arrives(&[Way::Up, Way::Down]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_carries_nothing_to_the_server_is_noticed_and_nothing_is_lost() {
    what_is_said_into_a_hole_arrives(&[Way::Up]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_carries_nothing_to_the_client_is_noticed_and_nothing_is_lost() {
    what_is_said_into_a_hole_arrives(&[Way::Down]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_old_link_held_back_is_not_heard_once_there_is_a_newer_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let echo = program(&["echo", &file(&folder, "started").1]);
    // With heartbeats of 15 s: for the server, the old link is alive until the new one comes.
    let mut trio = Trio::start(echo, Default::default(), eager()).await;
    trio.proxy.hold_open(&[Way::Up, Way::Down]);
    trio.client.send("held;").await;
    // The client asks, and is not answered.
    trio.client.jump(Jump::Wall(hours(1)));
    assert!(is_silent(&hear(&mut trio.client, b"held;").await));

    trio.proxy.release();
    trio.proxy.until("the old link's end", |tally| tally.open == 1).await;
    trio.client.send("after;").await;
    assert_eq!(hear(&mut trio.client, b"after;").await, []);
    assert_eq!(trio.client.counted().await.lost, 0);
    trio.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_shell_says_into_a_hole_arrives_when_the_hole_is_over_before_anybody_noticed() {
    let folder = tempfile::tempdir().expect("a folder");
    let echo = program(&["echo", &file(&folder, "started").1]);
    // With heartbeats of 15 s: nobody notices.
    let mut trio = Trio::start(echo, Default::default(), eager()).await;
    trio.proxy.hold(&[Way::Up, Way::Down]);
    trio.client.send("held;").await;
    assert_eq!(trio.client.counted().await.opens, 1);
    trio.proxy.release();
    let told = hear(&mut trio.client, b"held;").await;
    assert_eq!(told, [], "nothing happened");
    trio.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handshake_in_a_hole_times_out_and_the_next_one_resumes() {
    let folder = tempfile::tempdir().expect("a folder");
    let echo = program(&["echo", &file(&folder, "started").1]);
    let quick = eager().with(Knob::ReconnectTimeoutMs, 300.0);
    let mut trio = Trio::start(echo, short_heartbeats(), quick).await;

    // The upgrade and the hello get through; the welcome does not.
    trio.proxy.hold(&[Way::Down]);
    trio.proxy.cut(Manner::Reset).await;
    trio.client.send("meanwhile;").await;
    let begun = trio.proxy.tally().begun;
    trio.proxy.until("two more tries", |tally| tally.begun >= begun + 3).await;
    trio.proxy.release();
    let mut told = connected(&mut trio.client).await;
    told.extend(hear(&mut trio.client, b"meanwhile;").await);
    assert!(is_silent(&told), "{told:?}");
    assert_eq!(trio.client.counted().await.lost, 0);
    assert_eq!(std::fs::read_to_string(folder.path().join("started")).expect("started"), "started\n");
    assert!(!told.iter().any(|told| matches!(told, Told::Open)));
    trio.stop().await;
}
