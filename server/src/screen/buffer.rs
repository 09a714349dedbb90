//! A grid of rows with its scrollback and its cursor: the primary screen is one, the alternate screen
//! another.

use std::collections::VecDeque;

use super::cell::{Cell, Pen};
use super::charset::Charset;
use super::row::Row;

/// Between tab stops, before a program sets its own.
pub(super) const TAB: usize = 8;

/// What DECSC keeps. The line counts from the top of the scrollback, as in xterm.js: text that scrolls takes
/// the saved place with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Saved {
    pub(super) x: usize,
    pub(super) line: usize,
    pub(super) pen: Pen,
    pub(super) charset: Charset,
}

/// The rows in use begin at `base`; above them is the scrollback.
#[derive(Debug, Clone)]
pub(super) struct Buffer {
    /// Empty while this is the alternate screen and not shown.
    pub(super) lines: VecDeque<Row>,
    pub(super) base: usize,
    pub(super) cols: usize,
    pub(super) rows: usize,
    pub(super) scrollback: usize,
    /// The cursor. `x` is `cols` when the next character will wrap.
    pub(super) x: usize,
    pub(super) y: usize,
    /// The margins, first and last row.
    pub(super) top: usize,
    pub(super) bottom: usize,
    pub(super) tabs: Vec<bool>,
    pub(super) saved: Saved,
}

impl Buffer {
    pub(super) fn new(cols: usize, rows: usize, scrollback: usize) -> Self {
        let mut buffer = Self {
            lines: VecDeque::new(),
            base: 0,
            cols,
            rows,
            scrollback,
            x: 0,
            y: 0,
            top: 0,
            bottom: rows - 1,
            tabs: Vec::new(),
            saved: Saved::default(),
        };
        buffer.clear();
        buffer
    }

    /// Forgets all but what is saved.
    pub(super) fn clear(&mut self) {
        self.lines.clear();
        (self.base, self.x, self.y) = (0, 0, 0);
        (self.top, self.bottom) = (0, self.rows - 1);
        self.tabs.clear();
        self.put_tabs(0);
    }

    /// Gives an empty buffer its rows.
    pub(super) fn show(&mut self, fill: Pen) {
        if self.lines.is_empty() {
            let row = Row::blank(self.cols, Cell::blank(fill), false);
            self.lines.resize(self.rows, row);
        }
    }

    /// The most lines it keeps.
    pub(super) fn most(&self) -> usize {
        self.rows + self.scrollback
    }

    /// The row with the cursor.
    pub(super) fn row(&mut self) -> &mut Row {
        let line = self.base + self.y;
        &mut self.lines[line]
    }

    pub(super) fn at(&mut self, y: usize) -> &mut Row {
        &mut self.lines[self.base + y]
    }

    /// Takes the first row between the margins out and puts an empty one in below. With the upper margin at
    /// the top, what goes out goes into the scrollback.
    pub(super) fn scroll(&mut self, fill: Pen, wrapped: bool) {
        let row = Row::blank(self.cols, Cell::blank(fill), wrapped);
        if self.top > 0 {
            self.lines.remove(self.base + self.top);
            self.lines.insert(self.base + self.bottom, row);
            return;
        }
        self.lines.insert(self.base + self.bottom + 1, row);
        if self.lines.len() > self.most() {
            self.lines.pop_front();
        } else {
            self.base += 1;
        }
    }

    /// Forgets so many of the oldest lines of the scrollback.
    pub(super) fn forget_oldest(&mut self, count: usize) {
        let count = count.min(self.base);
        self.lines.drain(..count);
        self.base -= count;
        self.saved.line = self.saved.line.saturating_sub(count);
    }

    /// Takes `n` rows out at row `from` and puts `n` empty ones in at row `to`, nothing going to the
    /// scrollback.
    pub(super) fn shift(&mut self, from: usize, to: usize, n: usize, fill: Pen) {
        for _ in 0..n.min(from.abs_diff(to) + 1) {
            self.lines.remove(self.base + from);
            self.lines.insert(self.base + to, Row::blank(self.cols, Cell::blank(fill), false));
        }
    }

    /// Keeps the cursor on the screen, and in origin mode between the margins.
    pub(super) fn confine(&mut self, last: usize, origin: bool) {
        self.x = self.x.min(last);
        self.y = if origin { self.y.clamp(self.top, self.bottom) } else { self.y.min(self.rows - 1) };
    }

    /// Tab stops at every eighth column from this one on.
    pub(super) fn put_tabs(&mut self, from: usize) {
        for col in (from..self.cols).step_by(TAB) {
            self.set_tab(col, true);
        }
    }

    pub(super) fn set_tab(&mut self, col: usize, on: bool) {
        if self.tabs.len() <= col {
            self.tabs.resize(col + 1, false);
        }
        self.tabs[col] = on;
    }

    pub(super) fn has_tab(&self, col: usize) -> bool {
        self.tabs.get(col).is_some_and(|&on| on)
    }

    pub(super) fn next_tab(&self) -> usize {
        let next = (self.x + 1..self.cols).find(|&col| self.has_tab(col));
        next.unwrap_or(self.cols - 1)
    }

    pub(super) fn previous_tab(&self, from: usize) -> usize {
        let previous = (0..from).rev().find(|&col| self.has_tab(col));
        previous.unwrap_or(0).min(self.cols - 1)
    }
}
