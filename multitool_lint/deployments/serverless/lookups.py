"""What is at a path of keys in a document or a value, and what counts where nothing is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from multitool_lint.deployments.cloudformation.logic import equal
from multitool_lint.syntax.choices import choice
from multitool_lint.syntax.terms import Unknown, Value
from multitool_lint.values.steps import Step, after

if TYPE_CHECKING:
    from multitool_lint.syntax.tree import Node

MISSING: Final = Unknown("undefined")
"""What a source is that has no value, so that the next one counts."""


def otherwise(value: Value, fallback: Value) -> Value:
    """A value, or another one where it has none."""
    if value is MISSING or not isinstance(value, Unknown):
        return fallback if value is MISSING else value
    if value.operator == "if":
        condition, *branches = value.arguments
        return choice(condition, *(otherwise(branch, fallback) for branch in branches))
    if fallback is MISSING or value == fallback:
        return value
    is_same = isinstance(fallback, Unknown) and fallback.operator == "coalesce"
    if is_same and isinstance(fallback, Unknown) and value == fallback.arguments[0]:
        return fallback
    return Unknown("coalesce", value, fallback, shown=value.shown)


def step(node: Node, key: str) -> Node | None:
    """The value of a key of an object, or of a number of a list."""
    items = node.items()
    return items[int(key)] if key.isdecimal() and int(key) < len(items) else node.get(key)


def pick(value: Value, keys: Sequence[Value]) -> Value:
    """What is at a path in a value; where a key is not known, for each that it may be."""
    for number, key in enumerate(keys):
        if isinstance(value, Unknown):
            if value.operator != "if":
                return after(value, [*map(Step, keys[number:])])
            condition, *branches = value.arguments
            return choice(condition, *(pick(branch, keys[number:]) for branch in branches))
        members: dict[object, Value] = {}
        if isinstance(value, dict):
            members = value
        elif isinstance(value, list):
            members = {str(at): item for at, item in enumerate(value)}
        if not isinstance(key, str):
            found: Value = MISSING
            for name in sorted(map(str, members), reverse=True):
                found = choice(equal(key, name), pick(members[name], keys[number + 1 :]), found)
            return found
        if key not in members:
            return MISSING
        value = members[key]
    return value
