"""Findings as a page shows them: with an id that stays, places to go to, and fixes as diffs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import islice
from typing import NamedTuple

from multitool_lint.diagnostics.finding import Finding, Fix
from multitool_lint.limits import (
    MAX_HTML_FIXES,
    MAX_HTML_GROUPS,
    MAX_HTML_HUNK_LINES,
    MAX_HTML_HUNKS,
    MAX_HTML_RELATED,
)
from multitool_lint.reporters.html.text import shortened
from multitool_lint.syntax.source import Edit, Source, Span, apply_edits, common_prefix

_LONG = 400
"""Characters of a line from which on a finding shows the part that it is about."""

_AROUND = 60


class FindingGroup(NamedTuple):
    """Places that a finding is about, each with line and column, in the same way.

    They are in the file of the finding, or in another one of a `path`.
    """

    label: str
    places: tuple[tuple[int, int], ...]
    left_out: int
    path: str = ""


class Hunk(NamedTuple):
    """Lines that a fix takes out and puts in, and how many of them are not shown."""

    line: int
    removed: tuple[str, ...]
    added: tuple[str, ...]
    left_out: int


class ShownFix(NamedTuple):
    """A fix: what it does, and how the text changes."""

    title: str
    safety: str
    hunks: tuple[Hunk, ...]
    left_out: int


class Card(NamedTuple):
    """A finding as it is shown; `suppressed` is by what and why it is not reported."""

    id: str
    finding: Finding
    line: int
    column: int
    excerpt: tuple[str, str, str] | None
    related: tuple[FindingGroup, ...]
    related_left_out: int
    changes: tuple[ShownFix, ...]
    suppressed: str

    @property
    def style(self) -> str:
        """The class of its marks."""
        return "suppressed" if self.suppressed else self.finding.severity.value


class Ids:
    """Ids that are the same from run to run, and each given once."""

    def __init__(self) -> None:
        self._given: dict[str, int] = {}

    def unique(self, wanted: str) -> str:
        """That id, or with a number appended if it is already given."""
        count = self._given[wanted] = self._given.get(wanted, 0) + 1
        return wanted if count == 1 else f"{wanted}.{count}"

    def of_finding(self, finding: Finding) -> str:
        """An id by path, rule, content and place in the policy."""
        key = finding.fingerprint or f"{finding.rule}\0{finding.pointer}\0{finding.title}"
        return self.unique(f"f-{digest(f'{finding.source.path}{chr(0)}{key}')[:10]}")


def digest(text: str) -> str:
    """The same letters and digits for the same text."""
    return sha256(text.encode("utf-8", "backslashreplace")).hexdigest()


def card(finding: Finding, id_: str, suppressed: str = "") -> Card:
    """A finding as it is shown."""
    source = finding.source
    line, column = source.position(finding.span.start)
    groups = _groups(finding)
    return Card(
        id_,
        finding,
        line,
        column,
        _excerpt(source, finding.span, line, column),
        tuple(islice(groups, MAX_HTML_GROUPS)),
        max(0, len(groups) - MAX_HTML_GROUPS),
        tuple(_change(source, fix) for fix in finding.fixes[:MAX_HTML_FIXES]),
        suppressed,
    )


def _groups(finding: Finding) -> list[FindingGroup]:
    """The related places, those with the same label together."""
    by_label: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for other in finding.related:
        place = (other.source or finding.source).position(other.span.start)
        path = other.source.path if other.source else ""
        by_label.setdefault((shortened(other.label), path), []).append(place)
    return [
        FindingGroup(
            label, tuple(places[:MAX_HTML_RELATED]), max(0, len(places) - MAX_HTML_RELATED), path
        )
        for (label, path), places in by_label.items()
    ]


def _excerpt(source: Source, span: Span, line: int, column: int) -> tuple[str, str, str] | None:
    """Of a long line the text before the span, in it and after it."""
    text = source.line(line)
    if len(text) <= _LONG:
        return None
    start = column - 1
    end_line, end_column = source.position(span.end)
    end = min(end_column - 1 if end_line == line else len(text), start + 2 * _AROUND)
    before = text[max(0, start - _AROUND) : start]
    return before, text[start:end], text[end : end + _AROUND]


def _change(source: Source, fix: Fix) -> ShownFix:
    clusters = list(_clusters(source, fix.edits))
    return ShownFix(
        shortened(fix.title),
        fix.safety.value,
        tuple(_hunk(source, *cluster) for cluster in islice(clusters, MAX_HTML_HUNKS)),
        max(0, len(clusters) - MAX_HTML_HUNKS),
    )


def _clusters(source: Source, edits: Sequence[Edit]) -> Iterator[tuple[int, list[Edit]]]:
    """Edits on the same or neighbouring lines, with the first of the lines."""
    together: list[Edit] = []
    first = last = 0
    for edit in sorted(edits, key=lambda edit: edit.span):
        start = source.position(edit.span.start)[0]
        if together and start > last + 1:
            yield first, together
            together = []
        if not together:
            first = start
        together.append(edit)
        last = max(source.position(edit.span.end)[0], start)
    if together:
        yield first, together


def _hunk(source: Source, first: int, edits: list[Edit]) -> Hunk:
    start = edits[0].span.start - source.position(edits[0].span.start)[1] + 1
    end = source.position(edits[-1].span.end)
    stop = edits[-1].span.end + len(source.line(end[0])) - end[1] + 1
    before = source.text[start:stop]
    after = apply_edits(before, tuple(edit.moved(-start) for edit in edits))
    removed, added = before.splitlines(), after.splitlines()
    while removed and added and removed[0] == added[0]:
        removed, added, first = removed[1:], added[1:], first + 1
    while removed and added and removed[-1] == added[-1]:
        removed, added = removed[:-1], added[:-1]
    if len(removed) == len(added) == 1:
        removed, added = _focused(removed[0], added[0])
    left_out = sum(max(0, len(lines) - MAX_HTML_HUNK_LINES) for lines in (removed, added))
    return Hunk(first, _cut(removed), _cut(added), left_out)


def _focused(before: str, after: str) -> tuple[list[str], list[str]]:
    """Two versions of a line; of a long one, the part that differs and what is around it."""
    if max(len(before), len(after)) <= _LONG:
        return [before], [after]
    start = common_prefix(before, after)
    end = common_prefix(before[:start:-1], after[:start:-1])
    start, end = max(0, start - _AROUND), max(0, end - _AROUND)
    dots = "\N{HORIZONTAL ELLIPSIS}"
    head, tail = dots if start else "", dots if end else ""
    return [head + before[start : len(before) - end] + tail], [
        head + after[start : len(after) - end] + tail
    ]


def _cut(lines: list[str]) -> tuple[str, ...]:
    return tuple(shortened(line, _LONG) for line in lines[:MAX_HTML_HUNK_LINES])
