//! A run of steps that goes on after a failure, and says at the end which failed.

use std::time::Instant;

use crate::failure::Failure;
use crate::say;

/// The steps of one chore so far.
#[derive(Debug)]
pub(crate) struct Steps {
    chore: &'static str,
    failed: Vec<String>,
}

impl Steps {
    /// None yet.
    pub(crate) fn of(chore: &'static str) -> Self {
        Self { chore, failed: Vec::new() }
    }

    /// Does one step, prints at once how it went, and returns whether it went well.
    ///
    /// # Errors
    /// Only when a signal asks for the end: every other failure is kept for the end.
    pub(crate) fn step(
        &mut self,
        name: &str,
        step: impl FnOnce() -> Result<(), Failure>,
    ) -> Result<bool, Failure> {
        let begun = Instant::now();
        let result = step();
        let seconds = begun.elapsed().as_secs();
        let went_well = self.record(name, result)?;
        let how = if went_well { "ok" } else { "FAILED" };
        say::line(&format!("{}: {name}: {how} after {seconds} s", self.chore));
        Ok(went_well)
    }

    fn record(&mut self, name: &str, result: Result<(), Failure>) -> Result<bool, Failure> {
        match result {
            Ok(()) => Ok(true),
            Err(interrupted @ Failure::Interrupted(_)) => Err(interrupted),
            Err(failure) => {
                eprintln!("{failure}");
                self.failed.push(name.to_owned());
                Ok(false)
            }
        }
    }

    /// The end: fails if a step did.
    ///
    /// # Errors
    /// [`Failure::Several`], naming the steps that failed.
    pub(crate) fn end(self) -> Result<(), Failure> {
        if self.failed.is_empty() { Ok(()) } else { Err(Failure::Several(self.failed)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_step_does_not_stop_the_next_and_is_named_at_the_end() {
        let mut steps = Steps::of("test");
        let first = steps.record("first", Err(Failure::step("broken", "mend it")));
        let second = steps.record("second", Ok(()));
        assert!(matches!((first, second), (Ok(false), Ok(true))));
        let text = steps.end().expect_err("a step failed").to_string();
        assert!(text.contains("first") && !text.contains("second"), "{text}");
    }

    #[test]
    fn a_signal_stops_the_run() {
        let mut steps = Steps::of("test");
        assert!(steps.record("first", Err(Failure::Interrupted(2))).is_err());
    }
}
