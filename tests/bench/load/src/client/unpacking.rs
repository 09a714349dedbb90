//! Messages that the server has compressed, RFC 7692.

use std::fmt;
use std::io;

use zlib_rs::{Inflate, InflateFlush};

/// What ends every compressed message, and is not sent.
const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];

/// Longer than any message of the benchmark.
const LONGEST: usize = 1 << 20;

/// The client's end: it remembers what was said before, as the server's does.
pub(super) struct Unpacker {
    inflate: Inflate,
    message: Vec<u8>,
    length: usize,
}

impl Default for Unpacker {
    fn default() -> Self {
        Self { inflate: Inflate::new(false, 15), message: Vec::new(), length: 0 }
    }
}

impl fmt::Debug for Unpacker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unpacker").field("length", &self.length).finish_non_exhaustive()
    }
}

impl Unpacker {
    /// The message is at `message` until the next one.
    pub(super) fn unpack(&mut self, packed: &[u8]) -> io::Result<()> {
        // Only for those to whom something compressed is sent: there are thousands.
        self.message.resize(LONGEST, 0);
        let before = self.inflate.total_out();
        for piece in [packed, &TAIL] {
            let room = &mut self.message[(self.inflate.total_out() - before) as usize..];
            let read = self.inflate.decompress(piece, room, InflateFlush::SyncFlush);
            read.map_err(|error| io::Error::other(format!("a message was compressed badly: {error:?}")))?;
        }
        self.length = (self.inflate.total_out() - before) as usize;
        Ok(())
    }

    pub(super) fn message(&self) -> &[u8] {
        &self.message[..self.length]
    }
}
