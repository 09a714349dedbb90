//! Which of the messages that come in are compressed. tungstenite refuses the mark on their first frame (RSV1), and
//! checks that a text is one, which it is only when it is large again. So both are taken off the headers on their
//! way to it: such a frame becomes a binary one without a mark, and what it was is remembered. Everything else, and
//! every payload, passes as it is; what is wrong with it, tungstenite says.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

const RSV1: u8 = 0x40;
const OPCODE: u8 = 0x0f;
const TEXT: u8 = 1;
const BINARY: u8 = 2;
const MASKED: u8 = 0x80;
const MASK_BYTES: u64 = 4;

/// What a message was on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Plain,
    PackedText,
    PackedBinary,
}

/// A socket, whose bytes are read past a [`Walk`].
#[derive(Debug)]
pub(super) struct Marked<S> {
    io: S,
    /// None where marks have no meaning.
    walk: Option<Box<Walk>>,
}

/// Goes along the frames that come in, from header to header, in pieces of any size.
#[derive(Debug, Default)]
struct Walk {
    at: Place,
    /// Of the messages whose first header was passed, those that were not asked for yet.
    kinds: VecDeque<Kind>,
}

/// What the next byte is.
#[derive(Debug, Clone, Copy, Default)]
enum Place {
    #[default]
    First,
    Second,
    /// One of so many more that say the length; what they have said; what follows the length and is not payload.
    Length {
        left: u8,
        length: u64,
        mask: u64,
    },
    /// One of so many of the mask and the payload.
    Rest(u64),
}

impl<S> Marked<S> {
    pub(super) fn new(io: S, has_marks: bool) -> Self {
        Self { io, walk: has_marks.then(Box::default) }
    }

    /// What the next data message was: they must be asked for in their order, all of them.
    pub(super) fn kind(&mut self) -> Kind {
        self.walk.as_mut().and_then(|walk| walk.kinds.pop_front()).unwrap_or(Kind::Plain)
    }
}

impl Walk {
    fn pass(&mut self, mut bytes: &mut [u8]) {
        loop {
            if let Place::Rest(left) = self.at {
                let here = left.min(bytes.len() as u64);
                // It is not more than a slice has.
                bytes = &mut bytes[here as usize..];
                self.at = Place::after(left - here);
            }
            let Some((byte, rest)) = bytes.split_first_mut() else { return };
            self.at = match self.at {
                Place::First => {
                    self.first(byte);
                    Place::Second
                }
                Place::Second => {
                    let mask = if *byte & MASKED == 0 { 0 } else { MASK_BYTES };
                    match *byte & !MASKED {
                        126 => Place::Length { left: 2, length: 0, mask },
                        127 => Place::Length { left: 8, length: 0, mask },
                        length => Place::after(u64::from(length) + mask),
                    }
                }
                Place::Length { left, length, mask } => match (left - 1, length << 8 | u64::from(*byte)) {
                    (0, length) => Place::after(length.saturating_add(mask)),
                    (left, length) => Place::Length { left, length, mask },
                },
                Place::Rest(_) => unreachable!("the rest was passed, or there are no bytes left"),
            };
            bytes = rest;
        }
    }

    fn first(&mut self, byte: &mut u8) {
        let kind = match (*byte & OPCODE, *byte & RSV1 != 0) {
            (TEXT, true) => Kind::PackedText,
            (BINARY, true) => Kind::PackedBinary,
            (TEXT | BINARY, false) => Kind::Plain,
            // It continues a message, or is none.
            _ => return,
        };
        if kind != Kind::Plain {
            *byte = *byte & !(RSV1 | OPCODE) | BINARY;
        }
        self.kinds.push_back(kind);
    }
}

impl Place {
    fn after(left: u64) -> Self {
        if left == 0 { Self::First } else { Self::Rest(left) }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Marked<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.io).poll_read(cx, buffer))?;
        if let Some(walk) = &mut self.walk {
            walk.pass(&mut buffer.filled_mut()[before..]);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Marked<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A masked frame.
    fn frame(first: u8, length: usize) -> Vec<u8> {
        let mut frame = vec![first];
        match length {
            0..126 => frame.push(MASKED | length as u8),
            126..0x1_0000 => {
                frame.push(MASKED | 126);
                frame.extend((length as u16).to_be_bytes());
            }
            _ => {
                frame.push(MASKED | 127);
                frame.extend((length as u64).to_be_bytes());
            }
        }
        // What looks like a marked header is none where it stands.
        frame.resize(frame.len() + 4 + length, 0xc1);
        frame
    }

    #[test]
    fn marks_are_taken_off_headers_wherever_the_bytes_are_cut() {
        let frames = [
            // First bytes, as they come and as they are passed on; the message's kind, where one begins.
            (0x81, 0x81, 0, Some(Kind::Plain)),
            (0xc1, 0x82, 5, Some(Kind::PackedText)),
            (0xc2, 0x82, 125, Some(Kind::PackedBinary)),
            (0x41, 0x02, 126, Some(Kind::PackedText)),
            // A ping between two fragments, and the mark where it must not be: left to be refused.
            (0x89, 0x89, 3, None),
            (0xc9, 0xc9, 0, None),
            (0xc0, 0xc0, 70_000, None),
            (0x80, 0x80, 0, None),
            // Other bits are nobody's.
            (0xf1, 0xb2, 300, Some(Kind::PackedText)),
            (0xc3, 0xc3, 1, None),
            (0x82, 0x82, 65_536, Some(Kind::Plain)),
        ];
        let came: Vec<_> = frames.iter().flat_map(|it| frame(it.0, it.2)).collect();
        let passed: Vec<_> = frames.iter().flat_map(|it| frame(it.1, it.2)).collect();
        for piece in [1, 2, 3, 7, 4096, came.len()] {
            let (mut walk, mut bytes) = (Walk::default(), came.clone());
            bytes.chunks_mut(piece).for_each(|piece| walk.pass(piece));
            assert!(bytes == passed, "in pieces of {piece}");
            let kinds: Vec<_> = frames.iter().filter_map(|it| it.3).collect();
            assert_eq!(Vec::from(walk.kinds), kinds, "in pieces of {piece}");
        }
    }

    #[test]
    fn a_length_that_cannot_be_is_walked_along_for_ever() {
        let mut walk = Walk::default();
        let mut header = [0xc2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
        walk.pass(&mut header);
        let mut payload = [0xc1; 64];
        walk.pass(&mut payload);
        assert_eq!((payload, walk.kinds.len()), ([0xc1; 64], 1));
    }
}
