//! The last bytes of an output, addressed by their offset from its beginning. No waiting, no viewers.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

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
}

fn slice(part: &[u8], from: usize, max: usize) -> &[u8] {
    let from = from.min(part.len());
    &part[from..part.len().min(from.saturating_add(max))]
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
}
