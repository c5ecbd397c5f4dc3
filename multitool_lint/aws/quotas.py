"""How large AWS lets a policy be, by what it is attached to."""

from __future__ import annotations

from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.aws.catalog.tables import BUNDLED, read_rows

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


class Quota(NamedTuple):
    """A limit in characters or bytes; `policy` is what AWS calls a policy that is attached there.

    `service` is the prefix of the only service whose actions such a policy has.
    """

    limit: int
    unit: str
    counts_whitespace: bool
    service: str
    policy: str


@lru_cache(maxsize=1)
def quotas() -> Mapping[str, Quota]:
    """All quotas, by policy type or CloudFormation resource type."""
    return MappingProxyType(
        {
            holder: Quota(int(limit), unit, counted == "yes", service, policy)
            for holder, limit, unit, counted, service, policy in read_rows(
                BUNDLED, "policy_quotas.tsv"
            )
        }
    )


def of_service(prefixes: Collection[str]) -> Quota | None:
    """The quota of resource policies that have actions of one service and of no other."""
    if len(prefixes) != 1:
        return None
    (prefix,) = prefixes
    return next((each for each in quotas().values() if prefix and each.service == prefix), None)
