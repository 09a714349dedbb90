//! How much a page downloads: sizes of the built package, raw and gzipped.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::failure::{AtPath, Failure};
use crate::say;

/// Bytes, before and after gzip at its best level.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Size {
    raw: usize,
    gzip: usize,
}

impl Size {
    fn of(contents: &[u8]) -> io::Result<Self> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(contents)?;
        Ok(Self { raw: contents.len(), gzip: encoder.finish()?.len() })
    }

    fn plus(self, other: Self) -> Self {
        Self { raw: self.raw + other.raw, gzip: self.gzip + other.gzip }
    }

    fn print(self, what: &str) {
        say::line(&format!("build: {what:<28} {:>8} B {:>8} B gzipped", self.raw, self.gzip));
    }
}

/// Prints the sizes of the package in this folder.
///
/// # Errors
/// When a file of it cannot be read.
pub(crate) fn print(pkg: &Path) -> Result<(), Failure> {
    let wasm = of_file(&pkg.join("wasm/envsocket_bg.wasm"))?;
    let inlined = of_file(&pkg.join("wasm/inline.js"))?;
    let mut scripts = of_file(&pkg.join("wasm/envsocket_bg.js"))?;
    for entry in fs::read_dir(pkg).at("cannot read", pkg)?.flatten() {
        if entry.path().extension().is_some_and(|extension| extension == "js") {
            scripts = scripts.plus(of_file(&entry.path())?);
        }
    }
    wasm.print("wasm");
    scripts.print("JavaScript, every entry");
    wasm.plus(scripts).print("total");
    inlined.print("the wasm as inlined");
    Ok(())
}

fn of_file(path: &Path) -> Result<Size, Failure> {
    fs::read(path).and_then(|contents| Size::of(&contents)).at("cannot read", path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_counts_bytes_before_and_after_gzip() {
        let size = Size::of(&[7; 10_000]).expect("memory is writable");
        assert_eq!(size.raw, 10_000);
        assert!(size.gzip < 100, "{size:?}");
        assert_eq!(size.plus(size).raw, 20_000);
    }
}
