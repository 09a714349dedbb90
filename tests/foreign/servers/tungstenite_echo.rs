//! An echo with tokio-tungstenite, which knows of no subprotocol. Prints where it listens; the first argument is the
//! port, 0 for any.
//!
//! A text `close CODE REASON` has it close; `/refuse/STATUS` is refused.

use std::error::Error;

use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::accept_hdr_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::StatusCode;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

type Failure = Box<dyn Error + Send + Sync>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let port = std::env::args().nth(1).ok_or("usage: tungstenite-echo PORT")?.parse::<u16>()?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on {}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(async move {
            if let Err(error) = echo(stream).await {
                eprintln!("{error}");
            }
        });
    }
}

async fn echo(stream: TcpStream) -> Result<(), Failure> {
    let mut socket = accept_hdr_async(stream, accept).await?;
    while let Some(message) = socket.next().await {
        match message? {
            Message::Text(text) => match asked_to_close(&text) {
                Some(close) => socket.close(Some(close)).await?,
                None => socket.send(Message::Text(text)).await?,
            },
            message @ Message::Binary(_) => socket.send(message).await?,
            // It answers pings and closes by itself.
            _ => {}
        }
    }
    Ok(())
}

#[expect(clippy::result_large_err, reason = "the library's own signature")]
fn accept(request: &Request, response: Response) -> Result<Response, ErrorResponse> {
    let status = request.uri().path().strip_prefix("/refuse/").and_then(|status| status.parse::<u16>().ok());
    let Some(status) = status.and_then(|status| StatusCode::from_u16(status).ok()) else {
        return Ok(response);
    };
    let mut refusal = ErrorResponse::new(None);
    *refusal.status_mut() = status;
    Err(refusal)
}

fn asked_to_close(text: &str) -> Option<CloseFrame> {
    let (code, reason) = text.strip_prefix("close ")?.split_once(' ')?;
    Some(CloseFrame { code: code.parse::<u16>().ok()?.into(), reason: reason.into() })
}
