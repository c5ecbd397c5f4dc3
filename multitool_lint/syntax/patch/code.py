"""Edits of code in a block of another file, such as a page, whose lines have something before them.

The lines of the code are lines of the file, without the indent or the marks of quotes that the
block has there.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING

from multitool_lint.syntax.patch.tree import ImpossibleError, TreePatch
from multitool_lint.syntax.source import Edit, Span

if TYPE_CHECKING:
    from multitool_lint.syntax.decoded_text import DecodedText
    from multitool_lint.syntax.tree import Node

_BEFORE_LINES = re.compile(r"[\s>]*")
_EXPANDED = re.compile(r"[$`\\']")


class CodePatch:
    """Computes the edits of a `file` with `code`, which `patch` computes for the code alone.

    What a shell `expands` is not written, as it would be another text there, nor single quotes,
    which may be around the code.
    """

    def __init__(
        self, file: str, code: DecodedText, patch: TreePatch | CodePatch, *, expands: bool
    ) -> None:
        self.before: Node = patch.before
        self._patch = patch
        self._file = file
        self._code = code
        self._expands = expands
        self._lines = code.text.split("\n")
        self._starts = [0, *accumulate(len(line) + 1 for line in self._lines)]

    def edits(self, after: Node) -> tuple[Edit, ...] | None:
        """The edits that make the code contain a tree; None if there are none."""
        edits = self._patch.edits(after)
        try:
            return edits and tuple(map(self._in_file, edits))
        except ImpossibleError:
            return None

    def _in_file(self, edit: Edit) -> Edit:
        if self._expands and _EXPANDED.search(edit.text):
            raise ImpossibleError
        (first, column), (last, end) = map(self._line_and_column, edit.span)
        text = edit.text.replace("\r\n", "\n")
        line_break = "\r\n" if "\r\n" in self._file else "\n"
        whole = column == end == 0 and (text.endswith("\n") or (not text and last > first))
        if not whole and "\n" not in text:
            return Edit(Span(self._place(first) + column, self._place(last) + end), text)
        before = self._before(min(first, len(self._lines) - 2) if whole else first)
        lines = [before + line if line else before.rstrip() for line in text.split("\n")]
        if whole:
            written = "".join(f"{line}{line_break}" for line in lines[:-1])
            return Edit(Span(self._line_start(first), self._line_start(last)), written)
        lines[0] = lines[0].removeprefix(before)
        span = Span(self._place(first) + column, self._place(last) + end)
        return Edit(span, line_break.join(lines))

    def _line_and_column(self, offset: int) -> tuple[int, int]:
        number = bisect_right(self._starts, offset, hi=len(self._lines)) - 1
        return number, offset - self._starts[number]

    def _place(self, number: int) -> int:
        """Where a line of the code begins in the file, which has it as it is."""
        place = self._code.offset_in_file(self._starts[number])
        if not self._file.startswith(self._lines[number].rstrip("\r"), place):
            raise ImpossibleError
        return place

    def _before(self, number: int) -> str:
        """What the file has before the code of a line."""
        place = self._place(number)
        start = max(self._file.rfind(mark, 0, place) for mark in "\r\n") + 1
        if not _BEFORE_LINES.fullmatch(self._file, start, place):
            raise ImpossibleError
        return self._file[start:place]

    def _line_start(self, number: int) -> int:
        """Where the line of the file begins that has a line of the code, or comes after all."""
        if number and not self._lines[number]:
            end = self._file.find("\n", self._place(number - 1))
            return len(self._file) if end < 0 else end + 1
        return self._place(number) - len(self._before(number))
