//! A bare axum WebSocket: what the server library is compared with. Must not do anything that a person would
//! not write who only wants an echo.

use std::io;

use axum::Router;
use axum::body::Bytes;
use axum::extract::ws::{Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::routing::any;
use axum::serve::ListenerExt;
use envsocket_server::resume::READ_BUFFER_BYTES;
use futures_util::SinkExt;
use tokio::net::TcpListener;

use crate::command::Kind;
use crate::talk::{GREETING, Reaction, Talk};

/// Serves whoever connects, for ever.
pub(crate) async fn serve(listener: TcpListener) -> io::Result<()> {
    let router = Router::new().fallback(any(async |upgrade: WebSocketUpgrade| {
        // As the library does. Left alone, it is 128 KiB, which are filled with zeros before every read.
        upgrade.read_buffer_size(READ_BUFFER_BYTES).on_upgrade(async |socket| {
            // What goes wrong is the client's to notice: it waits for an answer.
            let _ = talk(socket).await;
        })
    }));
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            eprintln!("envsocket-bench: {error}");
        }
    });
    axum::serve(listener, router).await
}

async fn talk(mut socket: WebSocket) -> Result<(), axum::Error> {
    socket.send(Message::text(GREETING)).await?;
    let mut talk = Talk::default();
    while let Some(message) = socket.recv().await {
        let message = message?;
        let reaction = match &message {
            Message::Text(text) => talk.hear(Some(text), text.len()),
            Message::Binary(bytes) => talk.hear(None, bytes.len()),
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) => continue,
        };
        match reaction {
            Reaction::Silence => {}
            Reaction::Echo => socket.send(message).await?,
            Reaction::Say(text) => socket.send(Message::text(text)).await?,
            Reaction::Flood { count, size, kind } => {
                let message = sample(size, kind);
                for _ in 0..count {
                    socket.feed(message.clone()).await?;
                }
                socket.flush().await?;
            }
            Reaction::Cut => return Ok(()),
        }
    }
    Ok(())
}

/// One message of a flood; its clones share its bytes.
fn sample(size: usize, kind: Kind) -> Message {
    let text = "x".repeat(size);
    match kind {
        Kind::Text => Message::Text(Utf8Bytes::from(text)),
        Kind::Binary => Message::Binary(Bytes::from(text)),
    }
}
