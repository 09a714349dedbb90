//! A compressed message, large again, and never larger than is allowed.

use std::cell::RefCell;

use bytes::Bytes;
use zlib_rs::{Inflate, InflateFlush, Status};

use super::fault::Fault;

/// What ends every compressed message and is not sent, RFC 7692 section 7.2.1.
pub(super) const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];

/// The largest window that a client can have used.
const WINDOW_BITS: u8 = 15;

/// What a message is expected to grow to, and the least that is made room for.
const FACTOR: usize = 4;
const LEAST: usize = 256;

const NO_DEFLATE: Fault = Fault::Garbled("compressed data that deflate has not made");

thread_local! {
    /// Clients begin each message anew, so that one of these (47 KB) does for all connections of a thread.
    static INFLATE: RefCell<Inflate> = RefCell::new(Inflate::new(false, WINDOW_BITS));
}

/// The message behind `packed`. For as long as it grows, less than twice `longest` bytes are held for it.
///
/// # Errors
/// It has more than `longest` bytes; it is not what deflate makes.
pub(super) fn unpack(packed: &[u8], longest: usize) -> Result<Bytes, Fault> {
    INFLATE.with_borrow_mut(|inflate| {
        inflate.reset(false);
        let room = packed.len().saturating_mul(FACTOR).max(LEAST).min(longest.saturating_add(1));
        let mut message = Growing { bytes: vec![0; room], used: 0, longest };
        if message.read(inflate, packed)? == Ended::WithInput {
            message.read(inflate, &TAIL)?;
        }
        Ok(message.done())
    })
}

/// How a piece of input came to its end.
#[derive(PartialEq, Eq)]
enum Ended {
    /// All of it was taken, and more of the same could follow.
    WithInput,
    /// Its last byte was the last of a block that said of itself to be final: no tail is due.
    WithStream,
}

/// A message with room for what is still to come.
struct Growing {
    bytes: Vec<u8>,
    used: usize,
    longest: usize,
}

impl Growing {
    fn read(&mut self, inflate: &mut Inflate, mut input: &[u8]) -> Result<Ended, Fault> {
        loop {
            let (read, written) = (inflate.total_in(), inflate.total_out());
            let room = &mut self.bytes[self.used..];
            let status = inflate.decompress(input, room, InflateFlush::NoFlush).map_err(|_| NO_DEFLATE)?;
            // Both are less than what was handed over.
            input = &input[(inflate.total_in() - read) as usize..];
            self.used += (inflate.total_out() - written) as usize;
            if self.used > self.longest {
                return Err(Fault::TooLarge);
            }
            match status {
                Status::StreamEnd if input.is_empty() => return Ok(Ended::WithStream),
                // RFC 7692 section 7.2.3.4: others may follow a final block.
                Status::StreamEnd => inflate.reset(false),
                Status::Ok | Status::BufError if self.used == self.bytes.len() => {
                    let room = self.bytes.len().saturating_mul(2).min(self.longest.saturating_add(1));
                    self.bytes.resize(room, 0);
                }
                Status::Ok | Status::BufError => return Ok(Ended::WithInput),
            }
        }
    }

    fn done(mut self) -> Bytes {
        self.bytes.truncate(self.used);
        self.bytes.shrink_to_fit();
        self.bytes.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zlib_rs::{Deflate, DeflateFlush};

    fn pack(message: &[u8], flush: DeflateFlush) -> Vec<u8> {
        let mut deflate = Deflate::new(6, false, WINDOW_BITS);
        let mut packed = vec![0; message.len() + 64];
        deflate.compress(message, &mut packed, flush).expect("there is room");
        packed.truncate(deflate.total_out() as usize);
        packed
    }

    fn pack_message(message: &[u8]) -> Vec<u8> {
        let packed = pack(message, DeflateFlush::SyncFlush);
        packed.strip_suffix(&TAIL).expect("it was flushed").to_vec()
    }

    #[test]
    fn what_was_packed_is_unpacked_up_to_the_limit() {
        for length in [0, 1, 255, 256, 257, 1_000, 100_000] {
            let message: Vec<u8> = (0..length).map(|at: u32| (at / 7) as u8).collect();
            let packed = pack_message(&message);
            assert_eq!(unpack(&packed, message.len()).expect("it is not too long"), message);
            if let Some(less) = message.len().checked_sub(1) {
                assert!(matches!(unpack(&packed, less), Err(Fault::TooLarge)), "{length}");
            }
        }
    }

    #[test]
    fn the_examples_of_the_rfc_are_read() {
        for packed in [
            &[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00][..],
            // Not compressed; with a final block; in two blocks.
            &[0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00],
            &[0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00],
            &[0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00],
        ] {
            assert_eq!(unpack(packed, 100).expect("it is an example"), "Hello");
        }
        // As some end their last message: nothing follows the final block.
        assert_eq!(unpack(&pack(b"Hello", DeflateFlush::Finish), 5).expect("it is whole"), "Hello");
        assert_eq!(unpack(&[0x00], 100).expect("it is an empty message"), "");
    }

    #[test]
    fn a_bomb_is_given_up_at_the_limit() {
        let bomb = pack_message(&vec![0; 64 << 20]);
        assert!(bomb.len() < 70_000);
        assert!(matches!(unpack(&bomb, 1 << 20), Err(Fault::TooLarge)));
    }

    #[test]
    fn what_deflate_has_not_made_is_garbled() {
        for packed in [&[0xff, 0xff][..], b"\x07", b"never compressed", &[0x00, 0x01, 0x00, 0x00, 0x00]] {
            assert!(matches!(unpack(packed, 1_000), Err(Fault::Garbled(_))), "{packed:?}");
        }
        assert_eq!(
            unpack(&pack_message(b"and well after it"), 100).expect("it is well"),
            "and well after it"
        );
    }
}
