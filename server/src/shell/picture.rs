//! What a terminal shows at a place of its output. It follows the output from behind, as late as it can: nobody
//! may ever ask.

use bytes::Bytes;

use super::Size;
use super::ring::Ring;
use super::sizes::Sizes;
use crate::screen::Screen;

#[derive(Debug)]
pub(super) struct Picture {
    screen: Screen,
    /// What the screen was fed: the output before this offset.
    at: u64,
}

impl Picture {
    pub(super) fn new(size: Size) -> Self {
        Self { screen: Screen::new(size), at: 0 }
    }

    /// Goes on to the place from which the ring keeps the output, before it forgets what comes before that.
    pub(super) fn follow(&mut self, keep_from: u64, ring: &Ring, sizes: &Sizes) {
        while self.at < keep_from {
            self.resize(sizes);
            let to = sizes.next_after(self.at).map_or(keep_from, |next| next.min(keep_from));
            let count = usize::try_from(to - self.at).unwrap_or(usize::MAX);
            self.screen.feed(&ring.read(self.at, count));
            self.at = to;
        }
    }

    /// What draws the terminal as it is at this place; `None` if that was passed already.
    pub(super) fn draw(&mut self, at: u64, ring: &Ring, sizes: &Sizes) -> Option<Bytes> {
        if self.at > at {
            return None;
        }
        self.follow(at, ring, sizes);
        self.resize(sizes);
        Some(self.screen.draw())
    }

    fn resize(&mut self, sizes: &Sizes) {
        let size = sizes.at(self.at);
        if self.screen.size() != size {
            self.screen.resize(size);
        }
    }
}
