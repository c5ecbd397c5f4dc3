"""Findings as a person reads them: what is wrong, where, why, what to do, and the page to read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.diagnostics.finding import Safety
from multitool_lint.diagnostics.rule import Severity, is_preview
from multitool_lint.limits import MAX_TEXT_RELATED
from multitool_lint.syntax.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.diagnostics.finding import Finding
    from multitool_lint.linter.report import Report
    from multitool_lint.reporters.summary import Summary


WIDTH = 120
"""The columns of a line where the output is not a terminal."""

NARROWEST = 40
"""The columns below which lines are longer than a terminal."""

COLOURS = {
    Severity.ERROR: "1;31",
    Severity.SECURITY: "1;35",
    Severity.WARNING: "1;33",
    Severity.SUGGESTION: "1;36",
}
RANKS = {severity: rank for rank, severity in enumerate(Severity)}


class Paint:
    """Paints text with an ANSI code, or leaves it as it is."""

    def __init__(self, *, colour: bool) -> None:
        self._colour = colour

    def __call__(self, text: str, code: str) -> str:
        """The text between the code and the one that ends it."""
        return f"\033[{code}m{text}\033[0m" if self._colour else text


class Reporter:
    """Prints the findings of a file when it is done, and at the end how many there were."""

    def __init__(self, *, colour: bool, verbose: bool = False, width: int = WIDTH) -> None:
        self._colour = colour
        self._verbose = verbose
        self._width = width

    def file(self, report: Report) -> Iterator[str]:
        """Report a file that was linted, the most severe findings first."""
        for finding in sorted(report.findings, key=lambda finding: RANKS[finding.severity]):
            yield f"{self._render(finding)}\n\n"
        yield from self._notes(report)

    def _notes(self, report: Report) -> Iterator[str]:
        for note in report.notes:
            yield headline(note, colour=self._colour, severity="note") + "\n"

    def _render(self, finding: Finding) -> str:
        return render(finding, colour=self._colour, verbose=self._verbose, width=self._width)

    def end(self, summary: Summary) -> Iterator[str]:
        """Report what the run came to."""
        for path, line, column, why in summary.unknown(values=self._verbose):
            yield f"{printable(path)}:{line}:{column}: {printable(why)}\n"
        yield closing(summary) + "\n"

    def remarks(self, summary: Summary) -> Iterator[str]:  # noqa: ARG002 - the last line says it all
        """Say what the report has no place for."""
        yield from ()


class LinesReporter(Reporter):
    """Prints one line for each finding, as editors find positions in the output of compilers."""

    def file(self, report: Report) -> Iterator[str]:
        """Report a file that was linted."""
        for finding in report.findings:
            also = f" ({agreement(finding)})" if finding.confirmed_by else ""
            yield f"{headline(finding, colour=self._colour)}{also}\n"
        yield from self._notes(report)


def closing(summary: Summary) -> str:
    """The last line: what was checked, what was not and why, and what was found."""
    checked = f"Checked {counted(summary.files, 'file')}, {counted(summary.policies, 'policy')}"
    reasons = [
        f"{counted(count, unit)} skipped: {printable(reason)}"
        for unit, skipped in (("file", summary.skipped), ("block", summary.skipped_blocks))
        for reason, count in sorted(skipped.items())
    ]
    if summary.unresolved:
        reasons.insert(0, f"{counted(len(summary.unresolved), 'value')} could not be resolved")
    if summary.unread:
        reasons.insert(0, f"{counted(len(summary.unread), 'policy')} not read")
    if len(summary.formats) > 1:
        reasons.insert(0, ", ".join(_by_format(summary)))
    if summary.errors:
        reasons.insert(0, f"{counted(len(summary.errors), 'file')} could not be linted")
    aside = f" ({'; '.join(reasons)})" if reasons else ""
    found = [
        f"{count} security" if severity is Severity.SECURITY else counted(count, severity.value)
        for severity, count in summary.findings.items()
        if count
    ]
    parts = [", ".join(found)]
    if not found and not summary.errors:
        parts = ["no findings" if summary.policies or summary.references else "nothing was checked"]
    if summary.suppressed:
        parts.append(f"{summary.suppressed} suppressed")
    if summary.fixed:
        parts.append(f"{summary.fixed} fixed")
    if summary.fixable:
        parts.append(f"{summary.fixable} fixable with --fix")
    if summary.unsafely_fixable:
        parts.append(f"{summary.unsafely_fixable} fixable with --fix --unsafe-fixes")
    result = "; ".join(filter(None, parts))
    return f"{checked}{aside}: {result}." if result else f"{checked}{aside}."


def _by_format(summary: Summary) -> Iterator[str]:
    """How many policies there are of each format, and how many more could not be read."""
    for name, (read, unread_) in sorted(summary.formats.items()):
        yield f"{name} {read}{f' and {unread_} not read' if unread_ else ''}"


def counted(count: int, unit: str) -> str:
    """A number of things: `1 policy`, `2 policies`."""
    if count == 1:
        return f"1 {unit}"
    return f"{count} {unit[:-1]}ies" if unit.endswith("y") else f"{count} {unit}s"


def render(
    finding: Finding, *, colour: bool = False, verbose: bool = False, width: int = WIDTH
) -> str:
    """One finding in full, without a line ending.

    A verbose one has the type of the policy.
    """
    # A run without findings need not wait for it.
    from multitool_lint.reporters.snippet import FRAME, Snippet, wrapped

    width = max(width, NARROWEST)
    paint = Paint(colour=colour)
    shown = Snippet(finding, width, paint)
    head = f"{finding.severity.value}[{finding.rule}]"
    title, *more = wrapped(f"{head}: {printable(finding.title)}", width - 4)
    lines = [
        f"{paint(head, COLOURS[finding.severity])}{paint(title.removeprefix(head), '1')}",
        *(f"    {paint(part, '1')}" for part in more),
    ]
    name = f" ({printable(finding.policy_name)})" if finding.policy_name else ""
    lines.append(f"{shown.margin}{paint('-->', FRAME)} {_place(finding)}{name}")
    lines += shown.lines()
    for word, words, code in _remarks(finding, verbose=verbose):
        lead = f"{shown.margin} = {word}: "
        first, *rest = wrapped(printable(words), width - len(lead))
        lines.append(f"{shown.margin} {paint('=', FRAME)} {paint(word, code)}: {first}")
        lines += [f"{' ' * len(lead)}{part}" for part in rest]
    return "\n".join(lines)


def headline(finding: Finding, *, colour: bool = False, severity: str = "") -> str:
    """One finding on one line, without its ending; a note has another word for its severity."""
    paint = Paint(colour=colour)
    word = paint(f"{severity or finding.severity.value}[{finding.rule}]", COLOURS[finding.severity])
    return f"{paint(_place(finding), '1')}: {word} {printable(finding.title)}"


def advice(finding: Finding) -> list[str]:
    """The notes and the help, a paragraph each, for reports in plain text."""
    return [f"{word}: {words}" for word, words, _ in _reasons(finding)]


def guidance(finding: Finding) -> str:
    """What is wrong and what to do, as one line."""
    if not finding.help:
        return finding.title
    end = "" if finding.title.endswith((".", "?", "!")) else "."
    return f"{finding.title}{end} {finding.help[:1].upper()}{finding.help[1:]}"


def _place(finding: Finding) -> str:
    line, column = finding.source.position(finding.span.start)
    return f"{printable(finding.source.path)}:{line}:{column}"


def _reasons(finding: Finding) -> Iterator[tuple[str, str, str]]:
    """Notes and help of a finding: a word, a text, and the colour of the word."""
    for note in finding.notes:
        yield "note", note, "1"
    if is_preview(finding.rule):
        yield "note", "preview rule: its findings do not fail a run", "1"
    if finding.help:
        yield "help", finding.help, "1;36"
    if finding.confirmed_by:
        yield "note", agreement(finding), "1"


def agreement(finding: Finding) -> str:
    """Which other linters report a finding."""
    return f"also reported by {', '.join(finding.confirmed_by)}"


def _remarks(finding: Finding, *, verbose: bool) -> Iterator[tuple[str, str, str]]:
    """What follows the lines of the file: a word, a text, and the colour of the word."""
    if (left := len(finding.related) - MAX_TEXT_RELATED) > 0:
        yield "note", f"{counted(left, 'more related location')} not shown", "1"
    yield from _reasons(finding)
    if verbose and finding.policy_type:
        yield "note", f"policy type: {finding.policy_type.value}", "1"
    for fix in finding.fixes:
        code = "1;32" if fix.safety is Safety.SAFE else "1;33"
        yield f"fix ({fix.safety.value})", fix.title, code
    yield "docs", f"multitool-lint explain {finding.rule}", "1"
