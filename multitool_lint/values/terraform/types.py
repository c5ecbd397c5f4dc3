"""What Terraform makes of a value that is given to a variable of a type.

https://developer.hashicorp.com/terraform/language/expressions/type-constraints
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from multitool_lint.syntax.choices import choice
from multitool_lint.syntax.terms import Rest, Unknown, Value

if TYPE_CHECKING:
    from multitool_lint.syntax.hcl.expressions import Expression
    from multitool_lint.values.terraform.shared import Evaluates


def converted(value: Value, type_: Expression | None, evaluator: Evaluates) -> Value:
    """A value as a type has it: an object has all of its attributes, and no others."""
    name, arguments = _call(type_)
    if isinstance(value, Unknown) and value.operator == "if" and arguments:
        condition, *branches = value.arguments
        chosen, other = (converted(branch, type_, evaluator) for branch in branches)
        return choice(condition, chosen, other)
    if name == "object" and arguments and arguments[0].kind == "object":
        return _object(value, arguments[0], evaluator)
    if name in ("list", "set") and isinstance(value, list) and arguments:
        return [_item(item, arguments[0], evaluator) for item in value]
    if name == "map" and isinstance(value, dict) and arguments:
        return {key: converted(item, arguments[0], evaluator) for key, item in value.items()}
    return value


def _call(type_: Expression | None) -> tuple[str, tuple[Expression, ...]]:
    """The name of a type of others, or of `optional`, and what it is given."""
    if type_ is None or type_.kind != "call":
        return "", ()
    name, arguments, _ = type_.parts
    return name, tuple(arguments)


def _item(item: Value, type_: Expression, evaluator: Evaluates) -> Value:
    if isinstance(item, Rest):
        return Rest(converted(item.item, type_, evaluator))
    return converted(item, type_, evaluator)


def _object(value: Value, attributes: Expression, evaluator: Evaluates) -> Value:
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        return value
    made: dict[object, Value] = {}
    for key, type_ in attributes.parts:
        name = evaluator.evaluate(key)
        kind, arguments = _call(type_)
        given = value.get(name)
        if kind != "optional":
            if name in value:
                made[name] = converted(given, type_, evaluator)
            continue
        inner, *default = arguments or (None,)
        if given is None and default:  # null is replaced by the default, too
            given = evaluator.evaluate(default[0])
        made[name] = converted(given, inner, evaluator)
    return made


def attributes_in(type_: Expression | None, evaluator: Evaluates) -> Iterator[tuple[str, Value]]:
    """The attributes of the objects in a type, each with the default that `optional()` gives it."""
    name, arguments = _call(type_)
    if name == "object" and arguments and arguments[0].kind == "object":
        for key, inner in arguments[0].parts:
            kind, parts = _call(inner)
            is_optional = kind == "optional" and len(parts) > 1
            yield (
                str(evaluator.evaluate(key)),
                evaluator.evaluate(parts[1]) if is_optional else None,
            )
            yield from attributes_in(inner, evaluator)
    elif name and arguments:
        yield from attributes_in(arguments[0], evaluator)
