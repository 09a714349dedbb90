//! Another size for a buffer. Which rows come out of the scrollback or go into it, and how lines that ran
//! over are laid out anew, follows xterm.js step by step: the viewer's terminal does the same at the same
//! place of the output, and the two must stay equal.

use std::collections::VecDeque;
use std::mem;

use super::buffer::Buffer;
use super::cell::Cell;
use super::row::Row;

impl Buffer {
    pub(super) fn resize(&mut self, cols: usize, rows: usize) {
        let before = self.cols;
        let most = rows + self.scrollback;
        if !self.lines.is_empty() {
            self.resize_rows(rows);
            let excess = self.lines.len().saturating_sub(most);
            if excess > 0 {
                self.lines.drain(..excess);
                self.base = self.base.saturating_sub(excess);
                self.saved.line = self.saved.line.saturating_sub(excess);
            }
            self.x = self.x.min(cols - 1);
            self.saved.x = self.saved.x.min(cols - 1);
            self.top = 0;
        }
        self.bottom = rows - 1;
        (self.cols, self.rows) = (cols, rows);
        if self.scrollback > 0 && cols > before {
            self.widen(before);
        } else if self.scrollback > 0 && cols < before {
            self.narrow(before);
        }
        if cols < before {
            self.lines.iter_mut().for_each(|row| row.truncate(cols));
        }
        if !self.has_tab(cols) {
            self.put_tabs(self.previous_tab(cols));
        }
        let missing = (self.base + rows).saturating_sub(self.lines.len());
        if !self.lines.is_empty() {
            self.lines.extend(std::iter::repeat_n(Row::default(), missing));
        }
    }

    /// Rows that are added come back from the scrollback, if nothing is below the cursor; those that go are
    /// the empty ones below the cursor first.
    fn resize_rows(&mut self, rows: usize) {
        let mut returned = 0;
        for _ in self.rows..rows {
            if self.base > 0 && self.lines.len() <= self.base + self.y + returned + 1 {
                self.base -= 1;
                returned += 1;
            } else {
                self.lines.push_back(Row::default());
            }
        }
        for _ in rows..self.rows {
            if self.lines.len() > self.base + self.y + 1 {
                self.lines.pop_back();
            } else {
                self.base += 1;
            }
        }
        self.y = self.y.min(rows - 1) + returned;
    }

    /// Joins what ran over, now that there is room.
    fn widen(&mut self, before: usize) {
        let cursor = self.base + self.y;
        let mut removed = 0;
        let mut first = 0;
        let mut kept = VecDeque::with_capacity(self.lines.len());
        while first < self.lines.len() {
            let end = self.group_end(first);
            let mut group: Vec<Row> = (first..end).map(|line| mem::take(&mut self.lines[line])).collect();
            if group.len() > 1 && !(first..end).contains(&cursor) {
                let empty = join(&mut group, before, self.cols);
                group.truncate(group.len() - empty);
                removed += empty;
            }
            kept.extend(group);
            first = end;
        }
        self.lines = kept;
        for _ in 0..removed {
            if self.base > 0 {
                self.base -= 1;
                continue;
            }
            self.y = self.y.saturating_sub(1);
            if self.lines.len() < self.rows {
                self.lines.push_back(Row::default());
            }
        }
        self.saved.line = self.saved.line.saturating_sub(removed);
    }

    /// Where the rows that `first` ran over into end.
    fn group_end(&self, first: usize) -> usize {
        let mut end = first + 1;
        while self.lines.get(end).is_some_and(|row| row.wrapped) {
            end += 1;
        }
        end
    }

    /// Lets what is too long run over. The line with the cursor stays: its program will print it anew. Rows
    /// that give way at the end are still laid out, and only then dropped.
    fn narrow(&mut self, before: usize) {
        let mut inserts: Vec<Insert> = Vec::new();
        let mut total = 0;
        let mut line = self.lines.len();
        let mut len = line;
        while line > 0 {
            line -= 1;
            let last = line;
            if !self.lines[last].wrapped && self.lines[last].text_end() <= self.cols {
                continue;
            }
            while self.lines[line].wrapped && line > 0 {
                line -= 1;
            }
            if (line..=last).contains(&(self.base + self.y)) {
                continue;
            }
            let mut group: Vec<Row> = (line..=last).map(|line| mem::take(&mut self.lines[line])).collect();
            let rows = group.len();
            let added = split(&mut group, before, self.cols);
            let added_rows = group.split_off(rows);
            for (offset, row) in group.into_iter().enumerate() {
                self.lines[line + offset] = row;
            }
            let most = self.most();
            let full = if self.base == 0 && self.y + 1 != len { self.y } else { len };
            let trimmed = (full + added).saturating_sub(most);
            if added > 0 {
                inserts.push(Insert { after: line + rows + total, rows: added_rows });
                total += added;
            }
            for _ in trimmed..added {
                self.give_way(&mut len, total);
            }
            self.saved.line = (self.saved.line + added).min(self.base + self.rows - 1);
        }
        self.lines.truncate(len);
        self.insert(inserts, total);
    }

    /// One row more above the cursor: an empty one below goes, or the screen moves down.
    fn give_way(&mut self, len: &mut usize, total: usize) {
        if self.base == 0 && self.y + 1 < self.rows {
            self.y += 1;
            *len -= 1;
        } else if self.base == 0 || self.base + self.rows < self.most().min(*len + total) {
            self.base += 1;
        }
    }

    /// Puts the new rows in, from the bottom up; what does not fit any more is lost at the top.
    fn insert(&mut self, inserts: Vec<Insert>, total: usize) {
        if total == 0 {
            return;
        }
        let mut old = mem::take(&mut self.lines);
        let mut room = self.most().min(old.len() + total);
        let mut inserted = 0;
        let mut inserts = inserts.into_iter().peekable();
        while room > 0 {
            let due = inserts.next_if(|insert| insert.after >= old.len() + inserted);
            let rows = match due {
                Some(insert) => {
                    inserted += insert.rows.len();
                    insert.rows
                }
                None => match old.pop_back() {
                    Some(row) => vec![row],
                    None => break,
                },
            };
            for row in rows.into_iter().rev().take(room) {
                self.lines.push_front(row);
                room -= 1;
            }
        }
    }
}

/// Rows that come into the list after this many, those below already counted in.
struct Insert {
    after: usize,
    rows: Vec<Row>,
}

/// How much of a row of a group counts. A blank at its end may be there only because the wide character that
/// begins the next row did not fit.
fn length(group: &[Row], row: usize, cols: usize) -> usize {
    let Some(next) = group.get(row + 1) else { return group[row].text_end() };
    let blank = !group[row].has_text(cols - 1) && group[row].width(cols - 1) == 1;
    if blank && next.width(0) == 2 { cols - 1 } else { cols }
}

/// Moves a group's cells up into its first rows; returns how many rows at its end are empty now.
fn join(group: &mut [Row], before: usize, cols: usize) -> usize {
    let (mut to, mut to_col) = (0, length(group, 0, before));
    let (mut from, mut from_col) = (1, 0);
    while from < group.len() {
        let end = length(group, from, before);
        let n = end.saturating_sub(from_col).min(cols - to_col);
        let piece = group[from].copy(from_col, n);
        group[to].paste(to_col, &piece);
        to_col += n;
        from_col += n;
        if to_col == cols {
            (to, to_col) = (to + 1, 0);
        }
        if from_col >= end {
            (from, from_col) = (from + 1, 0);
        }
        if to_col == 0 && to > 0 && group[to - 1].width(cols - 1) == 2 {
            let half = group[to - 1].get(cols - 1);
            group[to].set(0, half);
            group[to - 1].set(cols - 1, Cell::BLANK);
            to_col = 1;
        }
    }
    if let Some(row) = group.get_mut(to) {
        row.fill(to_col, cols, Cell::BLANK, cols, false);
    }
    let empty = |row: usize| row > to || group[row].text_end() == 0;
    (1..group.len()).rev().take_while(|&row| empty(row)).count()
}

/// Moves a group's cells down so that each row fits; returns how many rows it added.
fn split(group: &mut Vec<Row>, before: usize, cols: usize) -> usize {
    let rows = group.len();
    let lengths = split_lengths(group, before, cols);
    let Some(added) = lengths.len().checked_sub(rows) else { return 0 };
    let mut from = rows - 1;
    let mut from_col = group[from].text_end();
    group.resize(lengths.len(), Row::blank(cols, Cell::BLANK, true));
    let mut ends = lengths.iter().enumerate().rev().filter(|&(_, &end)| end > 0);
    let mut to = ends.next();
    let mut to_col = to.map_or(0, |(_, &end)| end);
    while let Some((row, _)) = to {
        let n = from_col.min(to_col);
        let piece = group[from].copy(from_col - n, n);
        group[row].paste(to_col - n, &piece);
        to_col -= n;
        from_col -= n;
        if to_col == 0 {
            to = ends.next();
            to_col = to.map_or(0, |(_, &end)| end);
        }
        if from_col == 0 {
            if from == 0 {
                break;
            }
            from -= 1;
            from_col = length(group, from, before);
        }
    }
    for (row, &end) in group.iter_mut().zip(&lengths) {
        if end < cols {
            row.set(end, Cell::BLANK);
        }
    }
    added
}

/// How long each row of a group will be, so that no wide character is torn apart.
fn split_lengths(group: &[Row], before: usize, cols: usize) -> Vec<usize> {
    let mut left: usize = (0..group.len()).map(|row| length(group, row, before)).sum();
    let mut lengths = Vec::new();
    let (mut row, mut col) = (0, 0);
    while left >= cols {
        col += cols;
        let end = if row < group.len() { length(group, row, before) } else { before };
        if col > end {
            col -= end;
            row += 1;
        }
        let torn = group.get(row).is_some_and(|row| row.width(col - 1) == 2);
        col -= usize::from(torn);
        let length = cols - usize::from(torn);
        lengths.push(length);
        left -= length;
    }
    if left > 0 {
        lengths.push(left);
    }
    lengths
}
