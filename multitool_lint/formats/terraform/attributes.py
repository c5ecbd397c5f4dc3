"""Which attributes of Terraform's resources hold policies, and of which type."""

from __future__ import annotations

from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.aws.catalog.tables import BUNDLED, read_rows
from multitool_lint.formats.extract import Attachment
from multitool_lint.formats.recognize import ORGANIZATIONS
from multitool_lint.policy.document import PolicyType

if TYPE_CHECKING:
    from collections.abc import Mapping


_TYPES = frozenset(type_.value for type_ in PolicyType)


class PolicyAttribute(NamedTuple):
    """The type of the policy as the table names it, and the resource as CloudFormation does."""

    type: str
    resource_type: str | None

    @property
    def attachment(self) -> Attachment:
        """What a policy there is attached to; another attribute may decide its type."""
        known = PolicyType(self.type) if self.type in _TYPES else None
        return Attachment(known, self.resource_type)

    def of_organizations(self, type: str | None) -> PolicyAttribute:
        """The same for a policy of this type of AWS Organizations, None if it is not known."""
        known = ORGANIZATIONS.get(type or "")
        return self._replace(type="" if type is None else known.value if known else "other")


@lru_cache(maxsize=1)
def holders() -> Mapping[str, Mapping[str, PolicyAttribute]]:
    """The attributes that hold policies, by resource type; blocks that they are in with dots."""
    found: dict[str, dict[str, PolicyAttribute]] = {}
    for resource, attribute, type_, *attached in read_rows(BUNDLED, "terraform_policies.tsv"):
        holder = PolicyAttribute(type_, attached[0] if attached else None)
        found.setdefault(resource, {})[attribute] = holder
    return MappingProxyType(found)
