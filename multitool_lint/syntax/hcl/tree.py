"""Terraform's language (HCL) to a syntax tree, by tree-sitter's grammar, which keeps all places.

https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.syntax.escapes import unescaped
from multitool_lint.syntax.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node as Syntax
    from tree_sitter import Parser, TreeCursor

    from multitool_lint.syntax.hcl.expressions import Expression

_NUMBER = re.compile(rb"(?<![\w.-])[0-9]+(?:\.[0-9]+)?[eE][+-]?[0-9]+(?!\w)")

_QUOTED_NAME = re.compile(rb'^([ \t]*)"([^"\\\n$%]+)"(?=[ \t]*(?:\{|=(?!=)))', re.MULTILINE)
"""The name of a block or an attribute in quotes, which Terraform accepted before 0.12."""

_DIGIT = re.compile(rb"(?<=[A-Za-z_\]]\.)[0-9](?=[0-9]*[A-Za-z_-])")
"""The digit that a name after a dot begins with, which Terraform accepted before 0.12."""


class SyntaxBlock(NamedTuple):
    """A block (`resource "aws_iam_role" "x" {...}`): its type and labels, and what is in it."""

    type: str
    labels: tuple[str, ...]
    syntax: Syntax
    body: Syntax | None

    @property
    def head(self) -> Syntax:
        """The word that the block begins with."""
        return self.syntax.children[0]


class Attribute(NamedTuple):
    """An attribute (`name = value`) of a block."""

    name: str
    key: Syntax
    value: Syntax


class HclFile:
    """A parsed file. The tree counts bytes; `span` and `text` use characters.

    `expressions` are those that were read, by the bytes where they begin and end.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.data, self.root = _parsed(source.text)
        self._starts, self._shifts = _shifts(source.text, self.data)
        self._blocks: tuple[SyntaxBlock, ...] | None = None
        self._attributes: dict[int, tuple[Attribute, ...]] = {}
        self.expressions: dict[tuple[int, int], Expression] = {}

    def offset_in_file(self, byte: int) -> int:
        """Translate an offset in bytes to one in characters."""
        if not self._starts:
            return byte
        at = bisect_right(self._starts, byte) - 1
        return byte if at < 0 else byte - self._shifts[at]

    def span(self, syntax: Syntax) -> Span:
        """The place of a part of the tree."""
        return Span(self.offset_in_file(syntax.start_byte), self.offset_in_file(syntax.end_byte))

    def text(self, syntax: Syntax) -> str:
        """The text of a part of the tree."""
        return self.data[syntax.start_byte : syntax.end_byte].decode()

    def has(self, syntax: Syntax, *words: bytes) -> bool:
        """Whether one of some words is in a part of the tree."""
        start, end = syntax.start_byte, syntax.end_byte
        return any(self.data.find(word, start, end) >= 0 for word in words)

    def blocks(self, body: Syntax | None = None) -> Iterator[SyntaxBlock]:
        """The blocks of a body; of the file, where none is given."""
        if body is not None:
            yield from self._blocks_in(body)
            return
        if self._blocks is None:
            self._blocks = tuple(self._blocks_in(self.root))
        yield from self._blocks

    def _blocks_in(self, body: Syntax) -> Iterator[SyntaxBlock]:
        return (self.block(child) for child in parts_of(body) if child.type == "block")

    def attributes(self, body: Syntax | None) -> tuple[Attribute, ...]:
        """The attributes of a body, which is asked for them again and again."""
        if body is None:
            return ()
        found = self._attributes.get(body.id)
        if found is None:
            found = self._attributes[body.id] = tuple(self._attributes_in(body))
        return found

    def _attributes_in(self, body: Syntax) -> Iterator[Attribute]:
        for child in parts_of(body):
            if child.type == "attribute":
                parts = significant(child)
                if len(parts) > 1 and parts[0].type == "identifier":
                    yield Attribute(self.text(parts[0]), parts[0], parts[-1])

    def block(self, syntax: Syntax) -> SyntaxBlock:
        """The block that a part of the tree is."""
        words = []
        body = None
        for child in syntax.named_children:
            if child.type == "identifier":
                words.append(self.text(child))
            elif child.type == "string_lit":
                words.append(unescaped(self.text(child)[1:-1]))
            elif child.type == "body":
                body = child
        return SyntaxBlock(words[0] if words else "", tuple(words[1:]), syntax, body)

    def mistake(self, syntax: Syntax) -> Syntax:
        """The first place that is not HCL, in a part of the tree that has one."""
        cursor = syntax.walk()
        if syntax.is_error and syntax is self.root and not cursor.goto_first_child():
            return syntax
        node = syntax
        while _goto_error(cursor) and cursor.node:
            node = cursor.node
            if node.is_error or node.is_missing or not cursor.goto_first_child():
                break
        return node


def _goto_error(cursor: TreeCursor) -> bool:
    """Go to the first of some siblings that has a mistake in it."""
    while not (cursor.node and cursor.node.has_error):
        if not cursor.goto_next_sibling():
            return False
    return True


def parts_of(syntax: Syntax | None) -> Iterator[Syntax]:
    """The blocks and attributes of a body; of the root of a file, those in its only body."""
    if syntax is None:
        return
    for child in syntax.named_children:
        if child.type == "body":
            yield from child.named_children
        else:
            yield child


def significant(syntax: Syntax) -> list[Syntax]:
    """The named parts of a part of the tree, without comments."""
    return [child for child in syntax.named_children if child.type != "comment"]


def conditional_parts(syntax: Syntax) -> list[Syntax]:
    """The parts of a conditional: a condition and what is chosen then, others, and what is left.

    Of `a ? b : c ? d : e`, the grammar has the first conditional as the condition of the second.
    In Terraform's language, a conditional without parentheses is the last part of another one.
    """
    parts: list[Syntax] = []  # from the last one on, without recursion
    while True:
        condition, *rest = significant(syntax)[:3]
        parts += reversed(rest)
        inner = significant(condition)
        is_whole = [part.type for part in inner] == ["conditional"] and len(condition.children) == 1
        if not is_whole:
            return [condition, *reversed(parts)]
        syntax = inner[0]


def conditional_branches(syntax: Syntax) -> list[Syntax]:
    """The values that a conditional may have."""
    parts = conditional_parts(syntax)
    return [*parts[1:-1:2], parts[-1]]


def called(file: HclFile, call: Syntax) -> tuple[str, list[Syntax]]:
    """The name of a function that is called, and its arguments, if all are plain expressions."""
    parts = significant(call)
    name = file.text(parts[0]) if parts else ""
    arguments = significant(parts[-1]) if len(parts) > 1 else []
    plain = all(argument.type == "expression" for argument in arguments)
    return name, arguments if plain else []


def tokens_of(syntax: Syntax) -> Iterator[Syntax]:
    """The parts of a part of the tree that have no parts."""
    waiting = [syntax]  # no recursion: a hostile file is nested deeper than Python's stack
    while waiting:
        part = waiting.pop()
        if not part.children:
            yield part
        waiting += reversed(part.children)


@lru_cache(maxsize=4)  # its policies, its references and its deployment are asked for in turn
def _parsed(text: str) -> tuple[bytes, Syntax]:
    """A text in bytes, and the root of its tree."""
    data = text.encode("utf-8", "replace")
    plain = _NUMBER.sub(_plain, data)
    root = _parser().parse(plain).root_node
    if root.has_error and (newer := _as_in_newer_versions(plain)) != plain:
        other = _parser().parse(newer).root_node
        root = root if other.has_error else other
    return data, root


def _as_in_newer_versions(data: bytes) -> bytes:
    """A text as long without what Terraform accepted before 0.12."""
    return _DIGIT.sub(b"_", _QUOTED_NAME.sub(_unquoted, data))


@cache
def _parser() -> Parser:
    # It takes a third of the time of a whole run: nothing but Terraform pays for it.
    import tree_sitter
    import tree_sitter_hcl

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_hcl.language()))


def _plain(match: re.Match[bytes]) -> bytes:
    """A number as long, without the exponent, which the grammar does not know."""
    return b"0" * len(match[0])


def _unquoted(match: re.Match[bytes]) -> bytes:
    """A name in quotes as an identifier as long: its text is read from the file itself."""
    return match[1] + b" _" + re.sub(rb"[^\w-]", b"_", match[2])[1:] + b" "


def _shifts(text: str, data: bytes) -> tuple[list[int], list[int]]:
    """Offsets in bytes, and by how much less those in characters are from there on."""
    if len(text) == len(data):
        return [], []
    starts, shifts = [], []
    shift = 0
    for match in re.finditer(r"[^\x00-\x7f]", text):
        shift += len(match[0].encode("utf-8", "replace")) - 1
        starts.append(match.end() + shift)
        shifts.append(shift)
    return starts, shifts
