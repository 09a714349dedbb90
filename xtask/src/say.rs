//! The one line that every step prints. Standard output, so that the order with the tools' own holds.

use std::io::{self, Write};

/// A step that is about to be done: the command as a person would type it, and why.
pub(crate) fn doing(chore: &str, what: &str, command: &str, why: &str) {
    line(&format!("{chore}: {what}: {command}, {why}"));
}

/// Something that is there already and is used.
pub(crate) fn using(chore: &str, what: &str, found: &str) {
    line(&format!("{chore}: {what}: using {found}"));
}

/// Any other line.
pub(crate) fn line(text: &str) {
    let mut out = io::stdout().lock();
    // Whoever reads this may have gone (`cargo xtask demo | head -1`); the chore has not.
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}
