"""Findings as a person reads them: what is wrong, where, why, what to do, and the page to read."""

from __future__ import annotations

import sys

from multitool_lint.diagnostics.finding import Finding, Safety, counted
from multitool_lint.diagnostics.rule import Severity, is_dated, is_preview
from multitool_lint.limits import MAX_TEXT_FINDINGS, MAX_TEXT_RELATED, MAX_TEXT_UNREAD
from multitool_lint.reporters.summary import PLAIN, ReportOptions, RunReporter, Summary, closing
from multitool_lint.syntax.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import TypeAlias

    from multitool_lint.linter.report import Report

    Found: TypeAlias = tuple[Finding, str]
    """A finding, and the word that is written for its severity if it is a note."""


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
NOTE = "note"
"""The word for the severity of what is not a finding."""

RANKS = {severity: rank for rank, severity in enumerate(Severity)}


class Paint:
    """Paints text with an ANSI code, or leaves it as it is."""

    def __init__(self, *, colour: bool) -> None:
        self._colour = colour

    def __call__(self, text: str, code: str) -> str:
        """The text between the code and the one that ends it."""
        return f"\033[{code}m{text}\033[0m" if self._colour else text


class Reporter(RunReporter):
    """Prints the findings of a file when it is done, and at the end how many there were.

    Where the output is not a terminal, no title is wrapped. Where there is a command, a long report
    is an overview, and nothing is printed before the end.
    """

    says_all = True

    def __init__(self, options: ReportOptions = PLAIN) -> None:
        super().__init__(options)
        self._age = options.age
        self._seen: set[str] = set()
        self._found: list[Found] = []

    def file(self, report: Report) -> Iterator[str]:
        """Report a file that was linted, the most severe findings first."""
        notes = () if self.options.quiet else report.notes
        ranked = sorted(report.findings, key=lambda finding: RANKS[finding.severity])
        found = [*((finding, "") for finding in ranked), *((note, NOTE) for note in notes)]
        if self.options.command:
            self._found += found
        else:
            yield from self._rendered(found)

    def _rendered(self, found: Iterable[Found]) -> Iterator[str]:
        """Findings and notes in full; what is about a rule follows the first of the rule."""
        for finding, word in found:
            first = finding.rule not in self._seen
            self._seen.add(finding.rule)
            shown = render(
                finding,
                colour=self.options.colour,
                verbose=self.options.verbose,
                width=self.options.width,
                word=word,
                last=(*self._old(finding.rule), *about_rule(finding.rule)) if first else (),
            )
            yield f"{shown}\n\n"

    def _old(self, rule: str) -> Iterator[tuple[str, str]]:
        """That the catalog is old, said once, of a rule whose findings may come of that."""
        note = self._age() if is_dated(rule) else None
        if note:
            self._age = lambda: None
            yield "note", note

    def end(self, summary: Summary) -> Iterator[str]:
        """Report what the run came to."""
        brief = len(self._found) > MAX_TEXT_FINDINGS
        if self.options.command and brief:
            from multitool_lint.reporters.overview import overview

            yield from overview(self._found, self._rendered, self.options.command())
        else:
            yield from self._rendered(self._found)
        if self.options.quiet:
            return
        unknown = () if brief else list(summary.unknown(values=self.options.verbose))
        whole = self.options.verbose or summary.strict
        listed = unknown if whole else unknown[:MAX_TEXT_UNREAD]
        for path, line, column, why in listed:
            yield f"{printable(path)}:{line}:{column}: {printable(why)}\n"
        if left := len(unknown) - len(listed):
            yield f"and {left:,} more not read (--verbose: which)\n"
        yield closing(summary, verbose=self.options.verbose) + "\n"


class LinesReporter(Reporter):
    """Prints one line for each finding, as editors find positions in the output of compilers."""

    def file(self, report: Report) -> Iterator[str]:
        """Report a file that was linted."""
        for finding in report.findings:
            also = f" ({agreement(finding)})" if finding.confirmed_by else ""
            yield f"{headline(finding, colour=self.options.colour)}{also}\n"
        for note in () if self.options.quiet else report.notes:
            yield headline(note, colour=self.options.colour, severity=NOTE) + "\n"


def render(
    finding: Finding,
    *,
    colour: bool = False,
    verbose: bool = False,
    width: int | None = None,
    word: str = "",
    last: Sequence[tuple[str, str]] | None = None,
) -> str:
    """One finding in full, without a line ending.

    A verbose one has the type of the policy. `word` is written for the severity of a note, `last`
    are the last remarks: those about the rule, unless others are given.
    """
    # A run without findings need not wait for it.
    from multitool_lint.reporters.snippet import FRAME, Snippet, wrapped

    title_width = sys.maxsize if width is None else max(width, NARROWEST) - 4
    width = WIDTH if width is None else max(width, NARROWEST)
    paint = Paint(colour=colour)
    shown = Snippet(finding, width, paint)
    head = f"{word or finding.severity.value}[{finding.rule}]"
    title, *more = wrapped(f"{head}: {printable(finding.title)}", title_width)
    lines = [
        f"{paint(head, COLOURS[finding.severity])}{paint(title.removeprefix(head), '1')}",
        *(f"    {paint(part, '1')}" for part in more),
    ]
    name = f" ({printable(finding.policy_name)})" if finding.policy_name else ""
    lines.append(f"{shown.margin}{paint('-->', FRAME)} {_place(finding)}{name}")
    lines += shown.lines()
    remarks = list(_remarks(finding, verbose=verbose))
    last = about_rule(finding.rule) if last is None else last
    remarks += ((kind, words, "1") for kind, words in last)
    for kind, words, code in remarks:
        lead = f"{shown.margin} = {kind}: "
        first, *rest = wrapped(printable(words), width - len(lead))
        lines.append(f"{shown.margin} {paint('=', FRAME)} {paint(kind, code)}: {first}")
        lines += [f"{' ' * len(lead)}{part}" for part in rest]
    return "\n".join(lines)


def about_rule(rule: str) -> tuple[tuple[str, str], ...]:
    """The remark that leads to the page of a rule."""
    return (("docs", f"multitool-lint explain {rule}"),)


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
        # A fix on request says with which option.
        kind = "" if fix.safety is Safety.MANUAL else f" ({fix.safety.value})"
        yield f"fix{kind}", fix.title, code
