"""What follows a name in an expression: attributes and indexes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from multitool_lint.syntax.choices import choice
from multitool_lint.syntax.terms import Rest, Unknown, Value
from multitool_lint.syntax.texts import as_text

ITEM_IF = "item-if"
"""The operator of an item of a collection that is there under conditions only."""


class Step(NamedTuple):
    """An attribute, or an index, whose value may be unknown."""

    value: Value
    is_index: bool = False


class Lazy(Unknown):
    """A term whose attributes are evaluated when they are asked for."""

    __slots__ = ()

    def attribute(self, name: Value) -> Value:
        """What the term has under a name."""
        raise NotImplementedError


def conditional(value: Value) -> tuple[Value, tuple[Value, ...]]:
    """An item of a collection, and the conditions under which it is there; none for any other."""
    if isinstance(value, Unknown) and value.operator == ITEM_IF:
        return value.arguments[0], value.arguments[1:]
    return value, ()


def after(value: Value, steps: Sequence[Step]) -> Value:
    """What a value has at attributes and indexes."""
    for step in steps:
        value = _at(value, step.value)
    return value


def _at(value: Value, step: Value) -> Value:
    if isinstance(value, Lazy):
        return value.attribute(step)
    if isinstance(value, Unknown) and value.operator == "if":
        condition, chosen, other = value.arguments
        return choice(condition, _at(chosen, step), _at(other, step))
    item, conditions = conditional(value)
    if conditions:
        return Unknown(ITEM_IF, _at(item, step), *conditions)
    name = as_text(step)
    decides = decisive(value, name)
    if decides is not value:
        return _at(decides, step)
    if isinstance(name, str) and (picked := of_picked(value, lambda item: _at(item, step))):
        return picked
    found: Value = NotImplemented
    if isinstance(value, dict) and isinstance(name, str):
        found = _member(value, name)
    elif isinstance(value, list) and isinstance(name, str) and name.lstrip("-").isdigit():
        found = _item(value, int(name))
    return Unknown("get", value, _as_number(step)) if found is NotImplemented else found


def _as_number(step: Value) -> Value:
    """A step; where it is a number as a text, the number, which Terraform takes for the same."""
    is_number = isinstance(step, str) and step.isdecimal() and str(int(step)) == step
    return int(str(step)) if is_number else step


def of_picked(value: Value, part: Callable[[Value], Value]) -> Unknown | None:
    """A part of the object that an unknown key picks of several; None for any other value.

    What else these objects have decides nothing.
    """
    if not isinstance(value, Unknown) or value.operator != "get":
        return None
    members, key = value.arguments
    if not isinstance(members, dict) or not members:
        return None
    if not all(isinstance(k, str) and isinstance(item, dict) for k, item in members.items()):
        return None
    parts = {name: part(item) for name, item in members.items()}
    is_known = not any(item is NotImplemented for item in parts.values())
    return Unknown("get", parts, key) if is_known else None


def decisive(value: Value, name: Value) -> Value:
    """What of several merged objects decides what the whole has under a name."""
    if not (isinstance(value, Unknown) and value.operator == "merge" and isinstance(name, str)):
        return value
    parts = list(value.arguments)
    while parts:
        last = parts[-1]
        if last is not None and not isinstance(last, dict):
            break
        if last and any(isinstance(key, Unknown) for key in last):
            break
        if last and name in last:
            return last
        parts.pop()
    if len(parts) == len(value.arguments):
        return value
    return Unknown("merge", *parts) if len(parts) > 1 else parts[0] if parts else {}


def _member(members: dict[object, Value], name: str) -> Value:
    if any(isinstance(key, Unknown) for key in members):
        return Unknown("one-of", members, name)
    return members[name] if name in members else Unknown("no-key", name)


def _item(items: list[Value], number: int) -> Value:
    if any(isinstance(item, Rest) for item in (items[: number + 1] if number >= 0 else items)):
        only = items[0]
        if len(items) == 1 and isinstance(only, Rest) and number == 0:
            return only.item
        return Unknown("item", items, number)
    return items[number] if -len(items) <= number < len(items) else Unknown("no-item", number)
