//! Handshakes that come to nothing, made by hand: cheap for who makes them, so that what they cost is the server's.

use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

/// So many sockets of a stormer are half open at a time, the newest.
const HALF_OPEN: usize = 20;

/// What became of handshakes.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// Closed with 4401.
    pub(crate) unauthorized: usize,
    /// Closed with 4429, or answered with 429.
    pub(crate) slowed_down: usize,
    /// Closed or answered otherwise.
    pub(crate) otherwise: usize,
    /// Given up by who made them, before they were anything.
    pub(crate) half_open: usize,
}

impl Outcome {
    /// How many there were.
    pub(crate) fn count(&self) -> usize {
        self.unauthorized + self.slowed_down + self.otherwise + self.half_open
    }

    /// Both together.
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            unauthorized: self.unauthorized + other.unauthorized,
            slowed_down: self.slowed_down + other.slowed_down,
            otherwise: self.otherwise + other.otherwise,
            half_open: self.half_open + other.half_open,
        }
    }
}

/// Makes bad handshakes, one after the other: with bad tokens, with none, with garbage, half a request.
pub(crate) struct Stormer {
    pub(crate) outcome: Outcome,
    server: SocketAddr,
    from: Ipv4Addr,
    path: &'static str,
    bad_token: String,
    half_open: VecDeque<TcpStream>,
}

impl Stormer {
    /// From this address. `bad_token` is what a bad one looks like.
    pub(crate) fn new(server: SocketAddr, from: Ipv4Addr, path: &'static str, bad_token: &str) -> Self {
        let (outcome, half_open) = (Outcome::default(), VecDeque::new());
        Self { outcome, server, from, path, bad_token: bad_token.to_owned(), half_open }
    }

    /// Makes the next one.
    pub(crate) async fn next(&mut self) -> io::Result<()> {
        let Self { outcome, server, from, path, bad_token, half_open } = self;
        let number = outcome.count();
        let mut stream = connect(*server, *from).await?;
        let head = format!(
            "GET {path} HTTP/1.1\r\nHost: {server}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        );
        let v1 = |token| {
            let request = format!("{head}Sec-WebSocket-Protocol: envsocket.v1\r\n\r\n");
            [request.as_bytes(), &text(&hello(number, token))].concat()
        };
        let sent = match number % 5 {
            0 => v1(Some(bad_token.as_str())),
            1 => v1(None),
            2 => format!("{head}Authorization: Bearer {bad_token}\r\n\r\n").into_bytes(),
            3 => format!("\x16\x03\x01 no request {number}\r\n\r\n").into_bytes(),
            _ => {
                stream.write_all(head.as_bytes()).await?;
                half_open.push_back(stream);
                if half_open.len() > HALF_OPEN {
                    half_open.pop_front();
                }
                outcome.half_open += 1;
                return Ok(());
            }
        };
        // Who was closed before it had said all has been answered as well.
        let _ = stream.write_all(&sent).await;
        match answer(&mut stream).await {
            4401 => outcome.unauthorized += 1,
            4429 | 429 => outcome.slowed_down += 1,
            _ => outcome.otherwise += 1,
        }
        Ok(())
    }
}

async fn connect(server: SocketAddr, from: Ipv4Addr) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((from, 0).into())?;
    socket.connect(server).await
}

fn hello(number: usize, token: Option<&str>) -> String {
    let token = token.map_or("null".to_owned(), |token| format!("\"{token}\""));
    let id = |of: &str| format!("{of}{number:031x}");
    format!(
        "\0{{\"type\":\"hello\",\"session\":\"{}\",\"attachment\":\"{}\",\"secret\":\"{}\",\"attempt\":1,\"epoch\":null,\
         \"received\":0,\"sent\":0,\"acked\":0,\"cols\":null,\"rows\":null,\"token\":{token}}}",
        id("a"),
        id("b"),
        id("c")
    )
}

/// A text of more than 125 bytes in a frame of a client, whose mask changes nothing.
fn text(payload: &str) -> Vec<u8> {
    let length = u16::try_from(payload.len()).expect("a hello is short");
    let mut frame = vec![0x81, 0x80 | 126];
    frame.extend_from_slice(&length.to_be_bytes());
    frame.extend_from_slice(&[0; 4]);
    frame.extend_from_slice(payload.as_bytes());
    frame
}

/// The close code, or else the status of the answer, or 0.
async fn answer(stream: &mut TcpStream) -> u16 {
    let (mut all, mut buffer) = (Vec::new(), [0; 1024]);
    loop {
        let end = all.windows(4).position(|window| window == b"\r\n\r\n").map(|at| at + 4);
        let status = all.get(9..12).and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
        if let (Some(end), Some(status)) = (end, status) {
            if status != 101 {
                return status;
            }
            // A close frame of the server, with a code.
            if let [0x88, _, high, low, ..] = all[end..] {
                return u16::from_be_bytes([high, low]);
            }
        }
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return 0,
            Ok(count) => all.extend_from_slice(&buffer[..count]),
        }
    }
}
