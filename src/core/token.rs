//! What proves who a client is: shown to nobody but the server.

use std::fmt;

/// The longest token, in bytes: with several times the claims that usual ones have, it still fits into a control
/// frame ([`MAX_CONTROL_BYTES`](super::resume::MAX_CONTROL_BYTES)) beside the rest of a hello.
pub const MAX_TOKEN_BYTES: usize = 8_192;

/// A token, in memory only: no text that people or logs see has it.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(Box<str>);

impl Token {
    /// `None` for an empty text and for one of more than [`MAX_TOKEN_BYTES`].
    pub fn new(text: String) -> Option<Self> {
        (1..=MAX_TOKEN_BYTES).contains(&text.len()).then(|| Self(text.into()))
    }

    /// The text, for those who send it or check it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}
