//! `cargo xtask …`: every chore of envsocket, so that nobody needs to remember a command line.
//!
//! | module | what it is |
//! | --- | --- |
//! | `chores` | what a person asks for: setup, build, demo, test, check, bench, mutate, fuzz |
//! | `tools` | one file for each thing outside that a chore needs: found, or brought |
//! | `args`, `failure`, `say` | how it is asked, how it fails, how it talks |
//! | `process`, `follow`, `signals` | children: how they run, and how they end |
//! | `places` | where things lie |
//!
//! Must not: write outside the repository, the cargo target folder and the user's cache folder, save
//! through a system's package manager, and that only after saying so.

mod args;
mod chores;
mod failure;
mod follow;
mod places;
mod process;
mod say;
mod signals;
mod tools;

use std::env;
use std::process::ExitCode;

use args::Chore;
use failure::Failure;
use places::Places;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            failure.exit_code()
        }
    }
}

fn run() -> Result<(), Failure> {
    let chore = args::parse(env::args_os().skip(1))?;
    if let Chore::Help = chore {
        println!("{}", args::HELP);
        return Ok(());
    }
    signals::watch()?;
    let places = Places::find()?;
    match chore {
        Chore::Help => unreachable!("answered above"),
        Chore::Setup(purposes) => chores::setup::run(&places, &purposes),
        Chore::Build(profile) => chores::build::run(&places, profile),
        Chore::Demo { port } => chores::demo::run(&places, port),
        Chore::Test(suites) => chores::test::run(&places, &suites),
        Chore::Check => chores::check::run(&places),
        Chore::Bench(extent, subjects) => chores::bench::run(&places, extent, &subjects),
        Chore::Mutate => chores::mutate::run(&places),
        Chore::Fuzz { seconds, targets } => chores::fuzz::run(&places, seconds, &targets),
    }
}
