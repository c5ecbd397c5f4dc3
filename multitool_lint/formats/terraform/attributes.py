"""Which attributes of Terraform's resources hold policies, and of which type."""

from __future__ import annotations

from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.aws.catalog.tables import BUNDLED, read_rows

if TYPE_CHECKING:
    from collections.abc import Mapping


class Holder(NamedTuple):
    """The type of the policy as the table names it, and the resource as CloudFormation does."""

    type: str
    resource_type: str | None


@lru_cache(maxsize=1)
def holders() -> Mapping[str, Mapping[str, Holder]]:
    """The attributes that hold policies, by resource type; blocks that they are in with dots."""
    found: dict[str, dict[str, Holder]] = {}
    for resource, attribute, type_, *attached in read_rows(BUNDLED, "terraform_policies.tsv"):
        holder = Holder(type_, attached[0] if attached else None)
        found.setdefault(resource, {})[attribute] = holder
    return MappingProxyType(found)
