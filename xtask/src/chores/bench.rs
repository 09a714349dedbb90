//! Measures the package beside the platform's WebSocket and its peers, in a headless browser, and the server
//! library beside a bare axum WebSocket, under load.

use std::path::PathBuf;

use crate::args::{Extent, Profile, Subject};
use crate::chores::build;
use crate::chores::setup::WasmTools;
use crate::failure::Failure;
use crate::places::Places;
use crate::process::Tool;
use crate::say;
use crate::tools::browser;

/// The servers of both, and what loads them: packages and programs have the same names.
const SERVER: &str = "envsocket-bench";
const LOAD: &str = "envsocket-load";

/// Sets up, builds, measures, prints the tables, and leaves all figures in the target folder.
///
/// A budget that is not met is printed, and is no failure: another machine may meet it.
///
/// # Errors
/// Those of the set-up and the build; a page that fails, or says nothing any more; a server that loses a message.
pub(crate) fn run(places: &Places, extent: Extent, subjects: &[Subject]) -> Result<(), Failure> {
    for subject in subjects {
        match subject {
            Subject::Page => page(places, extent)?,
            Subject::Server => server(places, extent)?,
        }
    }
    Ok(())
}

fn page(places: &Places, extent: Extent) -> Result<(), Failure> {
    let tools = WasmTools::ready(places)?;
    let browser = browser::chromium()?;
    build::package(places, &tools, Profile::Size)?;
    let server = program(places, SERVER, "which echoes, floods, counts and cuts")?;
    let bench = Tool::new("node")
        .args(["tests/bench/run.mjs"])
        .arg_path("--server", &server)
        .arg_path("--out", &places.target)
        .args(flags(extent))
        .dir(&places.root)
        .env("ENVSOCKET_CHROME", &browser.browser);
    say::doing("bench", "page", &bench.line(), "which wants the machine to itself");
    bench.shown().or_by_hand("measuring", "see what it says above, and run it again").map(drop)
}

fn server(places: &Places, extent: Extent) -> Result<(), Failure> {
    let server = program(places, SERVER, "the library, and a bare axum beside it")?;
    let load = program(places, LOAD, "which opens thousands of WebSockets")?;
    let bench = Tool::new(&load)
        .arg_path("--server", &server)
        .arg_path("--out", &places.target)
        .args(flags(extent))
        .dir(&places.root);
    say::doing("bench", "server", &bench.line(), "which wants the machine to itself");
    bench.shown().or_by_hand("measuring", "see what it says above, and run it again").map(drop)
}

fn flags(extent: Extent) -> &'static [&'static str] {
    match extent {
        Extent::Whole => &[],
        Extent::Quick => &["--quick"],
    }
}

fn program(places: &Places, package: &str, what: &str) -> Result<PathBuf, Failure> {
    let build = Tool::new("cargo")
        .args(["build", "--release", "--package", package])
        .dir(&places.root)
        // The program's place below depends on it.
        .without_env(&["CARGO_BUILD_TARGET"]);
    say::doing("bench", package, &build.line(), what);
    build.shown().or_by_hand("compiling it", "mend what the compiler names above")?;
    Ok(places.target.join("release").join(package))
}
