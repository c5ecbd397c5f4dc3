"""References to managed policies of AWS: what they name, and what for."""

from __future__ import annotations

from enum import Enum
from functools import lru_cache

from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.catalog.managed_policies import ManagedPolicy, newest_document, policy_named
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.document import Policy
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.json import fast
from multitool_lint.syntax.source import Source, Span

PARTITION = "aws"
"""The partition whose policies the catalog has."""
OF_LINKED_ROLES = "aws-service-role/"
"""The path of policies that AWS itself attaches, to the service-linked roles of its services."""
OF_SERVICES = ("service-role/", OF_LINKED_ROLES)
"""The paths of policies that AWS has written for the roles of its services."""


_ARN = lazy_pattern(
    r"arn:(?P<partition>\$\{[^{}]*\}|\{\{[^{}]*\}\}|%s|[a-z-]*):iam(?P<colons>:+)aws:policy/"
    r"(?P<name>[\w+=,.@/-]+)"
)
_COLONS = "::"
"""What is between the service and the account: IAM has no Region."""


class Named(NamedTuple):
    """What an ARN names: the partition, None if it is not known, and what follows `policy/`.

    It is not a valid ARN if it is `misshapen`: too few or too many colons before the account.
    """

    partition: str | None
    name: str
    misshapen: bool = False

    def known_name(self, catalog: Catalog) -> str | None:
        """The name of the policy without its path, if it is known what the policy says."""
        policy = policy_named(catalog, self.name.rpartition("/")[2])
        has_document = policy is not None and policy.is_named(self.name) and policy.version
        is_right = has_document and not self.misshapen
        return policy.name if policy and is_right and self.partition in (PARTITION, None) else None


def named_by(arn: str) -> Named | None:
    """What an ARN names that is one of a managed policy of AWS; None for any other text."""
    match = _ARN.fullmatch(arn)
    if match is None:
        return None
    known = match["partition"]
    partition = known if known and known[0].isalpha() else None
    return Named(partition, match["name"], match["colons"] != _COLONS)


class ReferenceUse(Enum):
    """What a managed policy is named for."""

    ATTACHED = "attached"
    BOUNDARY = "boundary"
    NAMED = "named"
    """It is in a parameter, a variable or an output, say."""


class PolicyReference(NamedTuple):
    """A reference to a managed policy of AWS, by the name that follows `policy/` in its ARN.

    `partition` is None if it is not known. One that is `by_name` has no path, and `may_be_own` if
    it may be that of another policy of the account. What is `printed` by AWS is certainly there,
    and what is `shown` is in documentation. `owner` is the address of the list that has the
    reference, or of the resource, and one is `certain` if no condition decides whether it is there.
    A `misshapen` one has too few or too many colons before the account.
    It is `bounded` if what it is attached to has a permissions boundary that is not known, and
    `assumed` if it is the default of a variable or parameter, which another value may replace.
    """

    span: Span
    name: str
    use: ReferenceUse
    owner: str = ""
    partition: str | None = PARTITION
    by_name: bool = False
    may_be_own: bool = False
    printed: bool = False
    shown: bool = False
    certain: bool = True
    misshapen: bool = False
    bounded: bool = False
    assumed: bool = False

    @property
    def short_name(self) -> str:
        """The name without a path."""
        return self.name.rpartition("/")[2]

    def policy(self, catalog: Catalog) -> ManagedPolicy | None:
        """The policy of the name, whatever its path; None if there has never been one."""
        return policy_named(catalog, self.short_name)

    def has_document(self, catalog: Catalog) -> bool:
        """Whether it is known what the policy says."""
        policy = self.policy(catalog)
        name = policy.full_name if policy and self.by_name else self.name
        return Named(self.partition, name, self.misshapen).known_name(catalog) is not None


@lru_cache(maxsize=256)
def document_of(catalog: Catalog, name: str) -> Policy | None:
    """The newest known version of a managed policy; None if none is known."""
    policy = policy_named(catalog, name)
    text = newest_document(catalog, policy.name) if policy else None
    if text is None:
        return None
    return Policy(Source("", text), fast.read(text, literal=True), PolicyType.IDENTITY)
