"""What of a template runs with which of its roles, and the ARNs that name its resources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.aws.arn_references import arn_formats
from multitool_lint.aws.role_targets import arn_format, named, role_attributes
from multitool_lint.formats.cloudformation.functions import NOTHING, text_of
from multitool_lint.policy.identities import RoleTarget
from multitool_lint.syntax.placeholders import of_arn, with_unknown_parts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from multitool_lint.formats.cloudformation.identities import Resource
    from multitool_lint.policy.identities import IdentityKind

PROFILE = "AWS::IAM::InstanceProfile"
_SAM = "AWS::Serverless::"


def arns_of(resource: Resource, format_: str, *names: str) -> tuple[str, ...]:
    """The ARNs that references to a resource come to, and those with one of its names."""
    known = ("Arn", "PolicyArn", "Ref")
    attribute = next((name for name in known if (resource.type, name) in arn_formats()), "Arn")
    address = f"{resource.address}.{attribute}".removesuffix(".Ref")
    path = resource.text("Path").strip("/")
    written = [of_arn(resource.address, "${Name}"), *map(with_unknown_parts, filter(None, names))]
    return (
        of_arn(address, format_),
        *(
            of_arn(address, named(format_, f"{path and f'{path}/'}{name}"))
            for name in written
            if name
        ),
    )


def role_targets(
    resources: Sequence[Resource], by_name: Mapping[tuple[IdentityKind, str], Resource]
) -> Iterator[tuple[str, RoleTarget]]:
    """What runs with a role, each after the address of the role."""
    roles = {name: owner for (kind, name), owner in by_name.items() if kind.value == "role"}
    roles |= {f"${{{owner.address}.Arn}}": owner for owner in roles.values()}
    for profile in resources:
        found = [roles.get(name) for name in _texts(profile, ("Roles", "*"))]
        if profile.type == PROFILE and found and found[0]:
            for attribute in ("", ".Arn"):
                roles[f"${{{profile.address}{attribute}}}"] = found[0]
    for resource in resources:
        for iam_type, path in role_attributes().get(resource.type, ()):
            texts = [*_texts(resource, path)]
            users = [role.address for text in texts if (role := roles.get(text))]
            if resource.type.startswith(_SAM) and not texts:
                users = [resource.address]
            name = resource.text(f"{resource.type.rpartition('::')[2]}Name")
            arns = arns_of(resource, arn_format(iam_type), name) if users else ()
            for user in users:
                yield user, RoleTarget(iam_type, resource.address, resource.span, arns)


def _texts(resource: Resource, path: Sequence[str]) -> Iterator[str]:
    for place in resource.at(*path):
        if text := text_of(place.node, NOTHING):
            yield text
