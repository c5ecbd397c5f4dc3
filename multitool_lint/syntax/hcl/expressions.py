"""Terraform's language as blocks, attributes and expressions, from HCL.

An expression is a kind and its parts; `.tf.json` is read to the same (see `json_expressions`).
https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

Kind = Literal[
    "literal",  # (value)
    "template",  # (expressions)
    "tuple",  # (expressions)
    "object",  # ((key, value), ...)
    "name",  # (word)
    "attribute",  # (expression, word)
    "index",  # (expression, expression)
    "splat",  # (expression, what is done with each item, whose name is EACH)
    "conditional",  # (condition, expression, expression)
    "operation",  # (operator, expressions)
    "call",  # (name, expressions, whether the last one is expanded)
    "for",  # (whether an object, names, collection, results, condition or None, whether grouped)
    "broken",  # (text)
]

EACH: Final = "\0"
"""The name of an item in a splat expression."""


class Expression:
    """An expression of a kind, with its parts and its offsets in the text of its file."""

    __slots__ = ("end", "kind", "parts", "start")

    def __init__(self, kind: Kind, parts: tuple[Any, ...], start: int, end: int) -> None:
        self.kind: Final = kind
        self.parts: Final = parts
        self.start: Final = start
        self.end: Final = end


class Body:
    """What is in a block: attributes by name, and blocks in order."""

    __slots__ = ("attributes", "blocks")

    def __init__(self, attributes: dict[str, Expression], blocks: list[Block]) -> None:
        self.attributes: Final = attributes
        self.blocks: Final = blocks


class UnreadExpression(Expression):
    """An expression that is read when it is asked for: of most blocks of a module, nothing is."""

    __slots__ = ("_read",)

    def __init__(self, read: Callable[[], Expression]) -> None:
        self._read = read

    def __getattr__(self, name: str) -> object:
        """A part that is not there yet."""
        _fill(self, self._read(), Expression.__slots__)
        return object.__getattribute__(self, name)


class UnreadBody(Body):
    """What is in a block, read when it is asked for."""

    __slots__ = ("_read",)

    def __init__(self, read: Callable[[], Body]) -> None:
        self._read = read

    def __getattr__(self, name: str) -> object:
        """A part that is not there yet."""
        _fill(self, self._read(), Body.__slots__)
        return object.__getattribute__(self, name)


def _fill(unread: object, read: object, slots: tuple[str, ...]) -> None:
    for slot in slots:
        setattr(unread, slot, getattr(read, slot))


class Block(NamedTuple):
    """A block: its type and labels, what is in it, and its offsets."""

    type: str
    labels: tuple[str, ...]
    body: Body
    start: int
    end: int


class MistakenError(ValueError):
    """A text that is not HCL."""
