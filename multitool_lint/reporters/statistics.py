"""The number of findings of each rule, as text or as JSON."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from multitool_lint.reporters.summary import ReportOptions, RunReporter, Summary, closing
from multitool_lint.reporters.text import RANKS
from multitool_lint.syntax.printable import json_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.diagnostics.rule import Severity
    from multitool_lint.linter.report import Report


class Reporter(RunReporter):
    """Counts the findings, and prints at the end how many there are of each rule."""

    def __init__(self, options: ReportOptions) -> None:
        super().__init__(options)
        self.says_all = options.format != "json"
        self._counts: Counter[tuple[str, Severity]] = Counter()

    def file(self, report: Report) -> Iterator[str]:
        """Count the findings of a file."""
        self._counts.update((finding.rule, finding.severity) for finding in report.findings)
        yield from ()

    def end(self, summary: Summary) -> Iterator[str]:
        """Report the counts, the highest first."""
        ranked = sorted(
            ((count, rule, severity) for (rule, severity), count in self._counts.items()),
            key=lambda row: (-row[0], RANKS[row[2]], row[1]),
        )
        if self.options.format == "json":
            facts = [
                {"rule": rule, "severity": severity.value, "count": count}
                for count, rule, severity in ranked
            ]
            yield json_text({"version": 1, "statistics": facts}, indent=2) + "\n"
            return
        width = max((len(f"{count:,}") for count, _, _ in ranked), default=0)
        for count, rule, severity in ranked:
            yield f"{count:>{width},}  {severity.value:<10}  {rule}\n"
        yield closing(summary) + "\n"
