"""What conditions of templates come to: whether they hold, or the terms that decide it."""

from __future__ import annotations

from multitool_lint.syntax.choices import equality, truth
from multitool_lint.syntax.terms import Unknown, Value, identity, is_known
from multitool_lint.syntax.texts import as_text

_SIDES = 2


def equal(*sides: Value) -> Value:
    """Whether two values are the same, or the term that decides it."""
    both = [*map(as_text, sides)]
    if len(both) != _SIDES:
        return Unknown("Fn::Equals", *both)  # a mistake
    if identity(both[0]) == identity(both[1]):
        return True
    return False if all(map(is_known, both)) else equality(*both)


def negated(value: Value) -> Value:
    """Whether something does not hold, or the term that decides it."""
    holds = truth(value)
    if holds is not None:
        return not holds
    is_negated = isinstance(value, Unknown) and value.operator == "!"
    return value.arguments[0] if is_negated and isinstance(value, Unknown) else Unknown("!", value)


def all_of(parts: list[Value]) -> Value:
    """Whether all hold, or the term that decides it."""
    if any(truth(part) is False for part in parts):
        return False
    left = {identity(part): part for part in parts if truth(part) is None}
    if len(left) < _SIDES:
        return next(iter(left.values()), True)
    return Unknown("&&", *(left[key] for key in sorted(left)))
