//! What is spoken over an open socket. A connection asks this file what an opened socket means; the
//! rest of `core` does not know protocols.
//!
//! Plain servers know nothing of us: data goes as it is, an open socket is usable at once, and after a
//! reconnect nobody can say what was lost, so that `open` fires again. The resume protocol has its room
//! here: its handshake stands between the socket's open and the first data, and its numbering decides
//! whether a reconnect was silent.

/// The protocol that an open socket speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wire {
    /// Data frames and nothing else.
    Plain,
}

impl Wire {
    /// The name that snapshots show.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
        }
    }
}
