//! Counts tests by reading what their runners say at the end, so that the total is the runners' own.

use std::fmt;

/// How many tests passed, failed, and were left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// They did what they promise.
    pub(crate) passed: u32,
    /// They did not.
    pub(crate) failed: u32,
    /// They were not run: ignored, skipped, to do. The project has none; one that slips in must be seen.
    pub(crate) left_out: u32,
}

impl Tally {
    /// Adds what a line says, if it is a runner's summary.
    pub(crate) fn read(&mut self, line: &str) {
        let plain = without_colour(line);
        let line = plain.trim();
        if let Some(counts) = line.strip_prefix("test result: ") {
            self.add(counts.split([';', '.']));
        } else if let Some(counts) = line.strip_prefix("Tests ") {
            // vitest: "Tests  1 failed | 11 passed (12)"; tests/web/run.mjs: the same and " in chromium"
            self.add(counts.split('|').map(|part| part.split('(').next().unwrap_or(part)));
        } else if is_playwrights(line) {
            self.add([line.split(" (").next().unwrap_or(line)].into_iter());
        }
    }

    /// The sum of both.
    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            left_out: self.left_out + other.left_out,
        }
    }

    fn add<'a>(&mut self, parts: impl Iterator<Item = &'a str>) {
        for part in parts {
            let mut words = part.split_whitespace();
            let Some(count) = words.next().and_then(|word| word.parse::<u32>().ok()) else { continue };
            match words.next() {
                Some("passed") => self.passed += count,
                // A test that passes at the second try is one that fails.
                Some("failed" | "flaky" | "interrupted") => self.failed += count,
                Some("ignored" | "skipped" | "todo" | "did") => self.left_out += count,
                _ => {}
            }
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.left_out > 0 { write!(f, ", {} left out", self.left_out) } else { Ok(()) }
    }
}

/// Playwright's summary is one line for each kind: "3 failed", "1 did not run", "12 passed (8.1s)".
fn is_playwrights(line: &str) -> bool {
    let line = line.split(" (").next().unwrap_or(line);
    let Some((count, kind)) = line.split_once(' ') else { return false };
    count.bytes().all(|byte| byte.is_ascii_digit())
        && ["passed", "failed", "flaky", "skipped", "interrupted", "did not run"].contains(&kind)
}

/// Takes the terminal's colour sequences out: ESC, `[`, parameters, a letter.
fn without_colour(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        rest = after.trim_start_matches(|c: char| !c.is_ascii_alphabetic());
        rest = rest.get(1..).unwrap_or("");
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(lines: &[&str]) -> Tally {
        let mut tally = Tally::default();
        for line in lines {
            tally.read(line);
        }
        tally
    }

    #[test]
    fn cargos_summaries_add_up() {
        let lines = [
            "running 12 tests",
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s",
        ];
        assert_eq!(tally(&lines), Tally { passed: 15, failed: 2, left_out: 1 });
    }

    #[test]
    fn vitests_summary_counts_tests_and_not_files() {
        let lines =
            [" Test Files  1 failed | 2 passed (3)", "      Tests  1 failed | 11 passed | 2 skipped (14)"];
        assert_eq!(tally(&lines), Tally { passed: 11, failed: 1, left_out: 2 });
    }

    #[test]
    fn the_summaries_of_both_browsers_add_up() {
        let lines = ["Tests  2 failed | 310 passed (312) in chromium", "Tests  312 passed (312) in firefox"];
        assert_eq!(tally(&lines), Tally { passed: 622, failed: 2, left_out: 0 });
    }

    #[test]
    fn playwrights_summary_counts_a_flaky_test_as_failed() {
        let lines = [
            "  1 failed",
            "    [chromium] › cut.spec.ts:3:1 › 2 passed things",
            "  1 flaky",
            "  8 passed (12.3s)",
        ];
        assert_eq!(tally(&lines), Tally { passed: 8, failed: 2, left_out: 0 });
        assert_eq!(tally(&["  4 did not run"]).left_out, 4);
    }

    #[test]
    fn colours_do_not_hide_a_summary() {
        let line = "\u{1b}[2m      Tests \u{1b}[22m \u{1b}[1m\u{1b}[32m5 passed\u{1b}[39m\u{1b}[22m (5)";
        assert_eq!(tally(&[line]).passed, 5);
        let line = "test result: \u{1b}[32mok\u{1b}[m. 7 passed; 0 failed; 0 ignored";
        assert_eq!(tally(&[line]).passed, 7);
    }

    #[test]
    fn other_lines_count_nothing() {
        assert_eq!(
            tally(&["", "12 passengers", "passed 3", "3 passed through", "Tests are run"]),
            Tally::default()
        );
    }
}
