"""Findings one a line, as editors and other programs find places in the output of compilers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.reporters import text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.linter.report import Report
    from multitool_lint.reporters.summary import Summary


class Reporter:
    """Prints the findings of a file when it is done, and at the end how many there were."""

    def __init__(self, *, colour: bool) -> None:
        self._colour = colour

    def file(self, report: Report) -> Iterator[str]:
        """Report a file that was linted."""
        for finding in report.findings:
            name = finding.policy_name
            where = f" in {text.printable(name)}" if name else ""
            yield f"{text.headline(finding, colour=self._colour)}{where}\n"

    def end(self, summary: Summary) -> Iterator[str]:
        """Report what the run came to."""
        yield from text.unread(summary)
        yield text.closing(summary) + "\n"

    def remarks(self, summary: Summary) -> Iterator[str]:  # noqa: ARG002 - the last line says it all
        """Say what the report has no place for."""
        yield from ()
