"""Actions and resources that do not belong to the resource that has the policy."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws import arn, patterns
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.policy_types import ResourcePolicyType, may_appear_in, resource_policies
from multitool_lint.diagnostics.finding import Context, Finding, quoted
from multitool_lint.policy.document import Policy

_NEEDS_ARN = frozenset({"AWS::S3::Bucket"})
"""The types of resources whose policies cannot have `*` as a resource."""


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each action of another service, and each resource of another type."""
    if policy.resource_type is None:
        return
    attached = resource_policies().get(policy.resource_type)
    if attached is None:
        return
    for statement in policy.statements:
        for node, text in statement.action_texts if not statement.negates_actions else ():
            prefix, colon, _ = text.lower().partition(":")
            if not colon or patterns.has_wildcard(prefix) or "${" in prefix:
                continue
            if prefix != attached.prefix:
                yield context.finding(
                    node,
                    f"{quoted(text)} cannot be used in the policy of this resource",
                    notes=(f"{policy.resource_type} supports only actions of {attached.prefix}",),
                    help="grant the action in the policy of its resource, or in an identity policy",
                    issue_code="UNSUPPORTED_ACTION_IN_POLICY",
                )
        for node, text in statement.resource_texts:
            if not _fits(policy, attached, text, context.catalog):
                yield context.finding(
                    node,
                    f"{quoted(text)} cannot be used in the policy of this resource",
                    help=f"specify the ARN of the {policy.resource_type} that has the policy",
                    issue_code="UNSUPPORTED_RESOURCE_ARN_IN_POLICY",
                )


def _fits(policy: Policy, attached: ResourcePolicyType, resource: str, catalog: Catalog) -> bool:
    if arn.matches_all(resource):
        return policy.resource_type not in _NEEDS_ARN
    return arn.defect(resource) is not None or may_appear_in(attached, resource, catalog)
