"""What variables, local values, outputs and calls of modules come to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from multitool_lint.syntax.choices import choice
from multitool_lint.syntax.terms import Unknown, Value, identity
from multitool_lint.syntax.written import Origin
from multitool_lint.values.collections import instances
from multitool_lint.values.terraform.module import (
    Call,
    Module,
    arguments_of,
    providers_of,
    undefined,
)
from multitool_lint.values.terraform.outside import OUTSIDE
from multitool_lint.values.terraform.types import attributes_in, converted
from multitool_lint.values.variables import (
    REQUIRED,
    DeclaredVariable,
    ValueRule,
    rule_of_variable,
)

if TYPE_CHECKING:
    from multitool_lint.syntax.hcl.expressions import Block, Expression
    from multitool_lint.values.terraform.shared import Evaluates


def once(module: Module, key: object, make: Callable[[], Value]) -> Value:
    """What a definition comes to, which is evaluated once; a cycle is one mark."""
    if key in module.memo:
        return module.memo[key]
    if key in module.evaluating:
        return Unknown("cycle")
    module.evaluating.add(key)
    try:
        value = make()
    finally:
        module.evaluating.discard(key)
    module.memo[key] = value
    return value


_VERSION = re.compile(r"\?(?:ref|version)=[^&]*$")
"""The version at the end of the source of a module."""
_NOTHING: tuple[Value, ...] = (None, "", [], {})
"""Defaults that are refused where a value is needed, so that callers give another one."""


def variable(module: Module, name: str) -> Value:
    """The value of a variable: what the call, a file of values or nothing gives it.

    A default that others may override is part of the term.
    """
    return once(module, ("var", name), lambda: _variable(module, name))


def _variable(module: Module, name: str) -> Value:
    block, path = module.blocks.get(("variable", name), (None, ""))
    type_ = block.body.attributes.get("type") if block else None
    evaluator = module.evaluator(path)
    found = _given(module, name, block, path)
    if block is not None and _is_not_nullable(block, evaluator):
        found = _without_null(found, lambda: _default(block, evaluator))
    return converted(found, type_, evaluator) if type_ else found


def _is_not_nullable(block: Block, evaluator: Evaluates) -> bool:
    """Whether a variable that is given null has its default instead."""
    nullable = block.body.attributes.get("nullable")
    return nullable is not None and evaluator.evaluate(nullable) is False


def _default(block: Block, evaluator: Evaluates) -> Value:
    default = block.body.attributes.get("default")
    return evaluator.evaluate(default) if default else undefined("argument", block.labels[0])


def _default_of(block: Block, evaluator: Evaluates) -> Value:
    return _default(block, evaluator) if "default" in block.body.attributes else REQUIRED


def _without_null(value: Value, otherwise: Callable[[], Value]) -> Value:
    """A value, or another one in the cases in which it is null."""
    if isinstance(value, Unknown) and value.operator == "if":
        condition, *branches = value.arguments
        chosen, other = (_without_null(branch, otherwise) for branch in branches)
        return choice(condition, chosen, other)
    return otherwise() if value is None else value


def _given(module: Module, name: str, block: Block | None, path: str) -> Value:
    if module.call is not None and name in module.call.arguments:
        return module.call.arguments[name]()
    if name in module.values:
        expression, of_values = module.values[name]
        return module.evaluator(of_values).evaluate(expression)
    if block is None:
        return undefined("var", name)
    default = block.body.attributes.get("default")
    evaluator = module.evaluator(path)
    if module.call is not None:
        return _default(block, evaluator)
    callers = module.shared.callers
    left = REQUIRED if name in callers.required else _default_of(block, evaluator)
    assumed = module.shared.assumed
    is_assumed = assumed is not None and assumed.variable == name
    if assumed is not None and is_assumed and assumed.is_given:
        left = REQUIRED
    elif is_assumed or (module.shared.deployer.defaults and default and left not in _NOTHING):
        return left
    return Unknown("var", callers.known_as(name), left, shown=f"var.{name}")


def changed_defaults(old: Module, new: Module) -> list[str]:
    """The variables that have another default in a new version of a module."""
    before, after = (dict(_defaults(module)) for module in (old, new))
    return [name for name, value in after.items() if before.get(name, value) != value]


def _defaults(module: Module) -> Iterator[tuple[str, str]]:
    """The variables of a module that nothing gives a value, with identities of their defaults."""
    for key, block, path in module.of_type("variable"):
        default = block.body.attributes.get("default")
        if default and key[1] not in module.values:
            yield key[1], identity(module.evaluator(path).evaluate(default))


def variables_of(module: Module) -> dict[str, DeclaredVariable]:
    """The variables of a module, by their names."""
    return {
        module.shared.callers.known_as(key[1]): DeclaredVariable(
            is_open=key[1] not in module.values,
            default=_default_of(block, module.evaluator(path)),
            type=_type_of(block, module.evaluator(path)),
            rules=tuple(_rules(module, block, path)),
            attributes={
                name: identity(default)
                for name, default in attributes_in(
                    block.body.attributes.get("type"), module.evaluator(path)
                )
            },
        )
        for key, block, path in module.of_type("variable")
    }


def _type_of(block: Block, evaluator: Evaluates) -> str:
    type_ = block.body.attributes.get("type")
    return identity(evaluator.evaluate(type_)) if type_ else ""


def _rules(module: Module, block: Block, path: str) -> Iterator[ValueRule]:
    """The rules for the value of a variable."""
    own = Unknown("self")
    for inner in block.body.blocks:
        condition = inner.body.attributes.get("condition")
        if inner.type == "validation" and condition:
            evaluator = module.evaluator(path).within({"var": {block.labels[0]: own}})
            yield rule_of_variable(evaluator.evaluate(condition), own)


def local(module: Module, name: str) -> Value:
    """What a local value comes to."""
    if name not in module.locals:
        return undefined("local", name)
    expression, path = module.locals[name]
    return once(module, ("local", name), lambda: module.evaluator(path).evaluate(expression))


def output(module: Module, name: str) -> Value:
    """What an output of a module comes to."""
    block, path = module.blocks.get(("output", name), (None, ""))
    value = block and block.body.attributes.get("value")
    if value is None:
        return undefined("output", name)
    return once(module, ("output", name), lambda: module.evaluator(path).evaluate(value))


def outputs(module: Module) -> dict[object, Value]:
    """What an instance of a module is as a whole: all of its outputs by their names."""
    return {key[1]: output(module, key[1]) for key, _, _ in list(module.of_type("output"))}


def children(module: Module, name: str) -> list[tuple[str, Module]] | Unknown:
    """The instances of a local module that is called; a term for one that is not in the tree."""
    if name not in module.children:
        module.children[name] = Unknown("cycle")
        module.children[name] = _children(module, name)
    return module.children[name]


def _children(module: Module, name: str) -> list[tuple[str, Module]] | Unknown:
    block, path = module.blocks.get(("module", name), (None, ""))
    if block is None:
        return undefined("module", name)
    evaluator = module.evaluator(path)
    expression = block.body.attributes.get("source")
    source = evaluator.evaluate(expression) if expression else None
    folder = module.folder_of(source)
    if folder is None:
        # Another version is reported of the call itself, and not of all that has its outputs, too.
        of = _VERSION.sub("", source) if isinstance(source, str) else source
        return Unknown(OUTSIDE, module.shared.address(f"{module.address}module.{name}"), of)
    found = []
    for key, scope, guards in instances(evaluator, block.body):
        inner = evaluator.within(scope)
        arguments = {
            given: _later(inner, value, path) for given, value in arguments_of(block).items()
        }
        address = f"{module.address}module.{name}{key}."
        around = (*module.guards, *guards)
        call = Call(address, block, path, arguments, providers_of(block), around, module)
        found.append((key, Module(module.shared, folder, call)))
    return found


def _later(evaluator: Evaluates, expression: Expression, path: str) -> Callable[[], Value]:
    return lambda: _given_at(evaluator.evaluate(expression), expression, path)


def _given_at(value: Value, expression: Expression, path: str) -> Value:
    """An argument of a call: the resources of other modules are named where the argument is."""
    if isinstance(value, list):
        parts = expression.parts if expression.kind == "tuple" else ()
        parts = parts if len(parts) == len(value) else (expression,) * len(value)
        return [_given_at(item, part, path) for item, part in zip(value, parts, strict=True)]
    origin = Origin(path, expression.start, expression.end)
    if not isinstance(value, Unknown) or (value.origin and value.origin.path == origin.path):
        return value
    resource, name = value.arguments if value.operator == "get" else (None, None)
    if not isinstance(resource, Unknown) or resource.operator != "resource":
        return value
    shown = f"{resource.arguments[0]}.{name}"
    return Unknown(value.operator, *value.arguments, shown=shown, origin=origin)
