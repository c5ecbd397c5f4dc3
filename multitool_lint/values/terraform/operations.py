"""What the operators of Terraform's language come to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from multitool_lint.syntax.choices import equality, of_branches
from multitool_lint.syntax.terms import Document, Encoded, Text, Unknown, Value, identity, is_known
from multitool_lint.syntax.texts import as_text
from multitool_lint.values.steps import is_always_given


def operation(operator: str, operands: Sequence[Value]) -> Value:
    """What an operator makes of its operands."""
    if operator == "!":
        return _negated(operands[0])
    if operator in ("&&", "||"):
        return _logical(operator, operands)
    if operator in ("==", "!="):
        return _equal(operands, equal=operator == "==")
    if all(isinstance(operand, (int, float)) for operand in operands):
        made = _arithmetic(operator, operands)
    else:
        made = _in_each_case(operator, operands)
    return Unknown(operator, *operands) if made is NotImplemented else made


def _in_each_case(operator: str, operands: Sequence[Value]) -> Value:
    """What an operator makes of a choice between numbers, and of another number."""
    if len(operands) != 2:  # noqa: PLR2004 - of a negative number, there is no choice
        return NotImplemented
    one, other = operands
    if isinstance(other, (int, float)):
        return of_branches(lambda branch: _arithmetic_of(operator, branch, other), one)
    if isinstance(one, (int, float)):
        return of_branches(lambda branch: _arithmetic_of(operator, one, branch), other)
    return NotImplemented


def _arithmetic_of(operator: str, one: Value, other: Value) -> Value:
    are_numbers = isinstance(one, (int, float)) and isinstance(other, (int, float))
    return _arithmetic(operator, (one, other)) if are_numbers else NotImplemented


def _negated(value: Value) -> Value:
    if isinstance(value, bool):
        return not value
    if isinstance(value, Unknown) and value.operator == "!":
        return value.arguments[0]
    made = of_branches(_negated, value)
    return Unknown("!", value) if made is NotImplemented else made


def _logical(operator: str, operands: Sequence[Value]) -> Value:
    decides = operator == "||"
    if any(operand is decides for operand in operands):
        return decides
    left = [operand for operand in operands if operand is not (not decides)]
    if len(left) < 2:  # noqa: PLR2004 - nothing, or the only one that is left
        return left[0] if left else not decides
    return Unknown(operator, *sorted(left, key=identity))


def _equal(operands: Sequence[Value], *, equal: bool) -> Value:
    one, other = operands
    if identity(one) == identity(other):
        return equal
    if is_known(one) and is_known(other) and as_text(one) != as_text(other):
        return not equal  # of two types, the same text may be converted elsewhere
    made: Value = NotImplemented
    for known, value in ((one, other), (other, one)):
        if made is NotImplemented and is_known(known):
            is_nothing = known is None or known == ""
            made = (_is if is_nothing else _is_known_value)(known, value)
    if made is NotImplemented:
        made = equality(one, other)
    return made if equal else _negated(made)


def _is_known_value(known: Value, value: Value) -> Value:
    """Whether a choice between known values comes to one; NotImplemented of anything else."""
    if not is_known(value):
        return of_branches(partial(_is_known_value, known), value)
    if identity(known) == identity(value):
        return True
    return False if as_text(known) != as_text(value) else NotImplemented


def _is(nothing: Value, value: Value) -> Value:
    """Whether a value is null, or an empty text; NotImplemented where that is not known."""
    if is_known(value) and not isinstance(value, (list, dict)):
        return value == nothing
    if isinstance(value, (Document, Encoded)):
        return False
    if isinstance(value, Text):
        has_text = any(part and isinstance(part, str) for part in value.parts)
        return False if nothing is None or has_text else NotImplemented
    if (nothing is None and isinstance(value, (list, dict))) or is_always_given(value):
        return False
    made = _is_picked_null(value) if nothing is None else NotImplemented
    return of_branches(partial(_is, nothing), value) if made is NotImplemented else made


def _is_picked_null(value: Value) -> Value:
    """Whether what an unknown key picks is null, by the key; NotImplemented where it may be."""
    is_picked = isinstance(value, Unknown) and value.operator == "get"
    base, *keys = value.arguments if isinstance(value, Unknown) and is_picked else (None,)
    key = keys[0] if len(keys) == 1 else None
    if not (isinstance(base, dict) and isinstance(key, Unknown) and base):
        return NotImplemented
    found = {name: _equal((item, None), equal=True) for name, item in base.items()}
    if not all(isinstance(is_null, bool) for is_null in found.values()):
        return NotImplemented
    return Unknown("get", found, key) if len({*found.values()}) > 1 else found.popitem()[1]


def _arithmetic(operator: str, operands: Sequence[Any]) -> Value:
    if len(operands) == 1:
        return -operands[0] if operator == "-" else NotImplemented
    function = _ARITHMETIC.get(operator)
    try:
        return function(*operands) if function else NotImplemented
    except ZeroDivisionError:
        return NotImplemented


_ARITHMETIC: Mapping[str, Callable[[Any, Any], Value]] = {
    "+": lambda one, other: one + other,
    "-": lambda one, other: one - other,
    "*": lambda one, other: one * other,
    "/": lambda one, other: one / other,
    "%": lambda one, other: one % other,
    ">": lambda one, other: one > other,
    "<": lambda one, other: one < other,
    ">=": lambda one, other: one >= other,
    "<=": lambda one, other: one <= other,
}
