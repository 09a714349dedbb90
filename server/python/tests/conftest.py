"""Says at the end how many tests there were, in the words that `cargo xtask test` counts by."""

from __future__ import annotations

from _pytest.terminal import TerminalReporter


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    counts = {kind: len(terminalreporter.stats.get(kind, [])) for kind in ("passed", "failed", "error", "skipped")}
    failed = counts["failed"] + counts["error"]
    result = "FAILED" if failed else "ok"
    line = f"test result: {result}. {counts['passed']} passed; {failed} failed; {counts['skipped']} ignored"
    terminalreporter.write_line(line)
