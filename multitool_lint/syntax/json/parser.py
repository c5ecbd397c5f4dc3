"""Strict JSON (RFC 8259) to nodes that know their place.

The standard library's parser tells no places and accepts NaN. This one reads a value, the white
space around it and the delimiter after it in one match of a regular expression, which makes it fast
enough in Python, and it keeps its own stack, so that no nesting overflows. Lists of plain strings,
of which most of a policy consists, are one match as a whole.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from multitool_lint.limits import MAX_POINTER_CHARACTERS, MAX_TREE_DEPTH
from multitool_lint.syntax.json import errors as json_mistakes
from multitool_lint.syntax.json.errors import Due
from multitool_lint.syntax.placeholders import (
    has_placeholder,
    may_hold_placeholders,
    placeholder_end,
)
from multitool_lint.syntax.source import BYTE_ORDER_MARK, Span
from multitool_lint.syntax.tree import UNKNOWN, Array, Member, Node, Object, Value, pointer_token

if TYPE_CHECKING:
    from collections.abc import Callable


_INDEX_LENGTH = 8
_SPACE = r"[ \t\n\r]*+"
_CHARACTERS = r'[^"\\\x00-\x1f]*+'
_SCALAR = r"true|false|null|-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][+-]?+[0-9]++)?+"
_PLAIN = rf'{_SPACE}"{_CHARACTERS}"{_SPACE}'
_REST = (
    rf'{_SPACE}(?:("{_CHARACTERS}")|({_SCALAR})|(\[(?:{_PLAIN},)*+{_PLAIN}\])'
    r"|(\[|\{(?![{%])))"  # the begin of another value
    rf"{_SPACE}([\],}}])?"  # what comes behind
)
# Both have the same groups: key, string, scalar, list of strings, bracket, delimiter.
_VALUE = re.compile(rf"(){_REST}")
_MEMBER = re.compile(rf'{_SPACE}("{_CHARACTERS}"){_SPACE}:{_REST}')
_STRING = re.compile(r'"([^"]*)"')
_COLON = rf"{_SPACE}:"
_DELIMITER = re.compile(rf"{_SPACE}([\],}}])?")
_BLANK = re.compile(_SPACE)
# Compiled when they are asked, which most runs do not.
_ESCAPED = rf'"{_CHARACTERS}(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{{4}}){_CHARACTERS})*+"'
_ESCAPE = r"\\(?:u([dD][89abAB]..)\\u([dD][c-fC-F]..)|u(....)|(.))"
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_CONSTANTS: dict[str, Value] = {"true": True, "false": False, "null": None}
_NOWHERE = Span(0, 0)

# What Span._make does, in half the time.
_span: Callable[[tuple[int, int]], Span] = partial(tuple.__new__, Span)


def parse(text: str, *, literal: bool = False) -> Node:
    """The document's root; functions and placeholders as they are written if that is wanted.

    Raises:
        MistakeError: the text is not JSON; it names the first mistake, its place and the cure.
    """
    return _Parser(text, literal=literal).document()


class _Open:
    """An array or object whose end has not come yet.

    `key` and `key_span` are those that the next value of an object has.
    """

    __slots__ = ("closer", "items", "key", "key_span", "members", "pointer", "start")

    def __init__(self, start: int, closer: str, pointer: str) -> None:
        self.start = start
        self.closer = closer
        self.pointer = pointer
        self.items: list[Node] = []
        self.members: list[Member] = []
        self.key = ""
        self.key_span = _NOWHERE


class _Parser:
    """A text, how far it is read, and what is open there.

    `position` is behind what was read last, the `delimiter` (a comma, a bracket, nothing) included.
    """

    __slots__ = (
        "delimiter",
        "literal",
        "open",
        "pointer_budget",
        "position",
        "root",
        "templated",
        "text",
    )

    def __init__(self, text: str, *, literal: bool) -> None:
        self.text = text
        self.literal = literal
        self.position = 1 if text.startswith(BYTE_ORDER_MARK) else 0
        self.delimiter = ""
        self.open: list[_Open] = []
        self.root: Node | None = None
        self.templated = not literal and may_hold_placeholders(text)
        self.pointer_budget = MAX_POINTER_CHARACTERS

    def document(self) -> Node:
        self.value("")
        while self.open:
            top = self.open[-1]
            if self.delimiter == ",":
                if top.closer == "]":
                    self.value(f"{top.pointer}/{len(top.items)}")
                else:
                    self.member(top)
            elif self.delimiter == top.closer:
                self.close()
            else:
                raise self.mistake(self.position - len(self.delimiter), Due.DELIMITER)
        end = self.skip_blank(self.position - len(self.delimiter))
        if self.root is None or end < len(self.text):
            raise self.mistake(end, Due.END)
        return self.root

    def value(self, pointer: str) -> None:
        match = _VALUE.match(self.text, self.position)
        if match is None:
            self.irregular_value(pointer)
        else:
            self.take(match, pointer)

    def member(self, top: _Open) -> None:
        match = _MEMBER.match(self.text, self.position)
        if match is None:
            key, top.key_span = self.irregular_key()
        else:
            key, top.key_span = match[1][1:-1], _span(match.span(1))
        top.key = key
        pointer = f"{top.pointer}/{pointer_token(key)}"
        if match is None:
            self.value(pointer)
        else:
            self.take(match, pointer)

    def take(self, match: re.Match[str], pointer: str) -> None:
        """Take over what was matched: a string, a scalar, a list of strings, an opening bracket."""
        _, string, scalar, strings, _, delimiter = match.groups("")
        self.pointer_budget -= len(pointer)
        if self.pointer_budget < 0:
            raise json_mistakes.too_much(match.end() - 1)
        value: Value
        if string:
            value = string[1:-1]
            if self.templated and has_placeholder(value):
                value = UNKNOWN
            node = Node(_span(match.span(2)), value, pointer)
        elif scalar:
            value = _CONSTANTS[scalar] if scalar in _CONSTANTS else _number(scalar)
            node = Node(_span(match.span(3)), value, pointer)
        elif strings and self.is_harmless(strings, pointer):
            span = _span(match.span(4))
            node = Node(span, self.strings(span, pointer), pointer)
        else:
            start = match.start(4) if strings else match.start(5)
            self.position = start + 1
            self.read_delimiter()
            self.begin(start, pointer)
            return
        self.position = match.end()
        self.delimiter = delimiter
        self.add(node)

    def is_harmless(self, strings: str, pointer: str) -> bool:
        """Whether a list of plain strings needs no closer look, and spend its pointers if so."""
        cost = (len(pointer) + _INDEX_LENGTH) * strings.count('"') // 2
        if (
            cost > self.pointer_budget
            or len(self.open) >= MAX_TREE_DEPTH
            or (self.templated and may_hold_placeholders(strings))
        ):
            return False
        self.pointer_budget -= cost
        return True

    def strings(self, span: Span, pointer: str) -> Array:
        """The items of a list of plain strings."""
        matches = enumerate(_STRING.finditer(self.text, *span))
        return Array(
            [Node(_span(match.span()), match[1], f"{pointer}/{at}") for at, match in matches]
        )

    def begin(self, start: int, pointer: str) -> None:
        """Remember an opening bracket; the delimiter behind it may already be the closing one."""
        closer = "]" if self.text[start] == "[" else "}"
        self.open.append(_Open(start, closer, pointer))
        if len(self.open) > MAX_TREE_DEPTH:
            raise json_mistakes.too_deep(start, MAX_TREE_DEPTH)
        if not self.delimiter:
            self.delimiter = ","  # the first element may come
        elif self.delimiter != closer:
            raise self.mistake(self.position - 1, Due.VALUE if closer == "]" else Due.KEY)

    def close(self) -> None:
        """End the innermost container and read the delimiter behind it."""
        top = self.open.pop()
        value: Value
        if top.closer == "]":
            value = Array(top.items)
        elif self.open and self.is_unknown(top.members):
            value = UNKNOWN
        else:
            value = Object(top.members)
        node = Node(Span(top.start, self.position), value, top.pointer)
        self.read_delimiter()
        self.add(node)

    def is_unknown(self, members: list[Member]) -> bool:
        """Whether an object is a CloudFormation function or a template fills in one of its keys."""
        if len(members) == 1 and (members[0].key == "Ref" or members[0].key.startswith("Fn::")):
            return not self.literal
        return self.templated and any(has_placeholder(member.key) for member in members)

    def add(self, node: Node) -> None:
        if not self.open:
            self.root = node
            return
        top = self.open[-1]
        if top.closer == "]":
            top.items.append(node)
        else:
            top.members.append(Member(top.key, top.key_span, node))

    def read_delimiter(self) -> None:
        match = _DELIMITER.match(self.text, self.position)
        if match is not None:  # it always is: everything in the pattern is optional
            self.position, self.delimiter = match.end(), match[1] or ""

    def irregular_value(self, pointer: str) -> None:
        """Read a string with escapes or a placeholder without quotes; all else is a mistake."""
        start = self.skip_blank(self.position)
        self.pointer_budget -= len(pointer)
        value: Value
        if self.text.startswith('"', start):
            value, self.position = self.escaped_string(start, Due.VALUE)
            if self.templated and has_placeholder(value):
                value = UNKNOWN
        else:
            end = placeholder_end(self.text, start)
            if end is None:
                raise self.mistake(start, Due.VALUE)
            while end is not None:
                self.position = end
                end = placeholder_end(self.text, end)
            value = UNKNOWN
        span = Span(start, self.position)
        self.read_delimiter()
        self.add(Node(span, value, pointer))

    def irregular_key(self) -> tuple[str, Span]:
        start = self.skip_blank(self.position)
        if not self.text.startswith('"', start):
            raise self.mistake(start, Due.KEY)
        key, end = self.escaped_string(start, Due.KEY)
        colon = re.compile(_COLON).match(self.text, end)
        if colon is None:
            raise self.mistake(self.skip_blank(end), Due.COLON)
        self.position = colon.end()
        return key, Span(start, end)

    def escaped_string(self, start: int, due: Due) -> tuple[str, int]:
        match = re.compile(_ESCAPED).match(self.text, start)
        if match is None:
            raise self.mistake(start, due)
        return re.sub(_ESCAPE, _unescaped, match[0][1:-1]), match.end()

    def skip_blank(self, position: int) -> int:
        match = _BLANK.match(self.text, position)
        return match.end() if match else position

    def mistake(self, position: int, due: Due) -> json_mistakes.MistakeError:
        brackets = [top.start for top in self.open]
        return json_mistakes.mistake(self.text, self.skip_blank(position), due, brackets)


def _number(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        # A fraction, an exponent, or more digits than Python turns into an integer.
        return float(text)


def _unescaped(match: re.Match[str]) -> str:
    high, low, code, letter = match.groups()
    if high:
        return chr(0x10000 + ((int(high, 16) & 0x3FF) << 10) + (int(low, 16) & 0x3FF))
    if code:
        character = chr(int(code, 16))
        # Half of a surrogate pair is no character and could not even be printed.
        return "\ufffd" if "\ud800" <= character <= "\udfff" else character
    return _ESCAPES.get(letter, letter)
