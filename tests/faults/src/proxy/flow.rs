//! Whether bytes go each way.

use super::Way;

/// Which directions a link holds.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Flow {
    holds_up: bool,
    holds_down: bool,
}

impl Flow {
    pub(super) fn hold(&mut self, ways: &[Way]) {
        self.holds_up |= ways.contains(&Way::Up);
        self.holds_down |= ways.contains(&Way::Down);
    }

    pub(super) fn release(&mut self) {
        (self.holds_up, self.holds_down) = (false, false);
    }

    pub(super) fn holds(&self, way: Way) -> bool {
        match way {
            Way::Up => self.holds_up,
            Way::Down => self.holds_down,
        }
    }
}
