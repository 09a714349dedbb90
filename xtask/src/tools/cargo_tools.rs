//! The tools that cargo installs: wasm-pack, the wasm-bindgen that Cargo.lock names, geckodriver, and cargo-fuzz.
//!
//! They go into the cache, keyed by version, and not into the user's cargo folder: another project may
//! need another wasm-bindgen there.

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::{AtPath, Failure};
use crate::places::{self, Places};
use crate::process::Tool;
use crate::say;
use crate::tools::versions;

/// What is installed when PATH has no wasm-pack of the same minor version.
const WASM_PACK: &str = "0.15.1";

/// What is installed when PATH has no geckodriver at all.
const GECKODRIVER: &str = "0.37.1";

/// What is installed when PATH has no cargo-fuzz at all.
const CARGO_FUZZ: &str = "0.13.2";

/// Finds or installs wasm-pack, and says which folder it is in.
///
/// # Errors
/// When `cargo install` fails.
pub(crate) fn wasm_pack(places: &Places) -> Result<PathBuf, Failure> {
    let minor = WASM_PACK.rsplit_once('.').map_or(WASM_PACK, |(minor, _)| minor);
    Wanted {
        package: "wasm-pack",
        programs: &["wasm-pack"],
        version: WASM_PACK,
        why: "because it turns the crate into a package (about 90 s)",
    }
    .ready(places, |found| found == WASM_PACK || found.starts_with(&format!("{minor}.")))
}

/// Finds or installs wasm-bindgen with its test runner, and says which folder they are in.
///
/// # Errors
/// When Cargo.lock names no version, or `cargo install` fails.
pub(crate) fn wasm_bindgen(places: &Places) -> Result<PathBuf, Failure> {
    let version = versions::locked(places, "wasm-bindgen")?;
    Wanted {
        package: "wasm-bindgen-cli",
        programs: &["wasm-bindgen", "wasm-bindgen-test-runner"],
        version: &version,
        why: "because Cargo.lock names this version and wasm-pack takes no other (about 1 min)",
    }
    .ready(places, |found| found == version)
}

/// Finds or installs geckodriver, which no Debian package brings, and says which folder it is in.
///
/// # Errors
/// When `cargo install` fails.
pub(crate) fn geckodriver(places: &Places) -> Result<PathBuf, Failure> {
    Wanted {
        package: "geckodriver",
        programs: &["geckodriver"],
        version: GECKODRIVER,
        why: "because it steers Firefox (about 75 s)",
    }
    .ready(places, |_| true)
}

/// Finds or installs cargo-fuzz, and says which folder it is in.
///
/// # Errors
/// When `cargo install` fails.
pub(crate) fn cargo_fuzz(places: &Places) -> Result<PathBuf, Failure> {
    Wanted {
        package: "cargo-fuzz",
        programs: &["cargo-fuzz"],
        version: CARGO_FUZZ,
        why: "because it builds what libFuzzer runs (about 1 min)",
    }
    .ready(places, |_| true)
}

struct Wanted<'a> {
    package: &'a str,
    /// They must lie in one folder: wasm-pack looks for the second beside the first.
    programs: &'a [&'a str],
    version: &'a str,
    why: &'a str,
}

impl Wanted<'_> {
    fn ready(&self, places: &Places, fits: impl Fn(&str) -> bool) -> Result<PathBuf, Failure> {
        let home = places.cache.join("tools").join(format!("{}-{}", self.package, self.version));
        let beside = |path: PathBuf| path.parent().map(Path::to_path_buf);
        let on_path = places::on_path(&self.programs[..1]).and_then(beside);
        for dir in on_path.into_iter().chain([home.join("bin")]) {
            if let Some(version) = self.version_in(&dir).filter(|version| fits(version)) {
                say::using("setup", self.package, &format!("{version} in {}", dir.display()));
                return Ok(dir);
            }
        }
        self.install(places, &home)?;
        Ok(home.join("bin"))
    }

    fn version_in(&self, dir: &Path) -> Option<String> {
        if !self.programs.iter().all(|program| places::is_program(&dir.join(program))) {
            return None;
        }
        let said = Tool::new(dir.join(self.programs[0])).args(["--version"]).quietly();
        said.succeeded().then(|| versions::in_text(&said.stdout()).map(str::to_owned))?
    }

    /// First with the dependencies that its authors locked; a mirror of the registry may not have one of
    /// them yet, and then with the newest that fit.
    ///
    /// Unoptimised: compiling these takes longer than all that they will ever do here.
    fn install(&self, places: &Places, home: &Path) -> Result<(), Failure> {
        let scratch = places.cache.join("tools").join(format!(".building-{}", self.package));
        let install = |locked: Option<&str>| {
            let version = format!("={}", self.version);
            Tool::new("cargo")
                .args(["install", "--debug", self.package, "--version", &version])
                .args(locked)
                .arg_path("--root", home)
                .quiet_env("CARGO_TARGET_DIR", &scratch)
                // Debug information is a good part of an unoptimised build's time, and most of its size.
                .quiet_env("CARGO_PROFILE_DEV_DEBUG", "0")
                .quiet_env("CARGO_PROFILE_DEV_STRIP", "symbols")
                // It is built for this machine, whatever the user builds for.
                .without_env(&["CARGO_BUILD_TARGET"])
        };
        let first = install(Some("--locked"));
        say::doing("setup", self.package, &first.line(), self.why);
        let ended = first.quietly();
        let ended = if ended.succeeded() {
            ended
        } else {
            let second = install(None);
            let why = "because with the dependencies that it locks it failed";
            say::doing("setup", self.package, &second.line(), why);
            second.quietly()
        };
        let by_hand = format!("cargo install {} --version ={}", self.package, self.version);
        ended.or_by_hand(&format!("installing {}", self.package), by_hand)?;
        fs::remove_dir_all(&scratch).or_else(ignore_missing).at("cannot remove", &scratch)
    }
}

fn ignore_missing(error: std::io::Error) -> std::io::Result<()> {
    if error.kind() == std::io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
}
