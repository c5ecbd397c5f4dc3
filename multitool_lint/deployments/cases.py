"""A value in the cases of the conditions that decide parts of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

from multitool_lint.limits import MAX_NESTED_CHOICES
from multitool_lint.syntax.choices import guards_of
from multitool_lint.syntax.terms import Guards, Unknown, Value

_CASES = 4


def split(value: Value) -> Iterator[tuple[Guards, Value]]:
    """The value in each case of up to a few conditions, which leave no choice between parts."""
    asked: dict[str, Unknown] = {}
    for condition in _conditions(value, 0):
        if len(asked) < _CASES:
            asked.setdefault(condition.identity, condition)
    for holds in product((True, False), repeat=len(asked)):
        case = dict(zip(asked, holds, strict=True))
        guards = (guards_of(asked[key], holds=found) for key, found in case.items())
        yield tuple(guard for some in guards for guard in some), _in_case(value, case)


def _conditions(value: Value, depth: int) -> Iterator[Unknown]:
    if isinstance(value, Unknown) and value.operator == "if" and depth < MAX_NESTED_CHOICES:
        condition, *branches = value.arguments
        if isinstance(condition, Unknown):
            yield condition
        for branch in branches:
            yield from _conditions(branch, depth + 1)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _conditions(item, depth)
    elif isinstance(value, list):
        for item in value:
            yield from _conditions(item, depth)


def _in_case(value: Value, case: Mapping[str, bool]) -> Value:
    while isinstance(value, Unknown) and value.operator == "if":
        condition, chosen, other = value.arguments
        holds = case.get(condition.identity) if isinstance(condition, Unknown) else None
        if holds is None:
            return value
        value = chosen if holds else other
    if isinstance(value, list):
        found = [_in_case(item, case) for item in value]
        return [item for item in found if item is not None]
    if isinstance(value, dict):
        members = ((key, _in_case(item, case)) for key, item in value.items())
        return {key: item for key, item in members if item is not None}
    return value
