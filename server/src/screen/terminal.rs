//! The terminal's state, and what printing does to it.

use super::SCROLLBACK_LINES;
use super::buffer::Buffer;
use super::cell::{Cell, Glyph, Pen};
use super::charset::Charset;
use super::modes::Modes;
use super::osc::Colors;
use super::params::Sequence;
use super::parser::Perform;
use super::tables::{Extra, Tables};
use super::width::width;

/// The character that was printed last, if nothing came after it: combining marks go to it, and REP repeats
/// it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Last {
    /// Before a character set replaced it.
    pub(super) raw: char,
    pub(super) width: usize,
}

/// Everything that output can change.
#[derive(Debug, Clone)]
pub(super) struct Terminal {
    pub(super) primary: Buffer,
    pub(super) alternate: Buffer,
    pub(super) on_alternate: bool,
    pub(super) pen: Pen,
    /// What the pen's `extra` stands for, and what it will stand for once something makes it show.
    pub(super) extra: Extra,
    /// G0 to G3, which of them is in force, and the set that prints: DECRC brings back the set alone.
    pub(super) charsets: [Charset; 4],
    pub(super) level: usize,
    pub(super) charset: Charset,
    pub(super) modes: Modes,
    pub(super) last: Option<Last>,
    pub(super) title: Option<String>,
    pub(super) colors: Colors,
    pub(super) tables: Tables,
}

impl Terminal {
    pub(super) fn new(cols: usize, rows: usize) -> Self {
        let mut primary = Buffer::new(cols, rows, SCROLLBACK_LINES);
        primary.show(Pen::default());
        Self {
            primary,
            alternate: Buffer::new(cols, rows, 0),
            on_alternate: false,
            pen: Pen::default(),
            extra: Extra::default(),
            charsets: [Charset::ASCII; 4],
            level: 0,
            charset: Charset::ASCII,
            modes: Modes::default(),
            last: None,
            title: None,
            colors: Colors::default(),
            tables: Tables::new(),
        }
    }

    /// RIS. The title, the colours, the cursor's visibility and two modes that xterm.js keeps as options
    /// stay.
    pub(super) fn reset(&mut self) {
        let new = Self::new(self.primary.cols, self.primary.rows);
        let modes = self.modes.after_reset();
        let (title, colors) = (self.title.take(), std::mem::take(&mut self.colors));
        *self = Self { modes, title, colors, ..new };
    }

    pub(super) fn resize(&mut self, cols: usize, rows: usize) {
        if (cols, rows) != (self.primary.cols, self.primary.rows) {
            self.primary.resize(cols, rows);
            self.alternate.resize(cols, rows);
        }
    }

    /// The buffer that is shown.
    pub(super) fn buffer(&mut self) -> &mut Buffer {
        if self.on_alternate { &mut self.alternate } else { &mut self.primary }
    }

    /// Makes the pen show its `extra`, if there is anything to show.
    pub(super) fn update_extra(&mut self) {
        let plain = self.extra.is_plain();
        self.pen.extra = if plain { 0 } else { self.extra_number() };
    }

    pub(super) fn extra_number(&mut self) -> u16 {
        self.tables.extra_number(&self.extra, [&self.primary, &self.alternate])
    }

    /// Writes a character where the cursor is, and moves it.
    fn put(&mut self, raw: char) {
        let c = self.charset.show(raw);
        let (pen, insert, wrap) = (self.pen, self.modes.insert, self.modes.wrap);
        let own = width(c);
        if let (0, Some(last)) = (own, self.last) {
            self.attach(c, last.width);
            return;
        }
        self.last = (own > 0).then_some(Last { raw, width: own });
        let buffer = self.buffer();
        let cols = buffer.cols;
        if buffer.x + own > cols {
            if wrap {
                buffer.wrap(pen);
            } else {
                buffer.x = cols - 1;
                if own == 2 {
                    return;
                }
            }
        }
        let x = buffer.x;
        let row = buffer.row();
        if insert {
            row.insert(x, own, Cell::blank(pen), cols);
        }
        if x < cols {
            row.set(x, Cell { glyph: Glyph::char(c, own), pen });
        }
        if own == 2 {
            row.set(x + 1, Cell { glyph: Glyph::SECOND_HALF, pen });
        }
        buffer.x = (x + own.max(1)).min(cols);
    }

    /// Adds a combining mark to the character before the cursor.
    fn attach(&mut self, mark: char, width: usize) {
        let buffer = self.buffer();
        let x = buffer.x;
        let back = if x > 0 && buffer.row().width(x - 1) > 0 { 1 } else { 2 };
        let Some(col) = x.checked_sub(back) else { return };
        let mut cell = buffer.row().get(col);
        // After a resize something else may stand there, or nothing. xterm.js adds the mark, and makes the cell
        // as wide as the character was that is gone: nothing could draw such a cell.
        if !cell.glyph.has_text() || cell.glyph.width() != width {
            return;
        }
        let buffers = [&self.primary, &self.alternate];
        let Some(number) = self.tables.cluster_number(cell.glyph.text(), mark, buffers) else { return };
        cell.glyph = Glyph::cluster(number, width);
        self.buffer().row().set(col, cell);
    }

    /// A wide character whose second half is about to be overwritten becomes a blank.
    fn before_printing(&mut self) {
        let fill = Cell::blank(self.pen);
        let buffer = self.buffer();
        let x = buffer.x;
        if x > 0 && buffer.row().width(x - 1) == 2 {
            buffer.row().set(x - 1, fill);
        }
    }

    /// And so does a second half whose first was overwritten.
    fn after_printing(&mut self) {
        let fill = Cell::blank(self.pen);
        let buffer = self.buffer();
        let (x, cols) = (buffer.x, buffer.cols);
        let row = buffer.row();
        if x < cols && row.width(x) == 0 && !row.has_text(x) {
            row.set(x, fill);
        }
    }

    /// Prints characters in one go.
    pub(super) fn print_all(&mut self, text: impl Iterator<Item = char>) {
        self.before_printing();
        text.for_each(|c| self.put(c));
        self.after_printing();
    }
}

impl Buffer {
    /// The cursor goes to the next row, which belongs to this one.
    fn wrap(&mut self, pen: Pen) {
        let (x, cols) = (self.x, self.cols);
        if x < cols {
            self.row().set(x, Cell::blank(pen));
        }
        self.x = 0;
        if self.y == self.bottom {
            self.scroll(pen.erasing(), true);
        } else {
            self.y = (self.y + 1).min(self.rows - 1);
            self.row().wrapped = true;
        }
    }
}

impl Perform for Terminal {
    fn ascii(&mut self, mut text: &[u8]) {
        let Some(&last) = text.last() else { return };
        if self.charset != Charset::ASCII || self.modes.insert || !self.modes.wrap {
            self.print_all(text.iter().map(|&byte| byte as char));
            return;
        }
        self.before_printing();
        let pen = self.pen;
        let buffer = self.buffer();
        while !text.is_empty() {
            if buffer.x >= buffer.cols {
                buffer.wrap(pen);
            }
            let x = buffer.x;
            let (now, later) = text.split_at(text.len().min(buffer.cols - x));
            buffer.row().write_ascii(x, now, Cell::blank(pen));
            buffer.x += now.len();
            text = later;
        }
        self.last = Some(Last { raw: last as char, width: 1 });
        self.after_printing();
    }

    fn print(&mut self, c: char) {
        self.print_all(std::iter::once(c));
    }

    fn control(&mut self, c: char) {
        self.run_control(c);
        self.last = None;
    }

    fn escape(&mut self, sequence: &[u8]) {
        self.run_escape(sequence);
        self.last = None;
    }

    fn csi(&mut self, sequence: &[u8]) {
        if let Some(sequence) = Sequence::read(sequence) {
            self.run_csi(&sequence);
        }
        self.last = None;
    }

    fn osc(&mut self, payload: &[u8]) {
        self.run_osc(payload);
        self.last = None;
    }

    fn ignored(&mut self) {
        self.last = None;
    }
}
