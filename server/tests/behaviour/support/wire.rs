//! A WebSocket client that writes and reads frames by hand, so that it can compress, and can do it wrongly.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use zlib_rs::{Deflate, DeflateFlush, Inflate, InflateFlush};

use super::{Ending, within};

/// A frame's first byte: it is the last of its message, and what it is.
pub(crate) const TEXT: u8 = 0x81;
pub(crate) const BINARY: u8 = 0x82;
pub(crate) const CONTINUATION: u8 = 0x80;
pub(crate) const PING: u8 = 0x89;
pub(crate) const CLOSE: u8 = 0x88;
/// The bit in it that means "compressed".
pub(crate) const PACKED: u8 = 0x40;
/// The bit in it that says that no more frames of the message follow.
pub(crate) const FIN: u8 = 0x80;

const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];

pub(crate) struct Wire {
    stream: TcpStream,
    /// The answer to the upgrade.
    head: String,
    inflate: Inflate,
    /// How many bytes of messages came, as they were sent.
    pub(crate) came: usize,
}

/// What the server said.
#[derive(Debug, PartialEq)]
pub(crate) enum Heard {
    /// A message, as it was before it was compressed, if it was.
    Message {
        is_packed: bool,
        message: Vec<u8>,
    },
    Ended(Ending),
}

/// As a client compresses that was told to begin each message anew.
pub(crate) fn packed(message: &[u8]) -> Vec<u8> {
    let mut deflate = Deflate::new(6, false, 15);
    let mut packed = vec![0; message.len() + message.len() / 100 + 64];
    deflate.compress(message, &mut packed, DeflateFlush::SyncFlush).expect("there is room");
    packed.truncate(deflate.total_out() as usize - TAIL.len());
    packed
}

fn told(payload: &[u8]) -> (u16, String) {
    let code = u16::from_be_bytes([payload[0], payload[1]]);
    (code, String::from_utf8(payload[2..].to_vec()).expect("a reason is text"))
}

impl Wire {
    /// Upgrades, with these headers besides those that every upgrade has.
    pub(crate) async fn open(addr: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Self {
        let stream = TcpStream::connect(addr).await.expect("the server listens");
        stream.set_nodelay(true).expect("it is open");
        let inflate = Inflate::new(false, 15);
        let mut wire = Self { stream, head: String::new(), inflate, came: 0 };
        let mut request = format!(
            "GET {path} HTTP/1.1\r\nHost: {addr}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        );
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str("\r\n");
        wire.write(request.as_bytes()).await;
        while !wire.head.ends_with("\r\n\r\n") {
            let [byte] = wire.bytes().await.expect("the answer is whole");
            wire.head.push(byte.into());
        }
        assert!(wire.head.starts_with("HTTP/1.1 101 "), "{}", wire.head);
        wire
    }

    /// With compression, and this subprotocol.
    pub(crate) async fn packing(addr: SocketAddr, path: &str, protocol: &str) -> Self {
        let offers =
            [("Sec-WebSocket-Protocol", protocol), ("Sec-WebSocket-Extensions", "permessage-deflate")];
        Self::open(addr, path, &offers).await
    }

    /// What the answer to the upgrade says under this name, which is in lower case.
    pub(crate) fn answer(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    /// Sends a frame.
    pub(crate) async fn send(&mut self, first: u8, payload: &[u8]) {
        self.write(&Self::frame_of(first, payload)).await;
    }

    /// Sends a binary frame's beginning, which says that so many bytes follow.
    pub(crate) async fn announce(&mut self, length: u64) {
        let mut frame = vec![BINARY, 0x80 | 127];
        frame.extend(length.to_be_bytes());
        frame.extend(MASK);
        self.write(&frame).await;
    }

    fn frame_of(first: u8, payload: &[u8]) -> Vec<u8> {
        let mut frame = vec![first];
        match payload.len() {
            length @ 0..126 => frame.push(0x80 | length as u8),
            length @ 126..0x1_0000 => {
                frame.push(0x80 | 126);
                frame.extend((length as u16).to_be_bytes());
            }
            length => {
                frame.push(0x80 | 127);
                frame.extend((length as u64).to_be_bytes());
            }
        }
        frame.extend(MASK);
        frame.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
        frame
    }

    /// The server's close frame, which is not answered.
    pub(crate) async fn farewell(&mut self) -> (u16, String) {
        loop {
            let (first, payload) = within("a close frame", self.frame()).await.expect("it is said");
            if first == CLOSE {
                return told(&payload);
            }
        }
    }

    /// The connection's end: an error if the server had not read all.
    pub(crate) async fn end(&mut self) -> io::Result<()> {
        let mut rest = Vec::new();
        within("the end of the socket", self.stream.read_to_end(&mut rest)).await.map(drop)
    }

    /// The next message, or the end.
    pub(crate) async fn hear(&mut self) -> Heard {
        loop {
            let Some((first, payload)) = within("a frame", self.frame()).await else {
                return Heard::Ended(Ending::Broken);
            };
            let is_packed = first & PACKED != 0;
            match first & !PACKED {
                TEXT | BINARY => {
                    self.came += payload.len();
                    let message = if is_packed { self.unpack(&payload) } else { payload };
                    return Heard::Message { is_packed, message };
                }
                CLOSE => {
                    // The answer, and the end of the connection after it.
                    self.send(CLOSE, &payload[..2]).await;
                    within("the end of the socket", async { while self.bytes::<1>().await.is_some() {} })
                        .await;
                    let (code, reason) = told(&payload);
                    return Heard::Ended(Ending::Closed(code, reason));
                }
                // A ping or a pong.
                _ => {}
            }
        }
    }

    /// The next message, whatever it took to send it.
    pub(crate) async fn message(&mut self) -> Vec<u8> {
        match self.hear().await {
            Heard::Message { message, .. } => message,
            Heard::Ended(ending) => panic!("{ending:?} instead of a message"),
        }
    }

    /// Reads to the connection's end.
    pub(crate) async fn ending(&mut self) -> Ending {
        loop {
            if let Heard::Ended(ending) = self.hear().await {
                return ending;
            }
        }
    }

    async fn frame(&mut self) -> Option<(u8, Vec<u8>)> {
        let [first, length] = self.bytes().await?;
        let length = match length {
            126 => u64::from(u16::from_be_bytes(self.bytes().await?)),
            127 => u64::from_be_bytes(self.bytes().await?),
            short => u64::from(short),
        };
        let mut payload = vec![0; length as usize];
        self.stream.read_exact(&mut payload).await.ok()?;
        Some((first, payload))
    }

    async fn bytes<const N: usize>(&mut self) -> Option<[u8; N]> {
        let mut bytes = [0; N];
        self.stream.read_exact(&mut bytes).await.ok().map(|_| bytes)
    }

    /// What cannot be written any more was not wanted: what was said of it can still be read.
    async fn write(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes).await;
    }

    fn unpack(&mut self, packed: &[u8]) -> Vec<u8> {
        let mut message = vec![0; 2 << 20];
        let before = self.inflate.total_out();
        for piece in [packed, &TAIL] {
            let room = &mut message[(self.inflate.total_out() - before) as usize..];
            let read = self.inflate.decompress(piece, room, InflateFlush::SyncFlush);
            assert!(read.is_ok(), "what the server has compressed is read: {read:?}");
        }
        message.truncate((self.inflate.total_out() - before) as usize);
        message
    }
}
