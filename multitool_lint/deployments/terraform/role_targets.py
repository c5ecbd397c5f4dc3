"""What of a deployment of Terraform runs with which role, and the ARNs that resources have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.aws.arn_references import arn_formats
from multitool_lint.aws.role_targets import RoleAttribute, arn_format, named, role_attributes
from multitool_lint.deployments.addresses import address_of
from multitool_lint.deployments.as_policy import Writer
from multitool_lint.deployments.terraform.arguments import argument
from multitool_lint.formats.terraform.attributes import part_of
from multitool_lint.limits import MAX_STEPS_TO_A_ROLE
from multitool_lint.policy.identities import NO_TAGS, RoleTarget
from multitool_lint.syntax.choices import cases, truth
from multitool_lint.syntax.placeholders import of_arn
from multitool_lint.syntax.source import Span
from multitool_lint.syntax.terms import Encoded, Text, Value
from multitool_lint.values.json_texts import parse_json
from multitool_lint.values.terraform import documents
from multitool_lint.values.terraform.resources import instances_of

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence

    from multitool_lint.deployments.terraform.access import ModuleDeployment
    from multitool_lint.syntax.hcl.expressions import Body
    from multitool_lint.values.terraform.module import Instance
    from multitool_lint.values.terraform.shared import Evaluates

_WRITER = Writer(lambda _: None, Span(0, 0), part_of)


def arns_of(instance: Instance, address: str, format_: str) -> tuple[str, ...]:
    """The ARNs by which policies name a resource: that of references, and that with its name."""
    path = argument(instance, "path") if ":iam:" in format_ else None
    within = _WRITER.text(path).strip("/") if isinstance(path, (str, Text)) else ""
    names = (f"{within and f'{within}/'}{name}" for name in _names(instance, address))
    return _arns(instance, address, format_, names)


def tags_of(instance: Instance) -> Mapping[str, str]:
    """The tags of a resource that are known, by their keys in lower case."""
    tags = argument(instance, "tags")
    members = tags.items() if isinstance(tags, dict) else ()
    return {str(key).lower(): text for key, value in members for text in _written(value)}


def role_targets(
    deployment: ModuleDeployment,
    shown: Callable[[str], str],
    span: Callable[[Instance], Span],
) -> Iterator[tuple[str, RoleTarget]]:
    """What runs with a role, each after the address of the role."""
    running = {instance.address: instance for instance in _instances(deployment, role_attributes())}
    naming: dict[tuple[str, ...], Mapping[str, Instance]] = {}
    for instance in running.values():
        address = shown(instance.address)
        found = {
            (role, attribute.iam_type): attribute
            for attribute in role_attributes()[instance.type]
            if attribute.iam_type and _is_used(instance, attribute)
            for role in _roles(deployment, running, instance, attribute)
        }
        for (role, _), attribute in found.items():
            if arns := _target_arns(deployment, instance, attribute, shown, naming):
                tags = tags_of(instance) if attribute.has_tags else NO_TAGS
                yield role, RoleTarget(attribute.iam_type, address, span(instance), arns, tags)


def _is_used(instance: Instance, attribute: RoleAttribute) -> bool:
    """Whether a resource has what its use needs."""
    return not attribute.needs or truth(argument(instance, attribute.needs)) is True


def _roles(
    deployment: ModuleDeployment,
    running: Mapping[str, Instance],
    instance: Instance,
    attribute: RoleAttribute,
    depth: int = 0,
) -> Iterator[str]:
    """The addresses of the roles that an attribute leads to, also over other resources."""
    for value in _values(instance.evaluator, instance.block.body, attribute.path):
        for _, one in cases(value):
            address = address_of(one)
            if address in running and depth < MAX_STEPS_TO_A_ROLE:
                other = running[address]
                for inner in role_attributes()[other.type]:
                    yield from _roles(deployment, running, other, inner, depth + 1)
            elif address in deployment.owners:
                yield address


def _target_arns(
    deployment: ModuleDeployment,
    instance: Instance,
    attribute: RoleAttribute,
    shown: Callable[[str], str],
    naming: dict[tuple[str, ...], Mapping[str, Instance]],
) -> tuple[str, ...]:
    """The ARNs of what runs with a role; none without what has a part in its name.

    What was found of types that have one is kept in `naming`.
    """
    format_, address = arn_format(attribute.iam_type), shown(instance.address)
    if attribute.named_by == "":
        return arns_of(instance, address, format_)
    if attribute.named_by is None:
        return _arns(instance, address, format_, ())
    value = argument(instance, attribute.named_by)
    whose = address_of(value)
    types = tuple(word for word in whose.split(".") if word.startswith("aws_"))[:1]
    if types not in naming:
        naming[types] = {one.address: one for one in _instances(deployment, types)}
    other = naming[types].get(whose)
    names = _names(other, shown(whose)) if other else _written(value)
    return tuple(of_arn(address, named(format_, name)) for name in names)


def _instances(deployment: ModuleDeployment, types: Container[str]) -> Iterator[Instance]:
    for module in deployment.modules:
        for key, _, _ in list(module.of_type("resource")):
            if key[1] in types:
                yield from instances_of(module, key)


def _arns(instance: Instance, address: str, format_: str, names: Iterable[str]) -> tuple[str, ...]:
    reference = f"{address}.arn"
    known = (
        part_of(reference) if (instance.type, "arn") in arn_formats() else "",
        of_arn(reference, format_),
        *(of_arn(reference, named(format_, name)) for name in names),
    )
    return tuple(dict.fromkeys(filter(None, known)))


def _names(instance: Instance, address: str) -> Iterator[str]:
    """The names of a resource in policies: that is written, and that is referred to."""
    type_ = instance.type.rpartition("_")[2]
    found = (argument(instance, key) for key in ("name", f"{type_}_name"))
    yield from next(filter(None, map(_written, found)), ())
    yield part_of(f"{address}.name")


def text_of(value: Value) -> str:
    """A value as the policies of a deployment have it."""
    return _WRITER.text(value)


def _written(value: Value) -> tuple[str, ...]:
    return (_WRITER.text(value),) if isinstance(value, (str, Text)) else ()


def _values(evaluator: Evaluates, body: Body, path: Sequence[str]) -> Iterator[Value]:
    """The values at a path, of which the first parts are blocks, and the last in encoded JSON."""
    first, *rest = path
    if first in body.attributes:
        yield _member(evaluator.evaluate(body.attributes[first]), rest)
    elif rest:
        for inner, block, _ in documents.blocks_in(evaluator, body):
            if block.type == first:
                yield from _values(inner, block.body, rest)


def _member(value: Value, path: Sequence[str]) -> Value:
    """The value at a path in a value, or in the one that a JSON text encodes."""
    for name in path:
        if isinstance(value, Encoded):
            value = value.value
        elif isinstance(value, (str, Text)):
            value = parse_json(value)
        value = value.get(name) if isinstance(value, dict) else None
    return value
