//! One connection: greets, then does what it is told until the page closes it or asks for a cut.

use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::header::SEC_WEBSOCKET_PROTOCOL;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::command::{self, Command};
use crate::flood;

/// What a link says first: the first byte that a page waits for after a reconnect.
const GREETING: &str = "hello";

/// Serves a link to its end. What goes wrong is the page's to notice: it waits for an answer.
pub(crate) async fn run(stream: TcpStream) {
    if let Err(error) = serve(stream).await
        && !matches!(error, Error::ConnectionClosed | Error::Protocol(_) | Error::Io(_))
    {
        eprintln!("envsocket-bench: {error}");
    }
}

async fn serve(stream: TcpStream) -> Result<(), Error> {
    stream.set_nodelay(true)?;
    let mut link = tokio_tungstenite::accept_hdr_async(stream, first_protocol).await?;
    link.send(Message::text(GREETING)).await?;
    let mut told = Told::default();
    while let Some(message) = link.next().await {
        let message = message?;
        let command = match &message {
            Message::Text(text) => command::parse(text),
            Message::Binary(_) => None,
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_) => continue,
        };
        match command {
            None => told.hear(&mut link, message).await?,
            Some(Command::Echo) => told.echo = true,
            Some(Command::Count) => {
                let Told { messages, bytes, .. } = std::mem::take(&mut told);
                link.send(Message::text(format!("{messages} {bytes}"))).await?;
            }
            Some(Command::Flood { count, size, kind }) => {
                // Every `send` above flushes: nothing of an earlier message is left in between.
                flood::write(link.get_mut(), count, size, kind).await?;
            }
            Some(Command::Cut) => return Ok(()),
        }
    }
    Ok(())
}

/// What has come since the last count, and whether it goes back.
#[derive(Debug, Default)]
struct Told {
    echo: bool,
    messages: usize,
    bytes: usize,
}

impl Told {
    async fn hear(&mut self, link: &mut WebSocketStream<TcpStream>, message: Message) -> Result<(), Error> {
        self.messages += 1;
        self.bytes += message.len();
        if self.echo { link.send(message).await } else { Ok(()) }
    }
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
