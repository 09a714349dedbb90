//! Breaks the resume protocol's code on purpose, in a copy, one place at a time, and looks whether the
//! simulation of both ends notices. A mutation that it misses is a promise that nobody tests.
//!
//! Must not: change the sources themselves.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::chores::mutations::{MUTATIONS, Mutation};
use crate::failure::{AtPath, Failure};
use crate::places::Places;
use crate::process::{Ended, Tool};
use crate::say;

/// How many schedules a mutation may survive. What breaks a promise is found within a few hundred.
const SCHEDULES: &str = "5000";

/// A mutation can make it hang. For the build and the run together.
const LIMIT: Duration = Duration::from_secs(600);

/// What cargo needs of the workspace to build one package of it.
const COPIED: [&str; 8] =
    ["Cargo.toml", "Cargo.lock", "build.rs", "README.md", "src", "server", "tests", "xtask"];

/// Runs them all, and says for each which schedule has found it.
///
/// # Errors
/// When a mutation is missed, or cannot be made any more because the code has changed.
pub(crate) fn run(places: &Places) -> Result<(), Failure> {
    let copy = Copy::make(places)?;
    // Whoever waits for the first wants to know of the last.
    for mutation in &MUTATIONS {
        copy.apply(mutation)?;
    }
    copy.holds_unchanged()?;
    let mut missed = Vec::new();
    for mutation in &MUTATIONS {
        match copy.run_with(mutation)? {
            Verdict::Caught(by) => say::line(&format!("mutate: caught: {}: {by}", mutation.what)),
            Verdict::Missed => {
                say::line(&format!("mutate: MISSED: {} ({})", mutation.what, mutation.file));
                missed.push(mutation.what.to_owned());
            }
        }
    }
    say::line(&format!("mutate: {} of {} caught", MUTATIONS.len() - missed.len(), MUTATIONS.len()));
    if missed.is_empty() { Ok(()) } else { Err(Failure::Several(missed)) }
}

enum Verdict {
    /// By what the simulation says.
    Caught(String),
    Missed,
}

/// The sources once more, for breaking, beside a target folder of their own.
struct Copy {
    root: PathBuf,
    target: PathBuf,
}

impl Copy {
    fn make(places: &Places) -> Result<Self, Failure> {
        let home = places.target.join("mutate");
        let root = home.join("sources");
        say::line(&format!("mutate: copying the sources to {}", root.display()));
        if root.exists() {
            fs::remove_dir_all(&root).at("cannot remove", &root)?;
        }
        fs::create_dir_all(&root).at("cannot create", &root)?;
        for name in COPIED {
            copy(&places.root.join(name), &root.join(name))?;
        }
        Ok(Self { root, target: home.join("target") })
    }

    /// Without a mutation, the simulation must find nothing.
    fn holds_unchanged(&self) -> Result<(), Failure> {
        let simulation = self.simulation();
        say::doing("mutate", "unchanged", &simulation.line(), "which must find nothing");
        simulation.quietly().or_by_hand("the simulation", "mend what it names first").map(drop)
    }

    fn run_with(&self, mutation: &Mutation) -> Result<Verdict, Failure> {
        let (path, [sound, broken]) = self.apply(mutation)?;
        fs::write(&path, broken).at("cannot write", &path)?;
        let ended = self.simulation().quietly();
        fs::write(&path, sound).at("cannot write", &path)?;
        if ended.succeeded() {
            return Ok(Verdict::Missed);
        }
        match verdict(ended.lines()) {
            Some(by) => Ok(Verdict::Caught(by)),
            // It does not compile, or somebody has stopped us.
            None => Err(unclear(ended, mutation)),
        }
    }

    /// The file, as it is and as it would be.
    fn apply(&self, mutation: &Mutation) -> Result<(PathBuf, [String; 2]), Failure> {
        let path = self.root.join(mutation.file);
        let sound = fs::read_to_string(&path).at("cannot read", &path)?;
        let broken = mutation.apply(&sound)?;
        Ok((path, [sound, broken]))
    }

    fn simulation(&self) -> Tool {
        Tool::new("cargo")
            .args(["test", "--release", "--package", "envsocket", "--test", "resume"])
            .dir(&self.root)
            .without_env(&["CARGO_BUILD_TARGET", "ENVSOCKET_SEED"])
            .quiet_env("CARGO_TARGET_DIR", &self.target)
            .env("ENVSOCKET_SCHEDULES", SCHEDULES)
            .limit(LIMIT)
    }
}

impl Mutation {
    /// # Errors
    /// When the place is not there, or not the only one.
    fn apply(&self, source: &str) -> Result<String, Failure> {
        match source.matches(self.old).count() {
            1 => Ok(source.replacen(self.old, self.new, 1)),
            count => Err(Failure::step(
                format!("`{}`: its place occurs {count} times in {}", self.what, self.file),
                "bring xtask/src/chores/mutations.rs up to date with the code",
            )),
        }
    }
}

/// What the simulation says when it has found something.
fn verdict<'a>(mut lines: impl Iterator<Item = &'a str>) -> Option<String> {
    let found =
        |line: &&str| line.starts_with("the schedule with seed ") || line.starts_with("never happened");
    lines.find(found).map(str::to_owned)
}

fn unclear(ended: Ended, mutation: &Mutation) -> Failure {
    let what = format!("running the simulation with `{}`", mutation.what);
    match ended.or_by_hand(&what, "a mutation must compile, and must not hang: write it differently") {
        Err(failure) => failure,
        Ok(_) => Failure::step(what, "run it again"),
    }
}

fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    if !from.is_dir() {
        return fs::copy(from, to).at("cannot copy", from).map(drop);
    }
    fs::create_dir_all(to).at("cannot create", to)?;
    for entry in fs::read_dir(from).at("cannot list", from)? {
        let name = entry.at("cannot list", from)?.file_name();
        if name != "node_modules" && name != "target" {
            copy(&from.join(&name), &to.join(&name))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MUTATION: Mutation = Mutation { what: "w", file: "f", old: "a + 1", new: "a" };

    #[test]
    fn a_mutation_changes_its_only_place() {
        assert_eq!(MUTATION.apply("x = a + 1;").ok().as_deref(), Some("x = a;"));
    }

    #[test]
    fn a_mutation_without_one_place_is_an_error_that_names_it() {
        for source in ["x = a;", "a + 1, a + 1"] {
            let text = MUTATION.apply(source).expect_err("there is not one place").to_string();
            assert!(text.contains("`w`") && text.contains(" in f"), "{text}");
        }
    }

    #[test]
    fn every_mutation_still_has_its_place_in_the_code() {
        let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
        for mutation in &MUTATIONS {
            let source = fs::read_to_string(root.join(mutation.file)).expect("the file is there");
            assert!(mutation.apply(&source).is_ok(), "`{}` in {}", mutation.what, mutation.file);
        }
    }

    #[test]
    fn the_verdict_is_what_the_simulation_says_last() {
        let lines = ["  12 Up(3)", "the schedule with seed 7 fails: 3 is applied twice", "replay it"];
        let by = verdict(lines.into_iter());
        assert_eq!(by.as_deref(), Some("the schedule with seed 7 fails: 3 is applied twice"));
        assert_eq!(verdict(["error: could not compile `envsocket`"].into_iter()), None);
    }
}
