//! Formatting, lints, documentation and types, with warnings as errors. Changes no source.

use std::path::Path;

use crate::args::Profile;
use crate::chores::build;
use crate::chores::setup::WasmTools;
use crate::chores::steps::Steps;
use crate::failure::Failure;
use crate::places::Places;
use crate::process::Tool;
use crate::say;
use crate::tools::wasm_target::TARGET;
use crate::tools::{npm, package};

/// The TypeScript projects, each with a tsconfig.json of its own.
const PROJECTS: [&str; 7] =
    ["pkg-template", "www", "tests/package", "tests/web", "tests/foreign", "tests/e2e", "tests/bench"];

/// Makes rustdoc as strict as the compiler.
const STRICT_DOCS: (&str, &str) = ("RUSTDOCFLAGS", "--deny warnings");

/// Sets up and checks everything.
///
/// # Errors
/// Those of the set-up; else, after the last step, one that names the steps that failed.
pub(crate) fn run(places: &Places) -> Result<(), Failure> {
    let tools = WasmTools::ready(places)?;
    let mut steps = Steps::of("check");
    format(places, &mut steps)?;
    lints(places, &tools, &mut steps)?;
    documentation(places, &tools, &mut steps)?;
    if package::is_fresh(places) || steps.step("build", || build::package(places, &tools, Profile::Dev))? {
        typescript(places, &mut steps)?;
    }
    steps.end()
}

fn format(places: &Places, steps: &mut Steps) -> Result<(), Failure> {
    let name = "format";
    steps.step(name, || {
        let fmt = cargo(places).args(["fmt", "--all", "--check"]);
        checked(name, fmt, "one way to lay out code", "run `cargo fmt --all`")
    })?;
    Ok(())
}

fn lints(places: &Places, tools: &WasmTools, steps: &mut Steps) -> Result<(), Failure> {
    let strict = ["--all-targets", "--", "--deny", "warnings"];
    let mend = "mend what clippy names above";
    let name = "lints";
    steps.step(name, || {
        let clippy = cargo(places).args(["clippy", "--workspace"]).args(strict);
        checked(name, clippy, "the core, the server and the chores", mend)
    })?;
    let name = "lints for wasm";
    steps.step(name, || {
        let clippy = tools.clippy(places)?.args(["--package", "envsocket", "--target", TARGET]).args(strict);
        checked(name, clippy, "the browser's half and its tests", mend)
    })?;
    Ok(())
}

fn documentation(places: &Places, tools: &WasmTools, steps: &mut Steps) -> Result<(), Failure> {
    let whole = ["--no-deps", "--document-private-items"];
    let (variable, strict) = STRICT_DOCS;
    let mend = "mend what rustdoc names above";
    let name = "documentation";
    steps.step(name, || {
        let doc = cargo(places).env(variable, strict).args(["doc", "--workspace"]).args(whole);
        checked(name, doc, "the core, the server and the chores", mend)
    })?;
    let name = "documentation for wasm";
    steps.step(name, || {
        let doc = tools.tool(places, "cargo").env(variable, strict);
        let doc = doc.args(["doc", "--package", "envsocket", "--target", TARGET]).args(whole);
        checked(name, doc, "the browser's half", mend)
    })?;
    Ok(())
}

fn typescript(places: &Places, steps: &mut Steps) -> Result<(), Failure> {
    for project in PROJECTS {
        let name = format!("types of {project}");
        steps.step(&name, || {
            has_config(places, project)?;
            let tsc = npm::tool(places, "tsc").args(["--noEmit", "--project", project]);
            checked(&name, tsc, "as strict as its tsconfig.json", "mend what tsc names above")
        })?;
    }
    let name = "package";
    steps.step(name, || {
        let publint = npm::tool(places, "publint").args(["--strict", "pkg"]);
        checked(name, publint, "what the tools of npm's users will resolve", "mend what publint names above")
    })?;
    Ok(())
}

/// tsc takes the nearest tsconfig.json above a folder that has none, and is content with it.
fn has_config(places: &Places, project: &str) -> Result<(), Failure> {
    let config = Path::new(project).join("tsconfig.json");
    if places.root.join(&config).exists() {
        return Ok(());
    }
    Err(Failure::step(format!("{} is missing", config.display()), "write it, or take it off the list"))
}

fn cargo(places: &Places) -> Tool {
    Tool::new("cargo").dir(&places.root)
}

fn checked(name: &str, tool: Tool, why: &str, by_hand: &str) -> Result<(), Failure> {
    say::doing("check", name, &tool.line(), why);
    tool.shown().or_by_hand(name, by_hand).map(drop)
}
