"""Findings as a person reads them: place, message, the line with carets, related places, fixes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.diagnostics.rule import Severity, is_preview
from multitool_lint.limits import MAX_TEXT_LINE, MAX_TEXT_RELATED
from multitool_lint.syntax.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.diagnostics.finding import Finding
    from multitool_lint.linter.report import Report
    from multitool_lint.reporters.summary import Summary


_COLOURS = {
    Severity.ERROR: "31",
    Severity.SECURITY: "35",
    Severity.WARNING: "33",
    Severity.SUGGESTION: "36",
}


RANKS = {severity: rank for rank, severity in enumerate(Severity)}


class Reporter:
    """Prints the findings of a file when it is done, and at the end how many there were."""

    def __init__(self, *, colour: bool, verbose: bool = False) -> None:
        self._colour = colour
        self._verbose = verbose

    def file(self, report: Report) -> Iterator[str]:
        """Report a file that was linted, the most severe findings first."""
        for finding in sorted(report.findings, key=lambda finding: RANKS[finding.severity]):
            yield render(finding, colour=self._colour, verbose=self._verbose) + "\n"
        for note in report.notes:
            yield headline(note, colour=self._colour, severity="note") + "\n"

    def end(self, summary: Summary) -> Iterator[str]:
        """Report what the run came to."""
        yield from unread(summary)
        if self._verbose:
            for path, line, column, element in summary.unresolved:
                yield f"{printable(path)}:{line}:{column}: {element} could not be resolved\n"
        yield closing(summary) + "\n"

    def remarks(self, summary: Summary) -> Iterator[str]:  # noqa: ARG002 - the last line says it all
        """Say what the report has no place for."""
        yield from ()


class LinesReporter(Reporter):
    """Prints one line for each finding, as editors find positions in the output of compilers."""

    def file(self, report: Report) -> Iterator[str]:
        """Report a file that was linted."""
        for finding in report.findings:
            name = finding.policy_name
            where = f" in {printable(name)}" if name else ""
            yield f"{headline(finding, colour=self._colour)}{where}\n"


def unread(summary: Summary) -> Iterator[str]:
    """A line for each policy that should be there and could not be read."""
    for path, line, column, reason in summary.unread:
        yield f"{printable(path)}:{line}:{column}: not read: {printable(reason)}\n"


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
        parts = ["no findings" if summary.files else "nothing was checked"]
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


def render(finding: Finding, *, colour: bool = False, verbose: bool = False) -> str:
    """One finding in full, without a line ending.

    A verbose one has the type of the policy, and who else reports it.
    """
    lines = [*_lines(finding, _Paint(colour=colour))]
    if verbose:
        line, _ = finding.source.position(finding.span.start)
        margin = f" {' ' * len(str(line))} ="
        if finding.policy_type:
            lines.append(f"{margin} policy type: {finding.policy_type.value}")
        if finding.confirmed_by:
            lines.append(f"{margin} also reported by {', '.join(finding.confirmed_by)}")
    return "\n".join(lines)


def headline(finding: Finding, *, colour: bool = False, severity: str = "") -> str:
    """One finding on one line, without its ending; a note has another word for its severity."""
    paint = _Paint(colour=colour)
    line, column = finding.source.position(finding.span.start)
    word = paint(severity or finding.severity.value, f"1;{_COLOURS[finding.severity]}")
    place = paint(f"{printable(finding.source.path)}:{line}:{column}", "1")
    return f"{place}: {word}: {printable(finding.message)} {paint(f'[{finding.rule}]', '2')}"


def _lines(finding: Finding, paint: _Paint) -> Iterator[str]:
    line, _ = finding.source.position(finding.span.start)
    yield headline(finding, colour=paint.colour)
    yield from _excerpt(finding, line, paint)
    gutter = " " * len(str(line))
    if finding.policy_name:
        yield f" {gutter} = in {printable(finding.policy_name)}"
    for related in finding.related[:MAX_TEXT_RELATED]:
        related_line, related_column = finding.source.position(related.span.start)
        yield f" {gutter} = {related_line}:{related_column}: {printable(related.label)}"
    if len(finding.related) > MAX_TEXT_RELATED:
        yield f" {gutter} = and {len(finding.related) - MAX_TEXT_RELATED} more places"
    if is_preview(finding.rule):
        yield f" {gutter} = preview rule: its findings do not fail a run"
    for fix in finding.fixes:
        yield f" {gutter} = {paint(f'{fix.safety.value} fix', '32')}: {printable(fix.title)}"


def _excerpt(finding: Finding, line: int, paint: _Paint) -> Iterator[str]:
    """The source line and carets; of a span over several lines, its part on the first."""
    start, end = finding.source.line_span(line)
    if end - start > MAX_TEXT_LINE:
        start = max(start, finding.span.start - MAX_TEXT_LINE // 2)
    text = finding.source.text[start : min(end, start + MAX_TEXT_LINE)].expandtabs(1)
    if not text.strip():
        return
    before = _width(printable(text[: max(0, finding.span.start - start)]))
    carets = "^" * max(1, _width(printable(text[: finding.span.end - start])) - before)
    yield f" {line} | {printable(text)}"
    marked = f"{' ' * before}{paint(carets, _COLOURS[finding.severity])}"
    yield f" {' ' * len(str(line))} | {marked}"


def _width(text: str) -> int:
    """The columns that a text takes on a terminal."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(
        0 if combining(character) else 2 if east_asian_width(character) in "WF" else 1
        for character in text
    )


class _Paint:
    """Paints text with an ANSI code, or leaves it as it is."""

    def __init__(self, *, colour: bool) -> None:
        self.colour = colour

    def __call__(self, text: str, code: str) -> str:
        return f"\033[{code}m{text}\033[0m" if self.colour else text
