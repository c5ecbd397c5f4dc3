"""Terraform's language as blocks, attributes and expressions, from JSON.

https://developer.hashicorp.com/terraform/language/syntax/json
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from multitool_lint.syntax import decoded_text
from multitool_lint.syntax.hcl.expressions import (
    Block,
    Body,
    Expression,
    MistakenError,
    Place,
    moved,
)
from multitool_lint.syntax.hcl.parsing import parse_string
from multitool_lint.syntax.json import fast
from multitool_lint.syntax.json.errors import MistakeError
from multitool_lint.syntax.source import Span
from multitool_lint.syntax.tree import Array, Node, Object, as_list

_LABELS = {"data": 2, "resource": 2, "module": 1, "output": 1, "provider": 1, "variable": 1}
"""How many labels the blocks of a type have."""

_BLOCKS = frozenset(
    {"condition", "inline_policy", "lifecycle", "not_principals", "principals", "statement"}
)
"""The names of blocks within blocks that matter here: JSON writes attributes in the same way."""

_COMMENT = "//"


@lru_cache(maxsize=1024)
def parse_json(text: str) -> Body:
    """The attributes and blocks of a file of `.tf.json`.

    Raises:
        MistakenError: it is not JSON.
    """
    reader = _Reader(text)
    found = Body({}, [])
    for part in as_list(_read(text)):
        for member in part.fields():
            labels = _LABELS.get(member.key, 0)
            found.blocks.extend(reader.blocks(member.key, member.value, labels, ()))
    return found


def parse_json_values(text: str) -> Body:
    """The values of a file of `.tfvars.json`.

    Raises:
        MistakenError: it is not JSON.
    """
    reader = _Reader(text, literal=True)
    values = {member.key: reader.value(member.value) for member in _read(text).fields()}
    return Body(values, [])


def expression_of(node: Node, text: str) -> Expression:
    """The expression that a value of a file of `.tf.json` is, whose text is given."""
    return _Reader(text).value(node)


def _read(text: str) -> Node:
    try:
        return fast.read(text, literal=True)
    except MistakeError as mistake:
        raise MistakenError(str(mistake)) from mistake


class _Reader:
    """Reads the values of a text, in whose strings are templates, unless these are `literal`."""

    def __init__(self, text: str, *, literal: bool = False) -> None:
        self._text = text
        self._literal = literal

    def blocks(
        self, type_: str, node: Node, labels: int, above: tuple[str, ...]
    ) -> Iterator[Block]:
        """The blocks of a type, whose labels are keys of objects in each other."""
        for part in as_list(node):
            if not isinstance(part.value, Object):
                continue
            if not labels:
                yield Block(type_, above, self._body(part), *part.span)
                continue
            for member in part.value:
                yield from self.blocks(type_, member.value, labels - 1, (*above, member.key))

    def _body(self, node: Node) -> Body:
        found = Body({}, [])
        for member in node.fields():
            if member.key == "dynamic":
                found.blocks.extend(self._dynamic(member.value))
            elif member.key in _BLOCKS:
                found.blocks.extend(self.blocks(member.key, member.value, 0, ()))
            elif member.key != _COMMENT:
                found.attributes[member.key] = self.value(member.value)
        return found

    def _dynamic(self, node: Node) -> Iterator[Block]:
        """The blocks that a collection decides, and what is in each."""
        for part in as_list(node):
            for member in part.fields():
                for made in as_list(member.value):
                    body = self._body(made)
                    body.attributes.pop("content", None)
                    iterator = made.get("iterator")
                    if iterator is not None and iterator.string:
                        name = Expression("name", (iterator.string,), *iterator.span)
                        body.attributes["iterator"] = name
                    for content in as_list(made.get("content")):
                        body.blocks.append(Block("content", (), self._body(content), *content.span))
                    yield Block("dynamic", (member.key,), body, *made.span)

    def value(self, node: Node) -> Expression:
        """The expression that a value is."""
        value = node.value
        if isinstance(value, Object):
            members = (
                (self._string(member.key, member.key_span), self.value(member.value))
                for member in value
            )
            return Expression("object", tuple(members), *node.span)
        if isinstance(value, Array):
            return Expression("tuple", tuple(map(self.value, value)), *node.span)
        if isinstance(value, str):
            return self._string(value, node.span)
        return Expression("literal", (value,), *node.span)

    def _string(self, string: str, span: Span) -> Expression:
        made = None if self._literal else parse_string(string)
        if self._literal or (made and made.kind == "literal"):
            return Expression("literal", (made.parts[0] if made else string,), *span)
        if made is None:
            return Expression("broken", (string,), *span)
        inner = moved(made, self._place_in(string, span))
        return Expression(inner.kind, inner.parts, *span)

    def _place_in(self, string: str, span: Span) -> Place:
        """Where what is in a string is in the text."""
        decoded = decoded_text.cut(self._text, span)
        if decoded.text != string:
            return lambda *_: span
        return lambda start, end: decoded.span(Span(start, end))
