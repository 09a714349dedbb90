//! UTF-8 that arrives in pieces.

/// The bytes of a character that has begun.
#[derive(Debug, Clone, Default)]
pub(super) struct Utf8 {
    bytes: [u8; 4],
    len: usize,
}

impl Utf8 {
    pub(super) fn unfinished(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    /// Takes a byte; gives the character that it completes. Bytes that form none vanish, as in xterm.js
    /// (others would show U+FFFD), and so does the byte order mark.
    pub(super) fn push(&mut self, byte: u8) -> Option<char> {
        if byte & 0xc0 != 0x80 {
            self.len = 0;
            if byte < 0x80 {
                return Some(byte as char);
            }
            if byte < 0xf8 {
                self.bytes[0] = byte;
                self.len = 1;
            }
            return None;
        }
        if self.len == 0 {
            return None;
        }
        self.bytes[self.len] = byte;
        self.len += 1;
        let whole = match self.bytes[0] {
            0..0xe0 => 2,
            0xe0..0xf0 => 3,
            _ => 4,
        };
        if self.len < whole {
            return None;
        }
        let read = std::str::from_utf8(&self.bytes[..self.len]).ok().and_then(|text| text.chars().next());
        self.len = 0;
        read.filter(|&c| c != '\u{feff}')
    }
}
