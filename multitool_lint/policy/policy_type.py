"""The types of policies."""

from __future__ import annotations

from enum import Enum


class PolicyType(Enum):
    """Where a policy is attached, which decides what its elements may be.

    A permissions boundary and a session policy are written as identity policies are, and grant
    nothing by themselves.

    AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#access_policy-types
    """

    IDENTITY = "identity"
    RESOURCE = "resource"
    TRUST = "trust"
    SCP = "scp"
    RCP = "rcp"
    BOUNDARY = "boundary"
    SESSION = "session"

    @property
    def has_identity_grammar(self) -> bool:
        """Whether it has the elements of an identity policy, and their meaning."""
        return self in (PolicyType.IDENTITY, PolicyType.BOUNDARY, PolicyType.SESSION)

    @property
    def completes_arns(self) -> bool:
        """Whether AWS adds the fields that are left out at the end of an ARN."""
        return self.has_identity_grammar or self is PolicyType.SCP


ORGANIZATIONS = {
    "SERVICE_CONTROL_POLICY": PolicyType.SCP,
    "RESOURCE_CONTROL_POLICY": PolicyType.RCP,
}
"""The types of policies by the names that AWS Organizations has for them."""
