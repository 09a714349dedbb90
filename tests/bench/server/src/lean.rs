//! The server behind the page's comparison with native and the peers: it costs as little as it can, and knows
//! nothing of envsocket. A link is greeted, then does what it is told until the page closes it or asks for a
//! cut.

use std::io;

use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::header::SEC_WEBSOCKET_PROTOCOL;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::flood;
use crate::talk::{GREETING, Reaction, Talk};

/// Serves whoever connects, for ever.
pub(crate) async fn serve(listener: TcpListener) -> io::Result<()> {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => drop(tokio::spawn(run(stream))),
            Err(error) => eprintln!("envsocket-bench: accept: {error}"),
        }
    }
}

/// Serves a link to its end. What goes wrong is the page's to notice: it waits for an answer.
async fn run(stream: TcpStream) {
    if let Err(error) = talk(stream).await
        && !matches!(error, Error::ConnectionClosed | Error::Protocol(_) | Error::Io(_))
    {
        eprintln!("envsocket-bench: {error}");
    }
}

async fn talk(stream: TcpStream) -> Result<(), Error> {
    stream.set_nodelay(true)?;
    let mut link = tokio_tungstenite::accept_hdr_async(stream, first_protocol).await?;
    link.send(Message::text(GREETING)).await?;
    let mut talk = Talk::default();
    while let Some(message) = link.next().await {
        let message = message?;
        let text = match &message {
            Message::Text(text) => Some(text.as_str()),
            Message::Binary(_) => None,
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_) => continue,
        };
        match talk.hear(text, message.len()) {
            Reaction::Silence => {}
            Reaction::Echo => link.send(message).await?,
            Reaction::Say(text) => link.send(Message::text(text)).await?,
            Reaction::Flood { count, size, kind } => {
                // Every `send` above flushes: nothing of an earlier message is left in between.
                flood::write(link.get_mut(), count, size, kind).await?;
            }
            Reaction::Cut => return Ok(()),
        }
    }
    Ok(())
}

/// Chooses the first subprotocol that is offered, if one is, as servers do that care for none.
#[expect(clippy::result_large_err, reason = "the signature is tungstenite's")]
#[expect(clippy::unnecessary_wraps, reason = "the signature is tungstenite's")]
fn first_protocol(request: &Request, mut response: Response) -> Result<Response, ErrorResponse> {
    let offered = request.headers().get(SEC_WEBSOCKET_PROTOCOL).and_then(|value| value.to_str().ok());
    let first = offered.and_then(|list| list.split(',').next()).and_then(|name| name.trim().parse().ok());
    if let Some(first) = first {
        response.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, first);
    }
    Ok(response)
}
