"""What a reference of an expression comes to: a variable, a local value, a resource, an output."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from multitool_lint.syntax.terms import Guards, Rest, Unknown, Value
from multitool_lint.syntax.texts import as_text
from multitool_lint.values.collections import instances, keyed
from multitool_lint.values.reading import ROOT
from multitool_lint.values.steps import ALWAYS_THERE, Step, after
from multitool_lint.values.terraform.definitions import (
    children,
    local,
    output,
    outputs,
    variable,
)
from multitool_lint.values.terraform.module import Module, undefined
from multitool_lint.values.terraform.outside import items_of_call, outside_calls, part_of
from multitool_lint.values.terraform.resources import (
    instances_of,
    is_counted,
    item_of,
    resource,
)
from multitool_lint.values.terraform.shared import ONLY, Evaluates

if TYPE_CHECKING:
    from multitool_lint.syntax.hcl.expressions import Expression

_LATER = frozenset({"count", "each", "self", "terraform"})
_TWO = 2


def value_of(evaluator: Evaluates, expression: Expression) -> Value:
    """What a name comes to, with the attributes and indexes that follow it."""
    steps: list[Step] = []
    while expression.kind in ("attribute", "index"):
        base, step = expression.parts
        is_index = expression.kind == "index"
        steps.insert(0, Step(evaluator.evaluate(step) if is_index else step, is_index))
        expression = base
    if expression.kind != "name":
        return after(evaluator.evaluate(expression), steps)
    name = str(expression.parts[0])
    if name in evaluator.scope:
        return after(evaluator.scope[name], steps)
    return undefined(name) if ONLY in evaluator.scope else _of_module(evaluator.module, name, steps)


def is_boolean(evaluator: Evaluates, expression: Expression) -> bool:
    """Whether an expression is a variable of the type bool, so that `x == true` is `x`."""
    base, step = expression.parts if expression.kind == "attribute" else (None, "")
    if base is None or base.kind != "name" or base.parts[0] != "var" or "var" in evaluator.scope:
        return False
    block, _ = evaluator.module.blocks.get(("variable", str(step)), (None, ""))
    type_ = block.body.attributes.get("type") if block else None
    return type_ is not None and type_.kind == "name" and type_.parts[0] == "bool"


def _of_module(module: Module, name: str, steps: list[Step]) -> Value:
    """What a name of a module comes to."""
    first = steps[0].value if steps and not steps[0].is_index else None
    if not isinstance(first, str):
        return after(Unknown("word", name), steps)
    if name in _ROOTS:
        return _ROOTS[name](module, first, steps[1:])
    if name in _LATER:
        return after(Unknown(name), steps)
    return resource(module, ("resource", name, first), steps[1:])


def _of_path(module: Module, name: str, steps: list[Step]) -> Value:
    folder = module.folder if name == "module" else module.shared.folder
    known = name in ("cwd", "module", "root") and not steps
    return f"{ROOT}{folder}" if known else undefined("path", name)


def _of_data(module: Module, type_: str, steps: list[Step]) -> Value:
    label = steps[0].value if steps else None
    if isinstance(label, str):
        return resource(module, ("data", type_, label), steps[1:])
    return after(Unknown("word", "data", type_), steps)


def _of_call(module: Module, name: str, steps: list[Step]) -> Value:
    """An output of a module that is called."""
    found = children(module, name)
    if isinstance(found, Unknown):
        return part_of(module, name, found, steps)
    wanted, rest = (steps[0].value, steps[1:]) if steps and steps[0].is_index else (None, steps)
    key = as_text(wanted)
    if not steps:
        return _instances_of_call(module, name, [inner for _, inner in found])
    if not isinstance(key, Unknown) and rest and isinstance(rest[0].value, str):
        some = [inner for at, inner in found if key is None or at in ("", f"[{key}]")]
        if len(some) == 1:
            return after(output(some[0], rest[0].value), rest[1:])
    return after(Unknown("modules", module.address, name, wanted), rest)


_ROOTS: Mapping[str, Callable[[Module, str, list[Step]], Value]] = {
    "data": _of_data,
    "local": lambda module, name, steps: after(local(module, name), steps),
    "module": _of_call,
    "path": _of_path,
    "var": lambda module, name, steps: after(variable(module, name), steps),
}


def _instances_of_call(module: Module, name: str, found: list[Module]) -> Value:
    """A module that is called as a whole: its instances by their keys, or in order."""
    block, path = module.blocks["module", name]
    scopes = [scope for _, scope, _ in instances(module.evaluator(path), block.body)]
    own = [inner.guards[len(module.guards) :] for inner in found]
    if "for_each" in block.body.attributes:
        keys = [each["key"] for s in scopes if isinstance(each := s.get("each"), dict)]
        return keyed(zip(keys, map(outputs, found), own, strict=True))
    if "count" in block.body.attributes:
        return [
            Rest(outputs(one), more) if more else outputs(one)
            for one, more in zip(found, own, strict=True)
        ]
    return outputs(found[0]) if found else undefined("module", name)


def guards_of_instance(evaluator: Evaluates, expression: Expression) -> Guards:
    """When that is there of which an expression is an attribute, as `aws_x.y[0].arn` is.

    None where it is not known, or where Terraform may refuse the expression otherwise.
    """
    base = expression.parts[0] if expression.kind == "attribute" else None
    words = _words(base.parts[0]) if base is not None and base.kind == "index" else []
    if base is None or len(words) != _TWO or words[0] in evaluator.scope:
        return ()
    if evaluator.evaluate(base.parts[1]) != 0:
        return ()
    module, attribute = evaluator.module, str(expression.parts[1])
    if words[0] == "module":
        return _guards_of_call(module, words[1], attribute)
    key = ("resource", *words)
    found = instances_of(module, key) if key in module.blocks else []
    if len(found) != 1 or attribute not in ALWAYS_THERE or not is_counted(found[0].scope):
        return ()
    return found[0].guards[len(module.guards) :]


def _guards_of_call(module: Module, name: str, attribute: str) -> Guards:
    """When a module is there that is called with a `count` of one or none."""
    found = children(module, name)
    if isinstance(found, Unknown):
        calls = outside_calls(module, name, found) or []
        return calls[0].guards if len(calls) == 1 and is_counted(calls[0].scope) else ()
    inner = [called for at, called in found if at == "" and ("output", attribute) in called.blocks]
    return inner[0].guards[len(module.guards) :] if len(found) == len(inner) == 1 else ()


def items_of(evaluator: Evaluates, expression: Expression) -> Value:
    """What a splat goes through: the instances of a resource or module, or the items of a value."""
    module = evaluator.module
    words = _words(expression)
    if words and words[0] not in evaluator.scope:
        if words[0] == "module" and len(words) == _TWO:
            found = children(module, words[1])
            if isinstance(found, list):
                return [outputs(inner) for _, inner in found]
            items = items_of_call(module, words[1], found)
            if items is not None:
                return items
        key = tuple(words) if words[0] == "data" else ("resource", *words)
        if len(key) > _TWO and key in module.blocks:
            return [item_of(instance) for instance in instances_of(module, key)]
    value = evaluator.evaluate(expression)
    return value if isinstance(value, (list, Unknown)) or value is None else [value]


def _words(expression: Expression) -> list[str]:
    if expression.kind == "name":
        return [str(expression.parts[0])]
    if expression.kind == "attribute":
        above = _words(expression.parts[0])
        return [*above, str(expression.parts[1])] if above else []
    return []
