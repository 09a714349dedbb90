//! What reading a WebSocket fails with, and what the peer can still be told of it.

use envsocket::core::close::{GARBLED, PROTOCOL_ERROR, TOO_BIG};
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::error::ProtocolError;

use super::marks::TOO_LONG;

/// What reading or writing failed with.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// A message is longer than was allowed, on the wire or once it was inflated.
    #[error("a message is too long")]
    TooLarge,
    /// A text that is none, or compressed data that is none.
    #[error("{0}")]
    Garbled(&'static str),
    /// The peer does not keep to RFC 6455, or to an extension that was agreed upon.
    #[error("{0}")]
    Protocol(ProtocolError),
    /// The connection is gone; there is nobody to tell.
    #[error("{0}")]
    Lost(Error),
}

impl Fault {
    pub(super) const NO_TEXT: Self = Self::Garbled("a text that is not UTF-8");

    /// The close code that says it; none if nobody hears it.
    pub fn code(&self) -> Option<u16> {
        match self {
            Self::TooLarge => Some(TOO_BIG),
            Self::Garbled(_) => Some(GARBLED),
            Self::Protocol(_) => Some(PROTOCOL_ERROR),
            Self::Lost(_) => None,
        }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        match error {
            Error::Capacity(_) => Self::TooLarge,
            Error::Io(error) if error.kind() == TOO_LONG => Self::TooLarge,
            Error::Utf8(_) => Self::NO_TEXT,
            // These are not about what the peer has sent.
            Error::Protocol(
                ProtocolError::ResetWithoutClosingHandshake
                | ProtocolError::SendAfterClosing
                | ProtocolError::ReceivedAfterClosing,
            ) => Self::Lost(error),
            Error::Protocol(how) => Self::Protocol(how),
            other => Self::Lost(other),
        }
    }
}
