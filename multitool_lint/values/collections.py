"""The items of collections that may be unknown, and the instances of blocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from multitool_lint.limits import MAX_INSTANCES
from multitool_lint.syntax.choices import cases, guards_of, truth
from multitool_lint.syntax.terms import Guard, Guards, Rest, Unique, Unknown, Value, identity
from multitool_lint.syntax.texts import as_text
from multitool_lint.values.steps import INDEX, ITEM_IF, conditional, key_if

if TYPE_CHECKING:
    from multitool_lint.syntax.hcl.expressions import Body
    from multitool_lint.values.terraform.shared import Evaluates, Scope


_SET = "toset"


def term_of(guard: Guard) -> Unknown:
    """The condition that holds exactly if a guard does."""
    return guard.condition if guard.holds else Unknown("!", guard.condition)


def item_if(value: Value, guards: Guards, holds: Value = True) -> Value:  # noqa: FBT002 - a value
    """An item that is there under conditions only."""
    return Unknown(ITEM_IF, value, holds, *map(term_of, guards))


def items_in(value: Value) -> Iterator[tuple[Value, Value, Guards]]:
    """The keys and items of a collection; an unknown collection has a typical one."""
    if isinstance(value, Mapping):
        is_known = all(isinstance(key, str) for key in value)
        for key, item in sorted(value.items()) if is_known else value.items():
            name, conditions = key_if(key)
            if conditions:
                yield name, item, tuple(guard for part in conditions for guard in _guards(part))
            else:
                yield key, item, (_guard(key),) if isinstance(key, Unknown) else ()
    elif isinstance(value, list):
        is_counted = True
        for number, item in enumerate(value):
            if isinstance(item, Rest):
                is_counted = False
                inner = item.item
                term = inner if isinstance(inner, Unknown) else Unknown("some", inner)
                found = (inner, item.once) if item.once else _conditional_item(inner, term)
                yield Unknown("number", term), *found
            else:
                key = number if is_counted else Unknown("number", value, number)
                yield item if isinstance(value, Unique) else key, item, ()
    elif value is not None:
        term = value if isinstance(value, Unknown) else Unknown("items", value)
        yield Unknown("each.key", term), Unknown("each.value", term), (_guard(term),)


def _conditional_item(inner: Value, term: Unknown) -> tuple[Value, Guards]:
    item, conditions = conditional(inner)
    if conditions:
        return item, tuple(guard for part in conditions for guard in _guards(part))
    return inner, (_guard(Unknown("any", term)),)


def _guards(condition: Value) -> Guards:
    return () if truth(condition) else guards_of(condition, holds=True)


def _guard(condition: Unknown) -> Guard:
    return Guard(condition, holds=True)


def keyed(found: Iterable[tuple[Value, Value, Guards]]) -> dict[object, Value]:
    """An object of instances, each by its key, and there under guards."""
    return {
        Unknown("key", key, *map(term_of, guards)) if guards and isinstance(key, str) else key: one
        for key, one, guards in found
    }


def instances(evaluator: Evaluates, body: Body) -> Iterator[tuple[str, Scope, Guards]]:
    """The keys that `count` and `for_each` give a block, what they mean in it, and when."""
    attributes = body.attributes
    if "count" in attributes:
        for guards, number in cases(evaluator.evaluate(attributes["count"])):
            yield from _counted(number, guards)
    elif "for_each" in attributes:
        for guards, over in cases(evaluator.evaluate(attributes["for_each"])):
            is_set = (
                attributes["for_each"].kind == "call" and attributes["for_each"].parts[0] == _SET
            )
            for of_map, item, more in items_of_set(over):
                key = item if is_set and isinstance(over, Unknown) else of_map
                name = as_text(key)
                shown = name if isinstance(name, str) else identity(name)
                scope = {"each": {"key": key, "value": item}}
                yield f"[{shown}]", scope, (*guards, *more)
    else:
        yield "", {}, ()


def items_of_set(over: Value) -> Iterator[tuple[Value, Value, Guards]]:
    """What `for_each` has: of a set of texts, each is its own key."""
    for key, item, guards in items_in(over):
        yield (item if isinstance(over, list) and not isinstance(item, dict) else key), item, guards


def _counted(number: Value, guards: Guards) -> Iterator[tuple[str, Scope, Guards]]:
    if isinstance(number, bool):
        number = int(number)
    if isinstance(number, str) and number.isdigit():
        number = int(number)
    if isinstance(number, int):
        for index in range(min(number, MAX_INSTANCES)):
            key = "" if number == 1 else f"[{index}]"
            yield key, {"count": {"index": index}}, guards
    else:
        is_length = isinstance(number, Unknown) and number.operator == "length"
        of = number.arguments[0] if isinstance(number, Unknown) and is_length else None
        # One for each item of a list is the same by `for_each`.
        term = of if isinstance(of, Unknown) else Unknown("count", number)
        scope = {"count": {"index": Unknown(INDEX, term)}}
        yield "", scope, (*guards, _guard(term))


def listed(value: Value) -> list[Value]:
    """The items of a list; those of an unknown one are any number."""
    if isinstance(value, list):
        return value
    if isinstance(value, Unknown) and value.operator == "if":
        branches = [(guards, [] if one is None else one) for guards, one in cases(value)]
        if all(isinstance(items, list) for _, items in branches):
            return [_under(guards, item) for guards, items in branches for item in listed(items)]
    return [Rest(Unknown("item", value))] if isinstance(value, Unknown) else [value]


def _under(guards: Guards, item: Value) -> Rest:
    """An item of a list that is there under some guards."""
    if isinstance(item, Rest):
        more = item.once
        return Rest(item.item, (*guards, *more)) if more else Rest(item_if(item.item, guards))
    return Rest(item, guards)


def is_complete(value: Value) -> bool:
    """Whether a value is a list of which the number of items is known."""
    return isinstance(value, list) and not any(isinstance(item, Rest) for item in value)


_SINGLE = frozenset({"get", "resource", "text", "own:aws_caller_identity", "own:aws_region"})
"""The operators of terms that are most often one value, and not a list."""


def flat(items: list[Value]) -> Iterator[Value]:
    """The items of a list, with those of the lists in it in their place."""
    for item in items:
        inner, once = (item.item, item.once) if isinstance(item, Rest) else (item, ())
        value, conditions = conditional(inner)
        if not conditions and isinstance(value, Unknown) and value.operator == "if":
            value = of_choice(value)
        if isinstance(value, list):
            for part in flat(value):
                one = part.item if isinstance(part, Rest) else part
                if conditions:
                    yield Rest(Unknown(ITEM_IF, one, *conditions))
                elif once:
                    yield _under(once, part)
                else:
                    yield Rest(one) if isinstance(item, Rest) else part
        elif isinstance(value, Unknown) and value.operator not in _SINGLE:
            term = Unknown("flat", inner)
            yield Rest(item_if(term, once) if once else term)
        else:
            yield item


def of_choice(value: Unknown) -> Value:
    """The items of the lists that a choice is between; the choice if they are not known."""
    parts = listed(value)
    is_known = len(parts) != 1 or not isinstance(parts[0], Rest) or parts[0].once
    return parts if is_known else value


def presence(item: Value) -> Value:
    """What decides how many items of a list there are, whatever they are."""
    _, conditions = conditional(item.item) if isinstance(item, Rest) else (None, ())
    if conditions:
        return Rest(Unknown(ITEM_IF, None, *conditions))
    return item if isinstance(item, Rest) else None
