"""Wildcards in principals, which AWS does not support."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws import patterns
from multitool_lint.diagnostics.finding import Context, Finding, quoted
from multitool_lint.policy.document import Policy
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.policy.principals import PrincipalValue, principal_values

_HELPS = {
    "AWS": "use the full ARN, or use the account and compare aws:PrincipalArn, which supports "
    "wildcards, in a condition",
    "Service": "list each service",
    "Federated": "list each identity provider",
    "CanonicalUser": "list each canonical user ID",
}


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every principal with a wildcard, except `"AWS": "*"`."""
    for statement in policy.statements:
        principal = statement.principal
        if principal is None:
            continue
        if (
            policy.type is PolicyType.TRUST
            and principal.key == "Principal"
            and principal.value.value == "*"
        ):
            yield context.finding(
                principal.value,
                'A role trust policy cannot have "Principal": "*"',
                help="specify the accounts, roles or services that can assume the role",
                issue_code="ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL",
            )
        for value in principal_values(statement):
            if _has_wildcard(value):
                yield context.finding(
                    value.node,
                    f'{quoted(value.text)} has a wildcard, which "{value.kind}" does not support',
                    help=_HELPS[value.kind],
                    issue_code="UNSUPPORTED_WILDCARD_IN_PRINCIPAL",
                )


def _has_wildcard(principal: PrincipalValue) -> bool:
    if principal.kind not in _HELPS or (principal.kind == "AWS" and principal.text == "*"):
        return False
    # Which value a variable or a placeholder of a template has is not known.
    return patterns.has_wildcard(principal.text) and "${" not in principal.text
