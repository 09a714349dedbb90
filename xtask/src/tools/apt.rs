//! Debian's packages: the last resort, and one that says so first.
//!
//! Must not: remove a package, or ask a question.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use nix::unistd::geteuid;

use crate::failure::Failure;
use crate::places;
use crate::process::Tool;
use crate::say;

/// A mirror that hangs must not hang us: apt's own retries end long before.
const LIMIT: Duration = Duration::from_secs(15 * 60);

/// The lists are brought up to date once a run.
static UPDATED: AtomicBool = AtomicBool::new(false);

/// Installs packages, without what they merely recommend.
///
/// # Errors
/// When there is no apt, no way to become root without a password, or apt fails; each says what to type.
pub(crate) fn install(packages: &[&str], what: &str, why: &str) -> Result<(), Failure> {
    let names = packages.join(" ");
    let by_hand = format!("apt-get update && apt-get install --no-install-recommends {names} (as root)");
    if places::on_path(&["apt-get"]).is_none() {
        return Err(Failure::step(
            format!("{what} is missing, and this system has no apt-get to bring it ({names} on Debian)"),
            format!("install {what} the way this system does, and run it again"),
        ));
    }
    let prefix = become_root(what, &by_hand)?;
    if !UPDATED.swap(true, Ordering::Relaxed) {
        let update = apt(&prefix, &["update", "--quiet"]);
        say::doing("setup", "apt", &update.line(), "to know what Debian has now");
        // One broken source among many is an error to apt; whether it matters, the installation shows.
        let _ = update.quietly();
    }
    // --no-remove: rustc-web conflicts with Debian's own rustc, and that is not ours to take away.
    let mut words = vec!["install", "--yes", "--no-install-recommends", "--no-remove"];
    words.extend(packages);
    let install = apt(&prefix, &words);
    say::doing("setup", what, &install.line(), &format!("the last resort: {why}"));
    install.quietly().or_by_hand(&format!("installing {what} with apt"), by_hand).map(drop)
}

fn apt(prefix: &[&str], words: &[&str]) -> Tool {
    let fixed = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-o", "DPkg::Lock::Timeout=120"];
    let mut line = prefix.iter().copied().chain(fixed).chain(words.iter().copied());
    Tool::new(line.next().unwrap_or("env")).args(line).limit(LIMIT)
}

fn become_root(what: &str, by_hand: &str) -> Result<Vec<&'static str>, Failure> {
    if geteuid().is_root() {
        return Ok(Vec::new());
    }
    let sudo = Tool::new("sudo").args(["-n", "true"]).quietly();
    if sudo.succeeded() {
        return Ok(vec!["sudo", "-n"]);
    }
    Err(Failure::step(format!("{what} is missing, and installing it needs root"), by_hand))
}

/// The installed version of a package.
pub(crate) fn installed(package: &str) -> Option<String> {
    let query = Tool::new("dpkg-query")
        .args(["--show", "--showformat", "${db:Status-Abbrev} ${Version}", package])
        .quietly();
    installed_version(&query.stdout()).map(str::to_owned)
}

/// `ii ` is dpkg's "wanted and installed"; a package that was removed answers too, with `rc `.
fn installed_version(answer: &str) -> Option<&str> {
    answer.strip_prefix("ii ").map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_installed_package_has_a_version() {
        assert_eq!(installed_version("ii  1.96.0+dfsg1-1~deb12u2"), Some("1.96.0+dfsg1-1~deb12u2"));
        assert_eq!(installed_version("rc  1.96.0+dfsg1-1~deb12u2"), None);
        assert_eq!(installed_version(""), None);
    }

    #[test]
    fn apt_asks_nothing() {
        let line = apt(&["sudo", "-n"], &["update"]).line();
        assert!(line.starts_with("sudo -n env DEBIAN_FRONTEND=noninteractive apt-get "), "{line}");
    }
}
