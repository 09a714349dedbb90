//! Pythons with the packages that a file of requirements pins, each in a virtual environment in the cache.
//!
//! Must not: install anything among the system's packages or the user's.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use flate2::Crc;

use crate::failure::{AtPath, Failure};
use crate::places::{self, Places};
use crate::process::Tool;
use crate::say;
use crate::tools::{apt, versions};

/// For the servers that are not ours.
const FOREIGN: &str = "tests/foreign/requirements.txt";

/// For the Python package, which is ours.
const PACKAGE: &str = "server/python/requirements.txt";

/// A registry that hangs must not hang us; 15 s are what it takes.
const LIMIT: Duration = Duration::from_secs(10 * 60);

/// Finds or makes the environment of the servers that are not ours, and returns its Python.
///
/// # Errors
/// When there is no Python, or the environment cannot be made, or a package cannot be had.
pub(crate) fn foreign(places: &Places) -> Result<PathBuf, Failure> {
    environment(places, FOREIGN, "because `auto` is tested on servers that are not ours (about 15 s)")
}

/// Finds or makes the environment of the Python package's tests, and returns its Python. The package is not in it:
/// see [`install`].
///
/// # Errors
/// As those of [`foreign`].
pub(crate) fn package(places: &Places) -> Result<PathBuf, Failure> {
    environment(places, PACKAGE, "because the Python package is tested over a real server (about 15 s)")
}

/// Builds the Python package and installs it, as a user would, but into a folder of this project's own, because
/// the environment is shared. Returns the folder, for `PYTHONPATH`.
///
/// # Errors
/// When it cannot be built.
pub(crate) fn install(places: &Places, python: &Path) -> Result<PathBuf, Failure> {
    let folder = places.target.join("python");
    if folder.exists() {
        fs::remove_dir_all(&folder).at("cannot remove", &folder)?;
    }
    let install = Tool::new(python)
        .args(["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--no-index"])
        .args(["--no-deps", "--no-build-isolation", "--quiet"])
        .arg_path("--target", &folder)
        .args(["./server/python"])
        .dir(&places.root)
        .limit(LIMIT);
    say::doing("build", "python", &install.line(), "the Python package, as its users get it");
    install.quietly().or_by_hand("building the Python package", "mend what pip names above")?;
    Ok(folder)
}

fn environment(places: &Places, requirements: &str, why: &str) -> Result<PathBuf, Failure> {
    let name_of_requirements = requirements;
    let requirements = places.root.join(requirements);
    let wanted = fs::read_to_string(&requirements).at("cannot read", &requirements)?;
    let python = system()?;
    let version = version(&python)?;
    let home = places.cache.join("tools").join(name(&version, &wanted));
    let own = home.join("bin/python");
    // Written last: an installation that was interrupted has none.
    let stamp = home.join(".envsocket");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) && self::version(&own).is_ok() {
        say::using(
            "setup",
            "python",
            &format!("{version} with {name_of_requirements} in {}", home.display()),
        );
        return Ok(own);
    }
    make(&python, &home)?;
    let install = Tool::new(&own)
        .args(["-m", "pip", "install", "--disable-pip-version-check", "--no-input"])
        .arg_path("--requirement", &requirements)
        .limit(LIMIT);
    say::doing("setup", "python", &install.line(), why);
    let by_hand = "mend what pip names above; its registry is the one of your pip configuration";
    install.quietly().or_by_hand("installing Python packages", by_hand)?;
    fs::write(&stamp, wanted).at("cannot write", &stamp)?;
    Ok(own)
}

fn system() -> Result<PathBuf, Failure> {
    if let Some(python) = places::on_path(&["python3"]) {
        return Ok(python);
    }
    let why = "because some of the servers of the tests are written in it";
    apt::install(&["python3", "python3-venv"], "Python", why)?;
    places::on_path(&["python3"])
        .ok_or_else(|| Failure::step("apt installed python3, but PATH has none", "put it on PATH"))
}

fn version(python: &Path) -> Result<String, Failure> {
    let by_hand = format!("run `{} --version` and see why", python.display());
    let said = Tool::new(python).args(["--version"]).quietly();
    let said = said.or_by_hand("asking Python for its version", by_hand.clone())?;
    versions::in_text(&said.stdout())
        .map(str::to_owned)
        .ok_or_else(|| Failure::step(format!("{} does not say its version", python.display()), by_hand))
}

/// Other packages, or another Python, are another environment.
fn name(version: &str, requirements: &str) -> String {
    let mut sum = Crc::new();
    sum.update(requirements.as_bytes());
    format!("python-{version}-{:08x}", sum.sum())
}

/// Makes an empty environment, in place of what is there.
fn make(python: &Path, home: &Path) -> Result<(), Failure> {
    let venv = || Tool::new(python).args(["-m", "venv", "--clear"]).args([home]);
    say::doing("setup", "python", &venv().line(), "because packages are installed apart from yours");
    if venv().quietly().succeeded() {
        return Ok(());
    }
    apt::install(&["python3-venv"], "Python's venv", "because Debian's Python comes without it")?;
    let by_hand = "install what Python needs for `python3 -m venv`";
    venv().quietly().or_by_hand("making a virtual environment", by_hand).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_python_or_other_packages_are_another_environment() {
        let one = name("3.11.2", "a==1\n");
        assert_eq!(one, name("3.11.2", "a==1\n"));
        assert_ne!(one, name("3.13.5", "a==1\n"));
        assert_ne!(one, name("3.11.2", "a==2\n"));
    }

    #[test]
    fn every_package_is_pinned() {
        for requirements in [FOREIGN, PACKAGE] {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(requirements);
            let text = fs::read_to_string(path).expect("the requirements are in the repository");
            let packages: Vec<&str> =
                text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
            assert!(!packages.is_empty(), "{requirements}");
            for package in packages {
                assert!(package.contains("==") && !package.contains("://"), "{package} in {requirements}");
            }
        }
    }
}
