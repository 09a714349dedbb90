//! Chapter "Heartbeat", on sessions whose heartbeat is 1000 ms.

use serde_json::json;

use crate::case::{At, Case, case};
use crate::tab::{Ending, Said, Tab};

pub(super) const CASES: &[Case] = &[
    case!(the_server_pings),
    case!(any_frame_is_a_sign_of_life),
    case!(any_message_is_a_sign_of_life),
    case!(who_is_silent_is_given_up_and_kept),
];

/// The server's next ping, unanswered.
async fn hear_ping(tab: &mut Tab) {
    loop {
        match tab.listen_raw().await {
            Said::Frame(frame) if frame["type"] == "ping" => return,
            Said::Ended(ending) => panic!("{ending:?} instead of a ping"),
            _ => {}
        }
    }
}

async fn the_server_pings(at: At) {
    let mut tab = at.attached("/brisk").await;
    assert_eq!(tab.told("heartbeatMs"), 1000);
    for _ in 0..4 {
        tab.hear_frame("ping").await;
    }
    tab.send("alive").await;
    tab.expect(&["alive"]).await;
}

async fn any_frame_is_a_sign_of_life(at: At) {
    let mut tab = at.attached("/brisk").await;
    for _ in 0..5 {
        hear_ping(&mut tab).await;
        tab.say(&json!({ "type": "ack", "sent": 0, "received": 0, "consumed": 0 })).await;
    }
    tab.round_trip().await;
}

async fn any_message_is_a_sign_of_life(at: At) {
    let mut tab = at.attached("/brisk").await;
    for _ in 0..5 {
        hear_ping(&mut tab).await;
        tab.send("!quiet").await;
    }
    tab.hear_counts(5, 5).await;
}

async fn who_is_silent_is_given_up_and_kept(at: At) {
    let mut tab = at.attached("/brisk").await;
    let ending = loop {
        if let Said::Ended(ending) = tab.listen_raw().await {
            break ending;
        }
    };
    assert!(matches!(ending, Ending::Closed(4408, _) | Ending::Broken), "{ending:?}");
    let epoch = tab.epoch.clone();
    tab.attach().await;
    assert_eq!(tab.epoch, epoch, "it is kept");
}
