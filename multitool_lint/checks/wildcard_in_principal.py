"""Wildcards in principals, which AWS takes literally or not at all."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws import patterns
from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.policy.document import Policy, PolicyType
from multitool_lint.policy.principals import PrincipalValue, principal_values

_INSTEAD = {
    "AWS": "name the account, user, role or session in full, or write the account and restrict it "
    "by a condition on aws:PrincipalArn",
    "Service": "name each service",
    "Federated": "name each identity provider",
    "CanonicalUser": "name each canonical user",
}


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every principal with a wildcard, but for `"AWS": "*"`."""
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
                'a role\'s trust policy takes no bare "*" as principal: name the accounts, roles '
                "or services that may assume the role",
                issue_code="ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL",
            )
        for value in principal_values(statement):
            if _has_wildcard(value):
                yield context.finding(
                    value.node,
                    f'"{value.text}" has a wildcard, which no principal of the kind {value.kind} '
                    f"may have: {_INSTEAD[value.kind]}",
                    issue_code="UNSUPPORTED_WILDCARD_IN_PRINCIPAL",
                )


def _has_wildcard(principal: PrincipalValue) -> bool:
    if principal.kind not in _INSTEAD or (principal.kind == "AWS" and principal.text == "*"):
        return False
    # What a variable or a template's placeholder stands for is not known.
    return patterns.has_wildcard(principal.text) and "${" not in principal.text
