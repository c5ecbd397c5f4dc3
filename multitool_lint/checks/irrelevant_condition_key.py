"""Conditions on keys that are constant in the requests that a policy applies to."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws.policy_types import resource_policies
from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.policy.document import Policy
from multitool_lint.policy.policy_type import PolicyType

_OF_ORGANIZATION = {
    PolicyType.SCP: ("aws:principalorgid", "of principals of", "aws:ResourceOrgID"),
    PolicyType.RCP: ("aws:resourceorgid", "for resources of", "aws:PrincipalOrgID"),
}
"""The key that always has the organization of the policy, why, and the key for the other side.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html#scp-effects-on-permissions
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html#rcp-effects-on-permissions
"""


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each key that is the same in every request that the policy applies to."""
    if policy.type is PolicyType.IDENTITY:
        yield from _of_principal(policy, context)
        return
    if policy.type in _OF_ORGANIZATION:
        yield from _of_organization(policy, *_OF_ORGANIZATION[policy.type], context)
        return
    attached = resource_policies().get(policy.resource_type) if policy.resource_type else None
    if attached is None or not attached.irrelevant_keys:
        return
    for _, condition in policy.conditions:
        if condition.lower_key in attached.irrelevant_keys:
            yield context.finding(
                condition.key,
                f"{condition.key.key} is the same in every request for this {policy.resource_type}",
                help="remove the condition; use this key in identity policies",
            )


def _of_organization(
    policy: Policy, key: str, which: str, other: str, context: Context
) -> Iterator[Finding]:
    """The findings about each Deny for other organizations than that of the policy."""
    for statement, condition in policy.conditions:
        if (
            statement.effect == "Deny"
            and condition.lower_key == key
            and condition.comparison.negated
        ):
            yield context.finding(
                condition.key,
                f"{condition.key.key} is the same in every request that this policy applies to",
                label="always your organization",
                notes=(f"it applies only to requests {which} its own organization",),
                help=f"remove the statement, or compare {other}",
                issue_code="",
                severity=Severity.WARNING,
            )


def _of_principal(policy: Policy, context: Context) -> Iterator[Finding]:
    """The findings about each Allow that is to be limited to the own organization, and is not."""
    for statement, condition in policy.conditions:
        if (
            statement.allows
            and condition.lower_key == "aws:principalorgid"
            and condition.comparison.family == "String"
            and not (condition.comparison.negated or condition.comparison.qualifier)
            and not any("${aws:resourceorg" in text.lower() for text in condition.names)
        ):
            yield context.finding(
                condition.key,
                f"{condition.key.key} is that of the principal itself, and limits no resource",
                label="the same for all resources",
                notes=("it is the same in every request of a user or role with this policy",),
                help="compare aws:ResourceOrgID, or remove the condition",
                issue_code="",
            )
