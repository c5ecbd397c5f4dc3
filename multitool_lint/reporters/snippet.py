"""The lines of a file that a finding is about, with marks and labels under its spans."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain

from multitool_lint.diagnostics.finding import Finding
from multitool_lint.limits import MAX_TEXT_RELATED
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.reporters.text import COLOURS, Paint
from multitool_lint.syntax.printable import escaped, printable
from multitool_lint.syntax.source import Source

FRAME = "1;34"
"""The colour of line numbers, of what separates them from the text, and of related spans."""

_CUT = "..."
_SHORT = 30
"""Columns: with fewer left at the end of its line, a label goes on a line of its own."""


class _Mark(NamedTuple):
    """A span within a line of the file, by its offsets in the line, and its label."""

    start: int
    end: int
    label: str
    primary: bool


class _Excerpt(NamedTuple):
    """A line, or the part of a long line from `start` to `end`, with the spans in it."""

    start: int
    end: int
    marks: list[_Mark]


class Snippet:
    """The lines with the spans of a finding, within the width of a terminal."""

    def __init__(self, finding: Finding, width: int, paint: Paint) -> None:
        self._paint = paint
        self._colour = COLOURS[finding.severity]
        self._files = _by_file(finding)
        numbers = len(str(max(line for lines in self._files.values() for line in lines)))
        self.margin = " " * numbers
        self._room = max(width - numbers - 3, 2 * _SHORT)

    def lines(self) -> Iterator[str]:
        """The lines of the file of the finding, and then those of others.

        There is `...` where lines between them are left out.
        """
        (own, marks), *others = self._files.items()
        yield from self._of_file(own, marks)
        for source, found in others:
            line, (first, *_) = next(iter(found.items()))
            place = f"{printable(source.path)}:{line}:{first.start + 1}"
            yield f"{self.margin}{self._paint(':::', FRAME)} {place}"
            yield from self._of_file(source, found)

    def _of_file(self, source: Source, lines: Mapping[int, list[_Mark]]) -> Iterator[str]:
        if all(_is_blank(source.line(line)) for line in lines):
            return
        empty = self._paint(f"{self.margin} |", FRAME)
        last = 0
        yield empty
        for line, marks in sorted(lines.items()):
            text = source.line(line)
            if last and line == last + 2:
                whole = _Excerpt(0, self._room - len(_CUT), [])
                yield self._numbered(line - 1, source.line(line - 1), whole)
            elif last and line > last + 1:
                yield self._paint(_CUT, FRAME)
            for excerpt in _excerpts(text, marks, self._room):
                yield self._numbered(line, text, excerpt)
                for row in _rows(excerpt.marks):
                    for marked in self._marked(text, excerpt, row):
                        yield f"{empty} {marked}"
            last = line
        yield empty

    def _numbered(self, line: int, text: str, excerpt: _Excerpt) -> str:
        number = self._paint(f"{line:>{len(self.margin)}} |", FRAME)
        before = _CUT if excerpt.start else ""
        after = _CUT if excerpt.end < len(text) else ""
        shown = f"{before}{_shown(text[excerpt.start : excerpt.end])}{after}"
        return f"{number} {shown}".rstrip()

    def _marked(self, text: str, excerpt: _Excerpt, row: list[_Mark]) -> Iterator[str]:
        """A line with the marks of a row and its label, which may need further lines."""
        before = len(_CUT) if excerpt.start else 0
        at = begin = 0
        marks = ""
        for mark in row:
            begin = before + columns(_shown(text[excerpt.start : mark.start]))
            shown = columns(_shown(text[mark.start : min(mark.end, excerpt.end)]))
            colour = self._colour if mark.primary else FRAME
            if begin >= at:
                marks += " " * (begin - at)
                marks += self._paint(("^" if mark.primary else "-") * max(shown, 1), colour)
                at = begin + max(shown, 1)
        label = printable(row[-1].label)
        indent = at + 1
        word = max(map(columns, label.split(" ")))
        if self._room - indent < min(columns(label), max(word, _SHORT)):
            needed = min(columns(label), max(word, 2 * _SHORT))
            yield marks
            marks, indent = "", max(0, min(begin, self._room - needed))
        for number, part in enumerate(wrapped(label, self._room - indent)):
            lead = " " * indent if number or not marks else f"{marks} "
            yield f"{lead}{self._paint(part, colour)}" if part else marks


def _is_blank(text: str) -> bool:
    return not text or text.isspace()


def _shown(text: str) -> str:
    """A part of a line with what is not printable escaped; a tab takes one column."""
    return escaped(text.replace("\t", " "))


def _by_file(finding: Finding) -> dict[Source, dict[int, list[_Mark]]]:
    """The spans on each line of each file; of one over several lines, its part on the first."""
    found: dict[Source, dict[int, list[_Mark]]] = {}
    places = [(finding.source, finding.span, finding.label, True)]
    places += [
        (related.source or finding.source, related.span, related.label, False)
        for related in finding.related[:MAX_TEXT_RELATED]
    ]
    for source, span, label, primary in places:
        line, _ = source.position(span.start)
        start, end = source.line_span(line)
        first = max(span.start - start, 0)
        mark = _Mark(first, max(min(span.end, end) - start, first), label, primary)
        marks = found.setdefault(source, {}).setdefault(line, [])
        if mark not in marks:
            marks.append(mark)
    return found


def _excerpts(text: str, marks: list[_Mark], room: int) -> list[_Excerpt]:
    """The line as a whole if it fits, or the parts of it that show its spans."""
    if _is_blank(text):
        return []
    if len(text) <= room and columns(_shown(text)) <= room:
        return [_Excerpt(0, len(text), marks)]
    excerpts: list[_Excerpt] = []
    for mark in marks:
        for excerpt in excerpts:
            if excerpt.start <= mark.start < excerpt.end:
                excerpt.marks.append(mark)
                break
        else:
            excerpts.append(_around(text, mark, room - 2 * len(_CUT)))
    return sorted(excerpts)


def _around(text: str, mark: _Mark, room: int) -> _Excerpt:
    """The part of a line around a span that fits, with some of what precedes it."""
    start = max(0, mark.start - room // 3)
    while columns(_shown(text[start : mark.start])) > room // 3:
        start += 1
    end = min(len(text), start + room)
    while end > mark.start + 1 and columns(_shown(text[start:end])) > room:
        end -= 1
    return _Excerpt(start, end, [mark])


def _rows(marks: list[_Mark]) -> list[list[_Mark]]:
    """The spans of a line by the line of marks that shows them: those with one label on one."""
    rows: dict[str, list[_Mark]] = {}
    for mark in sorted(marks, key=lambda mark: (not mark.primary, mark.start)):
        rows.setdefault(mark.label, []).append(mark)
    unlabelled = rows.pop("", None)
    if unlabelled is None:
        return list(rows.values())
    first, *others = rows.values() or [[]]
    if all(mark.start >= unlabelled[-1].end for mark in first):
        return [unlabelled + first, *others]
    return [unlabelled, first, *others]


def wrapped(text: str, room: int) -> list[str]:
    """The text in lines that fit; an address that is longer has a line of its own."""
    if columns(text) <= room:
        return [text]
    lines: list[str] = []
    line = ""
    for word in chain.from_iterable(_parts(word, room) for word in text.split(" ")):
        longer = f"{line} {word}" if line else word
        if line and columns(longer) > room:
            lines.append(line)
            line = word
        else:
            line = longer
    return [*lines, line]


def _parts(word: str, room: int) -> Iterator[str]:
    """A word in parts that fit; an address stays whole, since it could not be opened otherwise."""
    while "://" not in word and columns(word) > room:
        end = next(end for end in range(1, len(word) + 1) if columns(word[: end + 1]) > room)
        yield word[:end]
        word = word[end:]
    yield word


def columns(text: str) -> int:
    """The columns that a text takes on a terminal."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(
        0 if combining(character) else 2 if east_asian_width(character) in "WF" else 1
        for character in text
    )
