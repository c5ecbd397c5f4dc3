"""A text in a value of another document: as it is, as a string, or URL-encoded; and its source map.

It is decoded on its own: nothing here is longer than one policy but the file itself.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Container, Sequence
from typing import TYPE_CHECKING

from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.limits import MAX_STRING_LAYERS
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.syntax.json import scan
from multitool_lint.syntax.source import Source, Span
from multitool_lint.syntax.tree import Node

if TYPE_CHECKING:
    import re

_PERCENT = lazy_pattern("(?:%[0-9a-fA-F]{2})+")
_BEGINS_ENCODED = lazy_pattern(r"(?:\s|%(?:20|09|0[aA]|0[dD]))*+%7[bB]")
_BEGINS_ESCAPED = lazy_pattern(r'(?:\s|\\[nrt])*+\{(?:\s|\\[nrt])*+\\"')


class DecodingStep(NamedTuple):
    """Offsets of a text and, from there to the next of them, the distance to the outer text.

    `collapsed` are the numbers of pieces whose characters all have the place of the first.
    """

    starts: Sequence[int]
    shifts: Sequence[int]
    collapsed: Container[int] = ()


class DecodedText(NamedTuple):
    """A text that is a part of another one, and the way back.

    `steps` lead outwards through what was decoded, the last to the file.
    """

    text: str
    steps: tuple[DecodingStep, ...]

    def offset_in_file(self, offset: int) -> int:
        """Translate an offset of the text to one in the file."""
        for starts, shifts, collapsed in self.steps:
            piece = bisect_right(starts, offset) - 1
            offset = shifts[piece] + (starts[piece] if piece in collapsed else offset)
        return offset

    def span(self, span: Span) -> Span:
        """Translate a span of the text to one in the file."""
        return Span(self.offset_in_file(span.start), self.offset_in_file(span.end))


class Decoder:
    """Puts the decoded text of a part of a text together piece by piece, with the way back."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self.end = end
        self._text = text
        self.at = start
        self._length = 0
        self._pieces: list[str] = []
        # Lists would take a hundred bytes for each piece.
        self._starts = array("q", [0])
        self._shifts = array("q", [start])
        self._collapsed: set[int] = set()

    def copy(self, end: int) -> None:
        """Copy the text up to an offset."""
        if end > self.at:
            self._pieces.append(self._text[self.at : end])
            self._length += end - self.at
            self.at = end

    def put(self, text: str, end: int) -> None:
        """Replace the text up to an offset by another one.

        Its characters are all at the start of what they replace, but for the end of the last.
        """
        if len(text) > 1:
            self._collapsed.add(len(self._starts))
            self._begin_piece()
        self._pieces.append(text)
        self._length += len(text)
        self.at = end
        self._begin_piece()

    def _begin_piece(self) -> None:
        self._starts.append(self._length)
        self._shifts.append(self.at - self._length)

    def sub(self, pattern: re.Pattern[str], new: Callable[[re.Match[str]], str], end: int) -> None:
        """Copy the text up to an offset, with each match of a pattern replaced."""
        for match in pattern.finditer(self._text, self.at, end):
            self.copy(match.start())
            self.put(new(match), match.end())
        self.copy(end)

    def decoded(self, steps: tuple[DecodingStep, ...] = ()) -> DecodedText:
        """The decoded text, where `steps` lead from the text to the file."""
        self.copy(self.end)
        step = DecodingStep(self._starts, self._shifts, self._collapsed)
        return DecodedText("".join(self._pieces), (step, *steps))


def cut(text: str, span: Span) -> DecodedText:
    """The text of a JSON value of a file: an object as it is, a string decoded.

    The strings of IAM's API are URL-encoded, as RFC 3986 has it, and those of API Gateway are
    escaped once more.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_PolicyVersion.html
    """
    start, end = span
    if text[start] != '"':
        return DecodedText(text[start:end], (DecodingStep([0], [start]),))
    inner = _unescaped(text, start + 1, end - 1)
    while len(inner.steps) < MAX_STRING_LAYERS:
        if _BEGINS_ENCODED.match(inner.text):
            inner = _unquoted(inner)
        elif _BEGINS_ESCAPED.match(inner.text):
            inner = _unescaped(inner.text, 0, len(inner.text), inner.steps)
        else:
            break
    return inner


def in_string(source: Source, node: Node) -> DecodedText:
    """The text of a string in a JSON or YAML file, which may be escaped or folded."""
    start, end = node.span
    is_json = source.text.lstrip("\ufeff \t\r\n").startswith(("{", "["))
    if is_json and source.text[start] == '"' and source.text[end - 1] == '"':
        return cut(source.text, node.span)
    from multitool_lint.syntax.yaml import scalars

    return scalars.cut(source.text, node.span, str(node.value))


def of_lines(source: Source, nodes: Sequence[Node]) -> DecodedText | None:
    """The text of strings in a JSON file, each of which is a line with its ending; else None.

    So notebooks have texts. https://nbformat.readthedocs.io/en/latest/format_description.html
    """
    lines = [node.string or "" for node in nodes]
    if len(lines) < 2 or not all(line.endswith("\n") for line in lines[:-1]):  # noqa: PLR2004
        return None
    text = source.text
    if any(text[start] != '"' or text[end - 1] != '"' for start, end in (n.span for n in nodes)):
        return None
    decoder = Decoder(text, nodes[0].span.start + 1, nodes[-1].span.end - 1)
    for node in nodes:
        decoder.put("", node.span.start + 1)
        decoder.sub(scan.ESCAPE, scan.unescaped, node.span.end - 1)
    return decoder.decoded()


def _unescaped(
    text: str, start: int, end: int, steps: tuple[DecodingStep, ...] = ()
) -> DecodedText:
    """Decode the inside of a JSON string."""
    decoder = Decoder(text, start, end)
    decoder.sub(scan.ESCAPE, scan.unescaped, end)
    return decoder.decoded(steps)


def _unquoted(text: DecodedText) -> DecodedText:
    """Decode a URL-encoded text."""
    decoder = Decoder(text.text, 0, len(text.text))
    for match in _PERCENT.finditer(text.text):
        at = match.start()
        decoder.copy(at)
        # A byte that is not UTF-8 becomes a surrogate.
        for character in bytes.fromhex(match[0].replace("%", " ")).decode(
            "utf-8", "surrogateescape"
        ):
            is_broken = "\udc80" <= character <= "\udcff"
            at += 3 if is_broken else 3 * len(character.encode())
            decoder.put(scan.REPLACEMENT if is_broken else character, at)
    return decoder.decoded(text.steps)
