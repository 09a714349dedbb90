//! What is spoken over an open socket.
//!
//! Plain servers know nothing of us: data goes as it is, an open socket is usable at once, and after a
//! reconnect nobody can say what was lost, so that `open` fires again. Over `envsocket.v1` a handshake stands
//! between the socket's open and the first data, and its numbers decide whether a reconnect was silent.

use super::resume::V1;

/// The protocol that an open socket speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wire {
    /// Data frames and nothing else.
    Plain,
    /// The resume protocol.
    V1,
}

impl Wire {
    /// The name that snapshots show.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::V1 => V1,
        }
    }
}
