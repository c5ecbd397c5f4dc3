"""Terraform's language as blocks, attributes and expressions, from JSON.

https://developer.hashicorp.com/terraform/language/syntax/json
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from multitool_lint.syntax.hcl.expressions import Block, Body, Expression, MistakenError
from multitool_lint.syntax.hcl.parsing import parse_string
from multitool_lint.syntax.json import fast
from multitool_lint.syntax.json.errors import MistakeError
from multitool_lint.syntax.tree import Array, Node, Object, as_list

_LABELS = {"data": 2, "resource": 2, "module": 1, "output": 1, "provider": 1, "variable": 1}
"""How many labels the blocks of a type have."""

_BLOCKS = frozenset({"condition", "inline_policy", "not_principals", "principals", "statement"})
"""The names of blocks within blocks that matter here: JSON writes attributes in the same way."""

_COMMENT = "//"


@lru_cache(maxsize=1024)
def parse_json(text: str) -> Body:
    """The attributes and blocks of a file of `.tf.json`.

    Raises:
        MistakenError: it is not JSON.
    """
    found = Body({}, [])
    for part in as_list(_read(text)):
        for member in part.fields():
            found.blocks.extend(_blocks(member.key, member.value, _LABELS.get(member.key, 0), ()))
    return found


def parse_json_values(text: str) -> Body:
    """The values of a file of `.tfvars.json`.

    Raises:
        MistakenError: it is not JSON.
    """
    values = {member.key: _value(member.value, literal=True) for member in _read(text).fields()}
    return Body(values, [])


def _read(text: str) -> Node:
    try:
        return fast.read(text, literal=True)
    except MistakeError as mistake:
        raise MistakenError(str(mistake)) from mistake


def _blocks(type_: str, node: Node, labels: int, above: tuple[str, ...]) -> Iterator[Block]:
    for part in as_list(node):
        if not isinstance(part.value, Object):
            continue
        if not labels:
            yield Block(type_, above, _body(part), *part.span)
            continue
        for member in part.value:
            yield from _blocks(type_, member.value, labels - 1, (*above, member.key))


def _body(node: Node) -> Body:
    found = Body({}, [])
    for member in node.fields():
        if member.key == "dynamic":
            found.blocks.extend(_dynamic(member.value))
        elif member.key in _BLOCKS:
            found.blocks.extend(_blocks(member.key, member.value, 0, ()))
        elif member.key != _COMMENT:
            found.attributes[member.key] = _value(member.value)
    return found


def _dynamic(node: Node) -> Iterator[Block]:
    """The blocks that a collection decides, and what is in each."""
    for part in as_list(node):
        for member in part.fields():
            for made in as_list(member.value):
                body = _body(made)
                body.attributes.pop("content", None)
                iterator = made.get("iterator")
                if iterator is not None and iterator.string:
                    name = Expression("name", (iterator.string,), *iterator.span)
                    body.attributes["iterator"] = name
                for content in as_list(made.get("content")):
                    body.blocks.append(Block("content", (), _body(content), *content.span))
                yield Block("dynamic", (member.key,), body, *made.span)


def _value(node: Node, *, literal: bool = False) -> Expression:
    value = node.value
    if isinstance(value, Object):
        members = (
            (
                _text(member.key, member.key_span, literal=literal),
                _value(member.value, literal=literal),
            )
            for member in value
        )
        return Expression("object", tuple(members), *node.span)
    if isinstance(value, Array):
        items = tuple(_value(item, literal=literal) for item in value)
        return Expression("tuple", items, *node.span)
    if isinstance(value, str):
        return _text(value, node.span, literal=literal)
    return Expression("literal", (value,), *node.span)


def _text(text: str, span: tuple[int, int], *, literal: bool) -> Expression:
    made = None if literal else parse_string(text)
    if literal or (made and made.kind == "literal"):
        return Expression("literal", (made.parts[0] if made else text,), *span)
    return (
        Expression(made.kind, made.parts, *span) if made else Expression("broken", (text,), *span)
    )
