//! Bytes, read as choices. When they are used up, every choice is 0, and whoever asks for more had better stop.

use envsocket::core::resume::MAX_NUMBER;

/// What is left of them.
pub(crate) struct Choices<'a>(&'a [u8]);

impl<'a> Choices<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    pub(crate) fn flag(&mut self) -> bool {
        self.byte() & 1 == 1
    }

    pub(crate) fn one_of<T: Copy, const N: usize>(&mut self, all: [T; N]) -> T {
        all[usize::from(self.byte()) % N]
    }

    /// Mostly the number that is right; else one beside it, or one from the ends of what there is.
    pub(crate) fn near(&mut self, right: u64) -> u64 {
        match self.byte() {
            0..0xc0 => right,
            by @ 0xc0..0xe0 => right.saturating_add(u64::from(by - 0xbf)),
            by @ 0xe0..0xf8 => right.saturating_sub(u64::from(by - 0xdf)),
            0xf8..0xfa => 0,
            0xfa..0xfc => MAX_NUMBER,
            0xfc..0xfe => u64::MAX,
            _ => u64::from(self.byte()),
        }
    }
}
