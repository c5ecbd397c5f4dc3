"""The items of collections that may be unknown, and the instances of blocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from multitool_lint.limits import MAX_INSTANCES
from multitool_lint.syntax.terms import (
    Guard,
    Guards,
    Rest,
    Unknown,
    Value,
    as_text,
    cases,
    identity,
)

if TYPE_CHECKING:
    from multitool_lint.deployments.terraform.shared import Evaluates, Scope
    from multitool_lint.syntax.hcl.expressions import Body


def term_of(guard: Guard) -> Unknown:
    """The condition that holds exactly if a guard does."""
    return guard.condition if guard.holds else Unknown("!", guard.condition)


def item_if(value: Value, holds: Value, guards: Guards) -> Value:
    """An item that is there under conditions only."""
    return Unknown("item-if", value, holds, *map(term_of, guards))


def items_in(value: Value) -> Iterator[tuple[Value, Value, Guards]]:
    """The keys and items of a collection; an unknown collection has a typical one."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield key, item, (_guard(key),) if isinstance(key, Unknown) else ()
    elif isinstance(value, list):
        for number, item in enumerate(value):
            if isinstance(item, Rest):
                inner = item.item
                term = inner if isinstance(inner, Unknown) else Unknown("some", inner)
                yield Unknown("number", term), *_conditional_item(inner, term)
            else:
                yield number, item, ()
    elif value is not None:
        term = value if isinstance(value, Unknown) else Unknown("items", value)
        yield Unknown("each.key", term), Unknown("each.value", term), (_guard(term),)


def _conditional_item(inner: Value, term: Unknown) -> tuple[Value, Guards]:
    if isinstance(inner, Unknown) and inner.operator == "item-if":
        return inner.arguments[0], (_guard(inner),)
    return inner, (_guard(Unknown("any", term)),)


def _guard(condition: Unknown) -> Guard:
    return Guard(condition, holds=True)


def instances(evaluator: Evaluates, body: Body) -> Iterator[tuple[str, Scope, Guards]]:
    """The keys that `count` and `for_each` give a block, what they mean in it, and when."""
    attributes = body.attributes
    if "count" in attributes:
        for guards, number in cases(evaluator.evaluate(attributes["count"])):
            yield from _counted(number, guards)
    elif "for_each" in attributes:
        for guards, over in cases(evaluator.evaluate(attributes["for_each"])):
            for key, item, more in items_of_set(over):
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
        term = Unknown("count", number)
        scope = {"count": {"index": Unknown("index", term)}}
        yield "", scope, (*guards, _guard(term))


def listed(value: Value) -> list[Value]:
    """The items of a list; those of an unknown one are any number."""
    if isinstance(value, list):
        return value
    return [Rest(Unknown("item", value))] if isinstance(value, Unknown) else [value]


def is_complete(value: Value) -> bool:
    """Whether a value is a list of which the number of items is known."""
    return isinstance(value, list) and not any(isinstance(item, Rest) for item in value)
