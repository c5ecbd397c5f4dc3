"""Entries of `[[ignore]]` that silenced nothing in a run, told at their places."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from multitool_lint.diagnostics.finding import Finding
from multitool_lint.diagnostics.fingerprint import Fingerprints
from multitool_lint.diagnostics.rule import Severity, rules
from multitool_lint.linter.report import Report
from multitool_lint.linter.suppressions import UNUSED
from multitool_lint.syntax import source as reading
from multitool_lint.syntax.source import Source, Span

if TYPE_CHECKING:
    from multitool_lint.linter.ignore_entries import IgnoreEntry
    from multitool_lint.linter.settings import FileSettings


class UnusedIgnores:
    """The entries that cover the files of a run, and which of them silence something.

    `failing` are the severities that make the run fail.
    """

    def __init__(self) -> None:
        self._entries: dict[tuple[str, int], tuple[IgnoreEntry, Severity]] = {}
        self._used: set[tuple[str, int]] = set()
        self.failing: tuple[Severity, ...] = ()

    def add(self, settings: FileSettings, report: Report) -> None:
        """Take note of a linted file.

        Of an entry whose rule did not run, or whose file was not judged as a whole, nothing can be
        said.
        """
        self._used |= report.used_ignores
        if settings.ignores is None or UNUSED not in settings.enabled:
            return
        severity = dict(settings.severities).get(UNUSED, rules()[UNUSED].severity)
        self.failing = settings.failing
        for entry in settings.ignores.entries:
            if report.unjudged:
                self._used.add(entry.key)
            elif entry.rule in settings.enabled:
                self._entries.setdefault(entry.key, (entry, severity))

    def reports(self) -> Iterator[Report]:
        """A report of each configuration that has unused entries."""
        by_file: dict[str, list[tuple[IgnoreEntry, Severity]]] = {}
        for key, found in sorted(self._entries.items()):
            if key not in self._used:
                by_file.setdefault(found[0].file, []).append(found)
        for file, entries in by_file.items():
            yield _report(file, entries)


def _report(file: str, entries: list[tuple[IgnoreEntry, Severity]]) -> Report:
    try:
        source = reading.read(file)
    except (OSError, reading.UnreadableError):
        source = Source(file, "")  # gone since it was read
    findings = [
        Finding(UNUSED, severity, source, _line(source, entry.line), "", _message(entry))
        for entry, severity in entries
    ]
    return Report(source, (), (), tuple(Fingerprints().assign(findings)), 0)


def _line(source: Source, number: int) -> Span:
    """The span of a line (from 1), without the white space around it."""
    lines = source.text.split("\n")
    if number > len(lines):
        return Span(0, 0)
    start = sum(len(line) + 1 for line in lines[: number - 1])
    line = lines[number - 1]
    return Span(start + len(line) - len(line.lstrip()), start + len(line.rstrip()))


def _message(entry: IgnoreEntry) -> str:
    if entry.expired:
        over = f'the last day of this entry for "{entry.rule}" was {entry.expires}'
        return f"{over}; it silences nothing any more"
    return f'no finding of "{entry.rule}" matches this entry, so it silences nothing; remove it'
