"""Terraform's functions of lists, sets and objects, as far as policies are made with them.

Each returns NotImplemented for what it cannot decide.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import dropwhile, product
from typing import Any

from multitool_lint.limits import MAX_INSTANCES, MAX_MERGED_CHOICES
from multitool_lint.syntax.choices import choice, of_branches
from multitool_lint.syntax.shown_terms import shown
from multitool_lint.syntax.terms import Guard, Rest, Unique, Unknown, Value, identity, is_known
from multitool_lint.syntax.texts import as_text
from multitool_lint.values.collections import (
    flat,
    is_complete,
    item_if,
    items_in,
    listed,
    presence,
)
from multitool_lint.values.steps import (
    INDEX,
    ITEM_IF,
    Step,
    after,
    conditional,
    decisive,
    in_each_case,
    is_always_given,
    of_picked,
)

_GIVEN = frozenset({"get", "resource"})
"""The operators of terms that are hardly ever an empty text."""


def _has_known_keys(value: Value) -> bool:
    return isinstance(value, dict) and all(isinstance(key, str) for key in value)


def _concat(*lists: Value) -> Value:
    return [item for given in lists for item in listed(given)]


def _compact(given: Value) -> Value:
    if not isinstance(given, list):
        return NotImplemented
    return [_if_given(item) for item in given if item is not None and item != ""]


def _if_given(item: Value) -> Value:
    """An item of a list; one that may be an empty text is there only if it is none."""
    if isinstance(item, Unknown) and item.operator == "if":
        return _without_empty(item)
    if not isinstance(item, Unknown) or item.operator in _GIVEN:
        return item
    guard = Guard(Unknown("given", item, shown=f"{shown(item)} has a value"), holds=True)
    return Rest(item, (guard,))


def _without_empty(value: Value) -> Value:
    """A choice with null, which no list keeps, for its empty texts."""
    if not isinstance(value, Unknown) or value.operator != "if":
        return None if value == "" else value
    condition, *branches = value.arguments
    left = [_without_empty(branch) for branch in branches]
    if left == branches:
        return value
    return Unknown("if", condition, *left, shown=value.shown, origin=value.origin)


def _distinct(given: Value) -> Value:
    if not isinstance(given, list):
        return NotImplemented
    return _without_equal(given)


def _set(given: Value) -> Value:
    """A set, whose texts Terraform puts in order wherever it becomes a list."""
    if not isinstance(given, list):
        return given
    items = _without_equal(given)
    is_known = all(isinstance(item, str) for item in items)
    return Unique(sorted(items, key=str) if is_known else items)


def _without_equal(items: list[Value]) -> list[Value]:
    return list({identity(item): item for item in items}.values())


def _flatten(given: Value) -> Value:
    return [*flat(given)] if isinstance(given, list) else NotImplemented


def _merge(*objects: Value, left: int = MAX_MERGED_CHOICES) -> Value:
    """One object of several, or a choice between those that conditions decide."""
    made: dict[Any, Value] = {}
    for at, given in enumerate(objects):
        if isinstance(given, dict):
            made.update(given)
        elif isinstance(given, Unknown) and given.operator == "if" and left:
            condition, *branches = given.arguments
            rest = objects[at + 1 :]
            found = [_merge(made, branch, *rest, left=left - 1) for branch in branches]
            is_known = not any(other is NotImplemented for other in found)
            return choice(condition, *found) if is_known else NotImplemented
        elif given is not None:
            return NotImplemented
    return made


def _lookup(given: Value, key: Value, *default: Value) -> Value:
    if not default:  # the same as `given[key]`
        return after(given, [Step(key)])
    item, conditions = conditional(decisive(given, key))
    if conditions:
        found = _lookup(item, key, *default)
        return found if found is NotImplemented else Unknown(ITEM_IF, found, *conditions)
    if not isinstance(key, str):
        return NotImplemented
    if isinstance(item, dict):
        is_decided = _has_known_keys(item)
        return item.get(key, default[0]) if is_decided else NotImplemented
    if picked := of_picked(item, lambda member: _lookup(member, key, *default)):
        return picked
    return NotImplemented if item is given else Unknown("lookup", item, key, *default)


def _coalesce(*values: Value, left: int = MAX_MERGED_CHOICES) -> Value:
    given = [*dropwhile(lambda value: value is None or value == "", values)]
    if not given:
        return None
    value, *rest = given
    if not rest or is_known(value) or is_always_given(value):
        return value
    made: Value = NotImplemented
    if left:
        made = of_branches(lambda branch: _coalesce(branch, *rest, left=left - 1), value)
    return Unknown("coalesce", *given) if made is NotImplemented else made


def _coalesce_list(*lists: Value) -> Value:
    for given in lists:
        if given in (None, []):
            continue
        return given if is_complete(given) else NotImplemented
    return NotImplemented


def _one(given: Value) -> Value:
    def only(items: list[Value]) -> Value:
        return NotImplemented if len(items) > 1 else items[0] if items else None

    return in_each_case(given, only) if isinstance(given, list) else NotImplemented


def _element(given: Value, index: Value) -> Value:
    is_of_one = not isinstance(given, list) or len(given) == 1
    if is_of_one and as_text(index) == "0":  # others begin again at the end
        return after(given, [Step(index)])
    if isinstance(index, Unknown) and (index.operator, *index.arguments) == (INDEX, given):
        return after(given, [Step(index)])
    if not isinstance(given, list) or not isinstance(index, int):
        return NotImplemented
    if 0 <= index < len(given) and is_complete(given[: index + 1]):
        return given[index]

    def at_index(items: list[Value]) -> Value:
        return items[index % len(items)] if items else NotImplemented

    return in_each_case(given, at_index)


def _slice(given: Value, start: Value, end: Value) -> Value:
    if not (isinstance(given, list) and isinstance(start, int) and isinstance(end, int)):
        return NotImplemented
    is_within = is_complete(given) and 0 <= start <= end <= len(given)
    return given[start:end] if is_within else NotImplemented


def _chunks(given: Value, size: Value) -> Value:
    if not (isinstance(given, list) and isinstance(size, int) and size > 0 and is_complete(given)):
        return NotImplemented
    return [given[start : start + size] for start in range(0, len(given), size)]


def _range(*bounds: Value) -> Value:
    numbers = [bound for bound in bounds if isinstance(bound, int)]
    if len(numbers) < len(bounds) or 0 in numbers[2:]:
        return NotImplemented
    counts_down = len(numbers) == 2 and numbers[0] > numbers[1]  # noqa: PLR2004 - start and end
    made = range(*numbers, *([-1] if counts_down else []))
    return list(made) if len(made) <= MAX_INSTANCES else NotImplemented


def _length(given: Value) -> Value:
    if isinstance(given, str) or is_complete(given) or _has_known_keys(given):
        return len(given)  # type: ignore[arg-type]  # each has a length
    if isinstance(given, list):
        # Of more, the cases are many, and hardly anybody asks for how many hold.
        is_one = sum(isinstance(item, Rest) for item in given) == 1
        made = in_each_case(given, len) if is_one else NotImplemented
        return Unknown("length", [*map(presence, given)]) if made is NotImplemented else made
    if isinstance(given, dict):
        return Unknown("length", [*given])
    return of_branches(_length, given)


def _keys(given: Value) -> Value:
    if not isinstance(given, dict):
        return NotImplemented
    return sorted(given) if _has_known_keys(given) else Unknown("keys", [*given])


def _values(given: Value) -> Value:
    if not isinstance(given, dict):
        return NotImplemented
    if _has_known_keys(given):
        return [given[key] for key in sorted(given)]
    found = ((item, guards) for _, item, guards in items_in(given))
    return [Rest(item_if(item, guards)) if guards else item for item, guards in found]


def _zipmap(keys: Value, values: Value) -> Value:
    if not (isinstance(keys, list) and isinstance(values, list)):
        return NotImplemented
    if all(isinstance(key, str) for key in keys) and len(keys) == len(values):
        return dict(zip(keys, values, strict=True))
    return NotImplemented


def _contains(given: Value, value: Value) -> Value:
    if isinstance(given, list) and is_known(given) and is_known(value):
        return identity(as_text(value)) in {identity(as_text(item)) for item in given}
    return NotImplemented


def _set_product(*lists: Value) -> Value:
    complete = [given for given in lists if isinstance(given, list) and is_complete(given)]
    if len(complete) < len(lists):
        return NotImplemented
    return [list(row) for row in product(*complete)]


def _sort(given: Value) -> Value:
    if not isinstance(given, list):
        return NotImplemented
    texts = [item for item in given if isinstance(item, str)]
    return sorted(texts) if len(texts) == len(given) else NotImplemented


def _set_operation(keep: Callable[[str, list[set[str]]], bool]) -> Callable[..., Value]:
    def made(*lists: Value) -> Value:
        known = [given for given in lists if isinstance(given, list) and is_known(given)]
        if len(known) < len(lists):
            return NotImplemented
        sets = [{identity(item) for item in given} for given in known]
        items = {identity(item): item for given in known for item in given}
        return [item for key, item in items.items() if keep(key, sets)]

    return made


OF_LISTS: Mapping[str, Callable[..., Value]] = {
    "chunklist": _chunks,
    "coalesce": _coalesce,
    "coalescelist": _coalesce_list,
    "compact": _compact,
    "concat": _concat,
    "contains": _contains,
    "distinct": _distinct,
    "element": _element,
    "flatten": _flatten,
    "keys": _keys,
    "length": _length,
    "list": lambda *items: list(items),
    "lookup": _lookup,
    "map": lambda *pairs: _zipmap(list(pairs[::2]), list(pairs[1::2])),
    "merge": _merge,
    "one": _one,
    "range": _range,
    "reverse": lambda given: given[::-1] if is_complete(given) else NotImplemented,
    "setintersection": _set_operation(lambda key, sets: all(key in some for some in sets)),
    "setproduct": _set_product,
    "setsubtract": _set_operation(lambda key, sets: key in sets[0] and key not in sets[1]),
    "setunion": lambda *lists: _set(_concat(*lists)),
    "slice": _slice,
    "sort": _sort,
    "toset": _set,
    "values": _values,
    "zipmap": _zipmap,
}
