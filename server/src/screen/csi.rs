//! Control sequences: moving, erasing, inserting and deleting, margins.

use super::cell::{Cell, Flags, Text};
use super::params::{Params, Sequence};
use super::row::Row;
use super::terminal::Terminal;

/// REP repeats no more often than this.
const MOST_REPEATS: usize = 1 << 16;

impl Terminal {
    pub(super) fn run_csi(&mut self, sequence: &Sequence) {
        let params = &sequence.params;
        match (sequence.prefix, sequence.intermediate, sequence.last) {
            (0, 0, last) => self.run_plain(last, params),
            (b'?', 0, b'J') => self.erase_in_display(params.get(0), true),
            (b'?', 0, b'K') => self.erase_in_line(params.get(0), true),
            (b'?', 0, b'h') => params.iter().for_each(|mode| self.set_private_mode(mode, true)),
            (b'?', 0, b'l') => params.iter().for_each(|mode| self.set_private_mode(mode, false)),
            (0, b' ', b'@') => self.shift_columns(0, params.count(0), false),
            (0, b' ', b'A') => self.shift_columns(0, params.count(0), true),
            (0, b'\'', last @ (b'}' | b'~')) => {
                let x = self.buffer().x;
                self.shift_columns(x, params.count(0), last == b'}');
            }
            (0, b'!', b'p') => self.soft_reset(),
            (0, b' ', b'q') => self.modes.set_cursor_style(params.get(0)),
            (0, b'"', b'q') if params.get(0) <= 2 => self.pen.flags.set(Flags::PROTECTED, params.get(0) == 1),
            _ => {}
        }
    }

    fn run_plain(&mut self, last: u8, params: &Params) {
        let n = params.count(0);
        match last {
            b'@' => self.edit_row(|row, x, fill, cols| row.insert(x, n, fill, cols)),
            b'P' => self.edit_row(|row, x, fill, cols| row.delete(x, n, fill, cols)),
            b'X' => self.edit_row(|row, x, fill, cols| row.fill(x, x.saturating_add(n), fill, cols, false)),
            b'A' => self.up(n),
            b'B' => self.down(n),
            b'C' | b'a' => self.step(|x, y| (x.saturating_add(n), y)),
            b'D' => self.step(|x, y| (x.saturating_sub(n), y)),
            b'e' => self.step(|x, y| (x, y.saturating_add(n))),
            b'E' => {
                self.down(n);
                self.buffer().x = 0;
            }
            b'F' => {
                self.up(n);
                self.buffer().x = 0;
            }
            b'G' | b'`' => {
                let y = self.buffer().y;
                self.place(n - 1, y);
            }
            b'd' => {
                let x = self.buffer().x;
                self.place(x, n - 1);
            }
            b'H' | b'f' => self.place(params.count(1) - 1, n - 1),
            b'I' => self.tab(n, true),
            b'Z' => self.tab(n, false),
            b'g' => self.clear_tabs(params.get(0)),
            b'J' => self.erase_in_display(params.get(0), false),
            b'K' => self.erase_in_line(params.get(0), false),
            b'L' => self.shift_lines(n, true),
            b'M' => self.shift_lines(n, false),
            b'S' => {
                let fill = self.pen.erasing();
                let buffer = self.buffer();
                buffer.shift(buffer.top, buffer.bottom, n, fill);
            }
            // xterm.js scrolls down without the background colour.
            b'T' => {
                let buffer = self.buffer();
                buffer.shift(buffer.bottom, buffer.top, n, Default::default());
            }
            b'b' => self.repeat(n),
            b'h' => params.iter().for_each(|mode| self.modes.set(mode, true)),
            b'l' => params.iter().for_each(|mode| self.modes.set(mode, false)),
            b'm' => self.set_attributes(params),
            b'r' => self.set_margins(params),
            b's' => self.save(),
            b'u' => self.restore(),
            _ => {}
        }
    }

    /// CUP, with rows from the upper margin in origin mode.
    pub(super) fn place(&mut self, x: usize, y: usize) {
        let origin = self.modes.origin;
        let buffer = self.buffer();
        (buffer.x, buffer.y) = (x, if origin { y.saturating_add(buffer.top) } else { y });
        buffer.confine(buffer.cols - 1, origin);
    }

    /// Moves the cursor from where it is, as xterm.js does: in origin mode the margin counts in once more.
    fn step(&mut self, to: impl FnOnce(usize, usize) -> (usize, usize)) {
        let origin = self.modes.origin;
        let buffer = self.buffer();
        buffer.confine(buffer.cols - 1, origin);
        let (x, y) = to(buffer.x, buffer.y);
        self.place(x, y);
    }

    fn up(&mut self, n: usize) {
        let buffer = self.buffer();
        let room = buffer.y.checked_sub(buffer.top).unwrap_or(n);
        self.step(|x, y| (x, y.saturating_sub(n.min(room))));
    }

    fn down(&mut self, n: usize) {
        let buffer = self.buffer();
        let room = buffer.bottom.checked_sub(buffer.y).unwrap_or(n);
        self.step(|x, y| (x, y.saturating_add(n.min(room))));
    }

    fn tab(&mut self, n: usize, forward: bool) {
        let buffer = self.buffer();
        if buffer.x >= buffer.cols {
            return;
        }
        for _ in 0..n.min(buffer.cols) {
            buffer.x = if forward { buffer.next_tab() } else { buffer.previous_tab(buffer.x) };
        }
    }

    fn clear_tabs(&mut self, which: u32) {
        let buffer = self.buffer();
        match which {
            0 => buffer.set_tab(buffer.x, false),
            3 => buffer.tabs.clear(),
            _ => {}
        }
    }

    fn edit_row(&mut self, edit: impl FnOnce(&mut Row, usize, Cell, usize)) {
        let (fill, origin) = (Cell::blank(self.pen.erasing()), self.modes.origin);
        let buffer = self.buffer();
        buffer.confine(buffer.cols - 1, origin);
        let (x, cols) = (buffer.x, buffer.cols);
        edit(buffer.row(), x, fill, cols);
    }

    /// IL and DL.
    fn shift_lines(&mut self, n: usize, insert: bool) {
        let (fill, origin) = (self.pen.erasing(), self.modes.origin);
        let buffer = self.buffer();
        buffer.confine(buffer.cols - 1, origin);
        let (y, top, bottom) = (buffer.y, buffer.top, buffer.bottom);
        if (top..=bottom).contains(&y) {
            let (from, to) = if insert { (bottom, y) } else { (y, bottom) };
            buffer.shift(from, to, n, fill);
            buffer.x = 0;
        }
    }

    /// Inserts or deletes columns in all rows between the margins.
    fn shift_columns(&mut self, x: usize, n: usize, insert: bool) {
        let fill = Cell::blank(self.pen.erasing());
        let buffer = self.buffer();
        let (cols, top, bottom) = (buffer.cols, buffer.top, buffer.bottom);
        if !(top..=bottom).contains(&buffer.y) {
            return;
        }
        for y in top..=bottom {
            let row = buffer.at(y);
            if insert {
                row.insert(x, n, fill, cols);
            } else {
                row.delete(x, n, fill, cols);
            }
            row.wrapped = false;
        }
    }

    fn erase_in_line(&mut self, which: u32, sparing: bool) {
        let (fill, origin) = (Cell::blank(self.pen.erasing()), self.modes.origin);
        let buffer = self.buffer();
        buffer.confine(buffer.cols, origin);
        let (x, cols) = (buffer.x, buffer.cols);
        let (start, end, unwrap) = match which {
            0 => (x, cols, x == 0),
            1 => (0, x + 1, false),
            2 => (0, cols, true),
            _ => return,
        };
        let row = buffer.row();
        row.fill(start, end, fill, cols, sparing);
        row.wrapped &= !unwrap;
    }

    fn erase_in_display(&mut self, which: u32, sparing: bool) {
        let (fill, origin) = (Cell::blank(self.pen.erasing()), self.modes.origin);
        let buffer = self.buffer();
        buffer.confine(buffer.cols, origin);
        let (x, y, cols, rows) = (buffer.x, buffer.y, buffer.cols, buffer.rows);
        let whole = match which {
            0 => {
                let row = buffer.row();
                row.fill(x, cols, fill, cols, sparing);
                row.wrapped &= x > 0;
                y + 1..rows
            }
            1 => {
                let row = buffer.row();
                row.fill(0, x + 1, fill, cols, sparing);
                row.wrapped = false;
                // xterm.js means the next row, but counts from the top of the scrollback.
                if x + 1 >= cols
                    && let Some(row) = buffer.lines.get_mut(y + 1)
                {
                    row.wrapped = false;
                }
                0..y
            }
            2 => 0..rows,
            3 => {
                let scrollback = buffer.lines.len() - rows;
                buffer.lines.drain(..scrollback);
                buffer.base = buffer.base.saturating_sub(scrollback);
                return;
            }
            _ => return,
        };
        for y in whole {
            let row = buffer.at(y);
            row.fill(0, cols, fill, cols, sparing);
            row.wrapped = false;
        }
    }

    fn set_margins(&mut self, params: &Params) {
        let buffer = self.buffer();
        let top = params.count(0);
        let bottom = match params.get(1) as usize {
            0 => buffer.rows,
            bottom => bottom.min(buffer.rows),
        };
        if bottom > top {
            (buffer.top, buffer.bottom) = (top - 1, bottom - 1);
            self.place(0, 0);
        }
    }

    /// REP. What is repeated is what the cell shows, marks and all.
    fn repeat(&mut self, n: usize) {
        let Some(last) = self.last else { return };
        let buffer = self.buffer();
        let Some(col) = buffer.x.checked_sub(last.width) else { return };
        let text: Vec<char> = match buffer.row().get(col).glyph.text() {
            Text::Nothing => Vec::new(),
            Text::Char(c) => vec![c],
            Text::Cluster(number) => self.tables.cluster(number).chars().collect(),
        };
        if !text.is_empty() {
            let all = text.len() * n.min(MOST_REPEATS);
            self.print_all(text.into_iter().cycle().take(all));
        }
    }
}
