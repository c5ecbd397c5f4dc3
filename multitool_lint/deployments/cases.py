"""A value in the cases of the conditions that decide parts of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

from multitool_lint.limits import MAX_NESTED_CHOICES
from multitool_lint.syntax.choices import guards_of
from multitool_lint.syntax.terms import Guards, StatementValue, Text, Unknown, Value
from multitool_lint.syntax.texts import joined

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


def statements_in_cases(statement: StatementValue) -> Iterator[StatementValue]:
    """The statement in each case of the conditions that decide parts of it."""
    for guards, elements in split(dict(statement.elements)):
        if isinstance(elements, dict):
            yield statement._replace(elements=elements, guards=(*statement.guards, *guards))


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
    elif isinstance(value, (list, Text)):
        for item in value.parts if isinstance(value, Text) else value:
            yield from _conditions(item, depth)


def _in_case(value: Value, case: Mapping[str, bool]) -> Value:
    while isinstance(value, Unknown) and value.operator == "if":
        condition, chosen, other = value.arguments
        holds = case.get(condition.identity) if isinstance(condition, Unknown) else None
        if holds is None:
            return value
        value = chosen if holds else other
    if isinstance(value, Text):
        return joined([_in_case(part, case) for part in value.parts])
    if isinstance(value, list):
        found = [_in_case(item, case) for item in value]
        return [item for item in found if item is not None]
    if isinstance(value, dict):
        members = ((key, _in_case(item, case)) for key, item in value.items())
        return {key: item for key, item in members if item is not None}
    return value
