//! Goes along the frames that come in, header by header, in pieces of any size: which messages are compressed, how
//! long each says that it is, and whether the peer has closed. Payloads are not looked at, except a close frame's code.
//! What is wrong with a frame is tungstenite's to say.

use std::collections::VecDeque;

const RSV1: u8 = 0x40;
const OPCODE: u8 = 0x0f;
const CONTINUATION: u8 = 0;
const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const MASKED: u8 = 0x80;
const MASK_BYTES: u64 = 4;

/// What a message was on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Plain,
    PackedText,
    PackedBinary,
}

#[derive(Debug, Default)]
pub(super) struct Walk {
    at: Place,
    /// Of the frame that it is in.
    opcode: u8,
    /// Marks have a meaning: they are taken off.
    has_marks: bool,
    /// Of the messages whose first header was passed, those that were not asked for yet.
    kinds: VecDeque<Kind>,
    /// How many bytes of the newest message were announced so far, as they are on the wire.
    announced: u64,
    closing: Closing,
}

/// What the next byte is.
#[derive(Debug, Clone, Copy, Default)]
enum Place {
    #[default]
    First,
    Second,
    /// One of so many more that say the length; what they have said; how many of a mask follow.
    Length {
        left: u8,
        length: u64,
        mask: u64,
    },
    /// One of so many of the mask and the payload.
    Rest(u64),
}

/// What is known of the peer's close frame.
#[derive(Debug)]
enum Closing {
    /// The mask and the code, as far as they have come: clients' frames are masked.
    Coming {
        head: [u8; 6],
        held: usize,
    },
    Heard(Option<u16>),
}

impl Default for Closing {
    fn default() -> Self {
        Self::Coming { head: [0; 6], held: 0 }
    }
}

impl Walk {
    pub(super) fn new(has_marks: bool) -> Self {
        Self { has_marks, ..Self::default() }
    }

    /// What the next data message was: they must be asked for in their order, all of them.
    pub(super) fn kind(&mut self) -> Kind {
        self.kinds.pop_front().unwrap_or(Kind::Plain)
    }

    /// How long the newest message says that it is, in bytes on the wire.
    pub(super) fn announced(&self) -> u64 {
        self.announced
    }

    /// The code of the peer's close frame, if one came, and if it has one.
    pub(super) fn closed(&self) -> Option<Option<u16>> {
        match self.closing {
            Closing::Heard(code) => Some(code),
            Closing::Coming { .. } => None,
        }
    }

    /// Takes the marks off these bytes' headers, where they have a meaning.
    pub(super) fn pass(&mut self, mut bytes: &mut [u8]) {
        loop {
            if let Place::Rest(left) = self.at {
                let here = left.min(bytes.len() as u64);
                // It is not more than a slice has.
                let (part, rest) = bytes.split_at_mut(here as usize);
                bytes = rest;
                self.at = Place::after(left - here);
                if self.opcode == CLOSE {
                    self.closing.hear(part, here == left);
                }
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
                        length => self.enter(length.into(), mask),
                    }
                }
                Place::Length { left, length, mask } => match (left - 1, length << 8 | u64::from(*byte)) {
                    (0, length) => self.enter(length, mask),
                    (left, length) => Place::Length { left, length, mask },
                },
                Place::Rest(_) => unreachable!("the rest was passed, or there are no bytes left"),
            };
            bytes = rest;
        }
    }

    fn first(&mut self, byte: &mut u8) {
        self.opcode = *byte & OPCODE;
        if !self.has_marks {
            return;
        }
        let kind = match (self.opcode, *byte & RSV1 != 0) {
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

    /// The header is over but for the mask.
    fn enter(&mut self, length: u64, mask: u64) -> Place {
        match self.opcode {
            TEXT | BINARY => self.announced = length,
            CONTINUATION => self.announced = self.announced.saturating_add(length),
            _ => {}
        }
        Place::after(length.saturating_add(mask))
    }
}

impl Place {
    fn after(left: u64) -> Self {
        if left == 0 { Self::First } else { Self::Rest(left) }
    }
}

impl Closing {
    /// More of a close frame's mask and payload.
    fn hear(&mut self, bytes: &[u8], is_all: bool) {
        let Self::Coming { head, held } = self else { return };
        let fitting = bytes.len().min(head.len() - *held);
        head[*held..][..fitting].copy_from_slice(&bytes[..fitting]);
        *held += fitting;
        if is_all {
            let [a, b, _, _, high, low] = *head;
            // One byte is half of a code: none that could be said.
            let code = (*held == head.len()).then_some(u16::from_be_bytes([high ^ a, low ^ b]));
            *self = Self::Heard(code);
        }
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
            let (mut walk, mut bytes) = (Walk::new(true), came.clone());
            bytes.chunks_mut(piece).for_each(|piece| walk.pass(piece));
            assert!(bytes == passed, "in pieces of {piece}");
            let kinds: Vec<_> = frames.iter().filter_map(|it| it.3).collect();
            assert_eq!(Vec::from(walk.kinds), kinds, "in pieces of {piece}");
        }
    }

    #[test]
    fn a_length_that_cannot_be_is_walked_along_for_ever() {
        let mut walk = Walk::new(true);
        let mut header = [0xc2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
        walk.pass(&mut header);
        let mut payload = [0xc1; 64];
        walk.pass(&mut payload);
        assert_eq!((payload, walk.kinds.len()), ([0xc1; 64], 1));
    }

    #[test]
    fn without_compression_marks_are_left_to_be_refused() {
        let mut walk = Walk::default();
        let mut header = [0xc1, 0x80, 1, 2, 3, 4];
        walk.pass(&mut header);
        assert_eq!((header[0], walk.kinds.len()), (0xc1, 0));
    }

    #[test]
    fn a_message_is_as_long_as_its_frames_say_together() {
        let mut walk = Walk::new(true);
        let mut said = |first, length| {
            walk.pass(&mut frame(first, length));
            walk.announced()
        };
        assert_eq!(said(0x81, 5), 5);
        assert_eq!(said(0x41, 300), 300);
        assert_eq!(said(0x89, 100), 300, "a ping is none of it");
        assert_eq!(said(0x00, 70_000), 70_300);
        assert_eq!(said(0x80, 1), 70_301);
        assert_eq!(said(0x82, 2), 2);
    }

    #[test]
    fn a_close_frame_is_found_among_everything_else() {
        for (payload, code) in
            [(&b""[..], None), (b"\x03\xe8", Some(1000)), (b"\x11\x30bye", Some(4400)), (b"\x03", None)]
        {
            let mask = [0x37, 0xfa, 0x21, 0x3d];
            let mut bytes =
                [frame(0xc2, 700), frame(0x89, 125), vec![0x88, MASKED | payload.len() as u8]].concat();
            bytes.extend(mask);
            bytes.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
            for piece in [1, 2, 3, 5, bytes.len()] {
                let (mut walk, mut bytes) = (Walk::new(true), bytes.clone());
                let (last, others) = bytes.split_last_mut().expect("there are some");
                others.chunks_mut(piece).for_each(|piece| walk.pass(piece));
                assert_eq!(walk.closed(), None, "not before its last byte");
                walk.pass(std::slice::from_mut(last));
                walk.pass(&mut frame(0x88, 2));
                assert_eq!(walk.closed(), Some(code), "{payload:?} in pieces of {piece}");
            }
        }
    }
}
