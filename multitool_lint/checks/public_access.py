"""Resources and roles that are open to everyone."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws import arn, patterns
from multitool_lint.diagnostics.finding import Context, Finding, related
from multitool_lint.policy.document import Policy, PolicyType
from multitool_lint.policy.exposure import is_denied_to_most, lets_everyone_in
from multitool_lint.policy.principals import everyone

_ENDPOINT = "AWS::EC2::VPCEndpoint"

_SERVICES_OF_ANY_RESOURCE = frozenset(
    {"backup", "codeartifact", "ecr", "elasticfilesystem", "kms", "secretsmanager", "sns", "sqs"}
)
"""The services of whose resource policies AWS documents examples with `"Resource": "*"`."""


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every Allow statement for everyone that nothing restricts."""
    if policy.resource_type == _ENDPOINT:
        return
    for statement in policy.statements:
        place = everyone(statement) if statement.allows else None
        if place is None or not lets_everyone_in(statement):
            continue
        if (
            policy.type is PolicyType.RESOURCE and not policy.resource_type and _is_endpoint(policy)
        ) or is_denied_to_most(policy, statement):
            continue
        is_role = policy.type is PolicyType.TRUST
        yield context.finding(
            place,
            f"{'anyone with an AWS account may assume this role' if is_role else 'public access'}: "
            "name who is meant, or restrict it by a condition, such as one on aws:PrincipalOrgID "
            "or aws:SourceArn",
            related=(related(statement.action, "to do this"),) if statement.action else (),
        )


def _is_endpoint(policy: Policy) -> bool:
    """Whether it looks like the policy of a VPC endpoint, which all traffic of the VPC passes.

    Those are about every resource, or about the resources of several services.
    """
    services = set()
    for statement in policy.statements:
        if not statement.allows:
            continue
        everything = any(arn.matches_all(text) for _, text in statement.resource_texts)
        for _, text in statement.action_texts:
            prefix, colon, _ = text.lower().partition(":")
            if everything and (
                not colon
                or patterns.has_wildcard(prefix)
                or prefix not in _SERVICES_OF_ANY_RESOURCE
            ):
                return True
            if colon:
                services.add(prefix)
    return len(services) > 1
