//! What people are told: six words for all states.

/// A connection's public status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Status {
    /// Until the first open, the retries in between included.
    Connecting,
    /// A socket is open.
    Connected,
    /// Was connected and is coming back by itself.
    Reconnecting,
    /// The closing handshake is under way.
    Disconnecting,
    /// Never opened, closed by the user, or its environment is gone.
    Disconnected,
    /// Gave up: refused for good, or out of retries.
    Failed,
}

impl Status {
    /// The word that JavaScript sees.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Connected => "connected",
            Self::Reconnecting => "reconnecting",
            Self::Disconnecting => "disconnecting",
            Self::Disconnected => "disconnected",
            Self::Failed => "failed",
        }
    }
}

/// `WebSocket.readyState`, of an object that outlives its sockets: open from the first open until the
/// close or the failure, because addons written for `WebSocket` give up on anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ReadyState {
    /// Not open yet.
    Connecting,
    /// Was opened, and is open or coming back.
    Open,
    /// The closing handshake is under way.
    Closing,
    /// Over.
    Closed,
}
