//! Tells the drivers which browser to start, and how.
//!
//! Must not: write into the repository. Its `webdriver.json` has the browsers' flags and no path, so
//! that a plain `wasm-pack test` works with it on every machine.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::failure::{AtPath, Failure};
use crate::places::Places;
use crate::tools::browser::Browsers;

/// Writes the repository's capabilities, with the paths of these browsers, where the runner can read them.
///
/// # Errors
/// When `webdriver.json` cannot be read or is no such thing, or the copy cannot be written.
pub(crate) fn with_browsers(places: &Places, browsers: &Browsers) -> Result<PathBuf, Failure> {
    let from = places.root.join("webdriver.json");
    let text = fs::read_to_string(&from).at("cannot read", &from)?;
    let named = [("goog:chromeOptions", &browsers.chromium), ("moz:firefoxOptions", &browsers.firefox)]
        .map(|(options, browser)| (options, browser.browser.to_string_lossy()));
    let whole = naming(&text, &named).ok_or_else(|| {
        Failure::step("webdriver.json has not the objects of both browsers", "restore it from the repository")
    })?;
    let to = places.target.join("webdriver.json");
    fs::write(&to, whole).at("cannot write", &to)?;
    Ok(to)
}

fn naming(capabilities: &str, browsers: &[(&str, impl AsRef<str>)]) -> Option<String> {
    let mut capabilities: Value = serde_json::from_str(capabilities).ok()?;
    for (options, browser) in browsers {
        let binary = json!(browser.as_ref());
        capabilities.get_mut(*options)?.as_object_mut()?.insert("binary".into(), binary);
    }
    Some(capabilities.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_browser_joins_its_flags() {
        let present = r#"{"goog:chromeOptions":{"args":["--headless"]},"moz:firefoxOptions":{}}"#;
        let browsers = [("goog:chromeOptions", "/opt/chrome"), ("moz:firefoxOptions", "/opt/firefox")];
        let whole = naming(present, &browsers).expect("it has both objects");
        let whole: Value = serde_json::from_str(&whole).expect("it is JSON");
        assert_eq!(
            whole,
            json!({
                "goog:chromeOptions": {"args": ["--headless"], "binary": "/opt/chrome"},
                "moz:firefoxOptions": {"binary": "/opt/firefox"},
            })
        );
    }

    #[test]
    fn something_else_is_refused() {
        let browsers = [("goog:chromeOptions", "/opt/chrome")];
        assert_eq!(naming("{}", &browsers), None);
        assert_eq!(naming("[", &browsers), None);
    }
}
