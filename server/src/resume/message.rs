//! One message of an application: text or binary, kept as what it is. Cloning it copies nothing.

use bytes::Bytes;
use envsocket::core::queue::Payload;

use super::READ_BUFFER_BYTES;
use crate::websocket::{Frame, Utf8Bytes};

/// A message, in either direction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// Text.
    Text(Utf8Bytes),
    /// Bytes.
    Binary(Bytes),
}

impl Message {
    /// What it says, whatever it is.
    pub fn into_bytes(self) -> Bytes {
        match self {
            Self::Text(text) => text.into(),
            Self::Binary(bytes) => bytes,
        }
    }
}

/// A message that came over a socket, with nothing else held by it: what is short lies in the buffer that it was
/// read into, and would keep all of that as long as it is kept itself.
pub(super) fn received(message: impl Into<Message>) -> Message {
    match message.into() {
        Message::Text(text) if text.len() < READ_BUFFER_BYTES => Message::Text(text.as_str().into()),
        Message::Binary(bytes) if bytes.len() < READ_BUFFER_BYTES => {
            Message::Binary(Bytes::copy_from_slice(&bytes))
        }
        long => long,
    }
}

impl Payload for Message {
    fn byte_len(&self) -> u64 {
        match self {
            Self::Text(text) => text.len() as u64,
            Self::Binary(bytes) => bytes.len() as u64,
        }
    }
}

impl From<Utf8Bytes> for Message {
    fn from(text: Utf8Bytes) -> Self {
        Self::Text(text)
    }
}

impl From<String> for Message {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl From<&str> for Message {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<Bytes> for Message {
    fn from(bytes: Bytes) -> Self {
        Self::Binary(bytes)
    }
}

impl From<Vec<u8>> for Message {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Binary(bytes.into())
    }
}

/// As a client without the protocol gets it.
impl From<Message> for Frame {
    fn from(message: Message) -> Self {
        match message {
            Message::Text(text) => Self::Text(text),
            Message::Binary(bytes) => Self::Binary(bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_message_does_not_keep_the_buffer_that_it_was_read_into() {
        let buffer = Bytes::from(vec![b'x'; READ_BUFFER_BYTES]);
        let binary = received(buffer.slice(..1));
        let text = received(Utf8Bytes::try_from(buffer.slice(1..3)).expect("it is text"));
        assert!(buffer.is_unique());
        assert_eq!((binary, text), (Message::from(vec![b'x']), Message::from("xx")));
    }

    #[test]
    fn a_long_message_is_not_copied() {
        let bytes = Bytes::from(vec![0; READ_BUFFER_BYTES]);
        assert_eq!(received(bytes.clone()).into_bytes().as_ptr(), bytes.as_ptr());
    }
}
