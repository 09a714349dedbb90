//! Target: a program's output, for the screen that is kept of it.
//!
//! The first two bytes are the size, the rest is the output. A byte 0xff in it, which is in no text, is an
//! instruction; the byte after it says which:
//!
//! - 0x00 to 0x7f: draw here, and go on with a new screen that was fed with the drawing
//! - 0x80 to 0xbf: resize; two bytes more are the size
//! - 0xc0 to 0xff: an output of 0xff, after all

use envsocket::core::resume::Size;
use envsocket_server::screen::{SCROLLBACK_LINES, Screen};

use crate::hostile::Choices;

mod queries;

/// How often a drawing takes over: each costs as much as all the rest.
const MOST_DRAWINGS: usize = 4;

/// The most bytes that one cell takes in a drawing: all of a pen, a character with 31 marks, and the way there.
/// Blanks that are the remains of wide characters take a few sequences more.
const MOST_PER_CELL: usize = 512;
/// A hyperlink's address, twice: it can end and begin again at every cell.
const MOST_PER_LINKED_CELL: usize = 2 * 2_100;
/// What is not in cells: a title and an unfinished sequence of 64 KiB each, in up to four bytes a character; 259
/// colours; modes and tab stops.
const MOST_BESIDE: usize = (2 << 18) + (16 << 10);

/// Three screens see the same: one that is never drawn; one that is fed byte by byte; and one that is replaced by
/// another, fed with its drawing, now and then. At the end, all draw the same, and so does one that is fed with that.
///
/// What cannot be drawn exactly is not asked for: see `is_exact`.
pub fn run(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    let size = size(&mut choices);
    let mut screens = Screens {
        never_drawn: Screen::new(size),
        in_pieces: Screen::new(size),
        redrawn: Some(Screen::new(size)),
        drawings: 0,
        resized: false,
        widest: size.cols,
        stops: bytes.windows(2).any(|pair| pair == b"\x1bH" || pair == b"\xc2\x88"),
        links: bytes.windows(2).any(|pair| pair == b"]8" || pair == b"\x9d8" || pair == b"]0"),
    };
    let mut output = Vec::new();
    while !choices.is_empty() {
        let byte = choices.byte();
        if byte != 0xff {
            output.push(byte);
            continue;
        }
        match choices.byte() {
            0x00..=0x7f => {
                screens.feed(&std::mem::take(&mut output));
                screens.redraw();
            }
            0x80..=0xbf => {
                screens.feed(&std::mem::take(&mut output));
                screens.resize(self::size(&mut choices));
            }
            0xc0..=0xff => output.push(0xff),
        }
    }
    screens.feed(&output);
    screens.agree();
}

/// From 1 to 128 columns, and 1 to 64 rows: what is special about a size is special about a small one.
fn size(choices: &mut Choices<'_>) -> Size {
    let (cols, rows) = (choices.byte() & 0x7f, choices.byte() & 0x3f);
    Size { cols: u16::from(cols) + 1, rows: u16::from(rows) + 1 }
}

struct Screens {
    never_drawn: Screen,
    in_pieces: Screen,
    /// None once a drawing was one that another screen goes on from in another way.
    redrawn: Option<Screen>,
    drawings: usize,
    resized: bool,
    /// The most columns that there were.
    widest: u16,
    /// Whether there may be hyperlinks.
    links: bool,
    /// Whether there may be tab stops of the program's own.
    stops: bool,
}

impl Screens {
    fn feed(&mut self, output: &[u8]) {
        self.never_drawn.feed(output);
        output.chunks(1).for_each(|byte| self.in_pieces.feed(byte));
        if let Some(redrawn) = &mut self.redrawn {
            redrawn.feed(output);
        }
    }

    fn resize(&mut self, size: Size) {
        // Where the next character is to wrap, a stop is set beyond the right edge.
        if self.stops && self.drawings > 0 && size.cols > self.widest {
            self.redrawn = None;
        }
        self.widest = self.widest.max(size.cols);
        self.resized = true;
        for screen in [&mut self.never_drawn, &mut self.in_pieces].into_iter().chain(&mut self.redrawn) {
            screen.resize(size);
            assert_eq!(screen.size(), size);
        }
    }

    fn redraw(&mut self) {
        self.drawings += 1;
        if self.drawings > MOST_DRAWINGS {
            return;
        }
        if self.resized {
            // A mark that comes next may have lost its character; behind a control it stands alone in any case.
            self.feed(b"\0");
        }
        let Some(mut screen) = self.redrawn.take() else { return };
        let (drawing, size) = (self.drawing(&screen), screen.size());
        // Tab stops beyond the right edge come back when the screen is widened, and no terminal can be told of them.
        self.redrawn = if !is_exact(&drawing, size) || size.cols != self.widest {
            Some(screen)
        } else {
            let (redrawn, mut spare) = (another(&screen, &drawing), another(&screen, &drawing));
            pens_go_on_alike(&mut screen, &mut spare).then_some(redrawn)
        };
    }

    fn agree(&self) {
        let drawing = self.drawing(&self.never_drawn);
        same(&self.drawing(&self.in_pieces), &drawing, "fed byte by byte, and at once");
        if let Some(redrawn) = &self.redrawn {
            same(&self.drawing(redrawn), &drawing, "drawn on the way, and never");
        }
        let again = self.drawing(&another(&self.never_drawn, &drawing));
        if is_exact(&drawing, self.never_drawn.size()) {
            same(&again, &drawing, "drawn from a drawing, and drawn");
        }
    }

    /// What the screen draws, which must not be too long, and ask for nothing.
    fn drawing(&self, screen: &Screen) -> Vec<u8> {
        let drawing = screen.draw().to_vec();
        let Size { cols, rows } = screen.size();
        let cells = usize::from(cols).max(2) * (SCROLLBACK_LINES + 2 * usize::from(rows));
        let cell = MOST_PER_CELL + if self.links { MOST_PER_LINKED_CELL } else { 0 };
        assert!(drawing.len() <= cells * cell + MOST_BESIDE, "a drawing of {} bytes", drawing.len());
        if let Some(query) = queries::find(&drawing) {
            panic!("a terminal answers {:?}", query.escape_ascii().to_string());
        }
        drawing
    }
}

/// Whether no blank had to be printed where there is nothing. It looks the same, but is one: before the cursor, where
/// the next character is to wrap and its cell was erased since; and at the end of a row that runs over, on a screen
/// of one row. Nothing but printing brings a terminal there.
fn is_exact(drawing: &[u8], size: Size) -> bool {
    let to_the_last_column = format!(";{}H", size.cols.max(2));
    let mut ways = drawing.windows(to_the_last_column.len()).enumerate();
    let printed_blank = ways.any(|(at, way)| {
        let mut rest = &drawing[at + way.len()..];
        while way == to_the_last_column.as_bytes() && rest.first() == Some(&0x1b) {
            rest = &rest[queries::sequence(rest).len()..];
        }
        way == to_the_last_column.as_bytes() && rest.first() == Some(&b' ')
    });
    size.rows > 1 && !printed_blank
}

/// Whether underlines and links go on in the same way. After DECRC they may not: a terminal saves whether there is
/// one, but not which, and shows it once something else changes it. Nothing but DECRC brings a terminal there.
fn pens_go_on_alike(one: &mut Screen, other: &mut Screen) -> bool {
    const CHANGE: &str = "\x1b[58;5;1m";
    const SHOW: &str = "\x1b[24m";
    const RESTORE: &str = "\x1b[4:3m\x1b]8;;h\x1b\\\x1b8\x1b[H\x1b(B\x0f";
    const ALTERNATE: &str = "\x1b[?47h";
    const PRIMARY: &str = "\x1b[?47l";
    let steps = [CHANGE, SHOW, RESTORE, ALTERNATE, RESTORE, PRIMARY, RESTORE];
    steps.iter().all(|step| {
        one.feed(step.as_bytes());
        other.feed(step.as_bytes());
        one.draw() == other.draw()
    })
}

/// A new screen of the same size that was fed with this.
fn another(screen: &Screen, drawing: &[u8]) -> Screen {
    let mut another = Screen::new(screen.size());
    another.feed(drawing);
    another
}

fn same(one: &[u8], other: &[u8], what: &str) {
    if one != other {
        let at = one.iter().zip(other).take_while(|(one, other)| one == other).count();
        let around = |bytes: &[u8]| {
            let bytes = &bytes[at.saturating_sub(40)..bytes.len().min(at + 40)];
            bytes.escape_ascii().to_string()
        };
        panic!("{what}: different from byte {at} on\n  {}\n  {}", around(one), around(other));
    }
}
