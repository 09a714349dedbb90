//! Rows as output. They are printed from the first of the scrollback to the last of the screen, so that they
//! scroll to where they belong, and so that rows that ran over run over again.

use super::paint::Paint;
use super::state;
use crate::screen::buffer::Buffer;
use crate::screen::cell::{Cell, Color, Glyph};
use crate::screen::row::Row;

/// How a row comes to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// The next row does not belong to it.
    Newline,
    /// The first character of the next row wraps by itself.
    Naturally,
    /// Its last cell is printed, then something that wraps, which is erased.
    Pending,
    /// Its last cell is empty: it is made to run over before it is drawn.
    Ahead,
}

/// All rows of a buffer, on an empty screen with the cursor in the upper left corner.
pub(super) fn draw(paint: &mut Paint<'_>, buffer: &Buffer) {
    let rows: Vec<&Row> = buffer.lines.iter().take(buffer.base + buffer.rows).collect();
    let saved = (buffer.saved != Default::default()).then(|| buffer.saved.line.min(rows.len() - 1));
    let endings = endings(&rows, buffer, saved);
    paint.x = 0;
    if rows[0].wrapped && buffer.rows > 1 {
        begin_with_continuation(paint);
    }
    for (line, row) in rows.iter().enumerate() {
        if saved == Some(line) {
            state::save_here(paint, buffer);
        }
        if endings[line] == Ending::Ahead {
            run_over_ahead(paint);
        }
        draw_row(paint, row);
        match endings[line] {
            Ending::Newline if line + 1 == rows.len() => {}
            Ending::Newline => {
                paint.reset_background();
                paint.bytes(b"\r\n");
            }
            Ending::Naturally if is_full(row, paint.cols) => fill_up(paint, row),
            Ending::Naturally => paint.go_to_column(paint.cols - 1),
            Ending::Pending => {
                fill_up(paint, row);
                paint.reset_background();
                paint.bytes(b"x\r\x1b[X");
            }
            Ending::Ahead => {
                paint.reset_background();
                paint.bytes(b"\x1b[B\r\x1b[X");
            }
        }
        paint.x = 0;
    }
}

fn endings(rows: &[&Row], buffer: &Buffer, saved: Option<usize>) -> Vec<Ending> {
    let mut endings = vec![Ending::Newline; rows.len()];
    for line in (0..rows.len() - 1).rev() {
        let (row, next) = (rows[line], rows[line + 1]);
        if next.wrapped {
            let undisturbed = saved != Some(line + 1) && endings[line + 1] != Ending::Ahead;
            endings[line] = if undisturbed && wraps_naturally(row, next, buffer.cols) {
                Ending::Naturally
            } else if is_full(row, buffer.cols) || buffer.rows == 1 {
                Ending::Pending
            } else {
                Ending::Ahead
            };
        }
    }
    endings
}

/// Whether the last cell has been printed to.
fn is_full(row: &Row, cols: usize) -> bool {
    row.get(cols - 1).glyph != Glyph::BLANK
}

fn wraps_naturally(row: &Row, next: &Row, cols: usize) -> bool {
    let (last, first) = (row.get(cols - 1), next.get(0));
    // The blank that a wide character leaves where it did not fit has its pen.
    let left_over = first.glyph.width() == 2 && last.pen == first.pen;
    // A coloured background would fill the row that scrolls in.
    let plain = first.pen.bg == Color::Default && first.glyph.has_text() && first.glyph.width() > 0;
    plain && (is_full(row, cols) || left_over) && styled_blanks(next, cols).next().is_none()
}

/// After the last column, so that the next character wraps.
fn fill_up(paint: &mut Paint<'_>, row: &Row) {
    if paint.x < paint.cols {
        let last = paint.cols - 1;
        paint.go_to_column(last);
        paint.print(Cell::blank(row.get(last).pen));
    }
}

/// Makes the row under the cursor, which is empty, run over into the next one, and comes back.
fn run_over_ahead(paint: &mut Paint<'_>) {
    paint.reset_background();
    paint.go_to_column(paint.cols - 1);
    paint.bytes(b"xx\x1b[A");
    paint.x = 0;
    paint.go_to_column(paint.cols - 1);
    paint.bytes(b"\x1b[X");
    paint.go_to_column(0);
}

/// The first row belongs to one that is no more: that one is printed, and deleted.
fn begin_with_continuation(paint: &mut Paint<'_>) {
    paint.go_to_column(paint.cols - 1);
    paint.bytes(b"xx\x1b[H\x1b[M\x1b[X");
    paint.x = 0;
}

/// One row, on an empty one.
fn draw_row(paint: &mut Paint<'_>, row: &Row) {
    draw_styled_blanks(paint, row);
    let last = paint.cols - 1;
    let end = row.cells().len().min(paint.cols);
    let mut col = 0;
    while col < end {
        let cell = row.get(col);
        let width = cell.glyph.width();
        if cell.glyph.has_text() {
            paint.go_to_column(col);
            // Half of a wide character, cut off by a narrower screen, cannot be printed.
            let torn = width == 2 && (col == last || row.get(col + 1).glyph != Glyph::SECOND_HALF);
            paint.print(if torn { Cell::blank(cell.pen) } else { cell });
            col += if torn { 1 } else { width.max(1) };
        } else if cell.pen.is_erased() {
            let same = |&col: &usize| !row.has_text(col) && row.get(col).pen == cell.pen;
            let n = (col..end).take_while(same).count();
            if cell.pen.bg != Color::Default {
                paint.go_to_column(col);
                paint.pen(cell.pen);
                paint.erase(n);
            }
            col += n;
        } else {
            col += 1;
        }
    }
}

/// Blank cells with more of a pen than erasing leaves. Only wide characters that were torn apart leave such.
fn styled_blanks(row: &Row, cols: usize) -> impl Iterator<Item = usize> {
    let second = |col: usize| col > 0 && row.width(col - 1) == 2;
    (0..row.cells().len().min(cols)).filter(move |&col| {
        let cell = row.get(col);
        let whole = cell.glyph.has_text() || cell.glyph == Glyph::SECOND_HALF && second(col);
        !whole && !cell.pen.is_erased()
    })
}

/// Leaves all of those in their places, by tearing wide characters apart: each one at the left edge, the last
/// one first, pushed to the right by those before it.
fn draw_styled_blanks(paint: &mut Paint<'_>, row: &Row) {
    let cols: Vec<usize> = styled_blanks(row, paint.cols).collect();
    // One that stays at the edge leaves no room to push, but then its neighbour is free as a rule.
    let edge = cols.first() == Some(&0) && cols.get(1) != Some(&1);
    for (at, &col) in cols.iter().enumerate().rev() {
        paint.bytes("\r一\x1b[2G".as_bytes());
        paint.x = 1;
        paint.print(Cell::blank(row.get(col).pen));
        paint.reset_background();
        // What was printed goes; what goes in before the next one leaves room for it.
        paint.go_to_column(1);
        paint.csi(if at == 0 && edge { "X" } else { "P" });
        paint.go_to_column(0);
        let room = usize::from(!(at == 1 && edge));
        let gap = at.checked_sub(1).map_or(col, |before| col - cols[before] + room);
        if gap > 0 {
            paint.csi_with(format_args!("{gap}@"));
        }
    }
}
