//! From the shell to the socket, and the pings.

use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use bytes::Bytes;
use futures_util::SinkExt;
use futures_util::stream::SplitSink;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use super::farewell::Farewell;
use crate::shell::{Next, Viewer};

/// Delivers until the viewer has to leave or the connection breaks. A message that is only half out then
/// stays with the sink, before the close frame.
pub(super) async fn deliver(
    sink: &mut SplitSink<WebSocket, Message>,
    mut viewer: Viewer,
    ping_interval: Duration,
) -> Farewell {
    let mut pings = interval_at(Instant::now() + ping_interval, ping_interval);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let message = tokio::select! {
            _ = pings.tick() => Message::Ping(Bytes::new()),
            next = viewer.next() => match next {
                Next::Output(bytes) => Message::Binary(bytes),
                Next::End(end) => return end.into(),
            },
        };
        tokio::select! {
            sent = sink.send(message) => if sent.is_err() {
                return Farewell::Lost;
            },
            end = viewer.cut_off() => return end.into(),
        }
    }
}
