//! A WebSocket client that collects what it sees.

use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{Instant, timeout_at};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::{deadline, within};

pub(crate) struct Client {
    pub(crate) socket: WebSocketStream<TcpStream>,
    /// All output since the beginning.
    pub(crate) seen: Vec<u8>,
    /// How much of it was expected already.
    expected: usize,
}

/// How a connection ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// With a close frame.
    Closed(u16, String),
    /// Without one, which a browser reports as 1006.
    Broken,
}

impl Ending {
    /// Whether the server said that it ends, and when to come back.
    pub(crate) fn is_shutdown(&self) -> bool {
        let Self::Closed(1001, reason) = self else { return false };
        let seconds = reason.strip_prefix("server is shutting down; retry-after: ");
        matches!(seconds, Some("1" | "2" | "3"))
    }
}

impl Client {
    /// Connects to `/ws/{project}/{env}`; both are put in as they are, percent-encoded by the caller.
    pub(crate) async fn connect(addr: SocketAddr, project: &str, env: &str) -> Self {
        let path = format!("/ws/{project}/{env}");
        Self::try_connect(addr, &path, &[], None).await.expect("the upgrade is accepted")
    }

    /// With headers of one's own, and a receive buffer so small that the server notices who does not read.
    pub(crate) async fn try_connect(
        addr: SocketAddr,
        path: &str,
        headers: &[(&'static str, &str)],
        receive_buffer: Option<u32>,
    ) -> Result<Self, Error> {
        let mut request = format!("ws://{addr}{path}").into_client_request()?;
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().expect("a valid header"));
        }
        let tcp = TcpSocket::new_v4().expect("a socket");
        if let Some(size) = receive_buffer {
            tcp.set_recv_buffer_size(size).expect("a buffer's size can be set before connecting");
        }
        let stream = tcp.connect(addr).await?;
        let (socket, _) = within("an upgrade", tokio_tungstenite::client_async(request, stream)).await?;
        Ok(Self::over(socket))
    }

    /// Over a socket that is open.
    pub(crate) fn over(socket: WebSocketStream<TcpStream>) -> Self {
        Self { socket, seen: Vec::new(), expected: 0 }
    }

    pub(crate) async fn send(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.expect("the connection is open");
    }

    /// Reads until the output, from where the last call left off, holds `text`; returns what was before it.
    pub(crate) async fn expect(&mut self, text: &str) -> String {
        let deadline = deadline();
        loop {
            if let Some(at) = find(&self.seen[self.expected..], text.as_bytes()) {
                let before =
                    String::from_utf8_lossy(&self.seen[self.expected..self.expected + at]).into_owned();
                self.expected += at + text.len();
                return before;
            }
            if let Err(ending) = self.read(deadline).await {
                panic!("{ending:?} instead of {text:?} after {:?}", self.tail());
            }
        }
    }

    /// Reads until `count` bytes were seen in all, or some more.
    pub(crate) async fn expect_bytes(&mut self, count: usize) {
        let deadline = deadline();
        while self.seen.len() < count {
            if let Err(ending) = self.read(deadline).await {
                panic!("{ending:?} after {} of {count} bytes", self.seen.len());
            }
        }
    }

    /// Reads to the connection's end.
    pub(crate) async fn ending(&mut self) -> Ending {
        let deadline = deadline();
        loop {
            if let Err(ending) = self.read(deadline).await {
                return ending;
            }
        }
    }

    /// One message, or the failure of the test: pings alone are not what it waits for.
    async fn read(&mut self, deadline: Instant) -> Result<(), Ending> {
        let Ok(message) = timeout_at(deadline, self.socket.next()).await else {
            panic!("waited too long after {:?}", self.tail());
        };
        match message {
            Some(Ok(Message::Binary(bytes))) => self.seen.extend_from_slice(&bytes),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            Some(Ok(Message::Close(Some(frame)))) => {
                // Reading on lets the reply out, which is what ends the server's side.
                while let Some(Ok(_)) = within("the end of the socket", self.socket.next()).await {}
                return Err(Ending::Closed(frame.code.into(), frame.reason.to_string()));
            }
            Some(Ok(other)) => panic!("output is binary, not {other:?}"),
            Some(Err(_)) | None => return Err(Ending::Broken),
        }
        Ok(())
    }

    fn tail(&self) -> String {
        String::from_utf8_lossy(&self.seen[self.seen.len().saturating_sub(500)..]).into_owned()
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}
