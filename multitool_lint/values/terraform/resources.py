"""What references to resources and data sources come to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from multitool_lint.aws.access_types import uses_of
from multitool_lint.syntax.terms import Guards, Rest, Unknown, Value, identity
from multitool_lint.syntax.texts import as_text, joined
from multitool_lint.syntax.written import Literal
from multitool_lint.values import managed
from multitool_lint.values.arns import PARTITION
from multitool_lint.values.collections import instances, keyed
from multitool_lint.values.resource_types import policies_of
from multitool_lint.values.steps import Lazy, Step, after
from multitool_lint.values.terraform import documents, file_functions
from multitool_lint.values.terraform.blocks import whole_block
from multitool_lint.values.terraform.definitions import children, once
from multitool_lint.values.terraform.module import (
    Instance,
    Key,
    Module,
    reference_of,
    undefined,
)

if TYPE_CHECKING:
    from multitool_lint.syntax.hcl.expressions import Block
    from multitool_lint.values.terraform.shared import Evaluates, Scope

_OWN = frozenset({"aws_caller_identity", "aws_partition", "aws_region"})
"""Data sources that say what the provider is: the same ones, whatever they are called."""

_SAME = {
    ("aws_region", "id"): "name",
    ("aws_region", "region"): "name",
    ("aws_caller_identity", "id"): "account_id",
    ("aws_partition", "id"): "partition",
}
_REGION = ("name", "region")
_BY_ARGUMENT = {("aws_iam_role", "id"): "name", ("aws_s3_bucket", "id"): "bucket"}
"""The arguments of data sources by which attributes of another name are given."""
_PASSED_ON = {("terraform_data", "output"): "input"}
"""The arguments of resources that are attributes of another name."""
_BUCKET = f"arn:{PARTITION}:s3:::"
_NAMES = frozenset(
    {"arn", "bucket", "bucket_regional_domain_name", "id", "key_id", "name", "unique_id", "url"}
)
"""Attributes by which others refer to a resource: they are the resource, not what it is called."""

_JSON = ("json", "minified_json")


class Reference(Lazy):
    """An instance of a resource or data source, by its attributes."""

    __slots__ = ("_instance",)

    def __init__(self, instance: Instance) -> None:
        super().__init__("resource", instance.address)
        self._instance = instance

    def attribute(self, name: Value) -> Value:
        """An attribute."""
        return _attribute(self._instance, [Step(name)])


class WholeData(Lazy):
    """What a data source finds as a whole, such as a module is given, by its attributes."""

    __slots__ = ("_instance",)

    def __init__(self, instance: Instance, *arguments: Value) -> None:
        super().__init__("data", *arguments)
        self._instance = instance

    def attribute(self, name: Value) -> Value:
        """An attribute."""
        return _attribute(self._instance, [Step(name)])


def instances_of(module: Module, key: Key) -> list[Instance]:
    """The instances of a resource or data source."""
    if key not in module.instances:
        block, path = module.blocks[key]
        name = _address(module, key)
        module.instances[key] = [
            Instance(f"{name}{at}", block, path, scope, (*module.guards, *guards), module)
            for at, scope, guards in instances(module.evaluator(path), block.body)
        ]
    return module.instances[key]


def resource(module: Module, key: Key, steps: list[Step]) -> Value:
    """What a reference to a resource or data source comes to."""
    if key not in module.blocks:
        return after(undefined(*key), steps)
    block, path = module.blocks[key]
    if key[1] in _OWN and key[0] == "data":
        return _own(module, block, path, [step for step in steps if not step.is_index])
    if block.body.attributes.keys().isdisjoint({"count", "for_each"}):
        return _attribute(Instance(_address(module, key), block, path, {}, (), module), steps)
    base = (
        _all_found(module, key) if key[0] == "data" else Unknown("resource", _address(module, key))
    )
    if not (steps and steps[0].is_index):
        return after(base, steps) if steps else _collection(instances_of(module, key))
    wanted = as_text(steps[0].value)
    found = _instance(instances_of(module, key), wanted)
    if found is None and isinstance(wanted, Unknown):
        found = _instance_of_any_key(module, key, wanted)
    if found is not None:
        return _attribute(found, steps[1:])
    return after(Unknown("get", base, wanted), steps[1:])


def _all_found(module: Module, key: Key) -> Unknown:
    """What a data source of any number of instances finds, for what and how many it is asked.

    They exist elsewhere: other keys find others.
    """
    block, path = module.blocks[key]
    name = "for_each" if "for_each" in block.body.attributes else "count"
    over = module.evaluator(path).evaluate(block.body.attributes[name])
    provider = module.provider(reference_of(block.body.attributes.get("provider")))
    found = [whole_block(instance.evaluator, block) for instance in instances_of(module, key)]
    return Unknown("data", key[1], over, found, provider)


def item_of(instance: Instance) -> Value:
    """An instance of a resource; one that is there under a condition is not a certain item."""
    item = Reference(instance)
    return Rest(item, _once(instance)) if instance.guards else item


def _once(instance: Instance) -> Guards:
    """When the one instance of a `count` of one or none is there; nothing for any other."""
    guards = instance.guards[len(instance.module.guards) :]
    return guards if is_counted(instance.scope) and not instance.address.endswith("]") else ()


def is_counted(scope: Scope) -> bool:
    """Whether an instance is one of a `count` that is known."""
    counted = scope.get("count")
    return isinstance(counted, dict) and isinstance(counted["index"], int)


def _collection(found: list[Instance]) -> Value:
    """All instances of a resource: those of `for_each` by their keys."""
    keys = [each["key"] for one in found if isinstance(each := one.scope.get("each"), dict)]
    if not keys:
        return [*map(item_of, found)]
    own = [one.guards[len(one.module.guards) :] for one in found]
    return keyed(zip(keys, map(Reference, found), own, strict=True))


def _instance(found: list[Instance], wanted: Value) -> Instance | None:
    """The instance with a key."""
    if isinstance(wanted, str):
        some = [instance for instance in found if instance.address.endswith(f"[{wanted}]")]
        if some or len(found) != 1 or wanted != "0":
            return some[0] if some else None
        return found[0]
    each = found[0].scope.get("each") if len(found) == 1 else None
    if isinstance(each, dict) and identity(each["key"]) == identity(wanted):
        return found[0]
    return None


def _instance_of_any_key(module: Module, key: Key, wanted: Unknown) -> Instance:
    """The instance that a block has for a key that is not known."""
    block, path = module.blocks[key]
    scope: Scope = {"count": {"index": wanted}}
    if "for_each" in block.body.attributes:
        over = module.evaluator(path).evaluate(block.body.attributes["for_each"])
        value = wanted if isinstance(over, list) else after(over, [Step(wanted, is_index=True)])
        scope = {"each": {"key": wanted, "value": value}}
    address = f"{_address(module, key)}[{identity(wanted)}]"
    made = Instance(address, block, path, scope, (), module)
    return module.shared.asked.setdefault(address, made)


def _address(module: Module, key: Key) -> str:
    prefix = "data." if key[0] == "data" else ""
    return module.shared.address(f"{module.address}{prefix}{'.'.join(key[1:])}")


def _own(module: Module, block: Block, path: str, steps: list[Step]) -> Value:
    """What the provider is; the Region that a data source is given is another one."""
    type_ = block.labels[0]
    name = str(steps[0].value) if steps else ""
    given = [block.body.attributes[key] for key in _REGION if key in block.body.attributes]
    if given and (type_, _SAME.get((type_, name), name)) == ("aws_region", "name"):
        return after(module.evaluator(path).evaluate(given[0]), steps[1:])
    provider = module.provider(reference_of(block.body.attributes.get("provider")) or "aws")
    return after(Unknown(f"own:{type_}", _SAME.get((type_, name), name), provider), steps[1:])


def _attribute(instance: Instance, steps: list[Step]) -> Value:
    """An attribute of one instance of a resource or data source."""
    name = steps[0].value if steps and not steps[0].is_index else None
    if instance.is_data:
        return _of_data(instance, name, steps)
    attributes = instance.block.body.attributes
    name = _PASSED_ON.get((instance.type, str(name)), name)
    if isinstance(name, str) and name in attributes and name not in _NAMES:
        key = ("attribute", instance.address, name)
        value = once(instance.module, key, lambda: _given(instance, name))
        return after(value, steps[1:])
    return after(Unknown("resource", instance.address), steps)


def _given(instance: Instance, name: str) -> Value:
    """What an argument is given; one whose changes are ignored may be given another value since."""
    body = instance.block.body
    value = instance.evaluator.evaluate(body.attributes[name])
    ignored = [
        reference_of(part)
        for block in body.blocks
        if block.type == "lifecycle" and (changes := block.body.attributes.get("ignore_changes"))
        for part in (changes.parts if changes.kind == "tuple" else [changes])
    ]
    return value if {name, "all"}.isdisjoint(ignored) else Unknown("changed", value)


def _of_data(instance: Instance, name: Value, steps: list[Step]) -> Value:
    attributes, module = instance.block.body.attributes, instance.module
    evaluator = instance.evaluator
    made: Value = NotImplemented
    argument = _BY_ARGUMENT.get((instance.type, str(name)), name)
    if isinstance(argument, str) and argument in attributes:
        made = evaluator.evaluate(attributes[argument])
    elif (instance.type, name, *attributes) == ("aws_s3_bucket", "arn", "bucket"):
        made = joined([_BUCKET, evaluator.evaluate(attributes["bucket"])])
    elif instance.type == documents.TYPE and name in _JSON:
        made = documents.document(instance)
    elif instance.type == "template_file" and name == "rendered":
        made = _rendered(evaluator, instance.block)
    elif instance.type == "local_file" and name == "content" and "filename" in attributes:
        made = file_functions.file(evaluator, [evaluator.evaluate(attributes["filename"])])
    elif instance.type == "aws_iam_policy" and name == "arn" and set(attributes) == {"name"}:
        made = managed.arn_of(evaluator.evaluate(attributes["name"])) or made
    if made is not NotImplemented:
        return after(made, steps[1:])
    provider = module.provider(reference_of(attributes.get("provider")))

    def found() -> Value:
        return Unknown("data", instance.type, whole_block(evaluator, instance.block), provider)

    whole = once(module, ("data", instance.address), found)
    if not steps and isinstance(whole, Unknown):
        return WholeData(instance, *whole.arguments)
    return after(whole, steps)


def _rendered(evaluator: Evaluates, block: Block) -> Value:
    """What a template comes to with its variables."""
    attributes = block.body.attributes
    text = evaluator.evaluate(attributes["template"]) if "template" in attributes else ""
    values = evaluator.evaluate(attributes["vars"]) if "vars" in attributes else {}
    if not isinstance(text, str):
        return Unknown("render", text, values)
    path = text.origin.path if isinstance(text, Literal) else ""
    return file_functions.render(evaluator, path, text, values)


def is_of_aws(type_: str) -> bool:
    """Whether a type of resources is one of AWS."""
    return type_.startswith(("aws_", "awscc_"))


def modules_of(module: Module) -> Iterator[Module]:
    """A module and the local modules that it calls, directly and through others."""
    yield module
    for key, _, _ in list(module.of_type("module")):
        found = children(module, key[1])
        if not isinstance(found, Unknown):
            for _, inner in found:
                yield from modules_of(inner)


def resources_of_access(module: Module) -> Iterator[Instance]:
    """The resources of a module that have policies, or decide about access."""
    for key, _, _ in list(module.of_type("resource")):
        if len(key) == 3 and (uses_of(key[1]) or policies_of(key[1])):  # noqa: PLR2004 - two labels
            yield from instances_of(module, key)
