//! The browser for the tests, and the driver that steers it.
//!
//! Must not: download one. What is there is used; Debian's packages are the last resort.

use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::failure::Failure;
use crate::places;
use crate::process::Tool;
use crate::say;
use crate::tools::{apt, versions};

/// What browsers are called on PATH, the most likely to be the driver's first.
const BROWSERS: [&str; 5] =
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/// macOS has no browser on PATH.
const MAC_BROWSERS: [&str; 2] = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/// A browser that asks something instead of its version would be waited for without end.
const LIMIT: Duration = Duration::from_secs(30);

/// A browser and its driver, of one major version.
#[derive(Debug)]
pub(crate) struct Browser {
    /// The browser's program.
    pub(crate) browser: PathBuf,
    /// chromedriver's.
    pub(crate) driver: PathBuf,
}

/// Finds or brings both.
///
/// # Errors
/// When a variable names no program, one of the two cannot be had, or their versions differ.
pub(crate) fn ready() -> Result<Browser, Failure> {
    let (browser, driver) = match (browser()?, driver()?) {
        (Some(browser), Some(driver)) => (browser, driver),
        (present, _) => {
            let packages: &[&str] =
                if present.is_some() { &["chromium-driver"] } else { &["chromium", "chromium-driver"] };
            apt::install(packages, "a browser with its driver", "because the tests run in one")?;
            (found(browser()?, "browser", "CHROME")?, found(driver()?, "chromedriver", "CHROMEDRIVER")?)
        }
    };
    let (ours, theirs) = (version(&browser)?, version(&driver)?);
    if versions::major(&ours) != versions::major(&theirs) {
        return Err(Failure::step(
            format!("{} is {ours}, and {} is for {theirs}", browser.display(), driver.display()),
            "install the two in one major version, or name a pair with CHROME and CHROMEDRIVER",
        ));
    }
    say::using("setup", "browser", &format!("{ours} ({})", browser.display()));
    say::using("setup", "chromedriver", &format!("{theirs} ({})", driver.display()));
    Ok(Browser { browser, driver })
}

fn browser() -> Result<Option<PathBuf>, Failure> {
    let elsewhere = || MAC_BROWSERS.iter().map(PathBuf::from).find(|path| places::is_program(path));
    Ok(named("CHROME")?.or_else(|| places::on_path(&BROWSERS)).or_else(elsewhere))
}

fn driver() -> Result<Option<PathBuf>, Failure> {
    Ok(named("CHROMEDRIVER")?.or_else(|| places::on_path(&["chromedriver"])))
}

fn named(variable: &str) -> Result<Option<PathBuf>, Failure> {
    match env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from) {
        Some(path) if !places::is_program(&path) => {
            Err(Failure::Usage(format!("{variable} names {}, which is no program", path.display())))
        }
        other => Ok(other),
    }
}

fn found(path: Option<PathBuf>, what: &str, variable: &str) -> Result<PathBuf, Failure> {
    path.ok_or_else(|| {
        Failure::step(
            format!("apt installed a {what}, but PATH has none"),
            format!("find it (`dpkg --listfiles chromium chromium-driver`) and name it with {variable}"),
        )
    })
}

fn version(program: &Path) -> Result<String, Failure> {
    let by_hand = format!("run `{} --version` and see why", program.display());
    let ended = Tool::new(program)
        .args(["--version"])
        .limit(LIMIT)
        .quietly()
        .or_by_hand("asking for a version", by_hand.clone())?;
    versions::in_text(&ended.stdout())
        .map(str::to_owned)
        .ok_or_else(|| Failure::step(format!("{} does not say its version", program.display()), by_hand))
}
