"""Terraform's language as blocks, attributes and expressions, from HCL.

An expression is a kind and its parts; `.tf.json` is read to the same (see `json_expressions`).
https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Literal, NamedTuple

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


Place = Callable[[int, int], tuple[int, int]]
"""Where offsets of one text are in another one."""


def moved(expression: Expression, place: Place) -> Expression:
    """An expression of a text that is a part of another one, with the offsets there."""

    def part(value: Any) -> Any:  # noqa: ANN401 - whatever an expression has
        if isinstance(value, Expression):
            return moved(value, place)
        return tuple(map(part, value)) if isinstance(value, tuple) else value

    return Expression(
        expression.kind, part(expression.parts), *place(expression.start, expression.end)
    )


class Body(NamedTuple):
    """What is in a block: attributes by name, and blocks in order."""

    attributes: dict[str, Expression]
    blocks: list[Block]


class Block(NamedTuple):
    """A block: its type and labels, what is in it, and its offsets."""

    type: str
    labels: tuple[str, ...]
    body: Body
    start: int
    end: int


class MistakenError(ValueError):
    """A text that is not HCL."""
