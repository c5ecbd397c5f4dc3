"""Findings that an entry of the configuration or a baseline suppresses.

An entry of `[[ignore]]` suppresses the findings of its rule in the files that its path covers. With
a `sid`, only those in the statement of that Sid. With an `action`, only those about that action and
no other: a finding is about the value at its place, if that is an action; else about its related
actions, if any; else about all actions of its statement, as where a condition or the whole
statement is wrong. Places that are alike, such as other actions that grant the same, count too. An
entry suppresses a finding if it lists each of them. So another wildcard has a finding of its own,
or is one more value of the same finding, and is reported in both cases. `resource` and `principal`
work the same, without related places. Values are compared as they are written, wildcards included;
actions without regard to case, as in IAM.

A baseline suppresses as many findings of a
fingerprint as it counts, the first ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from multitool_lint.diagnostics import scope as subjects
from multitool_lint.diagnostics.finding import Finding
from multitool_lint.diagnostics.fingerprint import Fingerprints, unnumbered
from multitool_lint.diagnostics.rule import UNCHECKED, Severity, rules
from multitool_lint.linter.report import Report, Suppressed
from multitool_lint.policy import pointer as pointers
from multitool_lint.syntax import source as reading
from multitool_lint.syntax.source import Source, Span

if TYPE_CHECKING:
    from multitool_lint.linter.ignore_entries import IgnoreEntry
    from multitool_lint.linter.settings import FileSettings
    from multitool_lint.policy.document import Policy
    from multitool_lint.policy.pointer import ResolvedPointer


UNUSED = "unused-ignore"


class Entries:
    """The entries of `[[ignore]]` that cover a source, and which of them suppress a finding."""

    def __init__(self, entries: Iterable[IgnoreEntry]) -> None:
        self.used: set[tuple[str, int]] = set()
        self._entries = [entry for entry in entries if not entry.expired]

    def suppress(
        self, policy: Policy | None, findings: Iterable[Finding]
    ) -> tuple[list[Finding], list[Suppressed]]:
        """The findings in a policy, or in none, that are reported, and those suppressed."""
        reported: list[Finding] = []
        suppressed: list[Suppressed] = []
        for finding in findings:
            matching = [entry for entry in self._entries if suppresses(entry, finding, policy)]
            self.used.update(entry.key for entry in matching)
            if matching:
                suppressed.append(Suppressed(finding, "configuration", matching[0].reason))
            else:
                reported.append(finding)
        return reported, suppressed


def suppresses(entry: IgnoreEntry, finding: Finding, policy: Policy | None) -> bool:
    """Whether an entry that covers the file suppresses a finding in a policy."""
    if entry.rule != finding.rule or not may_be_suppressed(finding):
        return False
    if entry.sid is None and not (entry.action or entry.resource or entry.principal):
        return True
    place = pointers.resolve(policy, finding.pointer) if policy else None
    if policy is None or place is None or place.statement is None:
        return False
    if entry.sid is not None:
        places = [place, *subjects.equivalent_locations(finding, policy)]
        if any(_sid(policy, place) != entry.sid for place in places):
            return False
    for kind in ("action", "resource", "principal"):
        named = getattr(entry, kind)
        if named:
            values = set(subjects.values(finding, place, policy, kind))
            if kind == "action":
                named, values = map(_lower, (named, values))
            if not values or not values.issubset(named):
                return False
    return True


def _sid(policy: Policy, place: ResolvedPointer) -> str | None:
    sid = place.statement.sid if place.statement else None
    return pointers.text(policy, sid) if sid else None


def may_be_suppressed(finding: Finding) -> bool:
    """Whether a finding may be suppressed: not if it reports a part that was not checked.

    A finding about an oversized policy does so if it is an error without an issue code.
    """
    return finding.rule not in UNCHECKED and (
        finding.rule != "oversized-policy"
        or bool(finding.issue_codes)
        or finding.severity is not Severity.ERROR
    )


def _lower(texts: Iterable[str]) -> set[str]:
    return {text.lower() for text in texts}


def subtract_baseline(report: Report, known: Iterable[tuple[str, int]]) -> Report:
    """The report without what a baseline has: so many findings of each fingerprint."""
    left = dict(known)
    reported: list[Finding] = []
    suppressed = list(report.suppressed)
    for finding in report.findings:
        fingerprint = unnumbered(finding.fingerprint)
        if left.get(fingerprint) and may_be_suppressed(finding):
            left[fingerprint] -= 1
            suppressed.append(Suppressed(finding, "baseline", "in the baseline"))
        else:
            reported.append(finding)
    return report._replace(findings=tuple(reported), suppressed=tuple(suppressed))


class UnusedIgnores:
    """The entries that cover the files of a run, and which of them suppress a finding.

    `failing` are the severities that make the run fail.
    """

    def __init__(self) -> None:
        self._entries: dict[tuple[str, int], tuple[IgnoreEntry, Severity]] = {}
        self._used: set[tuple[str, int]] = set()
        self.failing: tuple[Severity, ...] = ()

    def add(self, settings: FileSettings, report: Report) -> None:
        """Take note of a linted file.

        Of an entry whose rule did not run, or whose file was not checked as a whole, nothing is
        known.
        """
        self._used |= report.used_ignores
        if settings.ignores is None or UNUSED not in settings.enabled:
            return
        severity = dict(settings.severities).get(UNUSED, rules()[UNUSED].severity)
        self.failing = settings.failing
        for entry in settings.ignores.entries:
            if report.unchecked:
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
        Finding(
            UNUSED,
            severity,
            source,
            _line(source, entry.line),
            "",
            _title(entry),
            help_template="remove the entry",
        )
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


def _title(entry: IgnoreEntry) -> str:
    if entry.expired:
        return f'The ignore entry for "{entry.rule}" expired: its last day was {entry.expires}'
    return f'Unused ignore entry: no "{entry.rule}" finding matches it'
