//! The programs that the end-to-end tests run in terminals: each takes the whole screen, and in its own way.
//!
//! Must not: install what is there. Debian's packages are the last resort.

use crate::failure::Failure;
use crate::places;
use crate::say;
use crate::tools::apt;

/// Debian's packages have their names.
const PROGRAMS: [&str; 3] = ["vim", "less", "htop"];

/// Finds or brings them.
///
/// # Errors
/// When apt cannot bring what is missing.
pub(crate) fn ready() -> Result<(), Failure> {
    let missing: Vec<&str> =
        PROGRAMS.into_iter().filter(|program| places::on_path(&[program]).is_none()).collect();
    if missing.is_empty() {
        say::using("setup", "terminals", &format!("{} on PATH", PROGRAMS.join(", ")));
        return Ok(());
    }
    let why = "because terminals are tested with programs that take the whole screen";
    apt::install(&missing, &missing.join(", "), why)
}
