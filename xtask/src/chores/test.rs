//! Runs the tests, all suites or some, and counts them.
//!
//! A suite that fails does not stop the next: what one shows often explains the other, and CI sees all
//! of it in one run. Only a package that does not build stops the suites that need it.

use crate::args::Suite;
use crate::chores::steps::Steps;
use crate::chores::suites::{Bench, conformance, native, simulation};
use crate::failure::Failure;
use crate::places::Places;
use crate::say;
use crate::tools::tally::Tally;

/// Sets up and runs these suites.
///
/// # Errors
/// Those of the set-up; else, after the last suite, one that names the suites that failed.
pub(crate) fn run(places: &Places, suites: &[Suite]) -> Result<(), Failure> {
    let mut run = Run { steps: Steps::of("test"), total: Tally::default() };
    let (alone, rest) = suites.split_at(suites.iter().take_while(|suite| needs_no_browser(**suite)).count());
    let bench = if rest.is_empty() { None } else { Some(Bench::ready(places)?) };
    for &suite in alone {
        run.suite(suite, |tally| match suite {
            Suite::Simulation => simulation(places, tally),
            Suite::Conformance => conformance(places, tally),
            _ => native(places, tally),
        })?;
    }
    let Some(bench) = bench else { return run.end() };
    let mut package = Package::NotBuilt;
    for &suite in rest {
        if needs_package(suite) && package == Package::NotBuilt {
            let built = run.steps.step("build", || bench.build())?;
            package = if built { Package::Built } else { Package::Broken };
            run.total.failed += u32::from(!built);
        }
        if needs_package(suite) && package == Package::Broken {
            continue;
        }
        run.suite(suite, |tally| bench.run(suite, tally))?;
    }
    run.end()
}

#[derive(Debug, PartialEq, Eq)]
enum Package {
    NotBuilt,
    Built,
    Broken,
}

/// Nor the package: cargo, and at most a Python. The first of all suites, wherever they are named.
fn needs_no_browser(suite: Suite) -> bool {
    matches!(suite, Suite::Native | Suite::Simulation | Suite::Conformance)
}

fn needs_package(suite: Suite) -> bool {
    matches!(suite, Suite::Package | Suite::Foreign | Suite::Web | Suite::E2e)
}

struct Run {
    steps: Steps,
    total: Tally,
}

impl Run {
    fn suite(
        &mut self,
        suite: Suite,
        run: impl FnOnce(&mut Tally) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let total = &mut self.total;
        self.steps.step(suite.name(), || {
            let mut tally = Tally::default();
            let ended = run(&mut tally).and_then(|()| whole(tally));
            if ended.is_err() && tally.failed == 0 {
                // A suite that hangs or does not compile names no test; the total must not look well.
                tally.failed = 1;
            }
            *total = total.plus(tally);
            ended
        })?;
        Ok(())
    }

    fn end(self) -> Result<(), Failure> {
        say::line(&self.total.to_string());
        self.steps.end()
    }
}

/// A suite that ran nothing, or left something out, has not shown what it is for, whatever its runner's
/// exit code says.
fn whole(tally: Tally) -> Result<(), Failure> {
    match tally {
        Tally { passed: 0, .. } => {
            Err(Failure::step("no test ran", "check that the suite's files are there"))
        }
        Tally { failed: 0, left_out: 0, .. } => Ok(()),
        tally => Err(Failure::step(
            format!("the runner ended well, but says: {tally}"),
            "mend the flaky ones, and enable or delete those that are left out",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suite_without_tests_has_failed() {
        assert!(whole(Tally::default()).is_err());
        assert!(whole(Tally { passed: 1, ..Tally::default() }).is_ok());
    }

    #[test]
    fn a_suite_that_leaves_tests_out_has_failed() {
        assert!(whole(Tally { passed: 5, failed: 0, left_out: 1 }).is_err());
        assert!(whole(Tally { passed: 5, failed: 1, left_out: 0 }).is_err());
    }
}
