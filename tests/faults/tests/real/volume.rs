//! Much, through many cuts: every byte of it once, in its order, with what both ends keep bounded by windows.

use envsocket_faults::client::{Client, Told, eager};
use envsocket_faults::noise::{Noise, PART};
use envsocket_faults::proxy::{Cut, Manner, Proxy, Way};

use crate::support::{Trio, hear, is_silent, program};

const BYTES: u64 = 100 * 1024 * 1024;
const CUTS: u64 = 50;

/// The longest message that is sent, in bytes.
const LONGEST: u64 = 48 * 1024;

/// Links that end after so many bytes that all of them end before everything is through.
fn plan_cuts(proxy: &Proxy, way: Way, seed: u64) {
    let mut dice = Noise::new(seed);
    for number in 0..CUTS {
        let manner = if number.is_multiple_of(2) { Manner::Reset } else { Manner::Finish };
        // What is cut is sent again, so that the whole is more than the sum.
        let after = dice.number() % (2 * BYTES / (CUTS + 10));
        proxy.plan(Cut { way, after, manner });
    }
}

/// The client's first link is there before the first plan; it ends, and the first planned one begins.
async fn begin_cuts(proxy: &Proxy) {
    assert_eq!(proxy.cut(Manner::Finish).await, 1);
}

async fn expect_cuts(trio: &Trio) {
    let (tally, counted) = (trio.proxy.tally(), trio.client.counted().await);
    assert_eq!(tally.cut, CUTS + 1, "{tally:?}");
    assert_eq!(counted.lost, 0, "{counted:?}");
    // Some links were cut before they were welcomed.
    assert!(counted.resumed > CUTS / 2, "{counted:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_megabytes_of_output_arrive_whole_through_fifty_cuts() {
    let seed = "51";
    let mut trio =
        Trio::start(program(&["say", &BYTES.to_string(), seed]), Default::default(), eager()).await;
    plan_cuts(&trio.proxy, Way::Down, 1);
    begin_cuts(&trio.proxy).await;
    let mut noise = Noise::new(51);
    let mut others = Vec::new();
    while noise.at() < BYTES {
        trio.client.send("x").await;
        let end = BYTES.min(noise.at() + PART);
        while noise.at() < end {
            match trio.client.next().await {
                Told::Message(message) => noise.expect(message.as_bytes()).expect("the output is whole"),
                other => others.push(other),
            }
        }
    }
    assert_eq!(noise.at(), BYTES);
    assert!(is_silent(&others), "{others:?}");
    expect_cuts(&trio).await;
    trio.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_megabytes_of_input_arrive_whole_through_fifty_cuts() {
    let mut trio =
        Trio::start(program(&["hear", &BYTES.to_string(), "52"]), Default::default(), eager()).await;
    plan_cuts(&trio.proxy, Way::Up, 2);
    begin_cuts(&trio.proxy).await;
    let sending = say(&trio.client);
    let (others, ()) = tokio::join!(hear(&mut trio.client, b"whole"), sending);
    assert!(is_silent(&others), "{others:?}");
    expect_cuts(&trio).await;
    trio.stop().await;
}

/// Sends it all, in messages of any size.
fn say(client: &Client) -> impl Future<Output = ()> + use<> {
    let sender = client.sender();
    async move {
        let (mut noise, mut dice) = (Noise::new(52), Noise::new(3));
        while noise.at() < BYTES {
            let size = (1 + dice.number() % LONGEST).min(BYTES - noise.at());
            sender.send(noise.take(size).into()).await.expect("the client runs");
        }
    }
}
