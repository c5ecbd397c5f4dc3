"""Edits of a JSON text that a scalar of YAML contains, in a block or in single quotes.

Nothing is escaped there, but the lines of a block are indented and single quotes are doubled.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from multitool_lint.syntax.patch.block import BlockPatch
from multitool_lint.syntax.patch.tree import ImpossibleError
from multitool_lint.syntax.source import Edit, Span

if TYPE_CHECKING:
    from multitool_lint.syntax.decoded_text import DecodedText
    from multitool_lint.syntax.tree import Node

STYLES = ("|", ">", "'")
"""What the scalars begin with."""

_VARIABLE = re.compile(r"\$\{[^}]*+")


class ScalarPatch(BlockPatch):
    """Computes the edits of a file: `decoded` is the text of its scalar that begins at `start`.

    `before` is the tree that the text is.
    """

    def __init__(self, file: str, start: int, decoded: DecodedText, before: Node) -> None:
        super().__init__(decoded.text, before, before)
        self._file = file
        self._start = start
        self._decoded = decoded

    def edits(self, after: Node) -> tuple[Edit, ...] | None:
        """The edits that make the text contain a tree; None if there are none."""
        edits = super().edits(after)
        try:
            return edits and tuple(map(self._in_file, edits))
        except ImpossibleError:
            return None

    def _in_file(self, edit: Edit) -> Edit:
        span = Span(*map(self._offset, edit.span))
        # Below `Fn::Sub`, a variable is filled in; the text has some that should be.
        if any(variable not in self._text for variable in _VARIABLE.findall(edit.text)):
            raise ImpossibleError
        if not self._file.startswith("'", self._start):
            line_break = "\r\n" if "\r\n" in self._file else "\n"
            # No indent is left in an empty line.
            lines = re.sub(r"\n(?!\n)", f"\n{self._indent}", edit.text)
            return Edit(span, lines.replace("\n", line_break))
        if "\n" in edit.text:
            raise ImpossibleError  # a space is read there
        return Edit(span, edit.text.replace("'", "''"))

    def _offset(self, offset: int) -> int:
        """The place in the file of a character, or after one, that is not white space."""
        place = self._decoded.offset_in_file(offset)
        for at in (offset, offset - 1):
            character = self._text[at : at + 1]
            if character.strip() and self._file.startswith(character, place + at - offset):
                return place
        raise ImpossibleError

    @cached_property
    def _indent(self) -> str:
        """What the lines of the block begin with in the file only."""
        first = len(self._text) - len(self._text.lstrip())
        place = self._decoded.offset_in_file(first)
        column = place - max(self._file.rfind(mark, 0, place) for mark in "\r\n") - 1
        return " " * (column - self._column(first))
