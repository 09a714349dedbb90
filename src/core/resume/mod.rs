//! The resume protocol `envsocket.v1`: what both ends of the wire do, decided once (`docs/PROTOCOL.md`).
//!
//! Data frames are exactly what a plain server would send. All that the protocol adds are control frames,
//! text that begins with U+0000. Both ends count messages as they are handed to the socket; the counts in
//! the control frames say what is to be sent again after a cut, and that nobody has miscounted.
//!
//! | file | idea |
//! | --- | --- |
//! | this one | names, sizes and costs that both ends share |
//! | [`frame`] | the control frames, and what is wrong with one that is refused |
//! | [`fields`] | how a frame's fields are read and written, whatever JSON the platform has |
//! | [`attachment`] | the client's end: one tab's place in a session |
//! | [`session`] | the server's end: the log of one source's output, and who is attached to it |

pub mod attachment;
pub mod fields;
pub mod frame;
pub mod session;

use std::borrow::Cow;
use std::fmt;

/// The subprotocol that speaks this protocol.
pub const V1: &str = "envsocket.v1";

/// The subprotocol offered before it, for servers that choose the first by habit: choosing it says that they
/// are plain.
pub const PLAIN: &str = "envsocket.plain";

/// What tells a control frame from a message of the application.
pub const MARK: char = '\0';

/// What every entry of a log costs besides the bytes of its message: windows, credit and rings count both, so
/// that a flood of tiny messages is bounded too.
pub const ENTRY_COST: u64 = 64;

/// The largest number on the wire: JSON's numbers are JavaScript's.
pub const MAX_NUMBER: u64 = (1 << 53) - 1;

/// The longest control frame that a server reads, in bytes, with its mark.
pub const MAX_CONTROL_BYTES: usize = 16_384;

/// The reason beside [`VIOLATION`](super::close::VIOLATION) for a socket that never said hello. A page that was frozen between its socket's
/// opening and its own turn was late, not wrong: it comes back to its session.
pub const NO_HELLO: &str = "no hello in time";

/// How many heartbeat intervals of silence are the end of a link, in tenths.
pub const DEAD_AFTER_TENTHS: u64 = 23;

/// What names a session, an attachment or an epoch, and what proves that an attachment is one's own: 128 random
/// bits, on the wire 32 hexadecimal digits in lower case.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(pub u128);

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.digits())
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Id {
    /// The 32 digits. In what browsers download there is no formatting, which `to_string` would need.
    pub fn digits(self) -> String {
        let digit = |nibble| char::from(b"0123456789abcdef"[(self.0 >> (nibble * 4)) as usize & 0xf]);
        (0..32).rev().map(digit).collect()
    }

    /// Whether they are the same. The time that it takes says nothing of how much of them is.
    pub fn is(self, other: Self) -> bool {
        self.0 ^ other.0 == 0
    }

    /// Reads the 32 digits; `None` for anything else.
    pub fn read(text: &str) -> Option<Self> {
        if text.len() != 32 {
            return None;
        }
        let mut id = 0;
        for byte in text.bytes() {
            let digit = match byte {
                b'0'..=b'9' => byte - b'0',
                b'a'..=b'f' => byte - b'a' + 10,
                _ => return None,
            };
            id = id << 4 | u128::from(digit);
        }
        Some(Self(id))
    }
}

/// What a message of so many bytes costs in windows, credit and rings.
pub const fn cost(bytes: u64) -> u64 {
    bytes.saturating_add(ENTRY_COST)
}

/// A terminal's size, in cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Columns, from 1.
    pub cols: u16,
    /// Rows, from 1.
    pub rows: u16,
}

/// What an attachment may do. It holds for one link: who may do more or less comes back with another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// It gets the output, and sends no input. It is never the controller.
    ReadOnly,
    /// All that there is.
    ReadWrite,
}

/// Why a peer is closed with [`VIOLATION`](super::close::VIOLATION), in words that fit into a close reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation(pub Cow<'static, str>);

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
