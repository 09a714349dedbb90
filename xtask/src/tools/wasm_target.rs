//! The compiler for wasm32: rustup's, or where rustup's server cannot be reached, Debian's.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::failure::Failure;
use crate::places::{self, Places};
use crate::process::Tool;
use crate::say;
use crate::tools::debian_wasm;

/// The target that the crate compiles to.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// Forces one of the two ways.
pub(crate) const VARIABLE: &str = "ENVSOCKET_WASM_TOOLCHAIN";

/// A download of 20 MB; a server that cannot be reached would otherwise be waited for until rustup's own
/// retries end, minutes later.
const RUSTUP_LIMIT: Duration = Duration::from_secs(120);

/// Which compiler makes the wasm. Native builds are always the ordinary toolchain's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Toolchain {
    /// The ordinary one.
    Ordinary,
    /// Debian's, through the programs in this folder.
    Debian {
        /// `rustc`, `cargo` and their kin, for this one purpose.
        bin: PathBuf,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ways {
    Rustup,
    Debian,
    RustupThenDebian,
}

impl Toolchain {
    /// Finds or brings the target, and says which way was taken.
    ///
    /// # Errors
    /// When the way asked for, or both, fail; or the variable asks for one that there is not.
    pub(crate) fn ready(places: &Places) -> Result<Self, Failure> {
        match ways(env::var(VARIABLE).ok().as_deref())? {
            Ways::Rustup => rustup().map(|()| Self::Ordinary),
            Ways::Debian => debian(places, &format!("because {VARIABLE}=debian asks for it")),
            Ways::RustupThenDebian => match rustup() {
                Ok(()) => Ok(Self::Ordinary),
                Err(failure @ (Failure::Interrupted(_) | Failure::Usage(_))) => Err(failure),
                Err(failure) => {
                    say::line(&format!("setup: wasm32 target: the first way failed: {failure}"));
                    debian(places, "because rustup could not bring the target")
                }
            },
        }
    }

    /// Clippy of this compiler; what it checks is still to be added.
    ///
    /// # Errors
    /// When Debian's cannot be had.
    pub(crate) fn clippy(&self) -> Result<Tool, Failure> {
        match self {
            Self::Ordinary => Ok(Tool::new("cargo").args(["clippy"])),
            Self::Debian { bin } => debian_wasm::clippy(bin),
        }
    }

    /// Makes a tool use this compiler, and a target folder where the two compilers do not undo each
    /// other's work.
    pub(crate) fn applied_to(&self, tool: Tool, places: &Places) -> Tool {
        match self {
            Self::Ordinary => tool,
            Self::Debian { bin } => debian_wasm::free_of_rustup(tool, &places.target)
                .path_first(std::slice::from_ref(bin))
                .quiet_env("CARGO_TARGET_DIR", places.target.join("wasm-debian")),
        }
    }
}

fn ways(asked: Option<&str>) -> Result<Ways, Failure> {
    match asked {
        None | Some("") => Ok(Ways::RustupThenDebian),
        Some("rustup") => Ok(Ways::Rustup),
        Some("debian") => Ok(Ways::Debian),
        Some(other) => Err(Failure::Usage(format!("{VARIABLE} must be rustup or debian, not {other:?}"))),
    }
}

fn rustup() -> Result<(), Failure> {
    if let Some(dir) = usable() {
        say::using("setup", "wasm32 target", &format!("the ordinary toolchain's, in {}", dir.display()));
        return Ok(());
    }
    let by_hand = format!("rustup target add {TARGET}");
    if places::on_path(&["rustup"]).is_none() {
        return Err(Failure::step(
            "the compiler has no wasm32 target, and there is no rustup to add it",
            by_hand,
        ));
    }
    let add = Tool::new("rustup").args(["target", "add", TARGET]).limit(RUSTUP_LIMIT);
    say::doing("setup", "wasm32 target", &add.line(), "because the crate compiles to it");
    add.quietly().or_by_hand("adding the wasm32 target", by_hand.clone())?;
    if usable().is_none() {
        return Err(Failure::step("rustup added the wasm32 target, but not to the rustc on PATH", by_hand));
    }
    say::using("setup", "wasm32 target", "rustup's");
    Ok(())
}

/// Asks the compiler, not rustup: other distributions bring the target their own way.
fn usable() -> Option<PathBuf> {
    let asked = Tool::new("rustc").args(["--print", "target-libdir", "--target", TARGET]).quietly();
    if !asked.succeeded() {
        return None;
    }
    Some(PathBuf::from(asked.stdout().trim())).filter(|dir| has_core(dir))
}

/// Whether a target's library folder has more than a name: rustup leaves empty folders behind.
pub(crate) fn has_core(libdir: &Path) -> bool {
    let Ok(entries) = fs::read_dir(libdir) else { return false };
    entries.flatten().any(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        name.starts_with("libcore-") && name.ends_with(".rlib")
    })
}

fn debian(places: &Places, why: &str) -> Result<Toolchain, Failure> {
    let bin = debian_wasm::ready(places, why)?;
    say::using("setup", "wasm32 target", &format!("Debian's compiler, in {}", bin.display()));
    Ok(Toolchain::Debian { bin })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_forces_the_way() {
        assert_eq!(ways(None).ok(), Some(Ways::RustupThenDebian));
        assert_eq!(ways(Some("rustup")).ok(), Some(Ways::Rustup));
        assert_eq!(ways(Some("debian")).ok(), Some(Ways::Debian));
        let text = ways(Some("nix")).expect_err("there is no such way").to_string();
        assert!(text.contains(VARIABLE) && text.contains("nix"), "{text}");
    }

    #[test]
    fn a_folder_without_the_core_library_is_no_target() {
        assert!(!has_core(Path::new(env!("CARGO_MANIFEST_DIR"))));
        assert!(!has_core(Path::new("/no/such/folder")));
    }
}
