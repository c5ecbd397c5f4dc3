"""Trust in an account as a whole, for whoever it acts for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.policy.document import Policy
from multitool_lint.policy.principals import principal_values
from multitool_lint.policy.resources import has_unknown_condition, restricts_values
from multitool_lint.policy.trust import may_allow

_ACCOUNT = re.compile(r"(?:arn:[^:]+:iam::)?([0-9]{12})(?::root)?")
_OF_ANY_CALLER = "aws:securetransport"


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every account that may assume the role under no condition on its callers."""
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
                    f"account {account[1]} can assume this role for any of its own customers; if "
                    "it is not yours, require sts:ExternalId in a condition",
                )
