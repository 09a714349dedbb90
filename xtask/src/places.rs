//! Where things lie: the repository, cargo's target folder, the user's cache, programs on PATH.
//!
//! Must not: create anything.

use std::env;
use std::path::{Path, PathBuf};

use nix::unistd::{AccessFlags, access};

use crate::failure::Failure;
use crate::process::Tool;

/// The folders that every chore works in.
#[derive(Debug)]
pub(crate) struct Places {
    /// The repository.
    pub(crate) root: PathBuf,
    /// Cargo's target folder for native builds.
    pub(crate) target: PathBuf,
    /// What outlives a clone: tools, keyed by version.
    pub(crate) cache: PathBuf,
}

impl Places {
    /// Finds them.
    ///
    /// # Errors
    /// When cargo cannot say where it builds, or there is no home folder to keep a cache in.
    pub(crate) fn find() -> Result<Self, Failure> {
        let root = root();
        let metadata = Tool::new("cargo")
            .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
            .dir(&root)
            .quietly()
            .or_by_hand(
                "asking cargo for its target folder",
                "run the command above and mend what it names",
            )?;
        let target = target_directory(&metadata.stdout()).ok_or_else(|| {
            Failure::step(
                "`cargo metadata` names no target_directory",
                "check `cargo --version`: 1.95 or later",
            )
        })?;
        Ok(Self { root, target, cache: cache()? })
    }
}

/// Cargo sets the variable for `cargo xtask`; a binary run by itself knows where it was built.
fn root() -> PathBuf {
    let xtask = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let xtask = PathBuf::from(xtask);
    xtask.parent().map_or_else(|| xtask.clone(), Path::to_path_buf)
}

fn target_directory(metadata: &str) -> Option<PathBuf> {
    let metadata: serde_json::Value = serde_json::from_str(metadata).ok()?;
    Some(PathBuf::from(metadata.get("target_directory")?.as_str()?))
}

/// The XDG rule: the variable counts only if it is absolute.
fn cache() -> Result<PathBuf, Failure> {
    let absolute = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".cache")));
    base.map(|base| base.join("envsocket")).ok_or_else(|| {
        Failure::step("there is no folder to keep tools in", "set HOME or XDG_CACHE_HOME to an absolute path")
    })
}

/// The first of these programs that PATH has.
pub(crate) fn on_path(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let dirs: Vec<PathBuf> = env::split_paths(&path).collect();
    names.iter().find_map(|name| in_dirs(&dirs, name))
}

fn in_dirs(dirs: &[PathBuf], name: &str) -> Option<PathBuf> {
    dirs.iter().map(|dir| dir.join(name)).find(|path| is_program(path))
}

/// A file that may be executed.
pub(crate) fn is_program(path: &Path) -> bool {
    path.is_file() && access(path, AccessFlags::X_OK).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_target_folder_is_what_cargo_says() {
        assert_eq!(target_directory(r#"{"target_directory":"/t/x"}"#), Some("/t/x".into()));
        assert_eq!(target_directory("{}"), None);
        assert_eq!(target_directory("no json"), None);
    }

    #[test]
    fn a_program_is_found_in_the_first_folder_that_has_it() {
        let dirs = ["/no/such/folder", "/bin", "/usr/bin"].map(PathBuf::from);
        assert_eq!(in_dirs(&dirs, "sh"), Some("/bin/sh".into()));
        assert_eq!(in_dirs(&dirs, "no-such-program"), None);
    }

    #[test]
    fn a_folder_or_a_plain_file_is_no_program() {
        assert!(!is_program(Path::new("/bin")));
        assert!(!is_program(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))));
    }

    #[test]
    fn the_root_is_the_workspace() {
        assert!(root().join("xtask/Cargo.toml").is_file());
    }
}
