"""The text of a file as a page shows it: numbered, marked, with the findings below their lines.

Written in Python rather than in the template: it is most of a report, and each byte of a line's
markup comes once for every line.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from markupsafe import Markup

from multitool_lint.limits import MAX_HTML_FOLDED_LINES, MAX_HTML_PIECE
from multitool_lint.reporters.html.text import escaped
from multitool_lint.syntax.source import Source, Span

SHOWN_WHOLE = 80
"""Lines of a file up to which it is shown without folds."""

CONTEXT = 4
"""Lines shown before and after one with a finding."""

_FOLDED_AT_LEAST = 8

_PIECE_KEPT = 400
"""Characters of a part of a line without marks: of a longer one, beginning and end are shown."""

LINKED = "related"
STYLES = ("error", "security", "warning", "suggestion", "suppressed", LINKED)
"""How a place can be marked; where several are, the first of these is seen."""


class Mark(NamedTuple):
    """A place that is marked, in one of the styles, for the finding of an id."""

    span: Span
    style: str
    finding: str


class Page(NamedTuple):
    """What belongs to the text of a file.

    `cards` are shown below their lines, `anchors` are the lines that something links to, `inside`
    the parts that are policies, each from its first to its last line.
    """

    id: str
    marks: Sequence[Mark]
    cards: Mapping[int, Sequence[str]]
    anchors: Collection[int]
    inside: Sequence[tuple[int, int]]


def view(source: Source, page: Page) -> Markup:
    """The text of a file."""
    return Markup("").join(_chunks(source, page))


def _chunks(source: Source, page: Page) -> Iterator[Markup]:
    marks: dict[int, list[Mark]] = {}
    for mark in page.marks:
        marks.setdefault(source.position(mark.span.start)[0], []).append(mark)
    last = source.position(len(source.text))[0]
    if last > 1 and not source.line(last):
        last -= 1
    for first, end, folded in _runs(last, page):
        count = end - first + 1
        if folded and count > MAX_HTML_FOLDED_LINES:
            text = f'<p class="gap">Lines {first:,} to {end:,} without findings are left out</p>'
            yield Markup(text)  # noqa: S704  # numbers only
            continue
        lines = "".join(
            _line(source, number, marks.get(number, ()), page) for number in range(first, end + 1)
        )
        start = f' start="{first}"' if first > 1 else ""
        text = f'<ol class="s"{start}>\n{lines}</ol>'
        if folded:
            title = f"Lines {first:,} to {end:,}, no findings"
            text = f'<details class="gap"><summary>{title}</summary>{text}</details>'
        yield Markup(text + "\n")  # noqa: S704  # lines are escaped


def _runs(last: int, page: Page) -> Iterator[tuple[int, int, bool]]:
    """First and last line of every run, and whether it is folded."""
    if last <= SHOWN_WHOLE:
        yield 1, last, False
        return
    position = 1
    for first, end in _merged([*_around(page), *_borders(page)], last):
        if first > position:
            yield position, first - 1, True
        yield first, end, False
        position = end + 1
    if position <= last:
        yield position, last, True


def _around(page: Page) -> Iterator[tuple[int, int]]:
    for line in sorted({*page.cards, *page.anchors}):
        yield line - CONTEXT, line + CONTEXT


def _borders(page: Page) -> Iterator[tuple[int, int]]:
    """Where the policies begin, so that a page without findings shows what it is about."""
    for first, end in page.inside:
        yield first - 1, min(end, first + CONTEXT)


def _merged(spans: list[tuple[int, int]], last: int) -> list[tuple[int, int]]:
    """The runs in order; what is between two of them and too short to fold joins them."""
    merged: list[tuple[int, int]] = []
    for first, end in sorted(spans):
        first, end = max(first, 1), min(end, last)  # noqa: PLW2901  # cut to the file
        if first > end:
            continue
        if merged and first - merged[-1][1] <= _FOLDED_AT_LEAST:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        elif first <= _FOLDED_AT_LEAST:
            merged.append((1, end))
        else:
            merged.append((first, end))
    if merged and last - merged[-1][1] < _FOLDED_AT_LEAST:
        merged[-1] = merged[-1][0], last
    return merged


def _line(source: Source, number: int, marks: Sequence[Mark], page: Page) -> str:
    text = source.line(number)
    shown = _marked(text, _places(source, number, len(text), marks)) if marks else _piece(text)
    anchor = f' id="{page.id}:{number}"' if number in page.anchors else ""
    cards = "".join(page.cards.get(number, ()))
    return f"<li{anchor}>{shown}\n{cards}"


def _places(
    source: Source, number: int, length: int, marks: Sequence[Mark]
) -> list[tuple[int, int, Mark]]:
    """The columns of the marks; of a place over several lines, those on the first."""
    places = []
    for mark in marks:
        start = min(source.position(mark.span.start)[1] - 1, length)
        line, column = source.position(mark.span.end)
        end = min(column - 1, length) if line == number else length
        places.append((start, min(max(end, start + 1), max(length, start)), mark))
    return places


def _marked(text: str, places: list[tuple[int, int, Mark]]) -> str:
    """The text with marks; of those over each other, the most severe, then narrowest, is seen."""
    events: dict[int, tuple[list[int], list[int]]] = {0: ([], []), len(text): ([], [])}
    for index, (start, end, _) in enumerate(places):
        events.setdefault(start, ([], []))[0].append(index)
        events.setdefault(end, ([], []))[1].append(index)
    ranks = [(STYLES.index(mark.style), end - start) for start, end, mark in places]
    active: set[int] = set()
    parts: list[str] = []
    position = 0
    for at in sorted(events):
        piece = text[position:at]
        if piece:
            top = min(active, key=lambda index: ranks[index], default=None)
            parts.append(_piece(piece) if top is None else _mark(piece, places[top][2]))
        opened, closed = events[at]
        empty = [index for index in opened if index in closed]
        parts += [_mark("", places[index][2]) for index in empty[:1]]
        active = (active | set(opened)) - set(closed)
        position = at
    return "".join(parts)


def _mark(text: str, mark: Mark) -> str:
    kind = mark.style if text else f"{mark.style} point"
    return f'<mark class="{kind}" data-f="{mark.finding}">{_piece(text)}</mark>'


def _piece(text: str) -> str:
    if len(text) <= MAX_HTML_PIECE:
        return escaped(text)
    left_out = len(text) - 2 * _PIECE_KEPT
    note = f'<span class="cut">{left_out:,} characters left out</span>'
    return f"{escaped(text[:_PIECE_KEPT])}{note}{escaped(text[-_PIECE_KEPT:])}"
