//! One row of cells. What lies to the right of the last cell that was written takes no memory.

use super::cell::{Cell, Flags, Glyph};

/// A row; how wide it is only its buffer knows, and says so where it matters.
#[derive(Debug, Clone, Default)]
pub(super) struct Row {
    cells: Vec<Cell>,
    /// Whether the row above ran over into this one.
    pub(super) wrapped: bool,
}

impl Row {
    /// A row of blanks like this one.
    pub(super) fn blank(cols: usize, fill: Cell, wrapped: bool) -> Self {
        let cells = if fill == Cell::BLANK { Vec::new() } else { vec![fill; cols] };
        Self { cells, wrapped }
    }

    /// The cells that are kept; all to the right of them are blank.
    pub(super) fn cells(&self) -> &[Cell] {
        &self.cells
    }

    pub(super) fn get(&self, col: usize) -> Cell {
        self.cells.get(col).copied().unwrap_or(Cell::BLANK)
    }

    pub(super) fn width(&self, col: usize) -> usize {
        self.get(col).glyph.width()
    }

    pub(super) fn has_text(&self, col: usize) -> bool {
        self.get(col).glyph.has_text()
    }

    pub(super) fn set(&mut self, col: usize, cell: Cell) {
        if col >= self.cells.len() {
            if cell == Cell::BLANK {
                return;
            }
            self.cells.resize(col + 1, Cell::BLANK);
        }
        self.cells[col] = cell;
    }

    /// Writes printable ASCII, all with one pen.
    pub(super) fn write_ascii(&mut self, col: usize, text: &[u8], like: Cell) {
        let end = col + text.len();
        if self.cells.len() < end {
            self.cells.resize(end, Cell::BLANK);
        }
        for (cell, &byte) in self.cells[col..end].iter_mut().zip(text) {
            *cell = Cell { glyph: Glyph::char(byte as char, 1), ..like };
        }
    }

    /// Moves what is at `col` and right of it `n` columns to the right. Halves of wide characters that this
    /// tears apart become blanks, here and in all below.
    pub(super) fn insert(&mut self, col: usize, n: usize, fill: Cell, cols: usize) {
        let col = col % cols;
        if col > 0 && self.width(col - 1) == 2 {
            self.set(col - 1, fill);
        }
        let n = n.min(cols - col);
        if self.cells.len() < col {
            self.cells.resize(col, Cell::BLANK);
        }
        self.cells.splice(col..col, std::iter::repeat_n(fill, n));
        self.cells.truncate(cols);
        if self.width(cols - 1) == 2 {
            self.set(cols - 1, fill);
        }
    }

    /// Takes `n` cells out at `col`; the rest moves up, and the end of the row is filled.
    pub(super) fn delete(&mut self, col: usize, n: usize, fill: Cell, cols: usize) {
        let col = col % cols;
        let n = n.min(cols - col);
        if fill != Cell::BLANK {
            self.cells.resize(cols, Cell::BLANK);
        }
        let kept = self.cells.len();
        self.cells.drain(col.min(kept)..(col + n).min(kept));
        if fill != Cell::BLANK {
            self.cells.resize(cols, fill);
        }
        if col > 0 && self.width(col - 1) == 2 {
            self.set(col - 1, fill);
        }
        if self.width(col) == 0 && !self.has_text(col) {
            self.set(col, fill);
        }
    }

    /// Fills from `start` up to `end`; with `sparing`, only what is not protected.
    pub(super) fn fill(&mut self, start: usize, end: usize, fill: Cell, cols: usize, sparing: bool) {
        let spared = |row: &Self, col: usize| sparing && row.get(col).pen.flags.has(Flags::PROTECTED);
        if start > 0 && self.width(start - 1) == 2 && !spared(self, start - 1) {
            self.set(start - 1, fill);
        }
        if (1..cols).contains(&end) && self.width(end - 1) == 2 && !spared(self, end) {
            self.set(end, fill);
        }
        let end = end.min(cols);
        if !sparing && fill == Cell::BLANK && end >= self.cells.len() {
            self.cells.truncate(start);
            return;
        }
        for col in start..end {
            if !spared(self, col) {
                self.set(col, fill);
            }
        }
    }

    /// Cuts the row off at its new width.
    pub(super) fn truncate(&mut self, cols: usize) {
        self.cells.truncate(cols);
    }

    /// Writes a piece of another row; cells that the piece lacks are blank.
    pub(super) fn paste(&mut self, col: usize, piece: &[Cell]) {
        for (offset, &cell) in piece.iter().enumerate() {
            self.set(col + offset, cell);
        }
    }

    /// A copy of `n` cells from `col` on.
    pub(super) fn copy(&self, col: usize, n: usize) -> Vec<Cell> {
        (col..col + n).map(|col| self.get(col)).collect()
    }

    /// The column after the last character.
    pub(super) fn text_end(&self) -> usize {
        let last = self.cells.iter().rposition(|cell| cell.glyph.has_text());
        last.map_or(0, |col| col + self.width(col))
    }
}
