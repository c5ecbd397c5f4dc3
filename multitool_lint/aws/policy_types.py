"""What AWS documents of each type of policy: its quota, and what a resource policy may name."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType

from multitool_lint.aws import arn_overlap
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.catalog.tables import Rows, bundled_table
from multitool_lint.named_tuple import NamedTuple


class ResourcePolicyType(NamedTuple):
    """The prefix of its actions, its resource types, and keys that are always the same there."""

    prefix: str
    resource_types: tuple[str, ...]
    irrelevant_keys: tuple[str, ...]


@bundled_table("resource_policies.tsv")
def resource_policies(rows: Rows) -> Mapping[str, ResourcePolicyType]:
    """The policies by the CloudFormation type of the resource."""
    return MappingProxyType(
        {
            type_: ResourcePolicyType(
                prefix, tuple(types.split()), tuple(" ".join(keys).lower().split())
            )
            for type_, prefix, types, *keys in rows
        }
    )


def may_appear_in(policy: ResourcePolicyType, resource: str, catalog: Catalog) -> bool:
    """Whether the policy can be about a resource."""
    return any(arn_overlap.may_name(format_, resource) for format_ in _formats(policy, catalog))


def _formats(policy: ResourcePolicyType, catalog: Catalog) -> Iterator[str]:
    for listed in policy.resource_types:
        name, plus, suffix = listed.partition("+")
        prefix, _, type_ = name.partition("/")
        service = catalog.service(prefix)
        resource = service.resource_types.get(type_) if service else None
        for format_ in resource.arn_formats if resource else ():
            yield format_ + suffix if plus else format_


class Quota(NamedTuple):
    """A limit in characters or bytes; `policy` is what AWS calls a policy that is attached there.

    `service` is the prefix of the only service whose actions such a policy has.
    """

    limit: int
    unit: str
    counts_whitespace: bool
    service: str
    policy: str


@bundled_table("policy_quotas.tsv")
def quotas(rows: Rows) -> Mapping[str, Quota]:
    """All quotas, by policy type or CloudFormation resource type."""
    return MappingProxyType(
        {
            holder: Quota(int(limit), unit, counted == "yes", service, policy)
            for holder, limit, unit, counted, service, policy in rows
        }
    )


def quota_of_service(prefixes: Collection[str]) -> Quota | None:
    """The quota of resource policies that have actions of one service and of no other."""
    if len(prefixes) != 1:
        return None
    (prefix,) = prefixes
    return next((quota for quota in quotas().values() if prefix and quota.service == prefix), None)


@bundled_table("services_without_policies.tsv")
def services_without_policies(rows: Rows) -> frozenset[str]:
    """The prefixes of the services whose resources have no policies."""
    return frozenset(row[0] for row in rows)


@bundled_table("rcp_services.tsv")
def rcp_services(rows: Rows) -> frozenset[str]:
    """The prefixes of the services whose resources a resource control policy can protect."""
    return frozenset(row[0] for row in rows)
