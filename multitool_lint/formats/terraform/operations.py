"""What decides conditions: the operators of Terraform's language, and functions that ask of values.

https://developer.hashicorp.com/terraform/language/expressions/operators
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Final

from multitool_lint.formats.terraform.choices import may_be_several
from multitool_lint.limits import MAX_OPERATION_DEPTH
from multitool_lint.syntax.hcl.tree import significant
from multitool_lint.syntax.placeholders import has_expression
from multitool_lint.syntax.tree import UNKNOWN, Array, Node, Object, UniqueArray, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tree_sitter import Node as Syntax

    from multitool_lint.formats.terraform.evaluate import Expressions

_STEPS: Final = frozenset({"get_attr", "index", "splat"})
_ORDERS: Final = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_TWO: Final = 2


def operation(reader: Expressions, syntax: Syntax, part: Syntax, depth: int) -> Node:
    """The value of an operation.

    Its conditions are not asked: the values of the policy are elsewhere.
    """
    [inner] = significant(part)[:1] or [part]
    words = (reader.file.text(word) for word in inner.children if not word.is_named)
    name = "".join(word for word in words if word not in "()")
    value: Value = UNKNOWN
    if depth < MAX_OPERATION_DEPTH:
        around, reader.reading.in_element = reader.reading.in_element, False
        operands = [
            reader.operand(syntax, parts, depth + 1) for parts in _operands(significant(inner))
        ]
        reader.reading.in_element = around
        value = _made(name, operands)
    return Node(reader.file.span(syntax), value, "")


def _operands(parts: Sequence[Syntax]) -> Iterator[list[Syntax]]:
    """The operands, which the grammar has in one list with the steps that follow each."""
    operand: list[Syntax] = []
    for part in parts:
        if operand and part.type not in _STEPS:
            yield operand
            operand = []
        operand.append(part)
    if operand:
        yield operand


def _made(name: str, operands: Sequence[Node]) -> Value:
    values = [_known(operand) for operand in operands]
    if name == "!" and len(values) == 1:
        return not values[0] if isinstance(values[0], bool) else UNKNOWN
    if len(values) != _TWO:
        return UNKNOWN
    if name in ("&&", "||"):
        return _logical(values, decides=name == "||")
    one, other = values
    if name in ("==", "!="):
        equal = _equal(one, other)
        return equal if equal is UNKNOWN else equal is (name == "==")
    numbers = [value for value in values if isinstance(value, int | float)]
    return bool(_ORDERS[name](*numbers)) if name in _ORDERS and len(numbers) == _TWO else UNKNOWN


def _length(node: Node) -> Value:
    """How many items there are; of a set, equal ones count once."""
    if isinstance(node.value, Object):
        return len(node.value)
    if not isinstance(node.value, Array) or any(map(may_be_several, node.value)):
        return UNKNOWN
    items = list(map(_known, node.value))
    is_set = isinstance(node.value, UniqueArray) and len(items) > 1
    if not is_set:
        return len(items)
    return len(set(items)) if all(isinstance(item, str) for item in items) else UNKNOWN


def _contains(items: Node, item: Node) -> Value:
    if not isinstance(items.value, Array):
        return UNKNOWN
    found = [_equal(_known(other), _known(item)) for other in items.value]
    if True in found:
        return True
    is_open = UNKNOWN in found or any(map(may_be_several, items.value))
    return UNKNOWN if is_open else False


def _with_texts(ask: Callable[[str, str], bool]) -> Callable[[Node, Node], Value]:
    def asked(*nodes: Node) -> Value:
        texts = [value for value in map(_known, nodes) if isinstance(value, str)]
        return ask(*texts) if len(texts) == len(nodes) else UNKNOWN

    return asked


_FUNCTIONS: Final[Mapping[str, Callable[..., Value]]] = {
    "contains": _contains,
    "endswith": _with_texts(str.endswith),
    "length": _length,
    "startswith": _with_texts(str.startswith),
}
NAMES: Final = frozenset(_FUNCTIONS)


def asked_of(name: str, arguments: Sequence[Node]) -> Value:
    """What a function answers about values; UNKNOWN if that is not certain."""
    try:
        return _FUNCTIONS[name](*arguments)
    except TypeError:
        return UNKNOWN  # a mistake, which Terraform reports


def _known(node: Node) -> Value:
    """A value that is certain: not one like several others, nor a text with an open part."""
    is_open = isinstance(node.value, str) and has_expression(node.value)
    return node.value if type(node) is Node and not is_open else UNKNOWN


def _logical(values: Sequence[Value], *, decides: bool) -> Value:
    if any(value is decides for value in values):
        return decides
    return (
        not decides
        if all(value is not decides and isinstance(value, bool) for value in values)
        else UNKNOWN
    )


def _equal(one: Value, other: Value) -> Value:
    """Whether two values are equal; what is of two types may be converted elsewhere."""
    if UNKNOWN in (one, other):
        return UNKNOWN
    if one is None or other is None:
        return one is other
    if isinstance(one, Array | Object) or isinstance(other, Array | Object):
        return UNKNOWN
    numbers = type(one) in (int, float) and type(other) in (int, float)
    return one == other if numbers or type(one) is type(other) else UNKNOWN
