"""The JSON that most policies are: no mistakes, no escaped code points.

The standard library's parser, written in C, reads it in a tenth of the time that `parser` takes,
but gives no positions. It keeps the order of what it reads, though, and of a string without escapes
it gives the length: so one search for each value finds the spans. What is not as plain as that, or
is out of proportion, is left to `parser`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from multitool_lint.limits import MAX_FAST_CHARACTERS, MAX_FAST_DEPTH, MAX_FAST_POINTER_CHARACTERS
from multitool_lint.syntax.json.errors import reject
from multitool_lint.syntax.placeholders import has_placeholder, is_unknown, may_hold_placeholders
from multitool_lint.syntax.tree import (
    UNKNOWN,
    Array,
    LazyStringArray,
    Member,
    Node,
    Object,
    UnknownNode,
    Value,
    pointer_token,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_SCALAR = r"[^\s:,\[\]{}]+"
_STRINGS = frozenset({str})


class _NotPlainError(Exception):
    """The text has to be read by the exact parser."""


def read(text: str, *, literal: bool = False) -> Node:
    """The document's root, as `parser.parse` returns it.

    Raises:
        MistakeError: the text is not JSON.
    """
    root = parse(text, literal=literal)
    if root is None:
        # Compiling its expressions takes longer than reading a plain policy.
        from multitool_lint.syntax.json import parser

        root = parser.parse(text, literal=literal)
    return root


def parse(text: str, *, literal: bool = False) -> Node | None:
    """The document's root; None if the text is not plain JSON, or not certainly so."""
    if len(text) > MAX_FAST_CHARACTERS or "\\u" in text:
        return None
    places = _Positions(text, literal=literal)
    try:
        root = places.node(_DECODER.decode(text), "", 0)
    except (ValueError, RecursionError, _NotPlainError):
        return None
    return root if places.budget >= 0 else None


_DECODER = json.JSONDecoder(object_pairs_hook=tuple, parse_constant=reject)
"""Gives a tuple for an object, its members in order, and a list for an array."""


class _Positions:
    """A text whose values are known, and how far their places are found."""

    __slots__ = ("budget", "escaped", "literal", "position", "templated", "text")

    def __init__(self, text: str, *, literal: bool) -> None:
        self.text = text
        self.literal = literal
        self.position = 0
        self.escaped = "\\" in text
        # None in the whole text is none in any string of it: between strings there is nothing that
        # makes less of one. An escape might.
        self.templated = not literal and (
            may_hold_placeholders(text) if self.escaped else has_placeholder(text)
        )
        self.budget = MAX_FAST_POINTER_CHARACTERS

    def node(self, value: Any, pointer: str, depth: int) -> Node:  # noqa: ANN401 - JSON
        kind = type(value)
        if kind is list:
            if value and _STRINGS.issuperset(map(type, value)):
                joined = "".join(value)
                if "]" not in joined and not (self.templated and may_hold_placeholders(joined)):
                    begin = self.text.index("[", self.position)
                    end = self.text.index("]", begin) + 1
                    if not (self.escaped and "\\" in self.text[begin:end]):
                        self.budget -= len(value) * (len(pointer) + 8)
                        self.position = end
                        return LazyStringArray((begin, end), tuple(value), pointer, self.text)
            return self.array(value, pointer, depth)
        if kind is tuple:
            return self.object(value, pointer, depth)
        if kind is str:
            start = self.text.index('"', self.position)
            end = self.end_of(value, start) if self.escaped else start + len(value) + 2
            self.position = end
            if self.templated and has_placeholder(value):
                return UnknownNode((start, end), pointer, "", value)
            return Node((start, end), value, pointer)
        return self.scalar(value, pointer)

    def object(self, pairs: Sequence[tuple[str, Any]], pointer: str, depth: int) -> Node:
        self.spend(len(pairs), pointer, depth)
        index, plain = self.text.index, not (self.templated or self.escaped)
        begin = index("{", self.position)
        position = begin + 1
        members = []
        for key, value in pairs:
            start = index('"', position)
            end = self.end_of(key, start) if self.escaped else start + len(key) + 2
            # What most values are is read here, which saves most of the calls.
            if plain and type(value) is str:
                begin_value = index('"', end)
                position = begin_value + len(value) + 2
                node = Node((begin_value, position), value, f"{pointer}/{pointer_token(key)}")
            else:
                self.position = end
                node = self.node(value, f"{pointer}/{pointer_token(key)}", depth + 1)
                position = self.position
            members.append(Member(key, (start, end), node))
        self.position = position = index("}", position) + 1
        known: Value = Object(members)
        if depth and (len(members) == 1 or self.templated) and not self.literal:
            known = UNKNOWN if is_unknown(members, templated=self.templated) else known
        return Node((begin, position), known, pointer)

    def array(self, values: Sequence[Any], pointer: str, depth: int) -> Node:
        self.spend(len(values), pointer, depth)
        index = self.text.index
        begin = index("[", self.position)
        self.position = begin + 1
        nodes = [self.node(value, f"{pointer}/{at}", depth + 1) for at, value in enumerate(values)]
        self.position = end = index("]", self.position) + 1
        return Node((begin, end), Array(nodes), pointer)

    def end_of(self, value: str, start: int) -> int:
        """Where a string ends that begins at an offset."""
        end = start + len(value) + 2
        if "\\" in self.text[start:end]:
            match = re.compile(_STRING).match(self.text, start)
            if match is None:
                raise _NotPlainError
            return match.end()
        return end

    def scalar(self, value: Value, pointer: str) -> Node:
        match = re.compile(_SCALAR).search(self.text, self.position)
        if match is None:
            raise _NotPlainError
        self.position = match.end()
        return Node(match.span(), value, pointer)

    def spend(self, children: int, pointer: str, depth: int) -> None:
        """Count what the pointers of the children take, each with the keys that lead to it."""
        self.budget -= (children + 1) * (len(pointer) + 8)
        if depth > MAX_FAST_DEPTH or self.budget < 0:
            raise _NotPlainError
