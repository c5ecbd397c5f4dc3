"""Reads a text with mistakes as a tree: what is not closed, and what has no value yet.

Only for the surroundings of a cursor. What is linted is read by `formats`.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.limits import MAX_UNFINISHED_DEPTH
from multitool_lint.syntax.tree import Array, Member, Node, Object

MARK = "\ue000"
"""Is put where the cursor is: a character for private use."""

_TOKEN = lazy_pattern(
    r"""(?P<space>[\s,;]++|//[^\n]*+|\#[^\n]*+|/\*.*?(?:\*/|\Z))
    |(?P<string>"(?:[^"\\\n$]|\\.|\$\{[^}\n]*+\}|\$)*+"?)
    |(?P<open>[\[{(])|(?P<close>[\]})])
    |(?P<colon>:(?!:)|=>|=(?!=))
    |(?P<word>(?:[^\s"\[\]{}(),:;=]|::)++)
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_OPERATORS = frozenset("?+-*/%<>!") | {"==", "!=", ">=", "<=", "&&", "||"}
_KEY = lazy_pattern(
    r"""(?P<key>"(?:[^"\\]|\\.)*+"|'(?:[^']|'')*+'|[^\s\#:{\[\]},&*!|>'"%@`-][^:\n]*?|-[^\s:][^:\n]*?)
    [ \t]*:(?=[ \t]|$)[ \t]*""",
    re.VERBOSE,
)
_TAG = lazy_pattern(r"(?:[!&][^\s]*[ \t]*)+")


class _Word(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


def _unquoted(text: str) -> str:
    return text[1:].removesuffix(text[0]) if text[:1] in ('"', "'") and text else text


class Brackets:
    """A text in JSON or Terraform's language, from some place on."""

    def __init__(self, text: str, start: int = 0, *, at_most: int | None = None) -> None:
        self._text: Final = text
        end = len(text) if at_most is None else at_most
        self._words = [
            _Word(match.lastgroup or "", match[0], match.start(), match.end())
            for match in _TOKEN.finditer(text, start, end)
            if match.lastgroup not in ("space", "other")
        ]
        self._at = 0
        self._end: Final = end

    def read(self) -> Node:
        """All of it, as an object of what is at its top."""
        members: list[Member] = []
        while self._at < len(self._words):
            members += self._members(0)
            self._at += 1  # a bracket that nothing has opened
        if len(members) == 1 and not members[0].key:
            return members[0].value
        return Node((0, self._end), Object(members), "")

    def value(self, depth: int = 0) -> Node | None:
        """The value at this place."""
        word = self._next()
        if word is None or word.kind in ("close", "colon"):
            return None
        self._at += 1
        if word.kind == "open":
            return self._container(word, depth)
        following = self._next()
        if word.kind == "word" and following and following.text == "(":
            self._at += 1
            inner = self._container(following, depth)
            items = inner.items()
            # An encoding function is what it encodes.
            return items[0] if len(items) == 1 and items[0].fields() else inner
        return Node((word.start, word.end), _unquoted(word.text), "")

    def _next(self) -> _Word | None:
        return self._words[self._at] if self._at < len(self._words) else None

    def _container(self, opened: _Word, depth: int) -> Node:
        value: Object | Array
        if depth > MAX_UNFINISHED_DEPTH:
            value = Array()
        elif opened.text == "{":
            value = Object(self._members(depth + 1))
        else:
            value = Array(self._items(depth + 1))
        closing = self._next()
        matches = closing and f"{opened.text}{closing.text}" in ("{}", "[]", "()")
        self._at += bool(matches)
        end = closing.end if closing and matches else closing.start if closing else self._end
        return Node((opened.start, end), value, "")

    def _items(self, depth: int) -> list[Node]:
        items: list[Node] = []
        while (word := self._next()) and word.kind != "close":
            value = self.value(depth)
            if value is None:
                self._at += 1
            elif isinstance(value.value, Array):
                items += value.value  # of concat(), say
            else:
                items.append(value)
        return items

    def _members(self, depth: int) -> list[Member]:
        members: list[Member] = []
        while (word := self._next()) and word.kind != "close":
            if word.kind == "open":
                inner = self.value(depth)
                if inner is not None:
                    members.append(Member("", (word.start, word.start), inner))
                continue
            self._at += 1
            if word.kind != "colon":
                members.append(self._member(word, depth))
        return members

    def _member(self, key: _Word, depth: int) -> Member:
        """A member, or a block of Terraform with its labels; its value may not be there yet."""
        following, name = self._next(), _unquoted(key.text)
        while following and following.kind in ("string", "word") and self._is_on_line(following):
            name = f"{name} {_unquoted(following.text)}"
            self._at += 1
            following = self._next()
        value = None
        if following and following.kind == "colon":
            self._at += 1
            value = self.value(depth)
            self._skip_expression()
        elif following and following.text == "{" and self._is_on_line(following):
            value = self.value(depth)
        end = key.end
        return Member(name, (key.start, end), value or Node((end, end), None, ""))

    def _is_on_line(self, word: _Word) -> bool:
        return "\n" not in self._text[self._words[self._at - 1].end : word.start]

    def _skip_expression(self) -> None:
        """Leave out the rest of an expression that goes on after its first value."""
        word = self._next()
        if word and word.text in _OPERATORS and self._is_on_line(word):
            while (word := self._next()) and word.kind != "close" and self._is_on_line(word):
                self._at += 1


class _Line(NamedTuple):
    indent: int
    start: int
    end: int


class Indents:
    """A text in YAML."""

    def __init__(self, text: str) -> None:
        self._text: Final = text
        self._lines: list[_Line] = []
        start = 0
        for line in text.splitlines(keepends=True):
            content = line.strip()
            if content and not content.startswith(("#", "---", "%")):
                indent = len(line) - len(line.lstrip(" \t"))
                self._lines.append(_Line(indent, start + indent, start + len(line.rstrip())))
            start += len(line)
        self._at = 0

    def read(self) -> Node:
        """All of it."""
        members: list[Member] = []
        while self._at < len(self._lines):
            before = self._at
            node = self._block(self._lines[self._at].indent, 0)
            members += node.fields() or [Member("", (node.span.start, node.span.start), node)]
            self._at += self._at == before
        if len(members) == 1 and not members[0].key:
            return members[0].value
        return Node((0, len(self._text)), Object(members), "")

    def _block(self, indent: int, depth: int) -> Node:
        """What begins in the next line, down to the last one of that indent."""
        first = self._lines[self._at]
        if depth > MAX_UNFINISHED_DEPTH:
            self._at += 1
            return Node((first.start, first.end), None, "")
        value: Object | Array
        if self._is_item(first):
            value = Array(self._items(indent, depth))
        elif _KEY.match(self._text, first.start, first.end) or self._is_among_keys(indent):
            value = Object(self._members(indent, depth))
        else:
            self._at += 1
            return self._scalar(first.start, first.end)
        return Node((first.start, self._lines[self._at - 1].end), value, "")

    def _is_item(self, line: _Line) -> bool:
        return self._text.startswith(("- ", "-\n", "-\r"), line.start) or (
            self._text[line.start : line.end] == "-"
        )

    def _is_among_keys(self, indent: int) -> bool:
        """Whether a line with a word alone, which the cursor is in, is followed by a member."""
        if MARK not in self._text[self._lines[self._at].start : self._lines[self._at].end]:
            return False
        following = self._lines[self._at + 1] if self._at + 1 < len(self._lines) else None
        return bool(
            following
            and following.indent == indent
            and _KEY.match(self._text, following.start, following.end)
        )

    def _here(self, indent: int) -> _Line | None:
        while self._at < len(self._lines) and self._lines[self._at].indent > indent:
            self._at += 1  # indented by mistake
        if self._at < len(self._lines) and self._lines[self._at].indent == indent:
            return self._lines[self._at]
        return None

    def _items(self, indent: int, depth: int) -> list[Node]:
        items: list[Node] = []
        while (line := self._here(indent)) and self._is_item(line):
            content = re.compile(r"-[ \t]*").match(self._text, line.start)
            start = content.end() if content else line.end
            if start >= line.end:
                self._at += 1
                items.append(self._below(line.end, indent, depth, may_be_even=False))
            else:
                inner = indent + start - line.start
                self._lines[self._at] = _Line(inner, start, line.end)
                items.append(self._block(inner, depth + 1))
        return items

    def _members(self, indent: int, depth: int) -> list[Member]:
        members: list[Member] = []
        while (line := self._here(indent)) and not self._is_item(line):
            self._at += 1
            key = _KEY.match(self._text, line.start, line.end)
            if key is None:
                word = self._text[line.start : line.end]
                nothing = Node((line.end, line.end), None, "")
                members.append(Member(_unquoted(word), (line.start, line.end), nothing))
                continue
            tag = _TAG.match(self._text, key.end(), line.end)
            start = tag.end() if tag else key.end()
            rest = self._text[start : line.end]
            if not rest or rest.startswith(("|", ">", "#")):
                value = self._below(line.end, indent, depth, may_be_even=True)
            else:
                value = self._scalar(start, line.end)
            members.append(Member(_unquoted(key["key"]), key.span("key"), value))
        return members

    def _below(self, end: int, indent: int, depth: int, *, may_be_even: bool) -> Node:
        """The value in the lines below a key or a dash; items may have the indent of their key."""
        if self._at < len(self._lines):
            line = self._lines[self._at]
            if line.indent > indent or (
                may_be_even and line.indent == indent and self._is_item(line)
            ):
                return self._block(line.indent, depth + 1)
        return Node((end, end), None, "")

    def _scalar(self, start: int, end: int) -> Node:
        """A value in a line; one in brackets may go on in others."""
        tag = _TAG.match(self._text, start, end)
        start = tag.end() if tag else start
        if not self._text.startswith(("{", "["), start):
            comment = self._text.find(" #", start, end)
            end = end if comment < 0 or self._text[start] in "\"'" else comment
            return Node((start, end), _unquoted(self._text[start:end].strip()), "")
        node = Brackets(self._text, start, at_most=self._end_of_flow(end)).value()
        if node is None:
            return Node((start, end), None, "")
        while self._at < len(self._lines) and self._lines[self._at].start < node.span.end:
            self._at += 1
        return node

    def _end_of_flow(self, end: int) -> int:
        """The end of the lines below that are indented more, or close brackets."""
        last = end
        for line in self._lines[self._at :]:
            is_closing = self._text[line.start] in "]}"
            if _KEY.match(self._text, line.start, line.end) and not is_closing:
                head = self._text[line.start]
                if head not in "\"'":
                    break
            last = line.end
        return last
