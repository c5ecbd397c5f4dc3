"""What a reference of an expression comes to: a variable, a local value, a resource, an output."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.deployments.terraform.module import (
    Call,
    Instance,
    Module,
    arguments_of,
    reference_of,
    undefined,
)
from multitool_lint.syntax.terms import Rest, Unknown, Value, as_text, choice, identity

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from multitool_lint.deployments.terraform.evaluate import Evaluator
    from multitool_lint.syntax.hcl.expressions import Block, Expression

ONLY = "\2"
"""A name of a scope in which there are no others than its own, as in a template."""

_OWN = frozenset({"aws_caller_identity", "aws_partition", "aws_region"})
"""Data sources that say what the provider is: the same ones, whatever they are called."""

_SAME = {
    ("aws_region", "id"): "name",
    ("aws_region", "region"): "name",
    ("aws_caller_identity", "id"): "account_id",
    ("aws_partition", "id"): "partition",
}
_NAMES = frozenset(
    {"arn", "bucket", "bucket_regional_domain_name", "id", "key_id", "name", "unique_id", "url"}
)
"""Attributes by which others refer to a resource: they are the resource, not what it is called."""

_DOCUMENT = "aws_iam_policy_document"
_JSON = ("json", "minified_json")
_NOT_OF_DATA = frozenset({"count", "depends_on", "for_each", "provider"})
_TWO = 2


class Step(NamedTuple):
    """What follows a name: an attribute, or an index, whose value may be unknown."""

    value: Value
    is_index: bool = False


def value_of(evaluator: Evaluator, expression: Expression) -> Value:
    """What a name comes to, with the attributes and indexes that follow it."""
    steps: list[Step] = []
    while expression.kind in ("attribute", "index"):
        base, step = expression.parts
        is_index = expression.kind == "index"
        steps.insert(0, Step(evaluator.evaluate(step) if is_index else step, is_index))
        expression = base
    if expression.kind != "name":
        return after(evaluator.evaluate(expression), steps)
    return _of_name(evaluator, str(expression.parts[0]), steps)


def _of_name(evaluator: Evaluator, name: str, steps: list[Step]) -> Value:
    if name in evaluator.scope:
        return after(evaluator.scope[name], steps)
    if ONLY in evaluator.scope:
        return undefined(name)
    first = steps[0].value if steps and not steps[0].is_index else None
    if not isinstance(first, str):
        return after(Unknown("word", name), steps)
    module, rest = evaluator.module, steps[1:]
    if name == "path":
        return _path(module, first)
    if name == "var":
        return after(variable(module, first), rest)
    if name == "local":
        return after(local(module, first), rest)
    if name == "module":
        return _of_module(module, first, rest)
    if name == "data":
        if rest and isinstance(rest[0].value, str):
            return resource(module, ("data", first, rest[0].value), rest[1:])
        return after(Unknown("word", name), steps)
    if name in ("each", "count", "self", "terraform"):
        return after(Unknown(name), steps)
    return resource(module, ("resource", name, first), rest)


def _path(module: Module, name: str) -> Value:
    folders = {"module": module.folder, "root": module.shared.folder, "cwd": module.shared.folder}
    return f"\1{folders[name]}" if name in folders else undefined("path", name)


def after(value: Value, steps: Sequence[Step]) -> Value:
    """What a value has at attributes and indexes."""
    for step in steps:
        value = _at(value, step.value)
    return value


def _at(value: Value, step: Value) -> Value:
    if isinstance(value, Reference):
        return _attribute(value.instance, [Step(step)])
    if isinstance(value, Outputs) and isinstance(step, str):
        return output(value.module, step)
    if isinstance(value, Unknown) and value.operator == "if":
        condition, chosen, other = value.arguments
        return choice(condition, _at(chosen, step), _at(other, step))
    name = as_text(step)
    if isinstance(value, dict) and isinstance(name, str):
        unsure = [key for key in value if isinstance(key, Unknown)]
        if name in value and not unsure:
            return value[name]
        return Unknown("one-of", value, name) if unsure else Unknown("no-key", name)
    if isinstance(value, list) and isinstance(name, str) and name.lstrip("-").isdigit():
        if any(isinstance(item, Rest) for item in value):
            only = value[0]
            if len(value) == 1 and isinstance(only, Rest) and name == "0":
                return only.item
            return Unknown("item", value, name)
        number = int(name)
        return value[number] if -len(value) <= number < len(value) else Unknown("no-item", name)
    return Unknown("get", value, step)


def _once(module: Module, key: object, make: Callable[[], Value]) -> Value:
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


def _evaluator(module: Module, path: str) -> Evaluator:
    from multitool_lint.deployments.terraform.evaluate import Evaluator

    return Evaluator(module, path)


def variable(module: Module, name: str) -> Value:
    """The value of a variable: what the call, a file of values or nothing gives it.

    A default that others may override is part of the term.
    """
    return _once(module, ("var", name), lambda: _variable(module, name))


def _variable(module: Module, name: str) -> Value:
    block, path = module.blocks.get(("variable", name), (None, ""))
    if block is None:
        return undefined("var", name)
    default = block.body.attributes.get("default")
    evaluator = _evaluator(module, path)
    if module.call is not None and name in module.call.arguments:
        return module.call.arguments[name]()
    if module.call is not None:
        return evaluator.evaluate(default) if default else undefined("argument", name)
    if name in module.values:
        expression, of_values = module.values[name]
        return _evaluator(module, of_values).evaluate(expression)
    given = evaluator.evaluate(default) if default else Unknown("required")
    return Unknown("var", name, given, _restrictions(evaluator, block), shown=f"var.{name}")


def _restrictions(evaluator: Evaluator, block: Block) -> Value:
    """What the value of a variable may be: the conditions of its validations, in order."""
    found = []
    for inner in block.body.blocks:
        condition = inner.body.attributes.get("condition")
        if inner.type == "validation" and condition:
            name = {"var": {block.labels[0]: Unknown("self")}}
            found.append(evaluator.within(name).evaluate(condition))
    return found


def local(module: Module, name: str) -> Value:
    """What a local value comes to."""
    if name not in module.locals:
        return undefined("local", name)
    expression, path = module.locals[name]
    return _once(module, ("local", name), lambda: _evaluator(module, path).evaluate(expression))


def output(module: Module, name: str) -> Value:
    """What an output of a module comes to."""
    block, path = module.blocks.get(("output", name), (None, ""))
    value = block and block.body.attributes.get("value")
    if value is None:
        return undefined("output", name)
    return _once(module, ("output", name), lambda: _evaluator(module, path).evaluate(value))


def children(module: Module, name: str) -> list[tuple[str, Module]] | Unknown:
    """The instances of a local module that is called; a term for one that is not in the tree."""
    key = ("child", name)
    if key not in module.memo:
        module.memo[key] = Unknown("cycle")
        module.memo[key] = _children(module, name)
    return module.memo[key]  # type: ignore[return-value]  # as it is made here


def _children(module: Module, name: str) -> list[tuple[str, Module]] | Unknown:
    from multitool_lint.deployments.terraform.evaluate import instances

    block, path = module.blocks.get(("module", name), (None, ""))
    if block is None:
        return undefined("module", name)
    evaluator = _evaluator(module, path)
    source_expression = block.body.attributes.get("source")
    source = evaluator.evaluate(source_expression) if source_expression else None
    folder = module.folder_of(source)
    if folder is None:
        return Unknown("module", module.address, name, source)
    found = []
    for key, scope, guards in instances(evaluator, block.body):
        inner = evaluator.within(scope)
        arguments = {
            argument: _later(inner, expression)
            for argument, expression in arguments_of(block).items()
        }
        address = f"{module.address}module.{name}{key}."
        call = Call(address, arguments, _providers(block), (*module.guards, *guards), module)
        found.append((key, Module(module.shared, folder, call)))
    return found


def _later(evaluator: Evaluator, expression: Expression) -> Callable[[], Value]:
    return lambda: evaluator.evaluate(expression)


def _providers(block: Block) -> dict[str, str]:
    given = block.body.attributes.get("providers")
    if given is None or given.kind != "object":
        return {}
    return {reference_of(key): reference_of(value) for key, value in given.parts}


def _of_module(module: Module, name: str, steps: list[Step]) -> Value:
    found = children(module, name)
    if isinstance(found, Unknown):
        return after(found, steps)
    wanted, rest = (steps[0].value, steps[1:]) if steps and steps[0].is_index else (None, steps)
    key = as_text(wanted)
    if not isinstance(key, Unknown) and rest and isinstance(rest[0].value, str):
        some = [inner for at, inner in found if key is None or at in ("", f"[{key}]")]
        if len(some) == 1:
            return after(output(some[0], rest[0].value), rest[1:])
    return after(Unknown("modules", module.address, name, wanted), rest)


def items_of(evaluator: Evaluator, expression: Expression) -> Value:
    """What a splat goes through: the instances of a resource or module, or the items of a value."""
    module = evaluator.module
    words = _words(expression)
    if words and words[0] not in evaluator.scope:
        if words[0] == "module" and len(words) == _TWO:
            found = children(module, words[1])
            if isinstance(found, list):
                return [Outputs(inner) for _, inner in found]
        key = tuple(words) if words[0] == "data" else ("resource", *words)
        if len(key) == 3 and key in module.blocks:  # noqa: PLR2004 - kind, type, label
            return [_item(instance) for instance in instances_of(module, key)]
    value = evaluator.evaluate(expression)
    if isinstance(value, (list, Unknown)) or value is None:
        return value
    return [value]


def _item(instance: Instance) -> Value:
    """One of the instances of a resource; one that is there under a condition is no certain item."""
    item = Reference(instance)
    return item if not instance.guards else Rest(item)


class Outputs(Unknown):
    """An instance of a module, whose outputs are evaluated when asked for."""

    __slots__ = ("module",)

    def __init__(self, module: Module) -> None:
        super().__init__("outputs", module.address)
        self.module = module


class Reference(Unknown):
    """An instance of a resource or data source, whose attributes are evaluated when asked for."""

    __slots__ = ("instance",)

    def __init__(self, instance: Instance) -> None:
        super().__init__("resource", instance.address)
        self.instance = instance


def _words(expression: Expression) -> list[str]:
    if expression.kind == "name":
        return [str(expression.parts[0])]
    if expression.kind == "attribute":
        above = _words(expression.parts[0])
        return [*above, str(expression.parts[1])] if above else []
    return []


def instances_of(module: Module, key: tuple[str, ...]) -> list[Instance]:
    """The instances of a resource or data source."""
    from multitool_lint.deployments.terraform.evaluate import instances

    memo = ("instances", *key)
    if memo not in module.memo:
        block, path = module.blocks[key]
        prefix = "data." if key[0] == "data" else ""
        name = f"{module.address}{prefix}{'.'.join(key[1:])}"
        module.memo[memo] = [
            Instance(f"{name}{at}", block, path, scope, (*module.guards, *guards), module)
            for at, scope, guards in instances(_evaluator(module, path), block.body)
        ]
    return module.memo[memo]  # type: ignore[return-value]  # as it is made here


def resource(module: Module, key: tuple[str, ...], steps: list[Step]) -> Value:
    """What a reference to a resource or data source comes to."""
    if key not in module.blocks:
        return after(undefined(*key), steps)
    block, path = module.blocks[key]
    has_keys = "count" in block.body.attributes or "for_each" in block.body.attributes
    if key[1] in _OWN and key[0] == "data":
        rest = [step for step in steps if not step.is_index]
        return _own(module, block, key[1], rest)
    if not has_keys:
        return _attribute(Instance(_address(module, key), block, path, {}, (), module), steps)
    if not steps or not steps[0].is_index:
        return after(Unknown("resource", _address(module, key)), steps)
    wanted = as_text(steps[0].value)
    found = instances_of(module, key)
    some = [at for at in found if at.address.endswith(f"[{wanted}]")] or (
        found if len(found) == 1 and wanted == "0" else []
    )
    if isinstance(wanted, str) and some:
        return _attribute(some[0], steps[1:])
    if len(found) == 1 and isinstance(wanted, Unknown):
        only = found[0].scope.get("each")
        if isinstance(only, dict) and identity(only["key"]) == identity(wanted):
            return _attribute(found[0], steps[1:])
    base = Unknown("resource", _address(module, key))
    return after(Unknown("get", base, wanted), steps[1:])


def _address(module: Module, key: tuple[str, ...]) -> str:
    prefix = "data." if key[0] == "data" else ""
    return f"{module.address}{prefix}{'.'.join(key[1:])}"


def _own(module: Module, block: Block, type_: str, steps: list[Step]) -> Value:
    name = str(steps[0].value) if steps else ""
    provider = module.provider(reference_of(block.body.attributes.get("provider")))
    made = Unknown(f"own:{type_}", _SAME.get((type_, name), name), provider)
    return after(made, steps[1:])


def _attribute(instance: Instance, steps: list[Step]) -> Value:
    """An attribute of one instance of a resource or data source."""
    is_data = instance.address.removeprefix(instance.module.address).startswith("data.")
    attributes = instance.block.body.attributes
    name = steps[0].value if steps and not steps[0].is_index else None
    if is_data:
        return _of_data(instance, name, steps)
    if isinstance(name, str) and name in attributes and name not in _NAMES:
        evaluator = _evaluator(instance.module, instance.path).within(instance.scope)
        key = ("attribute", instance.address, name)
        value = _once(instance.module, key, lambda: evaluator.evaluate(attributes[name]))
        return after(value, steps[1:])
    return after(Unknown("resource", instance.address), steps)


def _of_data(instance: Instance, name: Value, steps: list[Step]) -> Value:
    from multitool_lint.deployments.terraform import documents

    attributes = instance.block.body.attributes
    module, type_ = instance.module, instance.type
    evaluator = _evaluator(module, instance.path).within(instance.scope)
    if type_ == _DOCUMENT and name in _JSON:
        return after(documents.document(instance), steps[1:])
    if type_ == "template_file" and name == "rendered":
        from multitool_lint.deployments.terraform.evaluate import render

        text = evaluator.evaluate(attributes["template"]) if "template" in attributes else ""
        values = evaluator.evaluate(attributes["vars"]) if "vars" in attributes else {}
        path = getattr(text, "origin", None)
        made = render(module, path.path if path else "", text, values)
        return made if isinstance(text, str) else Unknown("render", text, values)
    if type_ == "local_file" and name == "content" and "filename" in attributes:
        return evaluator.file([evaluator.evaluate(attributes["filename"])])
    if type_ == "aws_iam_policy" and name == "arn" and "arn" in attributes:
        return evaluator.evaluate(attributes["arn"])
    provider = module.provider(reference_of(attributes.get("provider")))
    key = ("data", instance.address)
    found = _once(
        module, key, lambda: Unknown("data", type_, whole(evaluator, instance.block), provider)
    )
    return after(found, steps)


def whole(evaluator: Evaluator, block: Block) -> Value:
    """All arguments and blocks of a data source: what it finds depends on each of them."""
    found: dict[object, Value] = {
        name: evaluator.evaluate(expression)
        for name, expression in block.body.attributes.items()
        if name not in _NOT_OF_DATA
    }
    for number, inner in enumerate(block.body.blocks):
        found[f"{inner.type}/{number}"] = [*inner.labels, whole(evaluator, inner)]
    return found
