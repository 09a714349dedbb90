//! The last transitions of a connection, for whoever wonders why it is as it is.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::rc::Rc;

use super::key::Key;

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

/// How many pairs that have left are remembered: those that somebody may still wonder about.
const PAIRS: usize = 32;

/// The logs of pairs that have left, the latest last.
#[derive(Debug, Default)]
pub(crate) struct PastLogs(VecDeque<(Rc<Key>, Log)>);

impl PastLogs {
    pub(crate) fn keep(&mut self, key: Rc<Key>, log: Log) {
        if self.0.len() == PAIRS {
            self.0.pop_front();
        }
        self.0.push_back((key, log));
    }

    pub(crate) fn of(&self, key: &Key) -> Option<&Log> {
        self.0.iter().find(|(other, _)| **other == *key).map(|(_, log)| log)
    }

    /// What a new life of the pair goes on with.
    pub(crate) fn take(&mut self, key: &Key) -> Log {
        let at = self.0.iter().position(|(other, _)| **other == *key);
        at.and_then(|at| self.0.remove(at)).map(|(_, log)| log).unwrap_or_default()
    }
}
