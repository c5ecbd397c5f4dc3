"""What can stand in the policies of resources, by the CloudFormation type of the resource."""

from __future__ import annotations

from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.aws import arn_overlap
from multitool_lint.aws.catalog.tables import BUNDLED, read_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from multitool_lint.aws.catalog.catalog import Catalog


class ResourcePolicy(NamedTuple):
    """The prefix of its actions, its resource types, and keys that are always the same there."""

    prefix: str
    resource_types: tuple[str, ...]
    irrelevant_keys: tuple[str, ...]


@lru_cache(maxsize=1)
def resource_policies() -> Mapping[str, ResourcePolicy]:
    """The policies by the CloudFormation type of the resource."""
    return MappingProxyType(
        {
            type_: ResourcePolicy(
                prefix, tuple(types.split()), tuple(" ".join(keys).lower().split())
            )
            for type_, prefix, types, *keys in read_rows(BUNDLED, "resource_policies.tsv")
        }
    )


def may_stand_in(policy: ResourcePolicy, resource: str, catalog: Catalog) -> bool:
    """Whether the policy can be about a resource."""
    return any(arn_overlap.may_name(format_, resource) for format_ in _formats(policy, catalog))


def _formats(policy: ResourcePolicy, catalog: Catalog) -> Iterator[str]:
    for each in policy.resource_types:
        name, plus, suffix = each.partition("+")
        prefix, _, type_ = name.partition("/")
        service = catalog.service(prefix)
        resource = service.resource_types.get(type_) if service else None
        for format_ in resource.arn_formats if resource else ():
            yield format_ + suffix if plus else format_
