//! How a connection ends: what was said last, and the closing handshake.

use std::fmt;
use std::time::Duration;

use envsocket::core::close::{ABANDONED, GOING_AWAY, NORMAL, SLOW_DOWN, TOO_SLOW, VIOLATION};
use envsocket::core::resume::session::{Farewell, LinkId};
use envsocket::core::resume::{DEAD_AFTER_TENTHS, Violation};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};

use crate::websocket::{CloseFrame, Fault, Frame, Socket};

/// How long the peer may take to answer a close frame; the client gives up after 3 s too (DESIGN §4).
const PATIENCE: Duration = Duration::from_secs(3);
/// A client that was too slow has unread output before the close frame; it should still get to read it.
const PATIENCE_WITH_SLOW: Duration = Duration::from_secs(10);

/// How much may be under way from the peer when it is told goodbye: twice the longest message, by default. Whoever
/// sends more has not listened, and may miss the reason.
const UNREAD_BYTES: usize = 2 << 20;

/// The milliseconds within which clients are told to come back to a server that is started again. They are not
/// to do so all at once.
const RETRY_AFTER_MS: u64 = 1_000;
const RETRY_SPREAD_MS: u64 = 3_000;
/// Steps of this size reach every place within the spread, neighbours far apart.
const RETRY_STEP_MS: u64 = 1_237;

/// How a connection ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parting {
    /// The server closed it, with this.
    Said(Farewell),
    /// The client closed it, with this code if it gave one.
    Heard(Option<u16>),
    /// It broke.
    Lost,
    /// The client sent nothing, not even pongs, for too long.
    Silent,
}

impl Parting {
    /// The close code, as far as the server gave one.
    pub fn code(&self) -> Option<u16> {
        match self {
            Self::Said(farewell) => Some(farewell.code),
            Self::Heard(_) | Self::Lost | Self::Silent => None,
        }
    }
}

impl fmt::Display for Parting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Said(farewell) => f.write_str(&farewell.reason),
            Self::Heard(_) => f.write_str("closed by the peer"),
            Self::Lost => f.write_str("connection lost"),
            Self::Silent => f.write_str("peer is silent"),
        }
    }
}

/// What clients are told when the server ends.
pub(crate) fn going_away() -> Farewell {
    Farewell { code: GOING_AWAY, reason: "server is shutting down".into() }
}

/// When this client should come back, if this farewell asks it to, in ms.
pub(super) fn retry_after_ms(farewell: &Farewell, link: LinkId) -> Option<u64> {
    let spread = link.0.wrapping_mul(RETRY_STEP_MS) % RETRY_SPREAD_MS;
    matches!(farewell.code, GOING_AWAY | SLOW_DOWN).then_some(RETRY_AFTER_MS + spread)
}

/// The same for a client that has not been told by a `bye`: in the close reason, in the words of HTTP.
pub(super) fn in_words(mut farewell: Farewell, link: LinkId) -> Farewell {
    if let Some(ms) = retry_after_ms(&farewell, link) {
        farewell.reason = format!("{}; retry-after: {}", farewell.reason, ms / 1_000).into();
    }
    farewell
}

/// Whether a client that closed like this will not come back.
pub(super) fn is_for_good(code: Option<u16>) -> bool {
    match code {
        None | Some(NORMAL | VIOLATION) => true,
        Some(ABANDONED) => false,
        Some(code) => (3000..=4999).contains(&code),
    }
}

/// The client does not keep to the protocol.
pub(super) fn violation(why: Violation) -> Parting {
    Parting::Said(why.into())
}

/// What the peer is told of what reading has failed with; none if it is not there any more.
pub(super) fn refusal(fault: &Fault, max_message: u64) -> Option<Farewell> {
    tracing::debug!(%fault, "not readable");
    let reason = match fault {
        Fault::TooLarge => format!("a message is longer than {max_message} bytes"),
        other => other.to_string(),
    };
    Some(Farewell::new(fault.code()?, reason))
}

/// What the peer's close frame says.
pub(super) fn code_of(frame: Option<CloseFrame>) -> Option<u16> {
    frame.map(|frame| frame.code.into())
}

/// Silence for so long means that the peer is gone, so that one lost pong is forgiven and two are not.
pub(super) fn dead_after(heartbeat: Duration) -> Duration {
    heartbeat.mul_f64(DEAD_AFTER_TENTHS as f64 / 10.0)
}

/// What a parting leaves to be done on the socket; whether a client that was told goodbye has answered. Its own
/// close can cross ours: then it counts if it was for good, and else nothing was answered.
pub(super) async fn end(socket: &mut Socket, parting: &Parting) -> bool {
    match parting {
        Parting::Said(farewell) => return say(socket, farewell).await,
        Parting::Heard(_) => answer(socket).await,
        Parting::Lost | Parting::Silent => {}
    }
    false
}

/// Sends the close frame and waits for the peer's, within bounds; whether it came. Dropping a socket with unread
/// input would reset the connection, and the frame might be lost; so the input is read, and costs no more than that.
async fn say(socket: &mut Socket, farewell: &Farewell) -> bool {
    let patience = if farewell.code == TOO_SLOW { PATIENCE_WITH_SLOW } else { PATIENCE };
    // Whoever made it without `new` may have said too much.
    let Farewell { code, reason } = Farewell::new(farewell.code, farewell.reason.clone());
    let frame = CloseFrame { code: code.into(), reason: reason.as_ref().into() };
    let closing = async {
        socket.send(Frame::Close(Some(frame))).await?;
        Ok::<_, Fault>(socket.closed(UNREAD_BYTES).await)
    };
    match tokio::time::timeout(patience, closing).await {
        Ok(Ok(Some(theirs))) => theirs == Some(code) || is_for_good(theirs),
        _ => false,
    }
}

/// The whole socket again. Its half keeps the last frame to itself until it is flushed, and whoever has come to the
/// end is to have all; other farewells are for sockets that may be stuck.
pub(super) async fn reunite(
    mut sink: SplitSink<Socket, Frame>,
    stream: SplitStream<Socket>,
    parting: &Parting,
) -> Socket {
    if let Parting::Said(farewell) = parting {
        let patience = if farewell.code == NORMAL { PATIENCE } else { Duration::ZERO };
        let _ = tokio::time::timeout(patience, sink.flush()).await;
    }
    sink.reunite(stream).expect("both halves are of the same socket")
}

/// Lets the reply to the peer's close frame go out: the library sends it while it is being read, and reads nothing more.
async fn answer(socket: &mut Socket) {
    let reading = async { while let Some(Ok(_)) = socket.next().await {} };
    let _ = tokio::time::timeout(PATIENCE, reading).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_ends_sends_its_clients_away_for_different_times() {
        let after = |link| retry_after_ms(&going_away(), LinkId(link)).expect("it asks them to come back");
        let mut times: Vec<_> = (0..8).map(after).collect();
        times.sort_unstable();
        assert!(times.iter().all(|ms| (1_000..4_000).contains(ms)), "{times:?}");
        assert!(times.windows(2).all(|pair| pair[1] - pair[0] >= 100), "{times:?}");
        let words = in_words(going_away(), LinkId(0)).reason;
        assert_eq!(words, "server is shutting down; retry-after: 1");
        assert_eq!(retry_after_ms(&Farewell { code: 4410, reason: "".into() }, LinkId(1)), None);
    }

    #[test]
    fn only_who_says_so_stays_away() {
        for (code, for_good) in [
            (None, true),
            (Some(1000), true),
            (Some(3000), true),
            (Some(4400), true),
            (Some(4999), true),
            (Some(1001), false),
            (Some(1002), false),
            (Some(1011), false),
            (Some(4408), false),
        ] {
            assert_eq!(is_for_good(code), for_good, "{code:?}");
        }
    }
}
