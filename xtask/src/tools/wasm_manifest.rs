//! The manifest that wasm-pack builds from: the crate's own, as a library for JavaScript and nothing else.
//!
//! The crate is a Rust library too, for the server and the tests. As long as a build makes both, the compiler
//! cannot optimise across crates (`lto`), and the download is a tenth larger.

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::{AtPath, Failure};
use crate::places::Places;

/// What is changed: what stands there, and what takes its place.
type Change = (&'static str, fn(&Path) -> String);

const CHANGES: [Change; 4] = [
    ("crate-type = [\"cdylib\", \"rlib\"]", |root| {
        format!("crate-type = [\"cdylib\"]\npath = {:?}", root.join("src/lib.rs"))
    }),
    ("[package]\n", |root| format!("[package]\nbuild = {:?}\n", root.join("build.rs"))),
    ("[workspace]\nmembers = [\".\", ", |_| "[workspace]\nexclude = [".to_owned()),
    ("[profile.dev.package.envsocket-server]\nopt-level = 1\n", |_| String::new()),
];

/// Writes it, with the lock file beside it, and returns its folder.
///
/// # Errors
/// When the crate's manifest has changed its shape, or a file cannot be written.
pub(crate) fn write(places: &Places) -> Result<PathBuf, Failure> {
    let own = places.root.join("Cargo.toml");
    let manifest = for_javascript(&fs::read_to_string(&own).at("cannot read", &own)?, &places.root)?;
    let folder = places.target.join("wasm-crate");
    fs::create_dir_all(&folder).at("cannot create", &folder)?;
    let written = folder.join("Cargo.toml");
    fs::write(&written, manifest).at("cannot write", &written)?;
    let lock = folder.join("Cargo.lock");
    fs::copy(places.root.join("Cargo.lock"), &lock).at("cannot write", &lock)?;
    Ok(folder)
}

fn for_javascript(manifest: &str, root: &Path) -> Result<String, Failure> {
    CHANGES.iter().try_fold(manifest.to_owned(), |manifest, (from, to)| {
        if manifest.matches(from).count() == 1 {
            Ok(manifest.replacen(from, &to(root), 1))
        } else {
            Err(Failure::step(
                format!("Cargo.toml has no {from:?}, or several"),
                "bring xtask/src/tools/wasm_manifest.rs up to date with it",
            ))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_crates_manifest_becomes_that_of_one_library() {
        let changed =
            for_javascript(include_str!("../../../Cargo.toml"), Path::new("/r")).expect("its shape");
        assert!(changed.contains("crate-type = [\"cdylib\"]\npath = \"/r/src/lib.rs\"\n"), "{changed}");
    }

    #[test]
    fn a_manifest_of_another_shape_is_refused() {
        assert!(for_javascript("[package]\n", Path::new("/r")).is_err());
    }
}
