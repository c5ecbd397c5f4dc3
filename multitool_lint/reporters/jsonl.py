"""Findings as JSON Lines: on each line what `--format json` has for a finding.

There is nothing but findings, so that whatever reads rows can read them: no summary, and nothing
that is suppressed. rules/schemas/output.json describes a line under `$defs/finding`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from multitool_lint.reporters import text
from multitool_lint.reporters.json import as_dict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.linter.report import Report
    from multitool_lint.reporters.summary import Summary


class Reporter:
    """Prints the findings of a file when it is done."""

    def file(self, report: Report) -> Iterator[str]:
        """Report a file that was linted."""
        for finding in report.findings:
            yield json.dumps(as_dict(finding), ensure_ascii=False) + "\n"

    def end(self, summary: Summary) -> Iterator[str]:  # noqa: ARG002 - a line is a finding
        """Report what the run came to."""
        yield from ()

    def remarks(self, summary: Summary) -> Iterator[str]:
        """Say what the report has no place for."""
        yield text.closing(summary) + "\n"
