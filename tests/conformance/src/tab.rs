//! A client of `envsocket.v1` that a case drives by hand: one tab, with its place in a session over as many sockets
//! as it takes. It does what it is told, also what a client must not; what the server does is judged.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use crate::judge::{ENTRY, Judge, number, read};
use crate::wire::{OFFER, Socket, Target, within};

/// What a server said.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Said {
    Frame(Value),
    Text(String),
    Binary(Vec<u8>),
    Ended(Ending),
}

/// How a link ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ending {
    Closed(u16, String),
    Broken,
}

/// One tab.
#[derive(Debug)]
pub(crate) struct Tab {
    target: Target,
    path: String,
    pub(crate) session: String,
    pub(crate) attachment: String,
    pub(crate) secret: String,
    pub(crate) attempt: u64,
    pub(crate) epoch: Option<String>,
    pub(crate) token: Option<String>,
    pub(crate) size: Option<(u16, u16)>,
    /// The last output that has come, in this epoch.
    pub(crate) received: u64,
    /// The last output that it says to have consumed.
    pub(crate) consumed: u64,
    /// Whether what comes is consumed and acknowledged at once.
    pub(crate) consumes: bool,
    /// The last input that was handed to a link, and what of it the server may lack.
    pub(crate) sent: u64,
    kept: VecDeque<(u64, Message)>,
    /// The input that the server has said to be consumed, in this epoch.
    their_consumed: u64,
    socket: Option<Socket>,
    judge: Option<Judge>,
    /// The latest welcome.
    pub(crate) welcome: Value,
    /// Whether it was told last to be the controller.
    pub(crate) is_controller: bool,
}

/// Digits that no other tab of this process has, and hardly one of another.
fn id() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    let since = std::time::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_nanos() as u64);
    format!("{since:016x}{:016x}", COUNT.fetch_add(1, Ordering::Relaxed))
}

impl Tab {
    /// In a session of its own, without a socket.
    pub(crate) fn new(target: &Target, path: &str) -> Self {
        Self {
            target: target.clone(),
            path: path.to_owned(),
            session: id(),
            attachment: id(),
            secret: id(),
            attempt: 0,
            epoch: None,
            token: None,
            size: None,
            received: 0,
            consumed: 0,
            consumes: true,
            sent: 0,
            kept: VecDeque::new(),
            their_consumed: 0,
            socket: None,
            judge: None,
            welcome: Value::Null,
            is_controller: false,
        }
    }

    /// Another tab in the same session.
    pub(crate) fn sibling(&self) -> Self {
        let other = Self::new(&self.target, &self.path);
        Self { session: self.session.clone(), token: self.token.clone(), ..other }
    }

    /// The same attachment without its link, as it is remembered now.
    pub(crate) fn double(&self) -> Self {
        Self {
            attachment: self.attachment.clone(),
            secret: self.secret.clone(),
            attempt: self.attempt,
            epoch: self.epoch.clone(),
            size: self.size,
            received: self.received,
            consumed: self.consumed,
            consumes: self.consumes,
            sent: self.sent,
            kept: self.kept.clone(),
            their_consumed: self.their_consumed,
            welcome: self.welcome.clone(),
            ..self.sibling()
        }
    }

    /// Remembers what the same attachment has come to meanwhile.
    pub(crate) fn recall(&mut self, other: &Self) {
        let Self { attempt, epoch, received, consumed, sent, kept, their_consumed, welcome, .. } =
            other.double();
        (self.attempt, self.epoch, self.received, self.consumed) = (attempt, epoch, received, consumed);
        (self.sent, self.kept, self.their_consumed, self.welcome) = (sent, kept, their_consumed, welcome);
    }

    /// Opens a socket that speaks the protocol, and says nothing.
    pub(crate) async fn open(&mut self) {
        self.open_with(None).await;
    }

    /// The same, with a receive buffer of this size.
    pub(crate) async fn open_with(&mut self, receive_buffer: Option<u32>) {
        let dialed = self.target.dial_with(&self.path, Some(OFFER), receive_buffer).await;
        let dialed = dialed.unwrap_or_else(|why| panic!("the upgrade is refused: {why}"));
        assert_eq!(dialed.chosen.as_deref(), Some("envsocket.v1"), "the chosen subprotocol");
        (self.socket, self.judge) = (Some(dialed.socket), None);
    }

    /// The next hello.
    pub(crate) fn hello(&mut self) -> Value {
        self.attempt += 1;
        let mut hello = json!({
            "type": "hello", "session": self.session, "attachment": self.attachment, "secret": self.secret,
            "attempt": self.attempt, "epoch": self.epoch, "received": self.received, "sent": self.sent,
            "acked": self.sent - self.kept.len() as u64,
        });
        if let Some((cols, rows)) = self.size {
            (hello["cols"], hello["rows"]) = (cols.into(), rows.into());
        }
        if let Some(token) = &self.token {
            hello["token"] = token.as_str().into();
        }
        hello
    }

    /// Opens a socket and says hello. What was not acknowledged is sent again if the server lacks it.
    pub(crate) async fn attach(&mut self) {
        self.open().await;
        let hello = self.hello();
        self.attach_by(&hello).await;
    }

    /// Says this hello over the socket that is open, and goes on as the welcome says.
    pub(crate) async fn attach_by(&mut self, hello: &Value) {
        self.say(hello).await;
        self.hear_welcome().await;
        for (_, message) in self.kept.clone() {
            self.put(message).await;
        }
    }

    /// Hears the welcome and goes on as it says; what the server lacks is not sent again yet.
    pub(crate) async fn hear_welcome(&mut self) {
        let welcome = match self.listen_raw().await {
            Said::Frame(frame) if frame["type"] == "welcome" => frame,
            other => panic!("{other:?} instead of a welcome"),
        };
        let epoch = welcome["epoch"].as_str().expect("it was read").to_owned();
        let (received, next) = (number(&welcome, "received"), number(&welcome, "next"));
        if self.epoch.as_deref() == Some(&epoch) {
            assert_eq!(next, self.received + 1, "a resume goes on where it was");
            let acked = self.sent - self.kept.len() as u64;
            assert!(
                (acked..=self.sent).contains(&received),
                "`received` of {welcome}, with {acked} to {}",
                self.sent
            );
            self.kept.retain(|(at, _)| *at > received);
        } else {
            assert_eq!(received, 0, "`received` of a new epoch");
            (self.received, self.consumed, self.sent, self.their_consumed) = (next - 1, next - 1, 0, 0);
            self.kept.clear();
        }
        self.epoch = Some(epoch);
        self.judge = Some(Judge::new(&welcome, self.sent));
        self.is_controller = welcome["controller"] == true;
        self.welcome = welcome;
    }

    /// A number of the latest welcome.
    pub(crate) fn told(&self, name: &str) -> u64 {
        number(&self.welcome, name)
    }

    /// Sends a control frame.
    pub(crate) async fn say(&mut self, frame: &Value) {
        self.put(Message::text(format!("\0{frame}"))).await;
    }

    /// Sends a text as input, numbered and kept.
    pub(crate) async fn send(&mut self, text: impl Into<String>) {
        let text = text.into();
        let escaped = if text.starts_with('\0') { format!("\0{text}") } else { text };
        self.input(Message::text(escaped)).await;
    }

    /// Sends bytes as input, numbered and kept.
    pub(crate) async fn send_bytes(&mut self, bytes: Vec<u8>) {
        self.input(Message::binary(bytes)).await;
    }

    /// Sends `resize`, which is input.
    pub(crate) async fn resize(&mut self, cols: u16, rows: u16) {
        self.size = Some((cols, rows));
        let frame = json!({ "type": "resize", "cols": cols, "rows": rows });
        self.input(Message::text(format!("\0{frame}"))).await;
    }

    async fn input(&mut self, message: Message) {
        self.sent += 1;
        self.kept.push_back((self.sent, message.clone()));
        if let Some(judge) = &mut self.judge {
            judge.sent = self.sent;
        }
        self.put(message).await;
    }

    /// Counts input as handed over that is not: it got lost with its link.
    pub(crate) fn lose(&mut self, text: &str) {
        self.sent += 1;
        self.kept.push_back((self.sent, Message::text(text)));
    }

    /// Sends anything, without counting it. That the link is gone is noticed by listening.
    pub(crate) async fn put(&mut self, message: Message) {
        let _ = self.socket.as_mut().expect("there is a socket").send(message).await;
    }

    /// Puts anything into the socket's buffer, which goes out with the next that is sent.
    pub(crate) async fn feed(&mut self, message: Message) {
        let _ = self.socket.as_mut().expect("there is a socket").feed(message).await;
    }

    /// Says `ack`, `ping` or `pong`, with this tab's counts.
    pub(crate) async fn count(&mut self, kind: &str) {
        let (received, consumed) = (self.received, self.consumed);
        if let Some(judge) = &mut self.judge {
            judge.consumed(consumed);
        }
        let counts = json!({ "type": kind, "sent": self.sent, "received": received, "consumed": consumed });
        self.say(&counts).await;
    }

    /// Has consumed all that came, and says so.
    pub(crate) async fn consume(&mut self) {
        self.consumed = self.received;
        self.count("ack").await;
    }

    /// The next that the server says, judged and counted, pings answered and output acknowledged.
    pub(crate) async fn listen(&mut self) -> Said {
        let said = self.listen_raw().await;
        let judge = self.judge.as_mut().unwrap_or_else(|| panic!("{said:?} before the welcome"));
        match &said {
            Said::Text(text) => judge.message(text.len()),
            Said::Binary(bytes) => judge.message(bytes.len()),
            Said::Frame(frame) => judge.frame(frame, &mut self.their_consumed),
            Said::Ended(Ending::Closed(code, _)) => judge.closed(*code),
            Said::Ended(Ending::Broken) => {}
        }
        let (has_come, theirs) = (judge.received != self.received, judge.theirs);
        self.received = judge.received;
        if let Said::Frame(frame) = &said
            && frame["type"] == "gap"
            && frame["snapshot"] == false
        {
            // Received and consumed, at no cost.
            self.consumed = self.consumed.max(self.received);
        }
        self.kept.retain(|(at, _)| *at > theirs.received);
        if has_come && self.consumes {
            self.consume().await;
        }
        match &said {
            Said::Frame(frame) if frame["type"] == "ping" => self.count("pong").await,
            Said::Frame(frame) if frame["type"] == "role" => self.is_controller = frame["controller"] == true,
            _ => {}
        }
        said
    }

    /// The next that is not `ack`, `ping` or `pong`.
    pub(crate) async fn hear(&mut self) -> Said {
        loop {
            match self.listen().await {
                Said::Frame(frame) if ["ack", "ping", "pong"].iter().any(|kind| frame["type"] == *kind) => {}
                said => return said,
            }
        }
    }

    /// The next message, which must be a text; roles may come before it.
    pub(crate) async fn hear_text(&mut self) -> String {
        loop {
            match self.hear().await {
                Said::Text(text) => return text,
                Said::Frame(frame) if frame["type"] == "role" => {}
                other => panic!("{other:.200?} instead of a text"),
            }
        }
    }

    /// Hears exactly these texts, one after the other.
    pub(crate) async fn expect(&mut self, texts: &[&str]) {
        for text in texts {
            assert_eq!(self.hear_text().await, *text);
        }
    }

    /// Reads on until a frame of this type comes.
    pub(crate) async fn hear_frame(&mut self, kind: &str) -> Value {
        loop {
            match self.listen().await {
                Said::Frame(frame) if frame["type"] == kind => return frame,
                Said::Ended(ending) => panic!("{ending:?} instead of `{kind}`"),
                _ => {}
            }
        }
    }

    /// Reads on until the server has said that it has received, and consumed, so much of the input.
    pub(crate) async fn hear_counts(&mut self, received: u64, consumed: u64) {
        loop {
            let theirs = self.judge.as_ref().expect("there is a link").theirs;
            if theirs.received >= received && theirs.consumed >= consumed {
                return;
            }
            if let Said::Ended(ending) = self.listen().await {
                panic!("{ending:?} instead of an ack of {received} and {consumed} after {theirs:?}");
            }
        }
    }

    /// What the server has said on this link of the input: received and consumed.
    pub(crate) fn their_counts(&self) -> (u64, u64) {
        let theirs = self.judge.as_ref().expect("there is a link").theirs;
        (theirs.received, theirs.consumed)
    }

    /// The cost of what has come and is not said to be consumed.
    pub(crate) fn outstanding(&self) -> u64 {
        self.judge.as_ref().expect("there is a link").outstanding()
    }

    /// There and back: all that the server had said before is heard now.
    pub(crate) async fn round_trip(&mut self) {
        self.count("ping").await;
        self.hear_frame("pong").await;
    }

    /// Reads to the end of the link.
    pub(crate) async fn ending(&mut self) -> Ending {
        loop {
            let said = if self.judge.is_some() { self.hear().await } else { self.listen_raw().await };
            if let Said::Ended(ending) = said {
                return ending;
            }
        }
    }

    /// Reads to the end of the link, which must be a close with this code. Returns the reason.
    pub(crate) async fn closed_with(&mut self, code: u16) -> String {
        match self.ending().await {
            Ending::Closed(told, reason) if told == code => reason,
            other => panic!("{other:?} instead of a close with {code}"),
        }
    }

    /// The link is gone, without a word.
    pub(crate) fn cut(&mut self) {
        (self.socket, self.judge) = (None, None);
    }

    /// Closes the link with this code, or with none, and reads it to its end.
    pub(crate) async fn close(&mut self, code: Option<u16>) {
        let mut socket = self.socket.take().expect("there is a socket");
        self.judge = None;
        let frame = code.map(|code| CloseFrame { code: code.into(), reason: "".into() });
        // Its answer may be lost with the connection.
        let _ = socket.close(frame).await;
        while let Some(Ok(_)) = within("the answer to a close", socket.next()).await {}
    }

    /// Leaves for good, and comes back as somebody else: the session was not kept for it.
    pub(crate) async fn is_forgotten(&mut self) {
        let epoch = self.epoch.take();
        (self.received, self.consumed, self.sent) = (0, 0, 0);
        self.kept.clear();
        self.attach().await;
        assert_ne!(self.epoch, epoch, "the attachment was kept");
    }

    /// The next message, as it is.
    pub(crate) async fn listen_raw(&mut self) -> Said {
        let socket = self.socket.as_mut().expect("there is a socket");
        loop {
            return match within("the server to say something", socket.next()).await {
                Some(Ok(Message::Text(text))) => match text.strip_prefix('\0') {
                    Some(rest) if rest.starts_with('\0') => Said::Text(rest.to_owned()),
                    Some(json) if json.starts_with('{') => Said::Frame(read(json)),
                    Some(_) => panic!("neither a message nor a control frame: {text:?}"),
                    None => Said::Text(text.to_string()),
                },
                Some(Ok(Message::Binary(bytes))) => Said::Binary(bytes.to_vec()),
                Some(Ok(Message::Close(Some(frame)))) => {
                    // Reading on lets the answer out, which is what ends the server's side.
                    while let Some(Ok(_)) = within("the end of the socket", socket.next()).await {}
                    Said::Ended(Ending::Closed(frame.code.into(), frame.reason.to_string()))
                }
                Some(Ok(_)) => continue,
                None | Some(Err(_)) => Said::Ended(Ending::Broken),
            };
        }
    }
}

/// What a text costs.
pub(crate) fn cost(bytes: usize) -> u64 {
    ENTRY + bytes as u64
}
