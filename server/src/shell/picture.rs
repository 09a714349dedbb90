//! What a terminal shows at a place of its output. It follows the output from behind, as late as it can: nobody
//! may ever ask.

use bytes::Bytes;

use super::Size;
use super::ring::Ring;
use super::sizes::Sizes;
use crate::screen::Screen;

/// What a drawing may take before it goes without the oldest lines of the scrollback: over a slow link it has to be
/// there before the next heartbeat is missed.
const DRAWING_BYTES: usize = 512 * 1024;

#[derive(Debug, Clone)]
pub(super) struct Picture {
    screen: Screen,
    /// What the screen was fed: the output before this offset.
    at: u64,
}

impl Picture {
    pub(super) fn new(size: Size) -> Self {
        Self { screen: Screen::new(size), at: 0 }
    }

    /// Goes on to the place from which the output is kept, before what comes before that is forgotten.
    pub(super) fn follow(&mut self, keep_from: u64, ring: &Ring, sizes: &Sizes) {
        while self.at < keep_from {
            self.resize(sizes);
            let to = sizes.next_after(self.at).map_or(keep_from, |next| next.min(keep_from));
            let count = usize::try_from(to - self.at).unwrap_or(usize::MAX);
            self.screen.feed(&ring.read(self.at, count));
            self.at = to;
        }
    }

    /// What draws the terminal as it is at this place; `None` if that was passed already. It does not go beyond
    /// `floor`, from where others may ask still.
    pub(super) fn draw(&mut self, at: u64, floor: u64, ring: &Ring, sizes: &Sizes) -> Option<Bytes> {
        self.follow(at.min(floor), ring, sizes);
        if self.at < at {
            let mut ahead = self.clone();
            ahead.follow(at, ring, sizes);
            return Some(ahead.draw_here(sizes));
        }
        (self.at == at).then(|| self.draw_here(sizes))
    }

    fn draw_here(&mut self, sizes: &Sizes) -> Bytes {
        self.resize(sizes);
        self.screen.draw_within(DRAWING_BYTES)
    }

    fn resize(&mut self, sizes: &Sizes) {
        let size = sizes.at(self.at);
        if self.screen.size() != size {
            self.screen.resize(size);
        }
    }
}
