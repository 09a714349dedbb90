//! Holds a server of `envsocket.v1` to docs/PROTOCOL.md, over the network. README.md says what the server under
//! test must offer. Must not: know anything of a server but its address and what it leaves out.

mod case;
mod cases;
mod child;
mod document;
mod judge;
mod report;
mod tab;
mod wire;

use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::Arc;

use lexopt::prelude::*;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use case::{At, Case, Feature};
use child::Server;
use report::Report;
use wire::Target;

/// Cases at a time: many wait for the server's clock most of the time.
const AT_A_TIME: usize = 8;

const USAGE: &str = "\
conformance [--without FEATURE[,FEATURE]...] [--only TEXT] URL
conformance [--without FEATURE[,FEATURE]...] [--only TEXT] -- COMMAND [ARG]...
  --without   what the server leaves out, as the document allows
  --only      the cases whose names hold this text
  URL         ws://HOST:PORT of a server that offers what tests/conformance/README.md asks for
  COMMAND     starts such a server on 127.0.0.1; {port} in an argument stands for its port";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let wanted = match Wanted::parse() {
        Ok(wanted) => wanted,
        Err(why) => {
            eprintln!("conformance: {why}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let (target, _server) = match &wanted.server {
        Wanting::Running(target) => (target.clone(), None),
        Wanting::Command(command) => match Server::start(command).await {
            Ok(server) => (server.target.clone(), Some(server)),
            Err(why) => {
                eprintln!("conformance: {why}");
                return ExitCode::from(2);
            }
        },
    };
    let report = Report::begin(&wanted.without);
    let (at_a_time, mut running) = (Arc::new(Semaphore::new(AT_A_TIME)), JoinSet::new());
    for Case { name, run, .. } in cases::ALL.iter().copied().flatten().filter(|case| wanted.holds(case)) {
        let (at, at_a_time) = (At { target: target.clone() }, Arc::clone(&at_a_time));
        running.spawn(async move {
            let _permit = at_a_time.acquire_owned().await;
            report::named(name, run(at)).await;
        });
    }
    let (mut passed, mut failed) = (0, 0);
    while let Some(ended) = running.join_next().await {
        if ended.is_ok() { passed += 1 } else { failed += 1 }
    }
    report.end(passed, failed)
}

/// The server under test.
enum Wanting {
    Running(Target),
    Command(Vec<OsString>),
}

/// What the command line asks for.
struct Wanted {
    server: Wanting,
    without: Vec<(&'static str, Feature)>,
    only: String,
}

impl Wanted {
    fn parse() -> Result<Self, lexopt::Error> {
        let (mut server, mut without, mut only) = (None, Vec::new(), String::new());
        let mut parser = lexopt::Parser::from_env();
        while let Some(arg) = parser.next()? {
            match arg {
                Long("without") => {
                    for name in parser.value()?.string()?.split(',') {
                        let feature = Feature::ALL.into_iter().find(|(known, _)| *known == name);
                        without.push(feature.ok_or_else(|| format!("there is no feature {name:?}"))?);
                    }
                }
                Long("only") => only = parser.value()?.string()?,
                Value(first) if server.is_none() && first.to_string_lossy().starts_with("ws:") => {
                    let url = first.string()?;
                    let target =
                        Target::parse(&url).ok_or_else(|| format!("{url:?} is not ws://HOST:PORT"))?;
                    server = Some(Wanting::Running(target));
                }
                Value(program) if server.is_none() => {
                    let command = std::iter::once(program).chain(parser.raw_args()?).collect();
                    server = Some(Wanting::Command(command));
                }
                other => return Err(other.unexpected()),
            }
        }
        Ok(Self { server: server.ok_or("the server is missing")?, without, only })
    }

    fn holds(&self, case: &Case) -> bool {
        let is_left_out = |feature: &Feature| self.without.iter().any(|(_, left_out)| left_out == feature);
        case.name.contains(&self.only)
            && !case.with.iter().any(is_left_out)
            && case.without.iter().all(is_left_out)
    }
}
