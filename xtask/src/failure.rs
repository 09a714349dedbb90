//! How a chore fails: what went wrong, what the tool said last, and what to do by hand.

use std::fmt;
use std::process::ExitCode;

/// Why a chore ended without doing what it was asked.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The arguments or a variable make no sense. The text names which.
    Usage(String),
    /// A step could not be done.
    Step(Box<Step>),
    /// Some steps of a run that goes on to the end failed; each has said why by then.
    Several(Vec<String>),
    /// A signal asked for the end; the number is the system's.
    Interrupted(i32),
}

/// A step that failed.
#[derive(Debug)]
pub(crate) struct Step {
    /// What was being done and how it went wrong.
    pub(crate) what: String,
    /// The last lines of the tool's output; empty where they are on the screen already.
    pub(crate) tail: Vec<String>,
    /// What a person can do about it.
    pub(crate) by_hand: String,
}

impl Failure {
    /// A failed step without a tool's output.
    pub(crate) fn step(what: impl Into<String>, by_hand: impl Into<String>) -> Self {
        Self::Step(Box::new(Step { what: what.into(), tail: Vec::new(), by_hand: by_hand.into() }))
    }

    /// 2 for a wrong call, 128 + n after signal n (as shells count), 1 for everything else.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Usage(_) => ExitCode::from(2),
            Self::Step(_) | Self::Several(_) => ExitCode::FAILURE,
            Self::Interrupted(signal) => ExitCode::from(u8::try_from(128 + signal).unwrap_or(1)),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(what) => write!(f, "error: {what}; `cargo xtask help` lists what there is"),
            Self::Step(step) => step.fmt(f),
            Self::Several(names) => write!(f, "error: failed: {}", names.join(", ")),
            Self::Interrupted(signal) => write!(f, "stopped by signal {signal}"),
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "error: {}", self.what)?;
        for line in &self.tail {
            writeln!(f, "  | {line}")?;
        }
        write!(f, "by hand: {}", self.by_hand)
    }
}

/// Turns a file system's error into a failed step that says which path.
pub(crate) trait AtPath<T> {
    /// `doing` reads on before the path: "cannot write".
    fn at(self, doing: &str, path: &std::path::Path) -> Result<T, Failure>;
}

impl<T> AtPath<T> for std::io::Result<T> {
    fn at(self, doing: &str, path: &std::path::Path) -> Result<T, Failure> {
        self.map_err(|error| {
            let path = path.display();
            Failure::step(format!("{doing} {path}: {error}"), format!("look at {path}, and run it again"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_step_says_what_the_tool_said_and_what_to_do() {
        let failure = Failure::Step(Box::new(Step {
            what: "npm ci ended with code 1".into(),
            tail: vec!["npm error network".into()],
            by_hand: "run `npm ci`".into(),
        }));
        assert_eq!(
            failure.to_string(),
            "error: npm ci ended with code 1\n  | npm error network\nby hand: run `npm ci`"
        );
    }

    #[test]
    fn a_wrong_call_and_a_failed_step_have_different_exit_codes() {
        assert_eq!(Failure::Usage(String::new()).exit_code(), ExitCode::from(2));
        assert_eq!(Failure::step("", "").exit_code(), ExitCode::from(1));
        assert_eq!(Failure::Interrupted(15).exit_code(), ExitCode::from(143));
    }
}
