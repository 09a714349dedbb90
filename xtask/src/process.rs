//! Runs one outside tool to its end: output, exit, time limit. Knows nothing of what tools are for.
//!
//! Output goes through pipes, so that a failure can repeat the last lines and the tests' totals can be
//! read; a tool whose output is shown keeps its colours where ours is a terminal.

use std::collections::VecDeque;
use std::ffi::OsStr;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;
use std::{env, fmt};

use crate::failure::{Failure, Step};
use crate::follow::follow;
use crate::signals::{self, Group};

/// How many lines of a tool's output a failure repeats.
const TAIL: usize = 20;

/// What cargo tells the program that it runs, and nobody else.
const CARGOS_OWN: [&str; 6] = [
    "CARGO",
    "CARGO_BIN_NAME",
    "CARGO_CRATE_NAME",
    "CARGO_PRIMARY_PACKAGE",
    "OUT_DIR",
    "CARGO_MANIFEST_LINKS",
];

/// A tool about to be run.
#[derive(Debug)]
pub(crate) struct Tool {
    command: Command,
    /// `KEY=value` pairs, as a person would type them before the command.
    assignments: Vec<String>,
    /// Folders before the rest of PATH.
    path: Vec<PathBuf>,
    limit: Option<Duration>,
}

impl Tool {
    /// By name, looked up in PATH, or by path. It gets no standard input.
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        let mut command = Command::new(program);
        command.stdin(Stdio::null());
        for (name, _) in env::vars_os() {
            let text = name.to_string_lossy();
            if CARGOS_OWN.contains(&&*text)
                || text.starts_with("CARGO_PKG_")
                || text.starts_with("CARGO_MANIFEST_")
            {
                command.env_remove(&name);
            }
        }
        Self { command, assignments: Vec::new(), path: Vec::new(), limit: None }
    }

    /// Adds arguments.
    pub(crate) fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.command.args(args);
        self
    }

    /// Adds an option and the path that belongs to it.
    pub(crate) fn arg_path(mut self, option: &str, path: &Path) -> Self {
        self.command.arg(option).arg(path);
        self
    }

    /// Runs it in this folder.
    pub(crate) fn dir(mut self, dir: &Path) -> Self {
        self.command.current_dir(dir);
        self
    }

    /// Sets a variable that belongs to the command as a person would type it.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.assignments.push(format!("{name}={}", quoted(value.as_ref())));
        self.command.env(name, value);
        self
    }

    /// Sets a variable that only matters here.
    pub(crate) fn quiet_env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Takes variables away.
    pub(crate) fn without_env(mut self, names: &[&str]) -> Self {
        for name in names {
            self.command.env_remove(name);
        }
        self
    }

    /// Puts folders on its PATH, before the rest and before those of earlier calls.
    pub(crate) fn path_first(mut self, dirs: &[PathBuf]) -> Self {
        self.path.splice(0..0, dirs.iter().cloned());
        let rest = env::var_os("PATH").unwrap_or_default();
        let all = self.path.iter().cloned().chain(env::split_paths(&rest));
        // A folder with a colon in its name cannot be on a PATH; the tool is then looked for without it.
        if let Ok(joined) = env::join_paths(all) {
            self.command.env("PATH", joined);
        }
        self
    }

    /// Ends it if it takes longer.
    pub(crate) fn limit(mut self, limit: Duration) -> Self {
        self.limit = Some(limit);
        self
    }

    /// The command as a person would type it.
    pub(crate) fn line(&self) -> String {
        let words = std::iter::once(self.command.get_program()).chain(self.command.get_args()).map(quoted);
        self.assignments.iter().cloned().chain(words).collect::<Vec<_>>().join(" ")
    }

    /// Runs it and keeps what it says.
    pub(crate) fn quietly(mut self) -> Ended {
        // A failure repeats the last lines: a tool's own backtrace would be all of them.
        self.command.env("RUST_BACKTRACE", "0");
        self.run(Show::Nothing)
    }

    /// Runs it, passes on what it says as it says it, and keeps it too.
    pub(crate) fn shown(mut self) -> Ended {
        let asked = |name| env::var_os(name).is_some();
        if io::stdout().is_terminal() && !asked("NO_COLOR") {
            self.command.env("CARGO_TERM_COLOR", "always").env("FORCE_COLOR", "1");
        } else if !asked("FORCE_COLOR") {
            // Some runners colour whatever they write to when they see that it is CI.
            self.command.env("NO_COLOR", "1");
        }
        self.run(Show::Everything)
    }

    /// Starts it with piped output, and with whatever input the caller gives.
    pub(crate) fn start(mut self, input: Stdio) -> io::Result<(Child, Group)> {
        self.command.stdin(input).stdout(Stdio::piped()).stderr(Stdio::piped());
        signals::spawn(&mut self.command)
    }

    fn run(self, show: Show) -> Ended {
        let line = self.line();
        let limit = self.limit;
        let (child, group) = match self.start(Stdio::null()) {
            Ok(started) => started,
            Err(error) => {
                return Ended { line, outcome: Outcome::NotStarted(error), output: Vec::new(), show };
            }
        };
        let mut output = Vec::new();
        let outcome = follow(child, &group, limit, |from, bytes| {
            if let Show::Everything = show {
                from.repeat(bytes);
            }
            output.push(Line { from, text: String::from_utf8_lossy(bytes).trim_end().to_owned() });
        });
        Ended { line, outcome, output, show }
    }
}

/// As a shell would need it.
fn quoted(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=+:,./@%^*".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.into_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Show {
    Nothing,
    Everything,
}

/// Where a line was written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stream {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
}

impl Stream {
    fn repeat(self, bytes: &[u8]) {
        // Whoever reads us may have gone; the tool is not to be disturbed by that.
        let _ = match self {
            Self::Out => io::stdout().lock().write_all(bytes).and_then(|()| io::stdout().flush()),
            Self::Err => io::stderr().lock().write_all(bytes),
        };
    }
}

#[derive(Debug)]
struct Line {
    from: Stream,
    text: String,
}

/// How a tool ended.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// With code 0.
    Success,
    /// With another code, or by a signal.
    Failed(ExitStatus),
    /// It was ended because it took longer than this.
    TooLong(Duration),
    /// It never began.
    NotStarted(io::Error),
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Success => f.write_str("succeeded"),
            Self::Failed(status) => write!(f, "ended with {status}"),
            Self::TooLong(limit) => write!(f, "took longer than {} s", limit.as_secs()),
            Self::NotStarted(error) => write!(f, "could not be started: {error}"),
        }
    }
}

/// A tool that has ended, one way or another.
#[derive(Debug)]
pub(crate) struct Ended {
    line: String,
    outcome: Outcome,
    output: Vec<Line>,
    show: Show,
}

impl Ended {
    /// Whether it did what it was asked.
    pub(crate) fn succeeded(&self) -> bool {
        matches!(self.outcome, Outcome::Success)
    }

    /// Its standard output.
    pub(crate) fn stdout(&self) -> String {
        let lines = self.output.iter().filter(|line| line.from == Stream::Out);
        lines.map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n")
    }

    /// All that it said, line by line, in the order of arrival.
    pub(crate) fn lines(&self) -> impl Iterator<Item = &str> {
        self.output.iter().map(|line| line.text.as_str())
    }

    /// Itself, if it succeeded.
    ///
    /// # Errors
    /// A failed step that says `what` was being done, how it went, and what to do `by_hand`.
    pub(crate) fn or_by_hand(self, what: &str, by_hand: impl Into<String>) -> Result<Self, Failure> {
        if self.succeeded() {
            return Ok(self);
        }
        signals::go_on()?;
        let tail = match self.show {
            Show::Nothing => last(self.lines().map(str::to_owned)),
            Show::Everything => Vec::new(),
        };
        let what = format!("{what}: `{}` {}", self.line, self.outcome);
        Err(Failure::Step(Box::new(Step { what, tail, by_hand: by_hand.into() })))
    }
}

fn last(lines: impl Iterator<Item = String>) -> Vec<String> {
    let mut tail = VecDeque::with_capacity(TAIL + 1);
    for line in lines.filter(|line| !line.is_empty()) {
        tail.push_back(line);
        if tail.len() > TAIL {
            tail.pop_front();
        }
    }
    tail.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(script: &str) -> Tool {
        Tool::new("sh").args(["-c", script])
    }

    #[test]
    fn output_is_kept_and_told_apart() {
        let ended = sh("echo out; echo err >&2; printf unfinished").quietly();
        assert!(ended.succeeded());
        assert_eq!(ended.stdout(), "out\nunfinished");
        assert_eq!(ended.lines().count(), 3);
    }

    #[test]
    fn a_failure_repeats_the_last_lines_and_the_advice() {
        let ended = sh("for i in $(seq 1 50); do echo line $i; done; exit 3").quietly();
        let text = ended.or_by_hand("counting", "count yourself").expect_err("it exits with 3").to_string();
        assert!(text.contains("counting: `sh -c ") && text.contains("exit status: 3"), "{text}");
        assert!(text.contains("| line 31\n") && text.contains("| line 50\n"), "{text}");
        assert!(!text.contains("line 30\n"), "{text}");
        assert!(text.ends_with("by hand: count yourself"), "{text}");
    }

    #[test]
    fn a_missing_tool_is_named() {
        let ended = Tool::new("no-such-tool-anywhere").quietly();
        let text = ended.or_by_hand("trying", "install it").expect_err("it does not exist").to_string();
        assert!(text.contains("`no-such-tool-anywhere` could not be started"), "{text}");
    }

    #[test]
    fn what_takes_too_long_is_ended_with_all_it_started() {
        // The pipe is held by the grandchild: the run can only end because the whole group does.
        let ended = sh("sleep 600 & sleep 600; wait").limit(Duration::from_millis(50)).quietly();
        assert!(matches!(ended.outcome, Outcome::TooLong(_)), "{:?}", ended.outcome);
    }

    #[test]
    fn a_command_line_can_be_pasted_into_a_shell() {
        let tool = Tool::new("npm").args(["run", "it's", "a b", "--x=1"]).env("A", "1 2");
        assert_eq!(tool.line(), r"A='1 2' npm run 'it'\''s' 'a b' --x=1");
    }

    #[test]
    fn a_folder_put_first_wins_and_earlier_ones_stay() {
        let tool = sh("echo \"$PATH\"").path_first(&["/b".into(), "/c".into()]).path_first(&["/a".into()]);
        let path = tool.quietly().stdout();
        assert!(path.starts_with("/a:/b:/c:"), "{path}");
    }
}
