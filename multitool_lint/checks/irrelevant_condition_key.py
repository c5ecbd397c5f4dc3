"""Conditions on keys that are constant for the resource that the policy is attached to."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws.policy_types import resource_policies
from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.policy.document import Policy


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each key that is the same in every request for the resource."""
    if policy.resource_type is None:
        return
    attached = resource_policies().get(policy.resource_type)
    if attached is None or not attached.irrelevant_keys:
        return
    for _, condition in policy.conditions:
        if condition.lower_key in attached.irrelevant_keys:
            yield context.finding(
                condition.key,
                f"{condition.key.key} is the same in every request for this {policy.resource_type}",
                help="remove the condition; use this key in identity policies",
            )
