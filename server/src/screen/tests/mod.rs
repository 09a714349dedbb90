//! A screen and one that was drawn from it, compared in all that can be seen or that output to come can tell.

mod examples;
mod feeding;
mod soup;

use envsocket::core::resume::Size;

use super::Screen;
use super::buffer::Buffer;
use super::cell::{Cell, Pen, Text};
use super::terminal::Terminal;

fn screen(cols: u16, rows: u16, output: &[u8]) -> Screen {
    let mut screen = Screen::new(Size { cols, rows });
    screen.feed(output);
    screen
}

/// A terminal that shows what was drawn.
fn copy(screen: &Screen) -> Screen {
    let mut copy = Screen::new(screen.size());
    copy.feed(&screen.draw());
    copy
}

/// All of a screen's state, in lines for the eye.
fn state(screen: &Screen) -> Vec<String> {
    let terminal = &screen.terminal;
    let shown = if terminal.on_alternate { &terminal.alternate } else { &terminal.primary };
    let mut lines = vec![
        format!("modes {:?}", terminal.modes),
        format!("charsets {:?} {} {:?}", terminal.charsets, terminal.level, terminal.charset),
        format!("pen {} {:?}", pen(terminal, terminal.pen), terminal.extra),
        format!("title {:?} colors {:?}", terminal.title, terminal.colors),
        format!("last {:?} unfinished {:?}", terminal.last, screen.parser.unfinished()),
        format!("alternate {} saved {}", terminal.on_alternate, saved(terminal, &terminal.alternate)),
        format!("primary saved {}", saved(terminal, &terminal.primary)),
    ];
    lines.extend(buffer(terminal, &terminal.primary));
    if terminal.on_alternate {
        lines.extend(buffer(terminal, shown));
    }
    lines
}

fn pen(terminal: &Terminal, pen: Pen) -> String {
    let extra = terminal.tables.extra(pen.extra).filter(|_| pen.extra > 0);
    format!("{:?}/{:?} {:?} {extra:?}", pen.fg, pen.bg, pen.flags)
}

fn saved(terminal: &Terminal, buffer: &Buffer) -> String {
    let saved = buffer.saved;
    format!("{},{} {} {:?}", saved.x, saved.line, pen(terminal, saved.pen), saved.charset)
}

fn buffer(terminal: &Terminal, buffer: &Buffer) -> Vec<String> {
    let tabs: Vec<usize> = (0..buffer.cols).filter(|&col| buffer.has_tab(col)).collect();
    let place = (buffer.x, buffer.y, buffer.base, buffer.top, buffer.bottom);
    let mut lines = vec![format!("{place:?} tabs {tabs:?}")];
    for (number, row) in buffer.lines.iter().enumerate() {
        let mut cells: Vec<Cell> = row.cells().to_vec();
        // The one thing that cannot be drawn: no character where the cursor waits to wrap.
        if buffer.x == buffer.cols && number == buffer.base + buffer.y {
            cells.resize(buffer.cols, Cell::BLANK);
            let last = &mut cells[buffer.cols - 1];
            if last.glyph.text() == Text::Char(' ') {
                *last = Cell::blank(last.pen);
            }
        }
        while cells.last() == Some(&Cell::BLANK) {
            cells.pop();
        }
        let mut line = format!("{number}{}", if row.wrapped { "+" } else { "" });
        for cell in cells {
            let text = match cell.glyph.text() {
                Text::Nothing => String::new(),
                Text::Char(c) => c.into(),
                Text::Cluster(number) => terminal.tables.cluster(number).to_owned(),
            };
            line.push_str(&format!(" [{text}|{}|{}]", cell.glyph.width(), pen(terminal, cell.pen)));
        }
        lines.push(line);
    }
    lines
}

/// The first lines in which two states differ.
fn difference(one: &[String], other: &[String]) -> Option<String> {
    let lines = one.len().max(other.len());
    (0..lines)
        .find(|&at| one.get(at) != other.get(at))
        .map(|at| format!("{:?}\n{:?}", one.get(at), other.get(at)))
}

/// A copy of the screen is in the same state, and draws the same.
fn assert_restored(name: &str, screen: &Screen) {
    let copy = copy(screen);
    let difference = difference(&state(screen), &state(&copy));
    assert_eq!(difference, None, "{name}: {}", screen.draw().escape_ascii());
    assert_eq!(screen.draw(), copy.draw(), "{name} is drawn differently the second time");
}
