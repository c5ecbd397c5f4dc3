"""How large a policy is, as AWS counts it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.aws import policy_types
from multitool_lint.policy.document import Policy
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.placeholders import as_written

if TYPE_CHECKING:
    from multitool_lint.aws.policy_types import Quota

_BLANKS = b" \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f"
"""The ASCII characters that `str.split` takes for whitespace."""


def quota_of(policy: Policy) -> Quota | None:
    """The quota of what the policy is attached to, where that is known."""
    known = policy_types.quotas()
    if policy.resource_type and policy.resource_type in known:
        return known[policy.resource_type]
    if policy.type is not PolicyType.RESOURCE:
        return known[policy.type.value]
    if policy.resource_type:
        return None
    return policy_types.quota_of_service(
        {prefix for statement in policy.statements for prefix in statement.services}
    )


def sizes(text: str, quota: Quota) -> tuple[int, int]:
    """The size of a text with and without whitespace, in the unit of a quota."""
    text = as_written(text)
    if text.isascii():
        return len(text), packed_length(text)
    written, packed = (
        len(counted.encode()) if quota.unit == "bytes" else len(counted)
        for counted in (text, "".join(text.split()))
    )
    return written, packed


def packed_length(text: str) -> int:
    """How many characters of a text are not whitespace."""
    if text.isascii():
        return len(text.encode().translate(None, _BLANKS))
    return len("".join(text.split()))
