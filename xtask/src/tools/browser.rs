//! The browsers for the tests, and the drivers that steer them.
//!
//! Must not: download a browser. What is there is used; Debian's packages are the last resort.

use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::failure::Failure;
use crate::places::{self, Places};
use crate::process::Tool;
use crate::say;
use crate::tools::{apt, cargo_tools, versions};

/// A browser that asks something instead of its version would be waited for without end.
const LIMIT: Duration = Duration::from_secs(30);

/// What to look for, and where.
struct Program {
    /// The variable that names it.
    variable: &'static str,
    /// What it is called on PATH, the likeliest first.
    names: &'static [&'static str],
    /// macOS has no browser on PATH.
    elsewhere: &'static [&'static str],
    /// Debian's package.
    package: &'static str,
}

/// The most likely to be the driver's comes first.
const CHROMIUM: Program = Program {
    variable: "CHROME",
    names: &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"],
    elsewhere: &[
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
    ],
    package: "chromium",
};

const CHROMEDRIVER: Program = Program {
    variable: "CHROMEDRIVER",
    names: &["chromedriver"],
    elsewhere: &[],
    package: "chromium-driver",
};

const FIREFOX: Program = Program {
    variable: "FIREFOX",
    names: &["firefox", "firefox-esr"],
    elsewhere: &["/Applications/Firefox.app/Contents/MacOS/firefox"],
    package: "firefox-esr",
};

/// The variable that names geckodriver.
const GECKODRIVER: &str = "GECKODRIVER";

/// A browser and its driver.
#[derive(Debug)]
pub(crate) struct Browser {
    /// The browser's program.
    pub(crate) browser: PathBuf,
    /// Its driver's.
    pub(crate) driver: PathBuf,
}

/// All that the tests run in.
#[derive(Debug)]
pub(crate) struct Browsers {
    /// Chromium, or a browser made of it, and chromedriver.
    pub(crate) chromium: Browser,
    /// Firefox and geckodriver.
    pub(crate) firefox: Browser,
}

impl Browsers {
    /// Finds or brings them.
    ///
    /// # Errors
    /// When a variable names no program, or one of them cannot be had.
    pub(crate) fn ready(places: &Places) -> Result<Self, Failure> {
        Ok(Self { chromium: chromium()?, firefox: firefox(places)? })
    }
}

/// Finds or brings Chromium and chromedriver, of one major version.
///
/// # Errors
/// When a variable names no program, one of the two cannot be had, or their versions differ.
pub(crate) fn chromium() -> Result<Browser, Failure> {
    let missing: Vec<&str> = [CHROMIUM, CHROMEDRIVER]
        .iter()
        .filter_map(|program| {
            program.find().map(|path| path.is_none().then_some(program.package)).transpose()
        })
        .collect::<Result<_, _>>()?;
    if !missing.is_empty() {
        apt::install(&missing, "a browser with its driver", "because the tests run in one")?;
    }
    let (browser, driver) = (CHROMIUM.found()?, CHROMEDRIVER.found()?);
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

/// Finds or brings Firefox and geckodriver; any of the one steers any of the other.
fn firefox(places: &Places) -> Result<Browser, Failure> {
    if FIREFOX.find()?.is_none() {
        apt::install(&[FIREFOX.package], "Firefox", "because the tests run in two browsers")?;
    }
    let browser = FIREFOX.found()?;
    say::using("setup", "browser", &format!("{} ({})", version(&browser)?, browser.display()));
    let driver = match named(GECKODRIVER)? {
        Some(driver) => driver,
        None => cargo_tools::geckodriver(places)?.join("geckodriver"),
    };
    Ok(Browser { browser, driver })
}

impl Program {
    fn find(&self) -> Result<Option<PathBuf>, Failure> {
        let elsewhere = || self.elsewhere.iter().map(PathBuf::from).find(|path| places::is_program(path));
        Ok(named(self.variable)?.or_else(|| places::on_path(self.names)).or_else(elsewhere))
    }

    fn found(&self) -> Result<PathBuf, Failure> {
        let Self { variable, names, package, .. } = self;
        self.find()?.ok_or_else(|| {
            Failure::step(
                format!("apt installed {package}, but PATH has no {}", names.join(" or ")),
                format!("find it (`dpkg --listfiles {package}`) and name it with {variable}"),
            )
        })
    }
}

fn named(variable: &str) -> Result<Option<PathBuf>, Failure> {
    match env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from) {
        Some(path) if !places::is_program(&path) => {
            Err(Failure::Usage(format!("{variable} names {}, which is no program", path.display())))
        }
        other => Ok(other),
    }
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
