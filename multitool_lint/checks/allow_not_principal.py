"""Allow statements that grant access to everyone except the listed principals."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.policy.document import Policy


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every Allow statement with NotPrincipal."""
    for statement in policy.statements:
        principal = statement.principal
        if statement.allows and principal and principal.key == "NotPrincipal":
            yield context.finding(
                principal,
                "NotPrincipal in an Allow statement allows access to everyone who is not listed",
                label="allows all other principals",
                notes=(
                    (
                        "this includes other accounts and, where the service accepts them, "
                        "unauthenticated requests"
                    ),
                ),
                help="list the principals that need access in Principal; to exclude some, use a "
                "Deny statement",
            )
