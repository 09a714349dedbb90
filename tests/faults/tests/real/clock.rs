//! Clocks that go ahead by hours at once: after a sleep, or with timers that were not served. It is a reason to
//! ask whether the link is alive, and never one to drop it.

use envsocket_faults::client::{Jump, eager, hours};
use envsocket_faults::proxy::Way;

use crate::support::{Trio, file, hear, is_silent, program};

async fn a_jump_leads_to_a_question(jump: Jump) {
    let folder = tempfile::tempdir().expect("a folder");
    let echo = program(&["echo", &file(&folder, "started").1]);
    let mut trio = Trio::start(echo, Default::default(), eager()).await;
    trio.client.send("before;").await;
    hear(&mut trio.client, b"before;").await;
    let asked = trio.client.counted().await.round_trips;
    for number in 1..=3 {
        trio.client.jump(jump);
        while trio.client.counted().await.round_trips < asked + number {
            assert_eq!(trio.client.next_already(), None, "nothing happens");
        }
        let saying = format!("after {number};");
        trio.client.send(saying.as_str()).await;
        assert_eq!(hear(&mut trio.client, saying.as_bytes()).await, [], "nothing but the echo");
    }
    let counted = trio.client.counted().await;
    assert_eq!((counted.opens, counted.attempts, counted.lost), (1, 1, 0), "{counted:?}");
    assert_eq!(trio.proxy.tally().begun, 1);
    trio.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_machine_that_slept_for_hours_asks_and_goes_on() {
    a_jump_leads_to_a_question(Jump::Wall(hours(8))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn timers_that_are_hours_late_lead_to_a_question_and_nothing_else() {
    a_jump_leads_to_a_question(Jump::Both(hours(8))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_died_in_the_sleep_is_noticed_at_once_and_nothing_is_lost() {
    let folder = tempfile::tempdir().expect("a folder");
    let echo = program(&["echo", &file(&folder, "started").1]);
    // With heartbeats of 15 s, which would notice after 34.
    let mut trio = Trio::start(echo, Default::default(), eager()).await;
    trio.proxy.hold_open(&[Way::Up, Way::Down]);
    trio.client.send("into the hole;").await;
    trio.client.jump(Jump::Wall(hours(8)));
    let told = hear(&mut trio.client, b"into the hole;").await;
    assert!(is_silent(&told), "{told:?}");
    let counted = trio.client.counted().await;
    assert_eq!((counted.resumed, counted.lost), (1, 0), "{counted:?}");
    trio.stop().await;
}
