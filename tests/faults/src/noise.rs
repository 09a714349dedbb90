//! Bytes that look random and can be made again: both ends of a transfer know what the other should have.

use std::fmt;

/// The most that is made at once, in bytes.
const CHUNK: usize = 64 * 1024;

/// How much is said at once, in bytes: more than a window of 1 MiB, less than a ring of 2 MiB.
pub const PART: u64 = 3 << 19;

/// An endless sequence of bytes, another one for every seed.
#[derive(Debug, Clone)]
pub struct Noise {
    state: u64,
    /// What was made and not taken yet.
    word: [u8; 8],
    taken: usize,
    /// How many bytes were taken in all.
    at: u64,
}

/// Bytes that are not those of the sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Differs {
    /// The first byte that is wrong, counted from 0 at the sequence's beginning.
    pub at: u64,
}

impl fmt::Display for Differs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "differs at {}", self.at)
    }
}

impl Noise {
    /// The sequence of this seed.
    pub fn new(seed: u64) -> Self {
        // The generator never leaves 0.
        Self { state: seed.wrapping_mul(2).wrapping_add(1), word: [0; 8], taken: 8, at: 0 }
    }

    /// The next 64 bits; nothing of a word that was taken in part.
    pub fn number(&mut self) -> u64 {
        // xorshift64*
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        self.state.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// The next bytes, `left` at most and a chunk at most; empty when nothing is left.
    pub fn take(&mut self, left: u64) -> Vec<u8> {
        let mut bytes = vec![0; left.min(CHUNK as u64) as usize];
        self.fill(&mut bytes);
        bytes
    }

    /// Makes the next bytes.
    pub fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes.iter_mut() {
            if self.taken == 8 {
                self.word = self.number().to_le_bytes();
                self.taken = 0;
            }
            *byte = self.word[self.taken];
            self.taken += 1;
        }
        self.at += bytes.len() as u64;
    }

    /// Whether these are the next bytes.
    pub fn expect(&mut self, bytes: &[u8]) -> Result<(), Differs> {
        let begun_at = self.at;
        let mut expected = vec![0; bytes.len()];
        self.fill(&mut expected);
        match expected.iter().zip(bytes).position(|(expected, byte)| expected != byte) {
            None => Ok(()),
            Some(offset) => Err(Differs { at: begun_at + offset as u64 }),
        }
    }

    /// How many bytes were made.
    pub fn at(&self) -> u64 {
        self.at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_same_in_pieces_of_any_size() {
        let mut whole = vec![0; 10_000];
        Noise::new(7).fill(&mut whole);
        let mut pieces = Noise::new(7);
        for piece in whole.chunks(77) {
            assert_eq!(pieces.expect(piece), Ok(()));
        }
        assert_eq!(pieces.at(), 10_000);
        assert!(Noise::new(8).expect(&whole).is_err());
    }

    #[test]
    fn it_finds_a_byte_that_is_missing_doubled_or_wrong() {
        let mut whole = vec![0; 1000];
        Noise::new(1).fill(&mut whole);
        let missing = [&whole[..500], &whole[501..]].concat();
        let doubled = [&whole[..501], &whole[500..]].concat();
        let mut wrong = whole.clone();
        wrong[500] ^= 1;
        for (broken, at) in [(missing, 500), (doubled, 501), (wrong, 500)] {
            assert_eq!(Noise::new(1).expect(&broken), Err(Differs { at }));
        }
    }
}
