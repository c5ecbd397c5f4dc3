"""What follows a name in an expression: attributes and indexes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from multitool_lint.limits import MAX_NESTED_CHOICES
from multitool_lint.syntax.choices import choice, choice_by
from multitool_lint.syntax.terms import Rest, Unknown, Value
from multitool_lint.syntax.texts import as_text

ITEM_IF = "item-if"
"""The operator of an item of a collection that is there under conditions only."""


_OF_LISTS = frozenset({"element", "get", "item"})
"""The operators of terms that are an item of a list, which is followed by its number."""


_ONE_OF = "one-of"
"""The operator of a member of an object some of whose keys are not known, by its name."""
_OF_OBJECTS = frozenset({"get", _ONE_OF})
"""The operators of terms that are a member of an object, which is followed by its key."""


INDEX = "index"
"""The operator of the number of any item of a list, as `count.index` is."""


ALWAYS_THERE = frozenset({"arn", "id", "name"})
"""The attributes that resources have."""


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


def is_always_given(value: Value) -> bool:
    """Whether a value is a resource, or an attribute that all resources have."""
    if isinstance(value, Unknown) and value.operator == "get" and len(value.arguments) > 1:
        base, name, *more = value.arguments
        return not more and name in ALWAYS_THERE and is_always_given(base)
    return isinstance(value, Unknown) and value.operator == "resource"


def conditional(value: Value) -> tuple[Value, tuple[Value, ...]]:
    """An item of a collection, and the conditions under which it is there; none for any other."""
    if isinstance(value, Unknown) and value.operator == ITEM_IF:
        return value.arguments[0], value.arguments[1:]
    return value, ()


def key_if(key: Value) -> tuple[Value, tuple[Value, ...]]:
    """A known key of an object, and the conditions under which it is there; or any other key."""
    if isinstance(key, Unknown) and key.operator == "key" and isinstance(key.arguments[0], str):
        return key.arguments[0], key.arguments[1:]
    return key, ()


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
    return _part(value, step)


def _part(value: Value, step: Value) -> Value:
    if isinstance(step, Unknown) and (step.operator, *step.arguments) == (INDEX, value):
        return Unknown("each.value", value)
    name = as_text(step)
    decides = decisive(value, name)
    if decides is not value:
        return _at(decides, step)
    if isinstance(name, str):
        picked = of_picked(value, lambda item: _at(item, step)) or _of_one_item(value, step)
        if picked is not None:
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
    if not isinstance(value, Unknown) or value.operator not in _OF_OBJECTS:
        return None
    members, key = value.arguments
    if not isinstance(members, dict) or not members:
        return None
    is_open = value.operator == _ONE_OF
    if not all((is_open or isinstance(k, str)) and isinstance(i, dict) for k, i in members.items()):
        return None
    parts = {name: part(item) for name, item in members.items()}
    is_known = not any(item is NotImplemented for item in parts.values())
    return Unknown(value.operator, parts, key) if is_known else None


def _of_one_item(value: Value, step: Value) -> Unknown | None:
    """A part of an item of a list, by its number, of which it is not known which one that is.

    None for any other value. What else the items have decides nothing.
    """
    if not isinstance(value, Unknown) or value.operator not in _OF_LISTS:
        return None
    items, *number = value.arguments
    if not isinstance(items, list) or not number:
        return None
    if not all(isinstance(_typical(item), (dict, Unknown)) for item in items):
        return None
    parts = [
        Rest(_at(item.item, step), item.once) if isinstance(item, Rest) else _at(item, step)
        for item in items
    ]
    return Unknown(value.operator, parts, *number)


def _typical(item: Value) -> Value:
    return conditional(item.item if isinstance(item, Rest) else item)[0]


def decisive(value: Value, name: Value) -> Value:
    """What of several merged objects decides what the whole has under a name."""
    if not (isinstance(value, Unknown) and value.operator == "merge" and isinstance(name, str)):
        return value
    parts = list(value.arguments)
    while parts:
        last = parts[-1]
        if _lacks(last, name):
            parts.pop()
            continue
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


def _lacks(value: Value, name: str) -> bool:
    """Whether a value is one of several objects of which none has a member of the name."""
    members = value.arguments[0] if isinstance(value, Unknown) and value.operator == "get" else None
    return isinstance(members, dict) and all(
        isinstance(item, dict) and all(isinstance(key, str) and key != name for key in item)
        for item in members.values()
    )


def _member(members: dict[object, Value], name: str) -> Value:
    if any(isinstance(key, Unknown) for key in members):
        possible = {
            key: item
            for key, item in members.items()
            if (isinstance(key, Unknown) and not isinstance(key_if(key)[0], str))
            or key_if(key)[0] == name
        }
        return Unknown(_ONE_OF, possible, name)
    return members[name] if name in members else Unknown("no-key", name)


def _item(items: list[Value], number: int) -> Value:
    items = _reachable(items, number) if number >= 0 else items
    if not any(isinstance(item, Rest) for item in items):
        return items[number] if -len(items) <= number < len(items) else Unknown("no-item", number)
    only = items[0]
    if len(items) == 1 and isinstance(only, Rest) and number == 0:
        return only.item
    found = in_each_case(items, lambda some: _item(some, number))
    return Unknown("item", items, number) if found is NotImplemented else found


def _reachable(items: list[Value], number: int) -> list[Value]:
    """The items of a list that may have a number: no more than that may be sure to be before it."""
    sure = [at for at, item in enumerate(items) if not isinstance(item, Rest)]
    return items[: sure[number] + 1] if number < len(sure) else items


def in_each_case(given: list[Value], made: Callable[[list[Value]], Value], depth: int = 0) -> Value:
    """What is made of a list in each case of the items that are there once or not.

    NotImplemented where it is not known how many there are.
    """
    number = next((at for at, item in enumerate(given) if isinstance(item, Rest)), None)
    if number is None:
        return made(given)
    item = given[number]
    if not (isinstance(item, Rest) and item.once) or depth > MAX_NESTED_CHOICES:
        return NotImplemented
    before, rest = given[:number], given[number + 1 :]
    found = in_each_case([*before, item.item, *rest], made, depth + 1)
    other = in_each_case([*before, *rest], made, depth + 1)
    if found is NotImplemented or other is NotImplemented:
        return NotImplemented
    return choice_by(item.once, found, other)
