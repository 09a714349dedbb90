//! What cells name by number: clusters of combining marks, and what a pen has beside colours and flags.

use std::sync::Arc;

use super::buffer::Buffer;
use super::cell::{Color, Text};
use super::intern::{Cost, Interner};

/// Marks on one character are ignored past this many.
const MOST_MARKS: usize = 31;
/// A longer address is no link.
const LONGEST_LINK: usize = 2083;

/// A hyperlink: where it goes, and the id by which its pieces belong together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Link {
    pub(super) id: String,
    pub(super) uri: String,
}

impl Link {
    pub(super) fn new(id: &str, uri: &str) -> Option<Arc<Self>> {
        let fits = id.len() + uri.len() <= LONGEST_LINK;
        fits.then(|| Arc::new(Self { id: id.to_owned(), uri: uri.to_owned() }))
    }
}

/// The rest of a pen: the line below, with its style (1 to 5, as SGR 4 counts them) and colour, and a link.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(super) struct Extra {
    pub(super) style: u8,
    pub(super) color: Color,
    pub(super) link: Option<Arc<Link>>,
}

impl Extra {
    /// Whether cells need not know of it: a colour alone shows nothing.
    pub(super) fn is_plain(&self) -> bool {
        self.style == 0 && self.link.is_none()
    }
}

impl Cost for Extra {
    fn cost(&self) -> usize {
        64 + self.link.as_ref().map_or(0, |link| link.id.len() + link.uri.len())
    }
}

impl Cost for Arc<str> {
    fn cost(&self) -> usize {
        64 + self.len()
    }
}

/// Both tables. They are bounded: when one is full, and after a look through all cells still is, what is new
/// is shown without its marks, its underline or its link.
#[derive(Debug, Clone)]
pub(super) struct Tables {
    clusters: Interner<Arc<str>>,
    extras: Interner<Extra>,
    /// How many refusals must pass before the cells are looked through again.
    patience: usize,
}

/// Numbers that are in use, one list for each table.
struct Used {
    clusters: Vec<bool>,
    extras: Vec<bool>,
}

impl Tables {
    pub(super) fn new() -> Self {
        Self {
            clusters: Interner::new(65_536, 4 << 20),
            extras: Interner::new(usize::from(u16::MAX) - 1, 4 << 20),
            patience: 0,
        }
    }

    /// The number for this extra; 0 if it is plain, or the table full.
    pub(super) fn extra_number(&mut self, extra: &Extra, buffers: [&Buffer; 2]) -> u16 {
        if let Some(number) = self.extras.number(extra) {
            return number as u16;
        }
        self.sweep(buffers);
        self.extras.number(extra).map_or(0, |number| number as u16)
    }

    pub(super) fn extra(&self, number: u16) -> Option<&Extra> {
        self.extras.get(number.into())
    }

    pub(super) fn cluster(&self, number: u32) -> &str {
        self.clusters.get(number).map_or("", |text| text)
    }

    /// The number for a text with one more mark; none if there are too many, or the table is full.
    pub(super) fn cluster_number(&mut self, base: Text, mark: char, buffers: [&Buffer; 2]) -> Option<u32> {
        let mut text = match base {
            Text::Nothing => String::new(),
            Text::Char(c) => c.into(),
            Text::Cluster(number) => self.cluster(number).to_owned(),
        };
        if text.chars().nth(MOST_MARKS).is_some() {
            return None;
        }
        text.push(mark);
        let text = Arc::from(text);
        if let Some(number) = self.clusters.number(&text) {
            return Some(number);
        }
        self.sweep(buffers);
        self.clusters.number(&text)
    }

    /// How many of each there are.
    #[cfg(test)]
    pub(super) fn counts(&self) -> [usize; 2] {
        [self.clusters.bound(), self.extras.bound()]
    }

    /// Forgets what no cell and no saved cursor names. It takes as long as there are cells, so not every
    /// time.
    fn sweep(&mut self, buffers: [&Buffer; 2]) {
        if self.patience > 0 {
            self.patience -= 1;
            return;
        }
        let mut used =
            Used { clusters: vec![false; self.clusters.bound()], extras: vec![false; self.extras.bound()] };
        for buffer in buffers {
            used.extras[usize::from(buffer.saved.pen.extra)] = true;
            for cell in buffer.lines.iter().flat_map(|row| row.cells()) {
                used.extras[usize::from(cell.pen.extra)] = true;
                if let Text::Cluster(number) = cell.glyph.text() {
                    used.clusters[number as usize] = true;
                }
            }
        }
        let forgotten = self.clusters.keep(&used.clusters) + self.extras.keep(&used.extras);
        self.patience = if forgotten < 4096 { 65_536 } else { 0 };
    }
}
