//! Sockets to the server under test, as they are: no frame of the protocol's is known here.

use std::future::Future;
use std::time::Duration;

use tokio::net::{TcpSocket, TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::error::{ProtocolError, SubProtocolError};

/// What a browser's page offers that takes whatever there is.
pub(crate) const OFFER: &str = "envsocket.plain, envsocket.v1";

/// How long anything is waited for that must come. Nothing is judged by how long it took: this ends a case that
/// would wait for ever.
const PATIENCE: Duration = Duration::from_secs(30);

/// A socket to the server under test.
pub(crate) type Socket = WebSocketStream<TcpStream>;

/// Where the server under test listens.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    authority: String,
    prefix: String,
}

impl Target {
    /// Reads `ws://host:port`, or the same with the beginning of a path.
    pub(crate) fn parse(url: &str) -> Option<Self> {
        let rest = url.strip_prefix("ws://")?;
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (host, port) = authority.rsplit_once(':')?;
        port.parse::<u16>().ok().filter(|_| !host.is_empty())?;
        let prefix = if path.is_empty() { String::new() } else { format!("/{}", path.trim_end_matches('/')) };
        Some(Self { authority: authority.to_owned(), prefix })
    }

    /// Opens a socket with this offer, and returns it with the subprotocol that was chosen.
    pub(crate) async fn dial(&self, path: &str, offer: Option<&str>) -> Result<Dialed, Error> {
        self.dial_with(path, offer, None).await
    }

    /// The same, with a receive buffer of this size, in bytes: who does not read fills it soon.
    pub(crate) async fn dial_with(
        &self,
        path: &str,
        offer: Option<&str>,
        receive_buffer: Option<u32>,
    ) -> Result<Dialed, Error> {
        let Self { authority, prefix } = self;
        let mut request = format!("ws://{authority}{prefix}{path}").into_client_request()?;
        if let Some(offer) = offer {
            let offer = offer.parse().expect("an offer is a header's value");
            request.headers_mut().insert("sec-websocket-protocol", offer);
        }
        let address = lookup_host(authority).await?.next().expect("the host has an address");
        let tcp = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        if let Some(size) = receive_buffer {
            tcp.set_recv_buffer_size(size)?;
        }
        let stream = within("the server to listen", tcp.connect(address)).await?;
        stream.set_nodelay(true)?;
        let handshake = tokio_tungstenite::client_async(request, stream);
        let (socket, response) = within("the answer to an upgrade", handshake).await?;
        let chosen = response.headers().get("sec-websocket-protocol");
        let chosen = chosen.map(|name| name.to_str().expect("a subprotocol's name").to_owned());
        Ok(Dialed { socket, chosen })
    }
}

/// A socket that was opened.
#[derive(Debug)]
pub(crate) struct Dialed {
    pub(crate) socket: Socket,
    pub(crate) chosen: Option<String>,
}

/// Whether the server opened the socket and chose none of what was offered, which is an error to this library as it
/// is to some browsers.
pub(crate) fn chose_nothing(error: &Error) -> bool {
    matches!(
        error,
        Error::Protocol(ProtocolError::SecWebSocketSubProtocolError(SubProtocolError::NoSubProtocol))
    )
}

/// Waits, and fails the case when that takes too long.
pub(crate) async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    match timeout(PATIENCE, future).await {
        Ok(value) => value,
        Err(_) => panic!("waited for {what} for {} s", PATIENCE.as_secs()),
    }
}
