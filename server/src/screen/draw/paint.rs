//! Output under way: the bytes so far, and where they leave the other terminal's cursor and pen.

use std::io::Write;

use crate::screen::cell::{Cell, Color, Flags, Pen, Text};
use crate::screen::tables::{Extra, Link, Tables};

/// What is being drawn, and how far.
pub(super) struct Paint<'a> {
    pub(super) out: Vec<u8>,
    pub(super) cols: usize,
    /// The other terminal's column; `cols` when the next character will wrap.
    pub(super) x: usize,
    pen: Pen,
    link: Option<&'a Link>,
    room_for_links: usize,
    tables: &'a Tables,
}

/// Links that change from cell to cell could fill any memory: past this many bytes of addresses there are none.
const MOST_LINKS: usize = 1 << 20;

impl<'a> Paint<'a> {
    pub(super) fn new(tables: &'a Tables, cols: usize) -> Self {
        Self {
            out: Vec::new(),
            cols,
            x: 0,
            pen: Pen::default(),
            link: None,
            room_for_links: MOST_LINKS,
            tables,
        }
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    /// A control sequence, given without its introducer.
    pub(super) fn csi(&mut self, rest: &str) {
        self.csi_with(format_args!("{rest}"));
    }

    pub(super) fn csi_with(&mut self, rest: std::fmt::Arguments<'_>) {
        self.write(format_args!("\x1b[{rest}"));
    }

    pub(super) fn osc(&mut self, payload: std::fmt::Arguments<'_>) {
        self.write(format_args!("\x1b]{payload}\x1b\\"));
    }

    #[expect(clippy::unwrap_used, reason = "a vector takes every write")]
    fn write(&mut self, text: std::fmt::Arguments<'_>) {
        self.out.write_fmt(text).unwrap();
    }

    /// To a column of the row that the cursor is in.
    pub(super) fn go_to_column(&mut self, col: usize) {
        match col {
            _ if col == self.x => return,
            0 => self.bytes(b"\r"),
            _ if col == self.x + 1 && col < self.cols => self.csi("C"),
            _ if col > self.x => self.csi_with(format_args!("{}C", col - self.x)),
            _ => self.csi_with(format_args!("{}G", col + 1)),
        }
        self.x = col;
    }

    pub(super) fn go_to(&mut self, x: usize, y: usize) {
        self.csi_with(format_args!("{};{}H", y + 1, x + 1));
        self.x = x;
    }

    /// Makes `n` cells blank from the cursor on, in the pen's background.
    pub(super) fn erase(&mut self, n: usize) {
        if n == 1 {
            self.csi("X");
        } else {
            self.csi_with(format_args!("{n}X"));
        }
    }

    /// What stands in a cell, printed where the cursor is. Nothing is a space.
    pub(super) fn print(&mut self, cell: Cell) {
        self.pen(cell.pen);
        match cell.glyph.text() {
            Text::Nothing => self.bytes(b" "),
            Text::Char(c) => {
                // After a character that it could join, a mark of its own must not.
                if cell.glyph.width() == 0 {
                    self.csi("m");
                    self.pen = Pen { extra: self.pen.extra, ..Pen::default() };
                    self.sgr_from_reset(cell.pen);
                }
                self.bytes(c.encode_utf8(&mut [0; 4]).as_bytes());
            }
            Text::Cluster(number) => self.bytes(self.tables.cluster(number).as_bytes()),
        }
        self.x += cell.glyph.width().max(1);
    }

    pub(super) fn reset_pen(&mut self) {
        self.pen(Pen::default());
    }

    /// So that rows that scroll in, and cells that are erased, have the colour of the theme.
    pub(super) fn reset_background(&mut self) {
        if self.pen.bg != Color::Default {
            self.reset_pen();
        }
    }

    /// Changes the pen to this one.
    pub(super) fn pen(&mut self, to: Pen) {
        if to == self.pen {
            return;
        }
        let from = self.pen;
        self.link(self.extra_of(to).link.as_deref());
        if to.flags != from.flags || self.line(to) != self.line(from) {
            self.sgr_from_reset(to);
            return;
        }
        if (to.fg, to.bg) != (from.fg, from.bg) {
            self.bytes(b"\x1b[");
            if to.fg != from.fg {
                self.color(to.fg, 30);
            }
            if to.bg != from.bg {
                self.bytes(if to.fg == from.fg { b"" } else { b";" });
                self.color(to.bg, 40);
            }
            self.bytes(b"m");
        }
        self.pen = to;
    }

    /// Opens this link, or closes the one that is open.
    fn link(&mut self, to: Option<&'a Link>) {
        let to = to.filter(|link| self.link == Some(link) || link.uri.len() <= self.room_for_links);
        if to == self.link {
            return;
        }
        match to {
            Some(link) if link.id.is_empty() => self.osc(format_args!("8;;{}", link.uri)),
            Some(link) => self.osc(format_args!("8;id={};{}", link.id, link.uri)),
            None => self.osc(format_args!("8;;")),
        }
        self.room_for_links -= to.map_or(0, |link| link.uri.len());
        self.link = to;
    }

    /// All of a pen but its link.
    fn sgr_from_reset(&mut self, to: Pen) {
        const CODES: [(Flags, &str); 8] = [
            (Flags::BOLD, ";1"),
            (Flags::DIM, ";2"),
            (Flags::ITALIC, ";3"),
            (Flags::BLINK, ";5"),
            (Flags::INVERSE, ";7"),
            (Flags::HIDDEN, ";8"),
            (Flags::STRIKEOUT, ";9"),
            (Flags::OVERLINE, ";53"),
        ];
        let (style, line) = self.line(to).unwrap_or_default();
        self.bytes(b"\x1b[");
        for (_, code) in CODES.iter().filter(|(flag, _)| to.flags.has(*flag)) {
            self.bytes(code.as_bytes());
        }
        match style {
            0 => {}
            1 => self.bytes(b";4"),
            _ => self.write(format_args!(";4:{style}")),
        }
        for (color, base) in [(line, 50), (to.fg, 30), (to.bg, 40)] {
            if color != Color::Default {
                self.bytes(b";");
                self.color(color, base);
            }
        }
        self.bytes(b"m");
        if to.flags.has(Flags::PROTECTED) {
            self.csi("1\"q");
        }
        self.pen = to;
    }

    /// The colour of lines to come, without a line now.
    pub(super) fn line_color(&mut self, color: Color) {
        self.bytes(b"\x1b[");
        self.color(color, 50);
        self.bytes(b"m");
    }

    /// SGR's numbers for a colour: `base` is 30 for the foreground, 40 for the background, 50 for underlines.
    fn color(&mut self, color: Color, base: u16) {
        match color {
            Color::Default => self.write(format_args!("{}", base + 9)),
            Color::Ansi(n @ 0..8) => self.write(format_args!("{}", base + u16::from(n))),
            Color::Ansi(n) => self.write(format_args!("{}", base + 52 + u16::from(n))),
            Color::Palette(n) => self.write(format_args!("{};5;{n}", base + 8)),
            Color::Rgb(r, g, b) => self.write(format_args!("{};2;{r};{g};{b}", base + 8)),
        }
    }

    /// The style and colour of a pen's line, if anything shows them. What DECALN and DECRC leave may have the
    /// flag without a style, or a style without the flag.
    pub(super) fn line(&self, pen: Pen) -> Option<(u8, Color)> {
        let extra = self.extra_of(pen);
        let underlined = pen.flags.has(Flags::UNDERLINE);
        let style = if underlined { extra.style.max(1) } else { 0 };
        (underlined || extra.link.is_some()).then_some((style, extra.color))
    }

    fn extra_of(&self, pen: Pen) -> &'a Extra {
        const PLAIN: &Extra = &Extra { style: 0, color: Color::Default, link: None };
        self.tables.extra(pen.extra).unwrap_or(PLAIN)
    }
}
