//! A client of `envsocket.v1`, made by hand from the protocol's document and not from the server's code, so that
//! the wire is tested and not mirrored. One tab: it keeps its place over as many sockets as it takes.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::{Ending, within};

const OFFER: &str = "envsocket.plain, envsocket.v1";

/// What a server said.
#[derive(Debug, PartialEq)]
pub(crate) enum Said {
    Control(Value),
    Text(String),
    Binary(Vec<u8>),
    Ended(Ending),
}

pub(crate) struct Tab {
    addr: SocketAddr,
    path: String,
    socket: Option<WebSocketStream<TcpStream>>,
    pub(crate) session: String,
    pub(crate) attachment: String,
    pub(crate) secret: String,
    pub(crate) attempt: u64,
    pub(crate) epoch: Option<String>,
    size: Option<(u16, u16)>,
    /// What it says who it is with.
    pub(crate) token: Option<String>,
    /// The number of the last output that came.
    pub(crate) received: u64,
    /// The number of the last input that was sent, and what of it the server may lack.
    pub(crate) sent: u64,
    kept: VecDeque<(u64, Message)>,
    /// The number that the next message, a snapshot, stands for.
    snapshot_for: Option<u64>,
    /// Whether it acknowledges what it gets.
    pub(crate) acknowledges: bool,
    /// All data since the beginning, as bytes.
    pub(crate) seen: Vec<u8>,
    expected: usize,
    /// All control frames but those with counts.
    pub(crate) told: Vec<Value>,
}

/// 32 digits that nobody else has.
fn id() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    format!("{:032x}", COUNT.fetch_add(1, Ordering::Relaxed))
}

impl Tab {
    /// In a session of its own.
    pub(crate) fn new(addr: SocketAddr, path: &str) -> Self {
        Self {
            addr,
            path: path.to_owned(),
            socket: None,
            session: id(),
            attachment: id(),
            secret: id(),
            attempt: 0,
            epoch: None,
            size: None,
            token: None,
            received: 0,
            sent: 0,
            kept: VecDeque::new(),
            snapshot_for: None,
            acknowledges: true,
            seen: Vec::new(),
            expected: 0,
            told: Vec::new(),
        }
    }

    /// Another tab in the same session.
    pub(crate) fn sibling(&self) -> Self {
        Self { session: self.session.clone(), token: self.token.clone(), ..Self::new(self.addr, &self.path) }
    }

    /// The same attachment, as a newer tab that has not said anything yet would know it.
    pub(crate) fn double(&self) -> Self {
        Self {
            attachment: self.attachment.clone(),
            secret: self.secret.clone(),
            attempt: self.attempt + 4,
            epoch: self.epoch.clone(),
            received: self.received,
            sent: self.sent,
            ..self.sibling()
        }
    }

    /// With this token.
    pub(crate) fn with(self, token: String) -> Self {
        Self { token: Some(token), ..self }
    }

    /// Shows another token over the socket that is open.
    pub(crate) async fn renew(&mut self, token: String) {
        self.control(&json!({ "type": "token", "token": token })).await;
        self.token = Some(token);
    }

    /// Opens a socket, says hello, and hears why it is refused.
    pub(crate) async fn refusal(&mut self) -> (u16, String) {
        self.open().await;
        let hello = self.hello();
        self.control(&hello).await;
        match self.listen().await {
            Said::Ended(Ending::Closed(code, reason)) => (code, reason),
            other => panic!("{other:?} instead of a refusal"),
        }
    }

    /// With a terminal of this size.
    pub(crate) fn sized(self, cols: u16, rows: u16) -> Self {
        Self { size: Some((cols, rows)), ..self }
    }

    /// A socket that speaks the protocol, and has said nothing.
    pub(crate) async fn open(&mut self) {
        let (socket, chosen) =
            dial(self.addr, &self.path, &[OFFER], None).await.expect("the upgrade is accepted");
        assert_eq!(chosen.as_deref(), Some("envsocket.v1"));
        self.socket = Some(socket);
    }

    /// The same, with a receive buffer so small that the server notices when it is not read.
    pub(crate) async fn open_narrow(&mut self) {
        let dialed = dial(self.addr, &self.path, &[OFFER], Some(4096)).await;
        self.socket = Some(dialed.expect("the upgrade is accepted").0);
    }

    pub(crate) fn hello(&mut self) -> Value {
        self.attempt += 1;
        let (cols, rows) = self.size.unzip();
        json!({
            "type": "hello", "session": self.session, "attachment": self.attachment, "secret": self.secret,
            "attempt": self.attempt, "epoch": self.epoch, "received": self.received, "sent": self.sent,
            "acked": self.sent - self.kept.len() as u64, "cols": cols, "rows": rows, "token": self.token,
        })
    }

    /// Opens a socket, says hello and hears the welcome; then sends what the server lacks.
    pub(crate) async fn attach(&mut self) -> Value {
        self.open().await;
        self.welcome().await
    }

    /// As [`attach`](Self::attach), over the socket that is open.
    pub(crate) async fn welcome(&mut self) -> Value {
        let hello = self.hello();
        self.control(&hello).await;
        let welcome = match self.hear().await {
            Said::Control(frame) if frame["type"] == "welcome" => frame,
            other => panic!("{other:?} instead of a welcome"),
        };
        let number = |name: &str| welcome[name].as_u64().expect(name);
        let epoch = welcome["epoch"].as_str().expect("an epoch").to_owned();
        if self.epoch.as_ref() == Some(&epoch) {
            assert_eq!(number("next"), self.received + 1, "a resume goes on where it was");
            self.kept.retain(|(at, _)| *at > number("received"));
            for (_, message) in self.kept.clone() {
                self.put(message).await;
            }
        } else {
            assert_eq!(number("received"), 0, "a new epoch begins to count");
            (self.received, self.sent) = (number("next") - 1, 0);
            self.kept.clear();
        }
        self.snapshot_for = None;
        self.epoch = Some(epoch);
        welcome
    }

    /// Sends a control frame.
    pub(crate) async fn control(&mut self, frame: &Value) {
        self.put(Message::text(format!("\0{frame}"))).await;
    }

    /// Sends input, numbered and kept.
    pub(crate) async fn send(&mut self, text: &str) {
        self.send_message(Message::text(text)).await;
    }

    pub(crate) async fn send_message(&mut self, message: Message) {
        self.sent += 1;
        self.kept.push_back((self.sent, message.clone()));
        self.put(message).await;
    }

    /// Tells the server of another size, which is input.
    pub(crate) async fn resize(&mut self, cols: u16, rows: u16) {
        self.size = Some((cols, rows));
        let frame = json!({ "type": "resize", "cols": cols, "rows": rows });
        self.send_message(Message::text(format!("\0{frame}"))).await;
    }

    /// Sends anything, without counting it. A broken link is noticed by reading.
    pub(crate) async fn put(&mut self, message: Message) {
        let _ = self.socket.as_mut().expect("there is a socket").send(message).await;
    }

    /// The link is gone, without a word.
    pub(crate) fn cut(&mut self) {
        self.socket = None;
    }

    /// A client that closes with this code.
    pub(crate) async fn close(&mut self, code: u16) {
        use tokio_tungstenite::tungstenite::protocol::CloseFrame;
        let mut socket = self.socket.take().expect("there is a socket");
        socket.close(Some(CloseFrame { code: code.into(), reason: "".into() })).await.expect("it is open");
        while let Some(Ok(_)) = within("the answer to a close", socket.next()).await {}
    }

    /// The next that the server says. Counts what is numbered, acknowledges it, answers pings.
    pub(crate) async fn hear(&mut self) -> Said {
        loop {
            let said = self.listen().await;
            let Said::Control(frame) = &said else {
                if let Said::Text(_) | Said::Binary(_) = &said {
                    self.count().await;
                }
                return said;
            };
            match frame["type"].as_str().expect("a frame has a type") {
                "ping" => self.state("pong").await,
                "ack" | "pong" => {
                    let received = frame["received"].as_u64().expect("a count");
                    self.kept.retain(|(at, _)| *at > received);
                    assert_eq!(frame["sent"], self.received, "the server has counted what came: {frame}");
                }
                kind => {
                    self.told.push(frame.clone());
                    match kind {
                        "size" | "end" => self.count().await,
                        "gap" => {
                            assert_eq!(frame["from"], self.received + 1, "{frame}");
                            let to = frame["to"].as_u64().expect("a number");
                            if frame["snapshot"] == true {
                                self.snapshot_for = Some(to);
                            } else {
                                self.received = to;
                            }
                        }
                        _ => {}
                    }
                    return said;
                }
            }
        }
    }

    /// The next frame with counts, which [`hear`](Self::hear) passes over.
    pub(crate) async fn hear_counts(&mut self, kind: &str) -> Value {
        loop {
            match self.listen().await {
                Said::Control(frame) if frame["type"] == kind => return frame,
                Said::Ended(ending) => panic!("{ending:?} instead of a {kind}"),
                Said::Text(_) | Said::Binary(_) => self.received += 1,
                Said::Control(_) => {}
            }
        }
    }

    async fn count(&mut self) {
        self.received = self.snapshot_for.take().unwrap_or(self.received + 1);
        if self.acknowledges {
            self.state("ack").await;
        }
    }

    /// Sends its counts.
    pub(crate) async fn state(&mut self, kind: &str) {
        let received = self.received;
        let frame = json!({ "type": kind, "sent": self.sent, "received": received, "consumed": received });
        self.control(&frame).await;
    }

    /// The next message, as it is: nothing is counted, nothing answered.
    pub(crate) async fn listen(&mut self) -> Said {
        let socket = self.socket.as_mut().expect("there is a socket");
        loop {
            let message = within("the server to say something", socket.next()).await;
            return match message {
                Some(Ok(Message::Text(text))) => match text.strip_prefix('\0') {
                    Some(rest) if rest.starts_with('\0') => self.data(rest.to_owned().into(), true),
                    Some(json) => Said::Control(serde_json::from_str(json).expect("a control frame is JSON")),
                    None => self.data(text.to_string().into(), true),
                },
                Some(Ok(Message::Binary(bytes))) => self.data(bytes.to_vec(), false),
                Some(Ok(Message::Close(Some(frame)))) => {
                    // Reading on lets the reply out, which is what ends the server's side.
                    while let Some(Ok(_)) = within("the end of the socket", socket.next()).await {}
                    Said::Ended(Ending::Closed(frame.code.into(), frame.reason.to_string()))
                }
                Some(Ok(_)) => continue,
                None | Some(Err(_)) => Said::Ended(Ending::Broken),
            };
        }
    }

    fn data(&mut self, bytes: Vec<u8>, is_text: bool) -> Said {
        self.seen.extend_from_slice(&bytes);
        if is_text {
            Said::Text(String::from_utf8(bytes).expect("a text is UTF-8"))
        } else {
            Said::Binary(bytes)
        }
    }

    /// Reads until the data, from where the last call left off, holds `text`; returns what was before it.
    pub(crate) async fn expect(&mut self, text: &str) -> String {
        let found = async {
            loop {
                let rest = &self.seen[self.expected..];
                if let Some(at) = rest.windows(text.len()).position(|window| window == text.as_bytes()) {
                    let before = String::from_utf8_lossy(&rest[..at]).into_owned();
                    self.expected += at + text.len();
                    return before;
                }
                if let Said::Ended(ending) = self.hear().await {
                    panic!("{ending:?} instead of {text:?} after {:?}", String::from_utf8_lossy(&self.seen));
                }
            }
        };
        within(text, found).await
    }

    /// Reads until a control frame of this type comes.
    pub(crate) async fn expect_frame(&mut self, kind: &str) -> Value {
        let found = async {
            loop {
                match self.hear().await {
                    Said::Control(frame) if frame["type"] == kind => return frame,
                    Said::Ended(ending) => panic!("{ending:?} instead of a {kind} after {:?}", self.told),
                    _ => {}
                }
            }
        };
        within(kind, found).await
    }

    /// Reads to the connection's end.
    pub(crate) async fn ending(&mut self) -> Ending {
        let ended = async {
            loop {
                if let Said::Ended(ending) = self.hear().await {
                    return ending;
                }
            }
        };
        within("a connection's end", ended).await
    }
}

/// Connects with these offers, a header each; also returns the subprotocol that was chosen.
pub(crate) async fn dial(
    addr: SocketAddr,
    path: &str,
    offers: &[&str],
    receive_buffer: Option<u32>,
) -> Result<(WebSocketStream<TcpStream>, Option<String>), Error> {
    let mut request = format!("ws://{addr}{path}").into_client_request()?;
    for offer in offers {
        request.headers_mut().append("sec-websocket-protocol", offer.parse().expect("a valid header"));
    }
    let tcp = TcpSocket::new_v4().expect("a socket");
    if let Some(size) = receive_buffer {
        tcp.set_recv_buffer_size(size).expect("a buffer's size can be set before connecting");
    }
    let stream = tcp.connect(addr).await?;
    stream.set_nodelay(true).expect("it is open");
    let (socket, response) = within("an upgrade", tokio_tungstenite::client_async(request, stream)).await?;
    let chosen = response.headers().get("sec-websocket-protocol");
    let chosen = chosen.map(|value| value.to_str().expect("a name").to_owned());
    Ok((socket, chosen))
}
