//! Frames of RFC 6455 as a client writes and reads them: whole messages, compressed or not, which is all
//! that the servers under test send. Less work than a library's, so that the servers are what is measured.

use std::io;

/// What a frame is; section 5.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Opcode {
    /// UTF-8.
    Text,
    /// Bytes.
    Binary,
    /// The closing handshake.
    Close,
    /// Asks for a pong.
    Ping,
    /// Answers a ping.
    Pong,
}

/// A frame in the buffer that it was read into.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Frame<'a> {
    /// What it is.
    pub(crate) opcode: Opcode,
    /// Whether it is compressed.
    pub(crate) is_packed: bool,
    /// What it carries.
    pub(crate) payload: &'a [u8],
    /// How many bytes of the buffer it takes.
    pub(crate) length: usize,
}

/// Final, and the rest of the first byte is the opcode.
const FINAL: u8 = 0x80;

/// RFC 7692: the message is compressed.
const PACKED: u8 = 0x40;

/// A client's frames are masked. A key of zeros leaves the bytes as they are; the server takes it off all the
/// same.
const MASKED: u8 = 0x80;
const KEY: [u8; 4] = [0; 4];

impl Opcode {
    fn number(self) -> u8 {
        match self {
            Self::Text => 1,
            Self::Binary => 2,
            Self::Close => 8,
            Self::Ping => 9,
            Self::Pong => 10,
        }
    }

    fn of(number: u8) -> Option<Self> {
        [Self::Text, Self::Binary, Self::Close, Self::Ping, Self::Pong]
            .into_iter()
            .find(|opcode| opcode.number() == number)
    }
}

/// Appends a frame.
pub(crate) fn write(into: &mut Vec<u8>, opcode: Opcode, payload: &[u8]) {
    let length = payload.len();
    into.push(FINAL | opcode.number());
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short @ ..126), _) => into.push(MASKED | short),
        (_, Ok(medium)) => {
            into.push(MASKED | 126);
            into.extend(medium.to_be_bytes());
        }
        _ => {
            into.push(MASKED | 127);
            into.extend((length as u64).to_be_bytes());
        }
    }
    into.extend(KEY);
    into.extend_from_slice(payload);
}

/// The first frame of the buffer; `None` while it is not whole.
///
/// # Errors
/// What no server under test sends: fragments, other extensions, masks.
pub(crate) fn read(buffer: &[u8]) -> io::Result<Option<Frame<'_>>> {
    let [first, second, rest @ ..] = buffer else { return Ok(None) };
    let opcode = Opcode::of(first & !(FINAL | PACKED)).filter(|_| first & FINAL != 0 && second & MASKED == 0);
    let is_packed = first & PACKED != 0;
    let Some(opcode) = opcode else {
        return Err(io::Error::other(format!("a frame begins with {first:#04x} {second:#04x}")));
    };
    let (length, header) = match (second, rest) {
        (126, [a, b, ..]) => (u16::from_be_bytes([*a, *b]).into(), 4),
        (127, [a, b, c, d, e, f, g, h, ..]) => (u64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h]), 10),
        (126.., _) => return Ok(None),
        (short, _) => (u64::from(*short), 2),
    };
    let length = usize::try_from(length).map_err(io::Error::other)?;
    let payload = buffer[header..].get(..length);
    Ok(payload.map(|payload| Frame { opcode, is_packed, payload, length: header + length }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As a server would send it: without the bit and the key of a mask.
    fn unmasked(opcode: Opcode, payload: &[u8]) -> Vec<u8> {
        let mut frame = Vec::new();
        write(&mut frame, opcode, payload);
        let header = frame.len() - payload.len() - KEY.len();
        frame[1] &= !MASKED;
        frame.drain(header..header + KEY.len());
        frame
    }

    #[test]
    fn a_clients_frame_has_a_mask_and_the_header_of_its_size() {
        let mut frame = Vec::new();
        write(&mut frame, Opcode::Text, b"ab");
        assert_eq!(frame, [0x81, 0x82, 0, 0, 0, 0, b'a', b'b']);
        for (size, header) in [(125, &[0x82, 0xfd][..]), (126, &[0x82, 0xfe, 0, 126])] {
            let mut frame = Vec::new();
            write(&mut frame, Opcode::Binary, &vec![7; size]);
            assert_eq!(frame[..header.len()], *header);
            assert_eq!(frame.len(), header.len() + KEY.len() + size);
        }
    }

    #[test]
    fn what_is_written_is_read() {
        for size in [0, 1, 125, 126, 65_535, 65_536] {
            let payload = vec![b'x'; size];
            let mut buffer = unmasked(Opcode::Binary, &payload);
            let length = buffer.len();
            buffer.extend(b"rest");
            let frame = Frame { opcode: Opcode::Binary, is_packed: false, payload: &payload, length };
            assert_eq!(read(&buffer).expect("it is a frame"), Some(frame), "{size}");
            buffer[0] |= PACKED;
            assert!(read(&buffer).expect("it is a frame").is_some_and(|frame| frame.is_packed), "{size}");
        }
    }

    #[test]
    fn a_frame_that_is_not_whole_is_waited_for() {
        let buffer = unmasked(Opcode::Text, &[b'x'; 300]);
        for end in 0..buffer.len() {
            assert_eq!(read(&buffer[..end]).expect("it is the beginning of a frame"), None, "{end}");
        }
    }

    #[test]
    fn fragments_other_extensions_and_masks_are_refused() {
        for header in [[0x01, 0], [0x80, 0], [0xa1, 0], [0x83, 0], [0x81, 0x80]] {
            assert!(read(&header).is_err(), "{header:02x?}");
        }
    }
}
