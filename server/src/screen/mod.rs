//! The screen of a terminal, kept beside its program, so that it can be drawn anew for a viewer who missed
//! output that is no longer kept.
//!
//! [`Screen`] is fed with the program's output and told of every resize; [`Screen::draw`] gives the bytes
//! that bring another terminal, just reset, to the same state: both screens, scrollback, cursor, modes, and
//! the beginning of a sequence that the output broke off in. It is pure: no clock, no I/O, no query to
//! answer.
//!
//! It is a terminal of its own, because what counts is that the viewer's xterm.js shows the same cell for
//! cell as one that was never cut, and goes on to. xterm.js has widths, line breaking, erasing, reflow and
//! parsing that no crate shares, and most crates do not let out what must be restored. `docs/TERMINALS.md`
//! compares them.
//!
//! | module | what it is |
//! | --- | --- |
//! | `parser`, `utf8`, `params` | from bytes to characters and sequences |
//! | `terminal`, `control`, `csi`, `sgr`, `modes`, `osc` | what they do |
//! | `buffer`, `row`, `cell`, `reflow` | what they do it to |
//! | `tables`, `intern` | what does not fit into a cell |
//! | `width`, `charset` | tables of characters |
//! | `draw` | the way back, from state to bytes |

mod buffer;
mod cell;
mod charset;
mod control;
mod csi;
mod draw;
mod intern;
mod modes;
mod osc;
mod params;
mod parser;
mod reflow;
mod row;
mod sgr;
mod tables;
mod terminal;
mod utf8;
mod width;

use bytes::Bytes;
use envsocket::core::resume::Size;

use parser::Parser;
use terminal::Terminal;

/// How many lines are kept that scrolled off the primary screen: as many as xterm.js keeps by itself.
pub const SCROLLBACK_LINES: usize = 1000;

/// A terminal without a window.
///
/// ```
/// use envsocket_server::screen::Screen;
/// use envsocket::core::resume::Size;
///
/// let size = Size { cols: 80, rows: 24 };
/// let mut screen = Screen::new(size);
/// screen.feed(b"\x1b[1mHel");
/// screen.feed(b"lo");
///
/// let mut another = Screen::new(size);
/// another.feed(&screen.draw());
/// assert_eq!(another.draw(), screen.draw());
/// ```
#[derive(Debug, Clone)]
pub struct Screen {
    size: Size,
    parser: Parser,
    terminal: Terminal,
}

impl Screen {
    /// A terminal that was just reset. Like xterm.js it has at least two columns and one row, whatever the
    /// size says. Memory grows with the size: callers bound it.
    pub fn new(size: Size) -> Self {
        let (cols, rows) = cells(size);
        Self { size, parser: Parser::default(), terminal: Terminal::new(cols, rows) }
    }

    /// What the program printed; any bytes, cut anywhere.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.parser.feed(bytes, &mut self.terminal);
    }

    /// The window changed, at this place of the output.
    pub fn resize(&mut self, size: Size) {
        self.size = size;
        let (cols, rows) = cells(size);
        self.terminal.resize(cols, rows);
    }

    /// The size that it was last given.
    pub fn size(&self) -> Size {
        self.size
    }

    /// What makes a terminal of this size that was just reset (as RIS does it) show all of this and be in
    /// this state. It contains nothing that a terminal answers, but for `?1004h`, to which xterm.js reports
    /// its focus.
    ///
    /// At its end are the bytes of an unfinished sequence or character, if output broke off in one: what the
    /// program prints next goes on from there.
    pub fn draw(&self) -> Bytes {
        let mut bytes = draw::draw(&self.terminal);
        bytes.extend(self.parser.unfinished());
        bytes.into()
    }

    /// As [`draw`](Self::draw), with as much of the scrollback as fits into so many bytes; what the window shows is
    /// drawn whole, however many it takes.
    pub fn draw_within(&self, most: usize) -> Bytes {
        let mut drawn = self.draw();
        let mut rest = None;
        while drawn.len() > most {
            let rest = rest.get_or_insert_with(|| self.clone());
            let scrollback = &mut rest.terminal.primary;
            if scrollback.base == 0 {
                break;
            }
            // Lines differ in what they take: a tenth less than if they did not.
            let kept = scrollback.base * most / drawn.len() * 9 / 10;
            scrollback.forget_oldest(scrollback.base - kept);
            drawn = rest.draw();
        }
        drawn
    }
}

fn cells(size: Size) -> (usize, usize) {
    (usize::from(size.cols).max(2), usize::from(size.rows).max(1))
}

#[cfg(test)]
mod tests;
