"""Trust in a whole account, which may act for customers of its own."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.policy.document import Policy
from multitool_lint.policy.principals import principal_values
from multitool_lint.policy.resources import has_unknown_condition, restricts_values
from multitool_lint.policy.trust import may_allow

_ACCOUNT = lazy_pattern(r"(?:arn:[^:]+:iam::)?([0-9]{12})(?::root)?")
_OF_ANY_CALLER = "aws:securetransport"


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every account that can assume the role without a restriction of callers."""
    for statement in policy.statements:
        if (
            not may_allow([statement], "sts:AssumeRole")
            or has_unknown_condition(statement)
            or any(
                condition.lower_key != _OF_ANY_CALLER and restricts_values(condition)
                for condition in statement.conditions
            )
        ):
            continue
        if statement.principal is None or statement.principal.key == "NotPrincipal":
            continue
        for principal in principal_values(statement, "AWS"):
            if account := _ACCOUNT.fullmatch(principal.text):
                yield context.finding(
                    principal.node,
                    f"Account {account[1]} can assume the role without an external ID",
                    notes=("a provider could be made to assume the role for another customer",),
                    help="if the account is not yours, require sts:ExternalId in a condition",
                )
