//! Modes: what SM, DECSET and their like switch.

use super::buffer::Saved;
use super::cell::Pen;
use super::charset::Charset;
use super::terminal::Terminal;

/// What the keypad sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Keypad {
    #[default]
    Numeric,
    Application,
}

/// All modes. The mouse's are kept as the number that DECSET takes, 0 for none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Modes {
    pub(super) insert: bool,
    /// LF is also CR. A reset does not reset it in xterm.js, so it matters whether a program ever said.
    pub(super) newline: Option<bool>,
    /// Mode 12, of the same kind.
    pub(super) blink: Option<bool>,
    pub(super) hidden: bool,
    /// As DECSCUSR takes it.
    pub(super) cursor_style: u8,
    pub(super) wrap: bool,
    pub(super) origin: bool,
    pub(super) reverse_wrap: bool,
    pub(super) keypad: Keypad,
    pub(super) cursor_keys: bool,
    pub(super) bracketed_paste: bool,
    pub(super) focus: bool,
    pub(super) synchronized: bool,
    pub(super) mouse: u16,
    pub(super) mouse_encoding: u16,
    /// Not known to xterm.js, but to others: mouse encodings 1005 and 1015, alternate scroll 1007.
    pub(super) others: [bool; 3],
}

/// See [`Modes::others`].
pub(super) const OTHERS: [u16; 3] = [1005, 1015, 1007];

impl Default for Modes {
    fn default() -> Self {
        Self {
            insert: false,
            newline: None,
            blink: None,
            hidden: false,
            cursor_style: 0,
            wrap: true,
            origin: false,
            reverse_wrap: false,
            keypad: Keypad::Numeric,
            cursor_keys: false,
            bracketed_paste: false,
            focus: false,
            synchronized: false,
            mouse: 0,
            mouse_encoding: 0,
            others: [false; 3],
        }
    }
}

impl Modes {
    /// What RIS leaves, in xterm.js.
    pub(super) fn after_reset(self) -> Self {
        Self { newline: self.newline, blink: self.blink, hidden: self.hidden, ..Self::default() }
    }

    /// SM and RM.
    pub(super) fn set(&mut self, mode: u32, on: bool) {
        match mode {
            4 => self.insert = on,
            20 => self.newline = Some(on),
            _ => {}
        }
    }

    pub(super) fn set_cursor_style(&mut self, style: u32) {
        if style <= 6 {
            self.cursor_style = style as u8;
        }
    }
}

impl Terminal {
    /// DECSET and DECRST.
    pub(super) fn set_private_mode(&mut self, mode: u32, on: bool) {
        match mode {
            1 => self.modes.cursor_keys = on,
            2 if on => (0..4).for_each(|level| self.designate(level, Charset::ASCII)),
            6 => {
                self.modes.origin = on;
                self.place(0, 0);
            }
            7 => self.modes.wrap = on,
            12 => self.modes.blink = Some(on),
            25 => self.modes.hidden = !on,
            45 => self.modes.reverse_wrap = on,
            66 => self.modes.keypad = if on { Keypad::Application } else { Keypad::Numeric },
            9 | 1000 | 1002 | 1003 => self.modes.mouse = if on { mode as u16 } else { 0 },
            1004 => self.modes.focus = on,
            1006 | 1016 => self.modes.mouse_encoding = if on { mode as u16 } else { 0 },
            1048 if on => self.save(),
            1048 => self.restore(),
            47 | 1047 | 1049 => self.switch(on, mode == 1049),
            2004 => self.modes.bracketed_paste = on,
            2026 => self.modes.synchronized = on,
            _ => {
                if let Some(place) = OTHERS.iter().position(|&other| u32::from(other) == mode) {
                    self.modes.others[place] = on;
                }
            }
        }
    }

    /// To the alternate screen or back. The cursor stays where it is, unless it is saved and restored; the
    /// alternate screen is emptied when it is left.
    fn switch(&mut self, alternate: bool, with_cursor: bool) {
        if alternate && with_cursor {
            self.save();
        }
        if alternate != self.on_alternate {
            if alternate {
                self.alternate.show(self.pen.erasing());
                (self.alternate.x, self.alternate.y) = (self.primary.x, self.primary.y);
            } else {
                (self.primary.x, self.primary.y) = (self.alternate.x, self.alternate.y);
                self.alternate.clear();
            }
            self.on_alternate = alternate;
        }
        if !alternate && with_cursor {
            self.restore();
        }
    }

    /// DECSTR.
    pub(super) fn soft_reset(&mut self) {
        let Self { modes, .. } = self;
        let (mouse, mouse_encoding, others) = (modes.mouse, modes.mouse_encoding, modes.others);
        *modes = Modes { mouse, mouse_encoding, others, hidden: false, ..modes.after_reset() };
        self.pen = Pen::default();
        self.extra = Default::default();
        self.charsets = [Charset::ASCII; 4];
        (self.level, self.charset) = (0, Charset::ASCII);
        let buffer = self.buffer();
        (buffer.top, buffer.bottom) = (0, buffer.rows - 1);
        buffer.saved = Saved { line: buffer.base, ..Default::default() };
    }
}
