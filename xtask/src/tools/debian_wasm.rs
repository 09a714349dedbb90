//! The second way to wasm32: Debian's packages bring a compiler and its library's sources; the library
//! is compiled once, and lies with a private sysroot in the cache.
//!
//! Must not: change anything under /usr but through apt, or touch native builds.

use std::env;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::failure::{AtPath, Failure};
use crate::places::Places;
use crate::process::Tool;
use crate::say;
use crate::tools::wasm_target::{TARGET, has_core};
use crate::tools::{apt, versions};

/// Compiler, cargo, the library's sources. The linker comes after: its name depends on the compiler.
const PACKAGES: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];

/// The lints; only `check` needs it.
const CLIPPY: &str = "rust-web-clippy";

/// The library's sources, vendored crates left out on purpose: they are incomplete.
const SOURCES: &str = "/usr/lib/rustlib/src/rust/library";

/// The programs that compile for wasm through the private sysroot.
const COMPILERS: [&str; 2] = ["rustc", "rustdoc"];

/// Longer than the slowest machine that was tried, many times over (about 30 s).
const LIMIT: Duration = Duration::from_secs(20 * 60);

/// What makes the ordinary toolchain's proxies choose it, wherever they are called from.
const RUSTUPS: [&str; 5] = ["RUSTUP_TOOLCHAIN", "RUSTC", "RUSTDOC", "RUST_RECURSION_COUNT", "CARGO"];

/// Finds or makes the sysroot, and returns the folder with its `rustc` and `cargo`.
///
/// # Errors
/// When the packages cannot be had, or the library does not compile.
pub(crate) fn ready(places: &Places, why: &str) -> Result<PathBuf, Failure> {
    let version = packages(why)?;
    let home = places.cache.join("wasm-debian").join(as_file_name(&version));
    let sysroot = home.join("sysroot");
    if !has_core(&library_of(&sysroot)) {
        let scratch = places.cache.join("wasm-debian/.building");
        empty(&scratch)?;
        let built = compile_library(places, &scratch)?;
        assemble(&built, &home)?;
        fs::remove_dir_all(&scratch).at("cannot remove", &scratch)?;
    }
    Ok(sysroot.join("bin"))
}

/// Clippy on the same sysroot, whose `bin` is given: the ordinary one would read another compiler's library.
///
/// # Errors
/// When its package cannot be had.
pub(crate) fn clippy(bin: &Path) -> Result<Tool, Failure> {
    if apt::installed(CLIPPY).is_none() {
        apt::install(&[CLIPPY], "Debian's clippy", "because the wasm half is checked by its own compiler")?;
    }
    let sysroot = bin.parent().unwrap_or(bin);
    Ok(Tool::new("/usr/bin/cargo-clippy").args(["clippy"]).quiet_env("SYSROOT", sysroot))
}

/// Takes rustup's choice of toolchain, and the libraries that cargo added for its own child, out of a
/// tool's environment.
pub(crate) fn free_of_rustup(tool: Tool, target: &Path) -> Tool {
    let libraries = env::var_os("LD_LIBRARY_PATH").unwrap_or_default();
    let kept = env::split_paths(&libraries).filter(|dir| !is_cargos(dir, target));
    let tool = tool.without_env(&RUSTUPS);
    match env::join_paths(kept) {
        Ok(kept) if !kept.is_empty() => tool.quiet_env("LD_LIBRARY_PATH", kept),
        _ => tool.without_env(&["LD_LIBRARY_PATH"]),
    }
}

/// `cargo run` puts the toolchain's and its own output folders there; Debian's compiler would load the
/// wrong standard library from them.
fn is_cargos(dir: &Path, target: &Path) -> bool {
    dir.starts_with(target)
        || dir.components().any(|part| part.as_os_str() == "rustlib" || part.as_os_str() == "toolchains")
}

fn packages(why: &str) -> Result<String, Failure> {
    let missing: Vec<&str> = PACKAGES.into_iter().filter(|name| apt::installed(name).is_none()).collect();
    if !missing.is_empty() {
        apt::install(&missing, "Debian's Rust compiler", why)?;
    }
    let linker = linker()?;
    if apt::installed(&linker).is_none() {
        apt::install(&[&linker], "the linker for wasm", "because Debian's compiler comes without one")?;
    }
    apt::installed("rustc-web").ok_or_else(|| {
        Failure::step("apt installed rustc-web, but dpkg does not know it", "check `dpkg --status rustc-web`")
    })
}

/// The linker of the compiler's own LLVM: program and package have the same name, `lld-22`.
fn linker() -> Result<String, Failure> {
    let by_hand = "check `/usr/bin/rustc --version --verbose`";
    let said = Tool::new("/usr/bin/rustc").args(["--version", "--verbose"]).quietly();
    let said = said.or_by_hand("asking Debian's compiler for its LLVM", by_hand)?;
    linker_of(&said.stdout())
        .ok_or_else(|| Failure::step("Debian's compiler does not say which LLVM it is built on", by_hand))
}

fn linker_of(compiler: &str) -> Option<String> {
    let version = compiler.lines().find_map(|line| line.strip_prefix("LLVM version: "))?;
    Some(format!("lld-{}", versions::major(version)?))
}

fn as_file_name(version: &str) -> String {
    version.replace(|c: char| !(c.is_ascii_alphanumeric() || ".+~-".contains(c)), "_")
}

fn library_of(sysroot: &Path) -> PathBuf {
    sysroot.join("lib/rustlib").join(TARGET).join("lib")
}

fn empty(dir: &Path) -> Result<(), Failure> {
    if dir.exists() {
        fs::remove_dir_all(dir).at("cannot remove", dir)?;
    }
    fs::create_dir_all(dir).at("cannot create", dir)
}

/// The standard library, compiled as its own build does it; returns the folder of the `.rlib` files.
fn compile_library(places: &Places, scratch: &Path) -> Result<PathBuf, Failure> {
    let sources = scratch.join("library");
    Tool::new("cp")
        .args(["-RL", SOURCES])
        .args([&sources])
        .quietly()
        .or_by_hand("copying the library's sources", "check `dpkg --verify rust-web-src`")?;
    let target = scratch.join("target");
    let build = Tool::new("/usr/bin/cargo")
        .args(["build", "--release", "--package", "sysroot", "--target", TARGET, "--no-default-features"])
        .dir(&sources)
        .limit(LIMIT)
        .quiet_env("CARGO_TARGET_DIR", &target)
        // The library uses what only the compiler's own makers may use, and says by the same flag that it
        // is the library; its metadata must not be those of a crate that happens to have its name.
        .quiet_env("RUSTC_BOOTSTRAP", "1")
        .quiet_env("RUSTFLAGS", "-Zforce-unstable-if-unmarked")
        .quiet_env("__CARGO_DEFAULT_LIB_METADATA", "stablewasm")
        .quiet_env("CARGO_PROFILE_RELEASE_PANIC", "abort")
        .quiet_env("CARGO_PROFILE_RELEASE_DEBUG", "0")
        // /usr/bin first: cargo looks for rustc on PATH, where rustup's would be.
        .path_first(&["/usr/bin".into()])
        .without_env(&["CARGO_BUILD_TARGET", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER"]);
    let build = free_of_rustup(build, &places.target);
    let why = "because Debian's compiler comes without wasm32's standard library (about 30 s)";
    say::doing("setup", "wasm32 target", &build.line(), why);
    build.quietly().or_by_hand(
        "compiling the standard library for wasm32",
        format!("install rustup, run `rustup target add {TARGET}`, and leave ENVSOCKET_WASM_TOOLCHAIN unset"),
    )?;
    Ok(target.join(TARGET).join("release/deps"))
}

/// Builds the sysroot beside its final place and moves it there in one step: half of one would be taken
/// for a whole one for ever.
fn assemble(libraries: &Path, home: &Path) -> Result<(), Failure> {
    let half = home.parent().unwrap_or(home).join(".half");
    empty(&half)?;
    let to = library_of(&half.join("sysroot"));
    fs::create_dir_all(&to).at("cannot create", &to)?;
    for entry in fs::read_dir(libraries).at("cannot read", libraries)?.flatten() {
        let path = entry.path();
        if path.extension().is_some_and(|extension| extension == "rlib") {
            fs::copy(&path, to.join(entry.file_name())).at("cannot copy", &path)?;
        }
    }
    link_host(&half.join("sysroot"))?;
    programs(&half.join("sysroot/bin"), &home.join("sysroot"))?;
    if home.exists() {
        fs::remove_dir_all(home).at("cannot remove", home)?;
    }
    fs::rename(&half, home).at("cannot move", &half)
}

/// Build scripts and macros are compiled for the host, with the same compiler.
fn link_host(sysroot: &Path) -> Result<(), Failure> {
    let host = Tool::new("/usr/bin/rustc")
        .args(["--print", "host-tuple"])
        .quietly()
        .or_by_hand("asking Debian's compiler for its host", "check `/usr/bin/rustc --print host-tuple`")?;
    let host = host.stdout().trim().to_owned();
    let link = sysroot.join("lib/rustlib").join(&host);
    symlink(Path::new("/usr/lib/rustlib").join(&host), &link).at("cannot link", &link)
}

fn programs(bin: &Path, sysroot: &Path) -> Result<(), Failure> {
    fs::create_dir_all(bin).at("cannot create", bin)?;
    let cargo = bin.join("cargo");
    symlink("/usr/bin/cargo", &cargo).at("cannot link", &cargo)?;
    // The name under which the compiler looks for its linker, on PATH; only a package that is not needed
    // otherwise links it into /usr/bin.
    let lld = bin.join("rust-lld");
    symlink(Path::new("/usr/bin").join(linker()?), &lld).at("cannot link", &lld)?;
    for name in COMPILERS {
        let path = bin.join(name);
        let sysroot = sysroot.display().to_string().replace('\'', r"'\''");
        fs::write(&path, format!("#!/bin/sh\nexec /usr/bin/{name} --sysroot '{sysroot}' \"$@\"\n"))
            .at("cannot write", &path)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).at("cannot make executable", &path)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packages_version_is_a_folders_name() {
        assert_eq!(as_file_name("1.96.0+dfsg1-1~deb12u2"), "1.96.0+dfsg1-1~deb12u2");
        assert_eq!(as_file_name("1:22/x y"), "1_22_x_y");
    }

    #[test]
    fn the_linker_is_that_of_the_compilers_llvm() {
        let said =
            "rustc 1.96.0 (x)\nhost: x86_64-unknown-linux-gnu\nrelease: 1.96.0\nLLVM version: 22.1.8\n";
        assert_eq!(linker_of(said).as_deref(), Some("lld-22"));
        assert_eq!(linker_of("rustc 1.96.0"), None);
    }

    #[test]
    fn the_libraries_that_cargo_adds_are_told_from_the_users() {
        let target = Path::new("/repo/target");
        assert!(is_cargos(Path::new("/repo/target/debug/deps"), target));
        assert!(is_cargos(Path::new("/home/u/.rustup/toolchains/stable/lib"), target));
        assert!(!is_cargos(Path::new("/opt/cuda/lib64"), target));
    }
}
