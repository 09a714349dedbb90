//! Tells chromedriver which browser to start, and how.
//!
//! Must not: write into the repository. Its `webdriver.json` has the browser's flags and no path, so
//! that a plain `wasm-pack test` works with it on every machine.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::failure::{AtPath, Failure};
use crate::places::Places;
use crate::tools::browser::Browser;

/// Writes the repository's capabilities, with the path of this browser, where the runner can read them.
///
/// # Errors
/// When `webdriver.json` cannot be read or is no such thing, or the copy cannot be written.
pub(crate) fn with_browser(places: &Places, browser: &Browser) -> Result<PathBuf, Failure> {
    let from = places.root.join("webdriver.json");
    let text = fs::read_to_string(&from).at("cannot read", &from)?;
    let whole = naming(&text, &browser.browser.to_string_lossy()).ok_or_else(|| {
        Failure::step("webdriver.json has no object goog:chromeOptions", "restore it from the repository")
    })?;
    let to = places.target.join("webdriver.json");
    fs::write(&to, whole).at("cannot write", &to)?;
    Ok(to)
}

fn naming(capabilities: &str, browser: &str) -> Option<String> {
    let mut capabilities: Value = serde_json::from_str(capabilities).ok()?;
    capabilities.get_mut("goog:chromeOptions")?.as_object_mut()?.insert("binary".into(), json!(browser));
    Some(capabilities.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browser_joins_the_flags() {
        let whole = naming(r#"{"goog:chromeOptions":{"args":["--headless"]}}"#, "/opt/chrome");
        let whole: Value = serde_json::from_str(&whole.expect("it has the object")).expect("it is JSON");
        assert_eq!(whole, json!({"goog:chromeOptions": {"args": ["--headless"], "binary": "/opt/chrome"}}));
    }

    #[test]
    fn something_else_is_refused() {
        assert_eq!(naming("{}", "/opt/chrome"), None);
        assert_eq!(naming("[", "/opt/chrome"), None);
    }
}
