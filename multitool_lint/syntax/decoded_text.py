"""A text in a value of another document: as it is, as a string, or URL-encoded; and the way back.

It is decoded on its own: nothing here is longer than one policy but the file itself.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.limits import MAX_STRING_LAYERS
from multitool_lint.syntax.json import scan
from multitool_lint.syntax.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator


_PERCENT = re.compile("(?:%[0-9a-fA-F]{2})+")
_BEGINS_ENCODED = re.compile(r"(?:\s|%(?:20|09|0[aA]|0[dD]))*+%7[bB]")
_BEGINS_ESCAPED = re.compile(r'(?:\s|\\[nrt])*+\{(?:\s|\\[nrt])*+\\"')


class DecodedText(NamedTuple):
    """A text that stands in another, and the way back.

    `steps` leads outwards through what was decoded, the last to the file. Each has offsets of the
    inner text and, from there to the next of them, the distance to the outer one.
    """

    text: str
    steps: tuple[tuple[list[int], list[int]], ...]

    def offset_in_file(self, offset: int) -> int:
        """Translate an offset of the text to one in the file."""
        for starts, shifts in self.steps:
            offset += shifts[bisect_right(starts, offset) - 1]
        return offset

    def span(self, span: Span) -> Span:
        """Translate a span of the text to one in the file."""
        return Span(self.offset_in_file(span.start), self.offset_in_file(span.end))


def cut(text: str, span: Span) -> DecodedText:
    """What a JSON value of a file holds: an object as it is, of a string what it says, decoded.

    The strings of IAM's API are URL-encoded, as RFC 3986 has it, and those of API Gateway are
    escaped once more.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_PolicyVersion.html
    """
    start, end = span
    if text[start] != '"':
        return DecodedText(text[start:end], (([0], [start]),))
    inner, starts, shifts = _unescaped(text[start + 1 : end - 1])
    steps = [(starts, [start + 1 + shift for shift in shifts])]
    while len(steps) < MAX_STRING_LAYERS:
        if _BEGINS_ENCODED.match(inner):
            inner, *step = _unquoted(inner)
        elif _BEGINS_ESCAPED.match(inner):
            inner, *step = _unescaped(inner)
        else:
            break
        steps.insert(0, (step[0], step[1]))
    return DecodedText(inner, tuple(steps))


def _unescaped(text: str) -> tuple[str, list[int], list[int]]:
    """What the inside of a JSON string says, and the way back."""
    if "\\" not in text:
        return text, [0], [0]
    escapes = scan.escapes_in(text)
    return _decoded(text, ((match, [(scan.unescaped(match), len(match[0]))]) for match in escapes))


def _unquoted(text: str) -> tuple[str, list[int], list[int]]:
    """What a URL-encoded text says, and the way back."""
    return _decoded(text, ((match, _quoted(match[0])) for match in _PERCENT.finditer(text)))


def _quoted(run: str) -> list[tuple[str, int]]:
    """The characters of a run of `%XX`, each with the length of what stands for it."""
    characters = bytes.fromhex(run.replace("%", " ")).decode("utf-8", "surrogateescape")
    return [
        (scan.REPLACEMENT, 3)
        if "\udc80" <= character <= "\udcff"  # a byte that is no UTF-8
        else (character, 3 * len(character.encode()))
        for character in characters
    ]


def _decoded(
    text: str, parts: Iterator[tuple[re.Match[str], list[tuple[str, int]]]]
) -> tuple[str, list[int], list[int]]:
    """Put characters in the place of what stands for them; offsets and shifts lead back."""
    pieces: list[str] = []
    starts, shifts = [0], [0]
    position = length = shift = 0
    for match, characters in parts:
        pieces.append(text[position : match.start()])
        length += match.start() - position
        position = match.end()
        for character, width in characters:
            pieces.append(character)
            length += 1
            shift += width - 1
            starts.append(length)
            shifts.append(shift)
    pieces.append(text[position:])
    return "".join(pieces), starts, shifts
