//! Measures the package beside the platform's WebSocket and its peers, in a headless browser.

use std::path::PathBuf;

use crate::args::{Extent, Profile};
use crate::chores::build;
use crate::chores::setup::WasmTools;
use crate::failure::Failure;
use crate::places::Places;
use crate::process::Tool;
use crate::say;
use crate::tools::browser;

/// Sets up, builds, measures, prints the tables, and leaves all figures in the target folder.
///
/// A budget that is not met is printed, and is no failure: another machine may meet it.
///
/// # Errors
/// Those of the set-up and the build; a page that fails, or says nothing any more.
pub(crate) fn run(places: &Places, extent: Extent) -> Result<(), Failure> {
    let tools = WasmTools::ready(places)?;
    let browser = browser::chromium()?;
    build::package(places, &tools, Profile::Size)?;
    let server = server(places)?;
    let bench = Tool::new("node")
        .args(["tests/bench/run.mjs"])
        .arg_path("--server", &server)
        .arg_path("--out", &places.target)
        .args(match extent {
            Extent::Whole => [].as_slice(),
            Extent::Quick => &["--quick"],
        })
        .dir(&places.root)
        .env("ENVSOCKET_CHROME", &browser.browser);
    say::doing("bench", "browser", &bench.line(), "which wants the machine to itself");
    bench.shown().or_by_hand("measuring", "see what it says above, and run it again").map(drop)
}

fn server(places: &Places) -> Result<PathBuf, Failure> {
    let build = Tool::new("cargo")
        .args(["build", "--release", "--package", "envsocket-bench"])
        .dir(&places.root)
        // The program's place below depends on it.
        .without_env(&["CARGO_BUILD_TARGET"]);
    say::doing("bench", "server", &build.line(), "which echoes, floods, counts and cuts");
    build.shown().or_by_hand("compiling the server", "mend what the compiler names above")?;
    Ok(places.target.join("release/envsocket-bench"))
}
