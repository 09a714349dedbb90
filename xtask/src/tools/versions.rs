//! Reads version numbers: out of Cargo.lock, and out of what tools say about themselves.

use std::fs;

use crate::failure::{AtPath, Failure};
use crate::places::Places;

/// The version of a crate that Cargo.lock names.
///
/// # Errors
/// When Cargo.lock cannot be read or has no such crate.
pub(crate) fn locked(places: &Places, name: &str) -> Result<String, Failure> {
    let path = places.root.join("Cargo.lock");
    let lock = fs::read_to_string(&path).at("cannot read", &path)?;
    in_lock(&lock, name).ok_or_else(|| {
        Failure::step(
            format!("Cargo.lock has no {name}"),
            format!("run `cargo update --workspace`; the crate must depend on {name}"),
        )
    })
}

/// Cargo writes every package as a block that begins with its name and version, one a line.
fn in_lock(lock: &str, name: &str) -> Option<String> {
    let name = format!("name = \"{name}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name).skip(1);
    let version = lines.next()?.strip_prefix("version = \"")?.strip_suffix('"')?;
    Some(version.to_owned())
}

/// The first word of a tool's `--version` that looks like a version: digits, a dot, digits.
pub(crate) fn in_text(text: &str) -> Option<&str> {
    text.split(|c: char| c.is_whitespace() || c == '(' || c == ')').find(|word| {
        let mut parts = word.split('.');
        let digits =
            |part: Option<&str>| part.is_some_and(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()));
        digits(parts.next()) && digits(parts.next())
    })
}

/// The number before the first dot.
pub(crate) fn major(version: &str) -> Option<u32> {
    version.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "\
version = 4

[[package]]
name = \"wasm-bindgen\"
version = \"0.2.130\"
source = \"registry+https://github.com/rust-lang/crates.io-index\"
dependencies = [
 \"wasm-bindgen-macro\",
]

[[package]]
name = \"wasm-bindgen-macro\"
version = \"0.2.131\"
";

    #[test]
    fn a_locked_version_is_found_by_the_whole_name() {
        assert_eq!(in_lock(LOCK, "wasm-bindgen").as_deref(), Some("0.2.130"));
        assert_eq!(in_lock(LOCK, "wasm-bindgen-macro").as_deref(), Some("0.2.131"));
        assert_eq!(in_lock(LOCK, "wasm"), None);
        assert_eq!(in_lock("", "wasm-bindgen"), None);
    }

    #[test]
    fn a_tools_version_is_found_in_what_it_says() {
        assert_eq!(in_text("wasm-bindgen 0.2.130"), Some("0.2.130"));
        assert_eq!(in_text("Chromium 156.0.8078.79 built on Debian 12 (bookworm)"), Some("156.0.8078.79"));
        assert_eq!(in_text("ChromeDriver 156.0.8078.79 (a21ce95c-refs/8078@{#1704})"), Some("156.0.8078.79"));
        assert_eq!(in_text("rustc 1.96.0 (ac68faa20 2026-05-25)"), Some("1.96.0"));
        assert_eq!(in_text("command not found"), None);
    }

    #[test]
    fn the_major_version_is_the_first_number() {
        assert_eq!(major("156.0.8078.79"), Some(156));
        assert_eq!(major("x.1"), None);
    }
}
