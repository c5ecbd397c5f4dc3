"""Findings as workflow commands of GitHub Actions, which shows them next to the changed lines.

GitHub: https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
Escaping is that of https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.diagnostics.rule import Severity, is_preview
from multitool_lint.reporters import text
from multitool_lint.reporters.positions import region, relative_path
from multitool_lint.reporters.summary import RunReporter, Summary, closing
from multitool_lint.syntax.printable import escaped, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.diagnostics.finding import Finding
    from multitool_lint.linter.report import Report

_COMMANDS = {
    Severity.ERROR: "error",
    Severity.SECURITY: "error",
    Severity.WARNING: "warning",
    Severity.SUGGESTION: "notice",
}
_IN_MESSAGES = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_IN_PROPERTIES = _IN_MESSAGES | str.maketrans({":": "%3A", ",": "%2C"})


class Reporter(RunReporter):
    """Prints the findings of a file when it is done, and at the end how many there were."""

    says_all = True

    def file(self, report: Report) -> Iterator[str]:
        """Report a file that was linted."""
        if report.findings:
            path = relative_path(report.source.path)
            for finding in report.findings:
                yield _command(finding, path, finding.severity.value) + "\n"
        for note in report.notes:
            yield _command(note, relative_path(report.source.path), "note") + "\n"

    def end(self, summary: Summary) -> Iterator[str]:
        """Report what the run came to."""
        for path, message in summary.errors:
            place = _properties(file=relative_path(path), title="multitool-lint")
            yield f"::error {place}::{_message(f'{path}: {message}')}\n"
        command = "error" if summary.strict else "notice"
        for path, line, column, why in summary.unknown():
            shown = relative_path(path)
            place = _properties(file=shown, line=line, title="multitool-lint")
            yield f"::{command} {place}::{_message(f'{shown}:{line}:{column}: {why}')}\n"
        yield closing(summary) + "\n"


def _command(finding: Finding, path: str, word: str) -> str:
    place = region(finding.source, finding.span)
    columns: dict[str, int] = {}
    if place.start_line == place.end_line:  # else the runner drops them
        columns = {"col": place.start_column, "endColumn": place.end_column}
    properties = _properties(
        file=path,
        line=place.start_line,
        endLine=place.end_line,
        **columns,
        title=f"{finding.rule} ({word})",
    )
    # The log shows nothing but the message, so the place is in it as well.
    line, column = finding.source.position(finding.span.start)
    paragraphs = [f"{path}:{line}:{column}: {finding.title}", *text.advice(finding)]
    if finding.docs:
        paragraphs.append(f"docs: {finding.docs}")
    message = "%0A".join(map(_message, paragraphs))
    command = "notice" if is_preview(finding.rule) else _COMMANDS[finding.severity]
    return f"::{command} {properties}::{message}"


def _properties(**properties: str | int) -> str:
    return ",".join(
        f"{key}={escaped(str(value).translate(_IN_PROPERTIES))}"
        for key, value in properties.items()
    )


def _message(message: str) -> str:
    return printable(message).translate(_IN_MESSAGES)
