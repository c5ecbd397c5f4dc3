"""What of a template runs with which of its roles, and the ARNs that name its resources."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from multitool_lint.aws.arn_references import arn_formats
from multitool_lint.aws.role_targets import RoleAttribute, arn_format, named, role_attributes
from multitool_lint.formats.cloudformation.functions import text_of
from multitool_lint.limits import MAX_STEPS_TO_A_ROLE
from multitool_lint.policy.identities import NO_TAGS, IdentityKind, RoleTarget
from multitool_lint.syntax.placeholders import of_arn, with_unknown_parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from multitool_lint.formats.cloudformation.resources import DefinedResource

_SAM = "AWS::Serverless::"
_TAG = ("Key", "Value")
_REFERENCE = re.compile(r"\$\{(\w+)(?:\.\w+)?\}")


def arns_of(resource: DefinedResource, format_: str, *names: str) -> tuple[str, ...]:
    """The ARNs that references to a resource come to, and those with one of its names."""
    known = ("Arn", "PolicyArn", "Ref")
    attribute = next((name for name in known if (resource.type, name) in arn_formats()), "Arn")
    address = f"{resource.address}.{attribute}".removesuffix(".Ref")
    path = resource.text("Path").strip("/")
    written = [of_arn(resource.address, "${Name}"), *_texts(names)]
    return (
        of_arn(address, format_),
        *(of_arn(address, named(format_, f"{path and f'{path}/'}{name}")) for name in written),
    )


def tags_of(resource: DefinedResource) -> Mapping[str, str]:
    """The tags of a resource that are known, by their keys in lower case."""
    pairs = (
        tuple(text_of(part) if part else None for part in map(tag.node.get, _TAG))
        for tag in resource.at("Tags", "*")
        if tag.given == resource.start.given
    )
    return {key.lower(): value for key, value in pairs if key and value}


def role_targets(
    resources: Sequence[DefinedResource],
    by_name: Mapping[tuple[IdentityKind, str], DefinedResource],
) -> Iterator[tuple[str, RoleTarget]]:
    """What runs with a role, each after the address of the role."""
    found = {resource.address: resource for resource in resources}
    roles = {name: owner.address for (kind, name), owner in by_name.items() if kind.value == "role"}
    for resource in resources:
        runs = {
            (role, attribute.iam_type): attribute
            for attribute in role_attributes().get(resource.type, ())
            if attribute.iam_type
            if not attribute.needs or resource.text(attribute.needs) == "true"
            for role in _roles(resource, attribute, roles, found)
        }
        for (role, iam_type), attribute in runs.items():
            if arns := _target_arns(resource, attribute, found):
                tags = tags_of(resource) if attribute.has_tags else NO_TAGS
                yield role, RoleTarget(iam_type, resource.address, resource.span, arns, tags)


def _roles(
    resource: DefinedResource,
    attribute: RoleAttribute,
    roles: Mapping[str, str],
    found: Mapping[str, DefinedResource],
    depth: int = 0,
) -> Iterator[str]:
    """The addresses of the roles that a property leads to, also over other resources."""
    places = resource.at(*attribute.path)
    if resource.type.startswith(_SAM) and not places:
        yield resource.address
    for text in filter(None, (text_of(place.node) for place in places)):
        address = _address(text)
        other = found.get(address)
        if role := roles.get(text) or roles.get(f"${{{address}}}"):
            yield role
        elif other and depth < MAX_STEPS_TO_A_ROLE:
            for inner in role_attributes().get(other.type, ()):
                yield from _roles(other, inner, roles, found, depth + 1)


def _target_arns(
    resource: DefinedResource, attribute: RoleAttribute, found: Mapping[str, DefinedResource]
) -> tuple[str, ...]:
    """The ARNs of what runs with a role; none without what has a part in its name."""
    format_ = arn_format(attribute.iam_type)
    if not attribute.named_by:
        return arns_of(resource, format_, *(_names(resource) if attribute.named_by == "" else ()))
    named_by = resource.text(attribute.named_by)
    address = _address(named_by)
    names = [named_by, *(_names(found[address]) if address in found else ())]
    references = [of_arn(address, "${Name}"), of_arn(address, "${Any}")] if address else []
    return tuple(
        of_arn(resource.address, named(format_, name)) for name in (*references, *_texts(names))
    )


def _names(resource: DefinedResource) -> tuple[str, ...]:
    """The names that a template gives to a resource."""
    keys = ("Name", f"{resource.type.rpartition('::')[2]}Name")
    return tuple(filter(None, map(resource.text, keys)))


def _texts(names: Iterable[str]) -> Iterator[str]:
    """Names as policies have them."""
    return filter(None, map(with_unknown_parts, filter(None, names)))


def _address(text: str) -> str:
    """The resource that a reference is about; "" of another text."""
    match = _REFERENCE.fullmatch(text)
    return match[1] if match else ""
