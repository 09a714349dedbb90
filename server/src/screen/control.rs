//! Control characters and escape sequences: line feeds, tabs, character sets, what DECSC saves.

use super::buffer::Saved;
use super::cell::{Cell, Glyph, Pen};
use super::charset::Charset;
use super::modes::Keypad;
use super::row::Row;
use super::terminal::Terminal;

impl Terminal {
    pub(super) fn run_control(&mut self, c: char) {
        match c {
            '\x08' => self.backspace(),
            '\t' => {
                let buffer = self.buffer();
                if buffer.x < buffer.cols {
                    buffer.x = buffer.next_tab();
                }
            }
            '\n'..='\x0c' => self.line_feed(),
            '\r' => self.buffer().x = 0,
            '\x0e' => self.shift(1),
            '\x0f' => self.shift(0),
            '\u{84}' => self.index(),
            '\u{85}' => self.next_line(),
            '\u{88}' => self.set_tab(),
            _ => {}
        }
    }

    pub(super) fn run_escape(&mut self, sequence: &[u8]) {
        match *sequence {
            [b'7'] => self.save(),
            [b'8'] => self.restore(),
            [b'D'] => self.index(),
            [b'E'] => self.next_line(),
            [b'H'] => self.set_tab(),
            [b'M'] => self.reverse_index(),
            [b'='] => self.modes.keypad = Keypad::Application,
            [b'>'] => self.modes.keypad = Keypad::Numeric,
            [b'c'] => self.reset(),
            [b'n' | b'}'] => self.shift(2),
            [b'o' | b'|'] => self.shift(3),
            [b'~'] => self.shift(1),
            [b'%', b'@' | b'G'] => {
                self.shift(0);
                self.designate(0, Charset::ASCII);
            }
            [b'#', b'8'] => self.align(),
            [to @ b'('..=b'.', letter] => {
                let level = match to {
                    b'(' => 0,
                    b')' | b'-' => 1,
                    b'*' | b'.' => 2,
                    b'+' => 3,
                    _ => return,
                };
                if let Some(charset) = Charset::named(letter) {
                    self.designate(level, charset);
                }
            }
            _ => {}
        }
    }

    fn shift(&mut self, level: usize) {
        self.level = level;
        self.charset = self.charsets[level];
    }

    pub(super) fn designate(&mut self, level: usize, charset: Charset) {
        self.charsets[level] = charset;
        if level == self.level {
            self.charset = charset;
        }
    }

    fn line_feed(&mut self) {
        let (fill, newline) = (self.pen.erasing(), self.modes.newline == Some(true));
        let buffer = self.buffer();
        if newline {
            buffer.x = 0;
        }
        if buffer.y == buffer.bottom {
            buffer.scroll(fill, false);
        } else if buffer.y + 1 >= buffer.rows {
            buffer.y = buffer.rows - 1;
        } else {
            buffer.y += 1;
            buffer.row().wrapped = false;
        }
        buffer.x = buffer.x.min(buffer.cols - 1);
    }

    pub(super) fn index(&mut self) {
        let (fill, origin) = (self.pen.erasing(), self.modes.origin);
        let buffer = self.buffer();
        buffer.confine(buffer.cols - 1, origin);
        if buffer.y == buffer.bottom {
            buffer.scroll(fill, false);
        } else {
            buffer.y += 1;
        }
        buffer.confine(buffer.cols - 1, origin);
    }

    fn next_line(&mut self) {
        self.buffer().x = 0;
        self.index();
    }

    fn reverse_index(&mut self) {
        let (fill, origin) = (self.pen.erasing(), self.modes.origin);
        let buffer = self.buffer();
        buffer.confine(buffer.cols - 1, origin);
        if buffer.y == buffer.top {
            buffer.shift(buffer.bottom, buffer.top, 1, fill);
        } else {
            buffer.y = buffer.y.saturating_sub(1);
            buffer.confine(buffer.cols - 1, origin);
        }
    }

    fn backspace(&mut self) {
        let (back, origin) = (self.modes.reverse_wrap, self.modes.origin);
        let buffer = self.buffer();
        buffer.confine(if back { buffer.cols } else { buffer.cols - 1 }, origin);
        if buffer.x > 0 {
            buffer.x -= 1;
        } else if back && buffer.y > buffer.top && buffer.y <= buffer.bottom && buffer.row().wrapped {
            buffer.row().wrapped = false;
            buffer.y -= 1;
            buffer.x = buffer.cols - 1;
            let x = buffer.x;
            // The blank before a wide character that did not fit.
            if buffer.row().width(x) > 0 && !buffer.row().has_text(x) {
                buffer.x -= 1;
            }
        }
        buffer.confine(buffer.cols - 1, origin);
    }

    fn set_tab(&mut self) {
        let buffer = self.buffer();
        buffer.set_tab(buffer.x, true);
    }

    pub(super) fn save(&mut self) {
        let (pen, charset) = (self.pen, self.charset);
        let buffer = self.buffer();
        buffer.saved = Saved { x: buffer.x, line: buffer.base + buffer.y, pen, charset };
    }

    /// What the pen's `extra` stands for is not saved, only whether it shows.
    pub(super) fn restore(&mut self) {
        let origin = self.modes.origin;
        let buffer = self.buffer();
        let saved = buffer.saved;
        buffer.x = saved.x;
        buffer.y = saved.line.saturating_sub(buffer.base);
        buffer.confine(buffer.cols - 1, origin);
        self.charset = saved.charset;
        self.pen = saved.pen;
        if saved.pen.extra > 0 {
            self.pen.extra = self.extra_number();
        }
    }

    /// DECALN: the screen full of E.
    fn align(&mut self) {
        let cell = Cell { glyph: Glyph::char('E', 1), pen: Pen { extra: 0, ..self.pen } };
        self.place(0, 0);
        let buffer = self.buffer();
        // In origin mode it starts at the margin; what would lie below the screen is left out.
        for y in buffer.y..buffer.rows {
            *buffer.at(y) = Row::blank(buffer.cols, cell, false);
        }
        self.place(0, 0);
    }
}
