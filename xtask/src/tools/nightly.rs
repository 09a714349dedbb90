//! The nightly compiler, which cargo-fuzz is made for. Without a sanitizer the ordinary one will do as well.

use std::time::Duration;

use crate::failure::Failure;
use crate::places;
use crate::process::Tool;
use crate::say;

/// A download of 200 MB at most; a server that cannot be reached would otherwise be waited for for minutes.
const RUSTUP_LIMIT: Duration = Duration::from_secs(300);

/// Finds or brings it, and says what makes cargo use it: `+nightly`, or nothing where it cannot be had.
///
/// # Errors
/// When a signal asked for the end.
pub(crate) fn toolchain() -> Result<Option<&'static str>, Failure> {
    const NIGHTLY: &str = "+nightly";
    if places::on_path(&["rustup"]).is_none() {
        say::using("setup", "nightly", "the ordinary compiler, because there is no rustup to bring another");
        return Ok(None);
    }
    let installed = Tool::new("rustup").args(["run", "nightly", "rustc", "--version"]).quietly();
    if installed.succeeded() {
        say::using("setup", "nightly", installed.stdout().trim());
        return Ok(Some(NIGHTLY));
    }
    let install = Tool::new("rustup")
        .args(["toolchain", "install", "nightly", "--profile", "minimal"])
        .limit(RUSTUP_LIMIT);
    say::doing("setup", "nightly", &install.line(), "because cargo-fuzz is made for it");
    match install.quietly().or_by_hand("installing it", "rustup toolchain install nightly") {
        Ok(_) => Ok(Some(NIGHTLY)),
        Err(failure @ Failure::Interrupted(_)) => Err(failure),
        Err(failure) => {
            say::line(&format!("setup: nightly: the ordinary compiler has to do: {failure}"));
            Ok(None)
        }
    }
}
