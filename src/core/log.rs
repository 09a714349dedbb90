//! The last transitions of a connection, for whoever wonders why it is as it is.

use std::borrow::Cow;
use std::collections::VecDeque;

/// How many transitions are kept: some minutes of a link that comes and goes.
const KEPT: usize = 32;

/// One transition.
#[derive(Debug, Clone)]
pub struct Entry {
    /// When, in Unix ms.
    pub at: u64,
    /// The state before.
    pub from: &'static str,
    /// The state since.
    pub to: &'static str,
    /// Why.
    pub because: Cow<'static, str>,
}

/// Transitions, oldest first.
#[derive(Debug, Default)]
pub struct Log(VecDeque<Entry>);

impl Log {
    pub(crate) fn note(&mut self, entry: Entry) {
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        self.0.push_back(entry);
    }

    /// The entries, oldest first.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.0.iter()
    }
}
