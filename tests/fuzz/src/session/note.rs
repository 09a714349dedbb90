//! What is said in a schedule: messages that are nothing but a name and a length, and pictures of them.

use envsocket::core::queue::Payload;
use envsocket::core::resume::session::{Entry, Recorder};

use crate::hostile::Choices;

/// A message: what it is, and how long it says that it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Note {
    what: What,
    pub(super) bytes: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Output,
    Input(u64),
    Picture(u64),
}

impl Note {
    pub(super) fn said(choices: &mut Choices<'_>) -> Self {
        let bytes = if choices.flag() { u64::from(choices.byte()) } else { choices.near(0).min(1 << 30) };
        Self { what: What::Output, bytes }
    }

    pub(super) fn input(which: u64, bytes: u64) -> Self {
        Self { what: What::Input(which), bytes }
    }

    pub(super) fn picture(to: u64) -> Self {
        Self { what: What::Picture(to), bytes: 100 + to % 3 * 1_000 }
    }
}

impl Payload for Note {
    fn byte_len(&self) -> u64 {
        self.bytes
    }
}

/// Counts what it could draw.
#[derive(Default)]
pub(super) struct Camera(u64);

impl Recorder<Note> for Camera {
    fn record(&mut self, entry: &Entry<Note>) {
        self.0 += u64::from(!matches!(entry, Entry::End { .. }));
    }

    fn snapshot(&self) -> Option<Note> {
        Some(Note::picture(self.0))
    }
}
