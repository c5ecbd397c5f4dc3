"""Strict JSON (RFC 8259) to nodes with their spans.

The standard library's parser gives no positions, accepts NaN and says less about a mistake. This
one is exact about all texts, in Python and therefore slow: `fast` reads most of them.
"""

from __future__ import annotations

import re

from multitool_lint.limits import MAX_POINTER_CHARACTERS, MAX_TREE_DEPTH
from multitool_lint.syntax.json import errors
from multitool_lint.syntax.json.errors import Due
from multitool_lint.syntax.json.scan import STRING, Walk, unescape
from multitool_lint.syntax.placeholders import (
    control_tag,
    has_placeholder,
    is_unknown,
    may_hold_placeholders,
    placeholder_end,
)
from multitool_lint.syntax.tree import UNKNOWN, Array, Member, Node, Object, Value, pointer_token

_SCALAR = re.compile(r"true|false|null|-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][+-]?+[0-9]++)?+")
_STRING = re.compile(STRING)
_ENDS_MEMBER = re.compile(r"\s*+[,}]")
_CONSTANTS: dict[str, Value] = {"true": True, "false": False, "null": None}
_TEMPLATE_TAGS = ("{{", "{%")


def parse(text: str, *, literal: bool = False) -> Node:
    """The document's root; with `literal`, functions and placeholders are plain values.

    Raises:
        MistakeError: the text is not JSON; it names the first mistake, its span and the correction.
    """
    return _Parser(text, literal=literal).document()


class _Parser(Walk):
    """Makes the nodes of a text. Brackets limit the recursion."""

    def __init__(self, text: str, *, literal: bool) -> None:
        super().__init__(text)
        self.literal = literal
        self.templated = not literal and may_hold_placeholders(text)
        self.pointer_budget = MAX_POINTER_CHARACTERS

    def document(self) -> Node:
        root = self.node("")
        self.blank()
        if self.mark:
            raise self.mistake(Due.END)
        return root

    def node(self, pointer: str) -> Node:
        start, mark = self.at, self.mark
        self.pointer_budget -= len(pointer)
        if self.pointer_budget < 0:
            raise errors.too_much(start)
        is_container = mark == "[" or (
            mark == "{" and self.text[start : start + 2] not in _TEMPLATE_TAGS
        )
        if is_container and self.depth >= MAX_TREE_DEPTH:
            raise errors.too_deep(start, MAX_TREE_DEPTH)
        value: Value
        if mark == '"':
            value = self.string()
        elif not is_container:
            value = self.scalar()
        elif mark == "[":
            value = Array([self.node(f"{pointer}/{at}") for at, _ in enumerate(self.elements())])
        else:
            value = self.object(pointer)
        return Node((start, self.at), value, pointer)

    def object(self, pointer: str) -> Value:
        members = []
        for _ in self.parts("}"):
            if filled_in := self.filled_in():
                members.append(filled_in)
            else:
                key = self.key()
                members.append(
                    Member(key, self.key_span, self.node(f"{pointer}/{pointer_token(key)}"))
                )
        if self.depth and not self.literal and is_unknown(members, templated=self.templated):
            return UNKNOWN
        return Object(members)

    def filled_in(self) -> Member | None:
        """Members that a template fills in here, between commas, as one of an unknown key."""
        if self.mark == '"' or self.depth == 1 or control_tag(self.text):
            return None
        start, end = self.at, placeholder_end(self.text, self.at)
        if end is None or not _ENDS_MEMBER.match(self.text, end):
            return None
        self.at = end
        return Member(self.text[start:end], (start, end), Node((start, end), UNKNOWN, ""))

    def string(self) -> Value:
        match = _STRING.match(self.text, self.at)
        if match is None:
            raise self.mistake(Due.VALUE)
        self.at = match.end()
        value = unescape(match[1])
        return UNKNOWN if self.templated and has_placeholder(value) else value

    def scalar(self) -> Value:
        """A number, a constant, or placeholders without quotes."""
        match = _SCALAR.match(self.text, self.at)
        if match is None:
            end = placeholder_end(self.text, self.at)
            if end is None:
                raise self.mistake(Due.VALUE)
            while end is not None:
                self.at = end
                end = placeholder_end(self.text, end)
            return UNKNOWN
        self.at = match.end()
        return _CONSTANTS[match[0]] if match[0] in _CONSTANTS else _number(match[0])


def _number(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        # A fraction, an exponent, or more digits than Python turns into an integer.
        return float(text)
