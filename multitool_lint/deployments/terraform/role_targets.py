"""What of a deployment of Terraform runs with which role, and the ARNs that resources have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.aws.arn_references import arn_formats
from multitool_lint.aws.role_targets import arn_format, named, role_attributes
from multitool_lint.deployments.addresses import address_of
from multitool_lint.deployments.as_policy import Writer
from multitool_lint.deployments.terraform import documents
from multitool_lint.deployments.terraform.arguments import argument
from multitool_lint.deployments.terraform.resources import instances_of
from multitool_lint.formats.terraform.attributes import part_of
from multitool_lint.policy.identities import RoleTarget
from multitool_lint.syntax.choices import cases
from multitool_lint.syntax.placeholders import of_arn
from multitool_lint.syntax.source import Span
from multitool_lint.syntax.terms import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Sequence

    from multitool_lint.deployments.terraform.access import ModuleDeployment
    from multitool_lint.deployments.terraform.module import Instance
    from multitool_lint.syntax.terms import Value

_PROFILE = "aws_iam_instance_profile"
_WRITER = Writer(lambda _: None, Span(0, 0), part_of)


def arns_of(instance: Instance, address: str, format_: str) -> tuple[str, ...]:
    """The ARNs by which policies name a resource: that of references, and that with its name."""
    reference = f"{address}.arn"
    type_ = instance.type.removeprefix("aws_")
    found = (argument(instance, key) for key in ("name", f"{type_.rpartition('_')[2]}_name"))
    name = next((_WRITER.text(name) for name in found if isinstance(name, (str, Text))), "")
    path = argument(instance, "path") if ":iam:" in format_ else None
    within = _WRITER.text(path).strip("/") if isinstance(path, (str, Text)) else ""
    names = [*([name] if name else []), part_of(f"{address}.name")]
    known = (
        part_of(reference) if (instance.type, "arn") in arn_formats() else "",
        of_arn(reference, format_),
        *(of_arn(reference, named(format_, f"{within and f'{within}/'}{one}")) for one in names),
    )
    return tuple(dict.fromkeys(filter(None, known)))


def role_targets(
    deployment: ModuleDeployment,
    shown: Callable[[str], str],
    span: Callable[[Instance], Span],
) -> Iterator[tuple[str, RoleTarget]]:
    """What runs with a role, each after the address of the role."""
    profiles: dict[str, str] = {}
    for instance in _instances(deployment, [_PROFILE]):
        profiles[instance.address] = address_of(argument(instance, "role"))
    for instance in _instances(deployment, role_attributes()):
        for iam_type, path in role_attributes()[instance.type]:
            for value in _values(instance, path):
                for _, one in cases(value):
                    address = address_of(one)
                    role = profiles.get(address, address)
                    if role in deployment.owners:
                        arns = arns_of(instance, shown(instance.address), arn_format(iam_type))
                        at = span(instance)
                        yield role, RoleTarget(iam_type, shown(instance.address), at, arns)


def _instances(deployment: ModuleDeployment, types: Container[str]) -> Iterator[Instance]:
    for module in deployment.modules:
        for key, _, _ in list(module.of_type("resource")):
            if key[1] in types:
                yield from instances_of(module, key)


def _values(instance: Instance, path: Sequence[str]) -> Iterator[Value]:
    """The values at a path, of which the first part is a block if there are two."""
    if len(path) == 1:
        yield argument(instance, path[0])
        return
    for evaluator, block, _ in documents.blocks_in(instance.evaluator, instance.block.body):
        if block.type == path[0] and path[1] in block.body.attributes:
            yield evaluator.evaluate(block.body.attributes[path[1]])
