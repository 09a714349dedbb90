//! Leaves the npm package in `pkg/`, and the demo's page in `www/dist`.

use std::ffi::OsStr;
use std::path::PathBuf;

use crate::args::Profile;
use crate::chores::setup::WasmTools;
use crate::failure::Failure;
use crate::places::Places;
use crate::process::Tool;
use crate::say;
use crate::tools::{npm, package, sizes, wasm_manifest};

/// Sets up and builds the package.
///
/// # Errors
/// Those of the step that fails.
pub(crate) fn run(places: &Places, profile: Profile) -> Result<(), Failure> {
    let tools = WasmTools::ready(places)?;
    package(places, &tools, profile)
}

/// Builds the package with tools that are ready.
///
/// # Errors
/// Those of wasm-pack or of the TypeScript compiler, or a file that cannot be written.
pub(crate) fn package(places: &Places, tools: &WasmTools, profile: Profile) -> Result<(), Failure> {
    wasm(places, tools, profile)?;
    if profile == Profile::Size {
        shrink(places)?;
    }
    package::assemble(places)?;
    let tsc = npm::tool(places, "tsc").args(["--project", "pkg-template"]);
    say::doing("build", "TypeScript", "tsc --project pkg-template", "which adds the facade to pkg/");
    tsc.shown().or_by_hand("compiling the facade", "mend what tsc names above")?;
    package::finished(places)?;
    sizes::print(&package::folder(places))?;
    pack(places)
}

/// Packs it as the registry would. npm installs a folder as a link, so that an app would find this
/// repository's React beside its own.
fn pack(places: &Places) -> Result<(), Failure> {
    let pack = Tool::new("npm")
        .args(["pack", "./pkg", "--silent"])
        .arg_path("--pack-destination", &places.target)
        .dir(&places.root);
    say::doing("build", "pack", &pack.line(), "what an app installs");
    pack.shown().or_by_hand("packing the package", "mend what npm names above").map(drop)
}

fn wasm(places: &Places, tools: &WasmTools, profile: Profile) -> Result<(), Failure> {
    let (profile, why): (&[&str], _) = match profile {
        Profile::Dev => (&["--dev"], "quick, with debug information"),
        Profile::Size => (&["--profile", "wasm"], "as small as it gets: a page downloads it"),
    };
    // no-install: all that wasm-pack would download is on its PATH by now.
    let build = tools
        .tool(places, "wasm-pack")
        .dir(&wasm_manifest::write(places)?)
        .args([
            "build",
            "--mode",
            "no-install",
            "--target",
            "bundler",
            "--no-pack",
            "--out-name",
            "envsocket",
        ])
        .arg_path("--out-dir", &package::wasm_pack_output(places))
        .args(profile);
    say::doing("build", "wasm", &build.line(), why);
    build.shown().or_by_hand("compiling the crate to wasm", "mend what the compiler names above").map(drop)
}

fn shrink(places: &Places) -> Result<(), Failure> {
    let wasm = package::wasm_pack_output(places).join("envsocket_bg.wasm");
    let shrink = Tool::new("node")
        .args([OsStr::new("xtask/src/tools/shrink.mjs"), wasm.as_os_str()])
        .dir(&places.root);
    say::doing("build", "shrink", &shrink.line(), "panics become traps, and the rest as small as it gets");
    shrink.shown().or_by_hand("shrinking the wasm", "mend what node names above").map(drop)
}

/// Builds the demo's page into `www/dist`; the package must be there.
///
/// # Errors
/// Those of the page's build.
pub(crate) fn page(places: &Places) -> Result<(), Failure> {
    let build = Tool::new("npm").args(["run", "build", "--workspace", "www"]).dir(&places.root);
    say::doing("build", "page", &build.line(), "the demo's page, into www/dist");
    build.shown().or_by_hand("building the demo's page", "mend what vite names above").map(drop)
}

/// Builds the reference server and returns its program.
///
/// # Errors
/// When it does not compile.
pub(crate) fn server(places: &Places) -> Result<PathBuf, Failure> {
    program(places, "envsocket-server", "envsocket-server", "the reference server, natively")
}

/// Builds the proxy that cuts links and returns its program.
///
/// # Errors
/// When it does not compile.
pub(crate) fn fault_proxy(places: &Places) -> Result<PathBuf, Failure> {
    program(
        places,
        "envsocket-faults",
        "fault-proxy",
        "what stands between a page and the server, and breaks",
    )
}

/// Builds what environments run in place of a shell while links break, and returns its program.
///
/// # Errors
/// When it does not compile.
pub(crate) fn fault_program(places: &Places) -> Result<PathBuf, Failure> {
    program(places, "envsocket-faults", "fault-program", "what a shell would be too slow or too clever for")
}

/// Builds the echo with tokio-tungstenite and returns its program.
///
/// # Errors
/// When it does not compile.
pub(crate) fn tungstenite_echo(places: &Places) -> Result<PathBuf, Failure> {
    program(places, "envsocket-foreign", "tungstenite-echo", "a server that is not ours")
}

/// Builds the conformance suite and the server of the Rust library that it is tried on; returns their programs.
///
/// # Errors
/// When they do not compile.
pub(crate) fn conformance(places: &Places) -> Result<(PathBuf, PathBuf), Failure> {
    let package = "envsocket-conformance";
    let suite = program(places, package, "conformance", "what holds a server to the document")?;
    Ok((suite, program(places, package, "conformance-server", "the Rust library, as a server under test")?))
}

/// The dev profile: the tests have compiled it already, or will, and it outruns a terminal.
fn program(places: &Places, package: &str, program: &str, why: &str) -> Result<PathBuf, Failure> {
    let build = Tool::new("cargo")
        .args(["build", "--package", package, "--bin", program])
        .dir(&places.root)
        // The program's place below depends on it.
        .without_env(&["CARGO_BUILD_TARGET"]);
    say::doing("build", program, &build.line(), why);
    build.shown().or_by_hand(&format!("compiling {program}"), "mend what the compiler names above")?;
    Ok(places.target.join("debug").join(program))
}
