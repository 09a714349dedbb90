//! Finds the control sequences in a terminal's output: the state machine of the VT500 as xterm.js runs it,
//! over characters. So C1 controls count only where UTF-8 encodes them; a lone byte of 0x80 to 0x9f is no
//! character.

use super::utf8::Utf8;

/// A longer sequence has no effect, and is not kept whole. xterm.js takes strings of ten million characters;
/// nobody's title is that long.
const LONGEST: usize = 64 * 1024;

/// What the parser found. Sequences come as their bytes, without the introducer and with the final byte.
pub(super) trait Perform {
    /// Printable ASCII.
    fn ascii(&mut self, text: &[u8]);
    /// Any other printable character.
    fn print(&mut self, c: char);
    /// A control character, C0 or C1.
    fn control(&mut self, c: char);
    fn escape(&mut self, sequence: &[u8]);
    fn csi(&mut self, sequence: &[u8]);
    fn osc(&mut self, payload: &[u8]);
    /// A string of another kind ended: it has no effect on the screen.
    fn ignored(&mut self);
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    #[default]
    Ground,
    Escape,
    EscapeIntermediate,
    CsiEntry,
    CsiParam,
    CsiIntermediate,
    CsiIgnore,
    Osc,
    DcsEntry,
    DcsParam,
    DcsIntermediate,
    DcsIgnore,
    DcsPassthrough,
    /// SOS, PM and APC.
    Other,
}

/// Where in a sequence the output is.
#[derive(Debug, Clone, Default)]
pub(super) struct Parser {
    state: State,
    utf8: Utf8,
    /// The sequence so far, its introducer in seven bits, without what was executed or ignored on the way.
    sequence: Vec<u8>,
    overlong: bool,
}

impl Parser {
    /// The bytes that make another terminal go on where this one is.
    pub(super) fn unfinished(&self) -> Vec<u8> {
        let mut bytes = match self.state {
            State::Ground => Vec::new(),
            State::Other => b"\x1b_".to_vec(),
            // What is too long has no effect: a sequence without effect that ends in the same way takes its
            // place.
            State::Osc if self.overlong => b"\x1b]!".to_vec(),
            State::DcsPassthrough if self.overlong => b"\x1bP~".to_vec(),
            State::DcsEntry | State::DcsParam | State::DcsIntermediate | State::DcsIgnore
                if self.overlong =>
            {
                b"\x1bP0<".to_vec()
            }
            State::Escape | State::EscapeIntermediate if self.overlong => b"\x1b    ".to_vec(),
            _ if self.overlong => b"\x1b[0<".to_vec(),
            _ => self.sequence.clone(),
        };
        bytes.extend_from_slice(self.utf8.unfinished());
        bytes
    }

    pub(super) fn feed(&mut self, mut bytes: &[u8], to: &mut impl Perform) {
        while let Some(&byte) = bytes.first() {
            if self.state == State::Ground && (0x20..0x7f).contains(&byte) {
                let end = bytes.iter().position(|byte| !(0x20..0x7f).contains(byte)).unwrap_or(bytes.len());
                self.utf8 = Utf8::default();
                to.ascii(&bytes[..end]);
                bytes = &bytes[end..];
                continue;
            }
            bytes = &bytes[1..];
            if let Some(c) = self.utf8.push(byte) {
                self.advance(c, to);
            }
        }
    }

    fn advance(&mut self, c: char, to: &mut impl Perform) {
        match c {
            '\x18' | '\x1a' => self.abort(c, to),
            '\x1b' => {
                self.finish(to);
                self.begin(State::Escape, b"\x1b");
            }
            '\u{80}'..='\u{9f}' => self.c1(c, to),
            _ => self.within(c, to),
        }
    }

    /// CAN and SUB end anything, without effect.
    fn abort(&mut self, c: char, to: &mut impl Perform) {
        self.state = State::Ground;
        to.control(c);
    }

    fn c1(&mut self, c: char, to: &mut impl Perform) {
        match c {
            '\u{90}' => self.begin(State::DcsEntry, b"\x1bP"),
            '\u{98}' | '\u{9e}' | '\u{9f}' => self.begin(State::Other, b"\x1b_"),
            '\u{9b}' => self.begin(State::CsiEntry, b"\x1b["),
            '\u{9c}' => {
                self.finish(to);
                self.state = State::Ground;
            }
            '\u{9d}' => self.begin(State::Osc, b"\x1b]"),
            _ => self.abort(c, to),
        }
    }

    fn begin(&mut self, state: State, introducer: &[u8]) {
        self.state = state;
        self.overlong = false;
        self.sequence.clear();
        self.sequence.extend_from_slice(introducer);
    }

    /// A string's end that is also the beginning of something else.
    fn finish(&mut self, to: &mut impl Perform) {
        match self.state {
            State::Osc if !self.overlong => to.osc(&self.sequence[2..]),
            State::Osc | State::DcsPassthrough => to.ignored(),
            _ => {}
        }
    }

    fn keep(&mut self, c: char, next: State) {
        self.state = next;
        if self.sequence.len() >= LONGEST {
            self.overlong = true;
        } else if c.is_ascii() {
            self.sequence.push(c as u8);
        } else {
            self.sequence.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }

    fn within(&mut self, c: char, to: &mut impl Perform) {
        match self.state {
            State::Ground => match c {
                '\0'..='\x1f' => to.control(c),
                '\x7f' => {}
                c => to.print(c),
            },
            State::Osc => match c {
                '\x07' => {
                    self.finish(to);
                    self.state = State::Ground;
                }
                '\0'..='\x1f' => {}
                c => self.keep(c, State::Osc),
            },
            State::DcsPassthrough => {
                if c != '\x7f' {
                    self.keep(c, State::DcsPassthrough);
                }
            }
            // xterm.js leaves the string at the first character that is not ASCII.
            State::Other => {
                if c > '\x7f' {
                    self.state = State::Ground;
                }
            }
            State::DcsIgnore => {}
            State::CsiIgnore => match c {
                '\0'..='\x1f' => to.control(c),
                '@'..='~' => self.state = State::Ground,
                _ => {}
            },
            State::DcsEntry | State::DcsParam | State::DcsIntermediate => self.dcs(c),
            State::Escape | State::EscapeIntermediate => self.escape(c, to),
            State::CsiEntry | State::CsiParam | State::CsiIntermediate => self.csi(c, to),
        }
    }

    fn escape(&mut self, c: char, to: &mut impl Perform) {
        match (self.state, c) {
            (_, '\0'..='\x1f') => to.control(c),
            (_, '\x7f') => {}
            (_, ' '..='/') => self.keep(c, State::EscapeIntermediate),
            (State::Escape, '[') => self.begin(State::CsiEntry, b"\x1b["),
            (State::Escape, ']') => self.begin(State::Osc, b"\x1b]"),
            (State::Escape, 'P') => self.begin(State::DcsEntry, b"\x1bP"),
            (State::Escape, 'X' | '^' | '_') => self.begin(State::Other, b"\x1b_"),
            (_, '0'..='~') => {
                self.keep(c, State::Ground);
                if !self.overlong {
                    to.escape(&self.sequence[1..]);
                }
            }
            _ => self.state = State::Ground,
        }
    }

    fn csi(&mut self, c: char, to: &mut impl Perform) {
        match (self.state, c) {
            (_, '\0'..='\x1f') => to.control(c),
            (_, '\x7f') => {}
            (_, '@'..='~') => {
                self.keep(c, State::Ground);
                if !self.overlong {
                    to.csi(&self.sequence[2..]);
                }
            }
            (_, ' '..='/') => self.keep(c, State::CsiIntermediate),
            (State::CsiEntry, '<'..='?') => self.keep(c, State::CsiParam),
            (State::CsiEntry | State::CsiParam, '0'..=';') => self.keep(c, State::CsiParam),
            (State::CsiParam | State::CsiIntermediate, '0'..='?') => self.keep(c, State::CsiIgnore),
            _ => self.state = State::Ground,
        }
    }

    fn dcs(&mut self, c: char) {
        match (self.state, c) {
            (_, '\0'..='\x1f' | '\x7f') => {}
            (_, '@'..='~') => self.keep(c, State::DcsPassthrough),
            (_, ' '..='/') => self.keep(c, State::DcsIntermediate),
            (State::DcsEntry, '<'..='?') => self.keep(c, State::DcsParam),
            (State::DcsEntry | State::DcsParam, '0'..=';') => self.keep(c, State::DcsParam),
            (State::DcsParam | State::DcsIntermediate, '0'..='?') => self.keep(c, State::DcsIgnore),
            _ => self.state = State::Ground,
        }
    }
}
