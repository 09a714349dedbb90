//! The upgrade, RFC 6455 section 4.1, towards a server that is known to follow it.

use std::io;
use std::net::SocketAddr;

use envsocket::core::resume::{PLAIN, V1};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// More than any server under test answers.
const LONGEST_ANSWER: usize = 4 * 1024;

/// The subprotocol that is offered, and must be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Offer {
    /// None: the server knows nothing of envsocket.
    Nothing,
    /// Plain messages, from a server that knows the protocol.
    Plain,
    /// The protocol.
    V1,
    /// The protocol, and `permessage-deflate`.
    PackedV1,
}

impl Offer {
    fn name(self) -> Option<&'static str> {
        match self {
            Self::Nothing => None,
            Self::Plain => Some(PLAIN),
            Self::V1 | Self::PackedV1 => Some(V1),
        }
    }

    /// Whether what the server sends may be compressed.
    pub(super) fn packs(self) -> bool {
        self == Self::PackedV1
    }
}

/// Connects and upgrades; what the server has sent beyond its answer comes with the stream.
///
/// # Errors
/// Those of the network; an answer that is not the upgrade that was asked for.
pub(crate) async fn upgrade(
    address: SocketAddr,
    path: &str,
    offer: Offer,
) -> io::Result<(TcpStream, Vec<u8>)> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    // The key only has to be one: nobody caches anything between here and there.
    let mut request = format!(
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
    );
    if let Some(name) = offer.name() {
        request.extend(["Sec-WebSocket-Protocol: ", name, "\r\n"]);
    }
    if offer.packs() {
        request.push_str("Sec-WebSocket-Extensions: permessage-deflate\r\n");
    }
    request.push_str("\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::with_capacity(LONGEST_ANSWER);
    let end = loop {
        if let Some(at) = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            break at + 4;
        }
        if answer.len() >= LONGEST_ANSWER || stream.read_buf(&mut answer).await? == 0 {
            return Err(io::Error::other("the answer to the upgrade is not whole"));
        }
    };
    check(&String::from_utf8_lossy(&answer[..end]), offer)?;
    answer.drain(..end);
    Ok((stream, answer))
}

fn check(answer: &str, offer: Offer) -> io::Result<()> {
    let mut lines = answer.lines();
    let status = lines.next().unwrap_or_default();
    let headers: Vec<_> = lines.filter_map(|line| line.split_once(':')).collect();
    let header = |name: &str| {
        let named = headers.iter().find(|(given, _)| given.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.trim())
    };
    let (chosen, extension) = (header("sec-websocket-protocol"), header("sec-websocket-extensions"));
    if status.split(' ').nth(1) == Some("101")
        && chosen == offer.name()
        && extension.is_some() == offer.packs()
    {
        return Ok(());
    }
    Err(io::Error::other(format!(
        "the server answered {status:?} and chose {chosen:?} with {extension:?}, which is not {offer:?}"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offer_must_be_chosen() {
        let v1 = "HTTP/1.1 101 Switching Protocols\r\nSec-Websocket-Protocol: envsocket.v1\r\n\r\n";
        let none = "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n\r\n";
        let packed = format!(
            "{}Sec-Websocket-Extensions: permessage-deflate\r\n\r\n",
            v1.trim_end_matches("\r\n").to_owned() + "\r\n"
        );
        assert!(check(v1, Offer::V1).is_ok());
        assert!(check(&packed, Offer::PackedV1).is_ok());
        assert!(check(none, Offer::Nothing).is_ok());
        for (answer, offer) in [
            (v1, Offer::Plain),
            (v1, Offer::Nothing),
            (none, Offer::V1),
            ("", Offer::Nothing),
            (v1, Offer::PackedV1),
            (&*packed, Offer::V1),
        ] {
            assert!(check(answer, offer).is_err(), "{answer:?} to {offer:?}");
        }
    }

    #[test]
    fn a_refusal_is_an_error() {
        assert!(check("HTTP/1.1 404 Not Found\r\n\r\n", Offer::Nothing).is_err());
    }
}
