"""Which attributes of Terraform's resources hold policies, of which type, and which are ARNs."""

from __future__ import annotations

import re
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.aws.arn_references import arn_formats
from multitool_lint.aws.catalog.tables import BUNDLED, parses, read_rows
from multitool_lint.formats.extract import Attachment
from multitool_lint.formats.recognize import ORGANIZATIONS
from multitool_lint.policy.document import PolicyType
from multitool_lint.syntax.placeholders import of_arn

if TYPE_CHECKING:
    from collections.abc import Mapping


# With an index, a reference is one of several resources; with a splat it is all of them.
_REFERENCE = re.compile(r"(?:data\.)?(aws_\w+)\.[\w-]+(?:\[[^\[\]*]+\])?\.(\w+)")
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
@parses("terraform_policies.tsv")
def holders() -> Mapping[str, Mapping[str, PolicyAttribute]]:
    """The attributes that hold policies, by resource type; blocks that they are in with dots."""
    found: dict[str, dict[str, PolicyAttribute]] = {}
    for resource, attribute, type_, *attached in read_rows(BUNDLED, "terraform_policies.tsv"):
        holder = PolicyAttribute(type_, attached[0] if attached else None)
        found.setdefault(resource, {})[attribute] = holder
    return MappingProxyType(found)


def arn_of(expression: str, context: str = "") -> str | None:
    """The ARN that a reference to an attribute comes to, as far as the type of its resource tells.

    None if it is not the ARN of a resource.
    """
    reference = _REFERENCE.fullmatch(expression.strip())
    format_ = arn_formats().get(reference.groups()) if reference else None
    return of_arn(expression.strip(), format_, context) if format_ else None


def common_attachment(uses: set[PolicyAttribute]) -> Attachment:
    """What a policy is attached to, where that is the same everywhere."""
    found = {holder.attachment for holder in uses}
    types = {attachment.type for attachment in found}
    resources = {attachment.resource_type for attachment in found}
    if types == {PolicyType.IDENTITY, PolicyType.BOUNDARY}:
        return Attachment(PolicyType.IDENTITY)  # what it is a boundary for besides grants nothing
    if len({holder.type for holder in uses}) != 1 or None in types:
        return Attachment()
    return Attachment(types.pop(), resources.pop() if len(resources) == 1 else None)
