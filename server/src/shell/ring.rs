//! The last bytes of an output, addressed by their offset from its beginning. No waiting, no viewers.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

/// A UTF-8 character has at most three continuation bytes.
const MAX_CONTINUATION: u64 = 3;

#[derive(Debug)]
pub(super) struct Ring {
    start: u64,
    bytes: VecDeque<u8>,
    capacity: usize,
}

impl Ring {
    pub(super) fn new(capacity: usize) -> Self {
        Self { start: 0, bytes: VecDeque::new(), capacity }
    }

    /// The offset of the first byte that is still there.
    pub(super) fn start(&self) -> u64 {
        self.start
    }

    /// The offset of the next byte to come.
    pub(super) fn end(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }

    /// The lowest offset that is still there after `more` bytes are pushed.
    pub(super) fn start_after(&self, more: usize) -> u64 {
        (self.end() + more as u64).saturating_sub(self.capacity as u64).max(self.start)
    }

    /// Appends; the oldest bytes go where there is no room.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        let start = self.start_after(bytes.len());
        let kept = &bytes[bytes.len().saturating_sub(self.capacity)..];
        let dropped = usize::try_from(start - self.start).unwrap_or(usize::MAX).min(self.bytes.len());
        self.bytes.drain(..dropped);
        self.bytes.extend(kept);
        self.start = start;
    }

    /// At most `max` bytes from `offset` on, which must not be before the start.
    pub(super) fn read(&self, offset: u64, max: usize) -> Bytes {
        let from = usize::try_from(offset - self.start).expect("a ring is smaller than memory");
        let (head, tail) = self.bytes.as_slices();
        let mut out = BytesMut::with_capacity(max.min(self.bytes.len() - from));
        out.extend_from_slice(slice(head, from, max));
        let rest = max - out.len();
        out.extend_from_slice(slice(tail, from.saturating_sub(head.len()), rest));
        out.freeze()
    }

    /// Where the last `size` bytes begin, moved forward to a character's first byte when the beginning of
    /// the output is cut off.
    pub(super) fn tail(&self, size: usize) -> u64 {
        let start = self.end().saturating_sub(size as u64).max(self.start);
        if start == 0 {
            return 0;
        }
        let first = self.read(start, MAX_CONTINUATION as usize);
        start + first.iter().take_while(|byte| is_continuation(**byte)).count() as u64
    }
}

fn slice(part: &[u8], from: usize, max: usize) -> &[u8] {
    let from = from.min(part.len());
    &part[from..part.len().min(from.saturating_add(max))]
}

fn is_continuation(byte: u8) -> bool {
    byte & 0b1100_0000 == 0b1000_0000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_holds_the_last_bytes_at_their_offsets() {
        let mut ring = Ring::new(8);
        for chunk in [&b"abc"[..], b"defgh", b"ij", b"", b"klm"] {
            ring.push(chunk);
        }
        assert_eq!((ring.start, ring.end()), (5, 13));
        assert_eq!(ring.read(5, 100), "fghijklm");
        assert_eq!(ring.read(9, 2), "jk");
        assert_eq!(ring.read(13, 2), "");
    }

    #[test]
    fn every_split_of_a_stream_reads_back_the_same() {
        let stream: Vec<u8> = (0..=255).collect();
        for size in 1..40 {
            let mut ring = Ring::new(31);
            stream.chunks(size).for_each(|chunk| ring.push(chunk));
            assert_eq!(ring.end(), 256);
            assert_eq!(ring.read(ring.start, usize::MAX), stream[256 - 31..], "chunks of {size}");
        }
    }

    #[test]
    fn a_tail_begins_at_a_characters_first_byte() {
        let mut ring = Ring::new(64);
        ring.push("aé日𝄞z".as_bytes());
        let tail = |size| ring.read(ring.tail(size), 100);
        assert_eq!(tail(100), "aé日𝄞z", "all of it");
        assert_eq!(tail(5), "𝄞z");
        assert_eq!(tail(4), "z");
        assert_eq!(tail(8), "日𝄞z");
        assert_eq!(tail(7), "𝄞z");
        assert_eq!(tail(0), "");
    }

    #[test]
    fn bytes_that_are_no_text_are_skipped_by_three_at_most() {
        let mut ring = Ring::new(64);
        ring.push(&[0x80; 10]);
        assert_eq!(ring.read(ring.tail(8), 100).len(), 5);
    }
}
