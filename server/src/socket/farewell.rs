//! How a connection ends, in close codes and reasons (DESIGN §5, "Closing").

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Error;
use axum::extract::ws::{CloseFrame, Message, WebSocket};

use super::MAX_MESSAGE_BYTES;
use crate::shell::{Closing, End, Exit};

/// What RFC 6455 leaves of a control frame's 125 bytes after the code.
const MAX_REASON_BYTES: usize = 123;
/// How long the peer may take to answer a close frame; the client gives up after 3 s too (DESIGN §4).
const PATIENCE: Duration = Duration::from_secs(3);
/// A viewer that was too slow has unread output before the close frame; it should still get to read it.
const PATIENCE_WITH_SLOW: Duration = Duration::from_secs(10);

/// In seconds. A server that is started again is not to be met by all its clients at once: each is told to
/// come back after 1 s, or 2, or so many.
const RETRY_AFTER_SPREAD: u16 = 3;

/// Why a conversation was over.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Farewell {
    /// The server closes, with this.
    Said(Goodbye),
    /// The peer sent a close frame.
    Heard,
    /// The connection broke.
    Lost,
    /// The peer sent nothing, not even pongs, for too long.
    Silent,
}

/// Why the server closes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Goodbye {
    Exited(Exit),
    ServerEnds,
    TooLarge,
    NoShell(String),
    Unknown,
    Deleted,
    TooSlow,
}

impl Goodbye {
    fn code(&self) -> u16 {
        match self {
            Self::Exited(_) => 1000,
            Self::ServerEnds => 1001,
            Self::TooLarge => 1009,
            Self::NoShell(_) => 1011,
            Self::Unknown => 4404,
            Self::Deleted => 4410,
            Self::TooSlow => 4413,
        }
    }

    fn frame(&self, peer: SocketAddr) -> CloseFrame {
        let mut reason = self.to_string();
        if *self == Self::ServerEnds {
            // Neighbouring ports are those of one page's connections, which are not to come back at once.
            let seconds = 1 + peer.port() % RETRY_AFTER_SPREAD;
            reason = format!("{reason}; retry-after: {seconds}");
        }
        reason.truncate(reason.floor_char_boundary(MAX_REASON_BYTES));
        CloseFrame { code: self.code(), reason: reason.into() }
    }
}

impl fmt::Display for Goodbye {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exited(exit) => exit.fmt(f),
            Self::ServerEnds => f.write_str("server is shutting down"),
            Self::TooLarge => write!(f, "message larger than {MAX_MESSAGE_BYTES} bytes"),
            Self::NoShell(why) => f.write_str(why),
            Self::Unknown => f.write_str("unknown environment"),
            Self::Deleted => f.write_str("environment deleted"),
            Self::TooSlow => f.write_str("too slow"),
        }
    }
}

impl From<Closing> for Goodbye {
    fn from(why: Closing) -> Self {
        match why {
            Closing::Deleted => Self::Deleted,
            Closing::ServerEnds => Self::ServerEnds,
        }
    }
}

impl From<End> for Farewell {
    fn from(end: End) -> Self {
        Self::Said(match end {
            End::Exited(exit) => Goodbye::Exited(exit),
            End::Closed(why) => why.into(),
            End::TooSlow => Goodbye::TooSlow,
        })
    }
}

impl Farewell {
    /// The close code, as far as there is one.
    pub(super) fn code(&self) -> Option<u16> {
        match self {
            Self::Said(goodbye) => Some(goodbye.code()),
            Self::Heard | Self::Lost | Self::Silent => None,
        }
    }
}

impl fmt::Display for Farewell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Said(goodbye) => goodbye.fmt(f),
            Self::Heard => f.write_str("closed by the peer"),
            Self::Lost => f.write_str("connection lost"),
            Self::Silent => f.write_str("peer is silent"),
        }
    }
}

/// Sends the close frame and waits for the peer's, within bounds. Dropping a socket with unread input would
/// reset the connection, and the frame might be lost.
pub(super) async fn say(socket: &mut WebSocket, goodbye: &Goodbye, peer: SocketAddr) {
    let patience = match goodbye {
        Goodbye::TooSlow => PATIENCE_WITH_SLOW,
        _ => PATIENCE,
    };
    let closing = async {
        socket.send(Message::Close(Some(goodbye.frame(peer)))).await?;
        drain(socket).await;
        Ok::<_, Error>(())
    };
    // Whatever comes of it, the socket is dropped next.
    let _ = tokio::time::timeout(patience, closing).await;
}

/// Lets the reply to the peer's close frame go out: the library sends it while it is being read.
pub(super) async fn answer(socket: &mut WebSocket) {
    let _ = tokio::time::timeout(PATIENCE, drain(socket)).await;
}

async fn drain(socket: &mut WebSocket) {
    while let Some(Ok(_)) = socket.recv().await {}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(goodbye: &Goodbye, port: u16) -> CloseFrame {
        goodbye.frame(SocketAddr::from(([127, 0, 0, 1], port)))
    }

    #[test]
    fn a_long_reason_is_cut_at_a_character() {
        let frame = frame(&Goodbye::NoShell("é".repeat(100)), 1);
        assert_eq!((frame.code, frame.reason.as_str()), (1011, "é".repeat(61).as_str()));
    }

    #[test]
    fn an_exit_is_told_in_words() {
        let reason = |exit| frame(&Goodbye::Exited(exit), 1).reason.to_string();
        assert_eq!(reason(Exit::Code(0)), "shell exited with code 0");
        assert_eq!(reason(Exit::Signal(9)), "shell was ended by signal 9");
    }

    #[test]
    fn a_server_that_ends_sends_its_clients_away_for_different_times() {
        let mut reasons: Vec<_> =
            (50_000..50_003).map(|port| frame(&Goodbye::ServerEnds, port).reason.to_string()).collect();
        reasons.sort_unstable();
        let expected = [1, 2, 3].map(|seconds| format!("server is shutting down; retry-after: {seconds}"));
        assert_eq!(reasons, expected);
    }
}
