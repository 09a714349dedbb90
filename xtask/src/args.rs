//! What a person can ask for. Parses; does nothing.

use std::ffi::OsString;

use lexopt::prelude::*;

use crate::failure::Failure;

/// The port of the demo unless `--port` says otherwise. The server's own default, so that one
/// address is right everywhere.
pub(crate) const DEMO_PORT: u16 = 7420;

/// How long each target is fuzzed unless `--seconds` says otherwise.
pub(crate) const FUZZ_SECONDS: u32 = 60;

/// What `cargo xtask` and `cargo xtask help` print.
pub(crate) const HELP: &str = "\
the chores of envsocket

  cargo xtask setup [--for demo|build|test|check]...
        brings what is missing, for everything or for one chore, and says what it does
  cargo xtask build [--dev]
        leaves the npm package in pkg/, and packed in target/; --dev is quick and unoptimised
  cargo xtask demo [--port P]
        does all the set-up, builds, and serves the demo on 127.0.0.1:7420 until Ctrl-C
  cargo xtask test [native|simulation|conformance|wasm|package|foreign|web|e2e]...
        does all the set-up and runs every test, or the suites named
  cargo xtask check
        formatting, clippy, documentation and types, with warnings as errors
  cargo xtask bench [--quick] [page|server]...
        measures the package beside the platform's WebSocket and its peers, and the server beside a bare
        axum, or one of the two; --quick only shows that it runs
  cargo xtask mutate
        breaks the resume protocol in many ways, in a copy, and looks that the simulation notices each
  cargo xtask fuzz [--seconds N] [decoder|session|snapshot]...
        feeds hostile bytes to each target, or to those named, for N seconds (default 60)
  cargo xtask help
        this list

variables
  ENVSOCKET_WASM_TOOLCHAIN=rustup|debian   the way to the wasm32 target; otherwise rustup, then Debian
  CHROME=PATH CHROMEDRIVER=PATH            the browsers and their drivers for the tests
  FIREFOX=PATH GECKODRIVER=PATH
  ENVSOCKET_SCHEDULES=N                    how many schedules each simulation runs (default 100000)
  ENVSOCKET_SEED=N                         replays one schedule of each simulation and prints its steps
  XDG_CACHE_HOME=DIR                       where tools are kept, under envsocket/ (default ~/.cache)";

/// A chore, with all that it was asked with.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Chore {
    /// List the chores.
    Help,
    /// Bring what these purposes need.
    Setup(Vec<Purpose>),
    /// Build the npm package.
    Build(Profile),
    /// Serve the demo on this port of 127.0.0.1; 0 picks a free one.
    Demo {
        /// The TCP port.
        port: u16,
    },
    /// Run these suites, in this order.
    Test(Vec<Suite>),
    /// Formatting, lints, documentation, types.
    Check,
    /// Measure these.
    Bench(Extent, Vec<Subject>),
    /// Break the code on purpose and see that the simulation notices.
    Mutate,
    /// Feed these with hostile bytes, each for so long.
    Fuzz {
        /// For each of them.
        seconds: u32,
        /// Those, in this order.
        targets: Vec<Target>,
    },
}

/// What a set-up is for: each needs a different part of the tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Everything but the browsers.
    Demo,
    /// The wasm tools and npm.
    Build,
    /// Everything.
    Test,
    /// The wasm tools and npm.
    Check,
}

/// How long is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Long enough for a verdict.
    Whole,
    /// Long enough to see that it works.
    Quick,
}

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    /// The npm package in a browser, beside the platform's WebSocket and the peers.
    Page,
    /// The server library under load, beside a bare axum WebSocket.
    Server,
}

impl Subject {
    /// All of them.
    pub(crate) const ALL: [Self; 2] = [Self::Page, Self::Server];

    /// What it is called on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Server => "server",
        }
    }
}

/// What is fuzzed: a function of tests/fuzz.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// A text that came over a socket, on either end.
    Decoder,
    /// A schedule for the server's end of the protocol.
    Session,
    /// A program's output, for the screen that is kept of it.
    Snapshot,
}

impl Target {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Decoder, Self::Session, Self::Snapshot];

    /// What it is called on the command line, and in tests/fuzz.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Decoder => "decoder",
            Self::Session => "session",
            Self::Snapshot => "snapshot",
        }
    }
}

/// How the wasm is compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Quick to build, with debug information.
    Dev,
    /// What is published: small.
    Size,
}

/// One kind of test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Suite {
    /// The core, the server and these chores, natively.
    Native,
    /// The core against a faulty network in virtual time, natively and optimised.
    Simulation,
    /// Servers of `envsocket.v1` over the network: the Rust library's, and the Python package's.
    Conformance,
    /// The crate in headless browsers, against the real server.
    Wasm,
    /// The npm package in Node.
    Package,
    /// The npm package in headless browsers, on servers of other people's libraries.
    Foreign,
    /// The npm package in headless browsers, beside the platform's own WebSocket.
    Web,
    /// The demo in a browser, end to end.
    E2e,
}

impl Suite {
    /// All of them, the quickest to answer first.
    pub(crate) const ALL: [Self; 8] = [
        Self::Native,
        Self::Simulation,
        Self::Conformance,
        Self::Wasm,
        Self::Package,
        Self::Foreign,
        Self::Web,
        Self::E2e,
    ];

    /// What it is called on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Simulation => "simulation",
            Self::Conformance => "conformance",
            Self::Wasm => "wasm",
            Self::Package => "package",
            Self::Foreign => "foreign",
            Self::Web => "web",
            Self::E2e => "e2e",
        }
    }
}

/// Reads the arguments after the program's name.
///
/// # Errors
/// [`Failure::Usage`], naming the argument that is wrong and what is allowed there.
pub(crate) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Chore, Failure> {
    let mut parser = lexopt::Parser::from_args(args);
    let Some(first) = parser.next().map_err(usage)? else { return Ok(Chore::Help) };
    match first {
        Long("help") | Short('h') => Ok(Chore::Help),
        Value(name) => match name.to_str() {
            Some("help") => no_more(parser, Chore::Help),
            Some("setup") => setup(parser),
            Some("build") => build(parser),
            Some("demo") => demo(parser),
            Some("test") => test(parser),
            Some("check") => no_more(parser, Chore::Check),
            Some("bench") => bench(parser),
            Some("mutate") => no_more(parser, Chore::Mutate),
            Some("fuzz") => fuzz(parser),
            _ => Err(usage(format!("there is no chore {name:?}"))),
        },
        other => Err(usage(other.unexpected())),
    }
}

fn setup(mut parser: lexopt::Parser) -> Result<Chore, Failure> {
    let mut purposes = Vec::new();
    while let Some(arg) = parser.next().map_err(usage)? {
        match arg {
            Long("for") => purposes.push(purpose(&parser.value().map_err(usage)?)?),
            Long("help") | Short('h') => return Ok(Chore::Help),
            other => return Err(usage(other.unexpected())),
        }
    }
    if purposes.is_empty() {
        purposes = vec![Purpose::Demo, Purpose::Build, Purpose::Test, Purpose::Check];
    }
    Ok(Chore::Setup(purposes))
}

fn purpose(value: &OsString) -> Result<Purpose, Failure> {
    match value.to_str() {
        Some("demo") => Ok(Purpose::Demo),
        Some("build") => Ok(Purpose::Build),
        Some("test") => Ok(Purpose::Test),
        Some("check") => Ok(Purpose::Check),
        _ => Err(usage(format!("--for takes demo, build, test or check, not {value:?}"))),
    }
}

fn build(mut parser: lexopt::Parser) -> Result<Chore, Failure> {
    let mut profile = Profile::Size;
    while let Some(arg) = parser.next().map_err(usage)? {
        match arg {
            Long("dev") => profile = Profile::Dev,
            Long("help") | Short('h') => return Ok(Chore::Help),
            other => return Err(usage(other.unexpected())),
        }
    }
    Ok(Chore::Build(profile))
}

fn demo(mut parser: lexopt::Parser) -> Result<Chore, Failure> {
    let mut port = DEMO_PORT;
    while let Some(arg) = parser.next().map_err(usage)? {
        match arg {
            Long("port") => {
                let value = parser.value().map_err(usage)?;
                port = value
                    .to_str()
                    .and_then(|text| text.parse().ok())
                    .ok_or_else(|| usage(format!("--port takes a number from 0 to 65535, not {value:?}")))?;
            }
            Long("help") | Short('h') => return Ok(Chore::Help),
            other => return Err(usage(other.unexpected())),
        }
    }
    Ok(Chore::Demo { port })
}

fn test(mut parser: lexopt::Parser) -> Result<Chore, Failure> {
    let mut asked = Vec::new();
    while let Some(arg) = parser.next().map_err(usage)? {
        match arg {
            Value(name) => match Suite::ALL.into_iter().find(|suite| name == suite.name()) {
                Some(suite) => asked.push(suite),
                None => {
                    let suites = "native, simulation, conformance, wasm, package, foreign, web and e2e";
                    return Err(usage(format!("the suites are {suites}, not {name:?}")));
                }
            },
            Long("help") | Short('h') => return Ok(Chore::Help),
            other => return Err(usage(other.unexpected())),
        }
    }
    let suites = Suite::ALL.into_iter().filter(|suite| asked.is_empty() || asked.contains(suite));
    Ok(Chore::Test(suites.collect()))
}

fn bench(mut parser: lexopt::Parser) -> Result<Chore, Failure> {
    let (mut extent, mut asked) = (Extent::Whole, Vec::new());
    while let Some(arg) = parser.next().map_err(usage)? {
        match arg {
            Long("quick") => extent = Extent::Quick,
            Value(name) => match Subject::ALL.into_iter().find(|subject| name == subject.name()) {
                Some(subject) => asked.push(subject),
                None => return Err(usage(format!("what can be measured is page and server, not {name:?}"))),
            },
            Long("help") | Short('h') => return Ok(Chore::Help),
            other => return Err(usage(other.unexpected())),
        }
    }
    let subjects = Subject::ALL.into_iter().filter(|subject| asked.is_empty() || asked.contains(subject));
    Ok(Chore::Bench(extent, subjects.collect()))
}

fn fuzz(mut parser: lexopt::Parser) -> Result<Chore, Failure> {
    let (mut seconds, mut asked) = (FUZZ_SECONDS, Vec::new());
    while let Some(arg) = parser.next().map_err(usage)? {
        match arg {
            Long("seconds") => {
                let value = parser.value().map_err(usage)?;
                // libFuzzer takes 0 for no end.
                let number = value.to_str().and_then(|text| text.parse().ok()).filter(|seconds| *seconds > 0);
                seconds =
                    number.ok_or_else(|| usage(format!("--seconds takes a number from 1, not {value:?}")))?;
            }
            Value(name) => match Target::ALL.into_iter().find(|target| name == target.name()) {
                Some(target) => asked.push(target),
                None => {
                    let targets = "decoder, session and snapshot";
                    return Err(usage(format!("what can be fuzzed is {targets}, not {name:?}")));
                }
            },
            Long("help") | Short('h') => return Ok(Chore::Help),
            other => return Err(usage(other.unexpected())),
        }
    }
    let targets = Target::ALL.into_iter().filter(|target| asked.is_empty() || asked.contains(target));
    Ok(Chore::Fuzz { seconds, targets: targets.collect() })
}

fn no_more(mut parser: lexopt::Parser, chore: Chore) -> Result<Chore, Failure> {
    match parser.next().map_err(usage)? {
        None => Ok(chore),
        Some(Long("help") | Short('h')) => Ok(Chore::Help),
        Some(other) => Err(usage(other.unexpected())),
    }
}

fn usage(what: impl ToString) -> Failure {
    Failure::Usage(what.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Chore, Failure> {
        parse(line.split_whitespace().map(OsString::from))
    }

    fn complaint(line: &str) -> String {
        match parsed(line) {
            Err(Failure::Usage(text)) => text,
            other => panic!("{line:?} should be a usage error, was {other:?}"),
        }
    }

    #[test]
    fn nothing_and_help_list_the_chores() {
        for line in ["", "help", "--help", "-h", "demo --help", "check -h"] {
            assert_eq!(parsed(line).ok(), Some(Chore::Help), "{line:?}");
        }
    }

    #[test]
    fn every_chore_has_its_defaults() {
        assert_eq!(parsed("build").ok(), Some(Chore::Build(Profile::Size)));
        assert_eq!(parsed("build --dev").ok(), Some(Chore::Build(Profile::Dev)));
        assert_eq!(parsed("demo").ok(), Some(Chore::Demo { port: 7420 }));
        assert_eq!(parsed("demo --port=0").ok(), Some(Chore::Demo { port: 0 }));
        assert_eq!(parsed("check").ok(), Some(Chore::Check));
        assert_eq!(parsed("mutate").ok(), Some(Chore::Mutate));
        assert_eq!(parsed("bench").ok(), Some(Chore::Bench(Extent::Whole, Subject::ALL.to_vec())));
        let fuzz = Chore::Fuzz { seconds: FUZZ_SECONDS, targets: Target::ALL.to_vec() };
        assert_eq!(parsed("fuzz").ok(), Some(fuzz));
        let longer = Chore::Fuzz { seconds: 600, targets: vec![Target::Session] };
        assert_eq!(parsed("fuzz session --seconds 600").ok(), Some(longer));
        let quick = Chore::Bench(Extent::Quick, vec![Subject::Server]);
        assert_eq!(parsed("bench --quick server").ok(), Some(quick));
        assert_eq!(parsed("setup --for demo").ok(), Some(Chore::Setup(vec![Purpose::Demo])));
        assert_eq!(parsed("test").ok(), Some(Chore::Test(Suite::ALL.to_vec())));
    }

    #[test]
    fn suites_run_once_and_in_their_own_order() {
        assert_eq!(parsed("test e2e native e2e").ok(), Some(Chore::Test(vec![Suite::Native, Suite::E2e])));
    }

    #[test]
    fn a_bad_argument_is_named() {
        for (line, named) in [
            ("tset", "tset"),
            ("demo --port many", "many"),
            ("demo --port 70000", "70000"),
            ("demo --prot 1", "--prot"),
            ("demo --port", "--port"),
            ("setup --for lunch", "lunch"),
            ("test unit", "unit"),
            ("check now", "now"),
            ("bench pages", "pages"),
            ("fuzz screen", "screen"),
            ("fuzz --seconds 0", "--seconds"),
            ("--dev", "--dev"),
        ] {
            assert!(complaint(line).contains(named), "{line:?}: {}", complaint(line));
        }
    }
}
