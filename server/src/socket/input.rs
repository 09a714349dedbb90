//! From the socket to the shell.

use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::SplitStream;
use tokio::time::{Instant, timeout};

use super::farewell::{Farewell, Goodbye};
use crate::links::Link;
use crate::shell::Input;

/// Takes messages until the connection is over. While the shell takes none, or the link is held, the socket
/// is not read, and the peer is not suspected of silence.
pub(super) async fn take(
    stream: &mut SplitStream<WebSocket>,
    input: &Input,
    link: &Link,
    dead_after: Duration,
) -> Farewell {
    loop {
        let begun = Instant::now();
        let bytes = match timeout(dead_after, stream.next()).await {
            Err(_) if link.was_held_since(begun) => continue,
            Err(_) => return Farewell::Silent,
            Ok(None) => return Farewell::Lost,
            Ok(Some(Err(error))) => return broken(error),
            Ok(Some(Ok(Message::Close(_)))) => return Farewell::Heard,
            Ok(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => continue,
            Ok(Some(Ok(Message::Text(text)))) => Bytes::from(text),
            Ok(Some(Ok(Message::Binary(bytes)))) => bytes,
        };
        // Nobody reads any more: the delivery is about to say so, with the shell's last output before it.
        let _ = input.push(bytes).await;
    }
}

fn broken(error: axum::Error) -> Farewell {
    tracing::debug!(%error, "connection broken");
    match error.into_inner().downcast_ref() {
        Some(tungstenite::Error::Capacity(_)) => Farewell::Said(Goodbye::TooLarge),
        _ => Farewell::Lost,
    }
}
