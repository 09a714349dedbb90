//! Who is in charge of a terminal: the viewer whose input, a size included, was taken last. Nobody has to be.

#[derive(Debug, Default)]
pub(super) struct Charge {
    /// Those who were, and are still there, the last one at the end.
    turns: Vec<u64>,
}

impl Charge {
    /// This viewer's input is taken. Says whether somebody else was in charge.
    pub(super) fn take(&mut self, viewer: u64) -> bool {
        if self.turns.last() == Some(&viewer) {
            return false;
        }
        self.leave(viewer);
        self.turns.push(viewer);
        true
    }

    /// The one before it follows.
    pub(super) fn leave(&mut self, viewer: u64) {
        self.turns.retain(|other| *other != viewer);
    }

    /// Everybody is, as long as nobody was.
    pub(super) fn has(&self, viewer: u64) -> bool {
        self.turns.last().is_none_or(|last| *last == viewer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_one_has_it_and_then_the_one_before() {
        let mut charge = Charge::default();
        assert!(charge.has(1) && charge.has(2), "nobody has typed");
        assert!(charge.take(1) && charge.take(2) && charge.take(3));
        assert!(!charge.take(3), "nothing has changed");
        assert!(charge.take(1));
        assert!(charge.has(1) && !charge.has(3));
        charge.leave(1);
        assert!(charge.has(3));
        charge.leave(2);
        charge.leave(3);
        assert!(charge.has(2));
    }
}
