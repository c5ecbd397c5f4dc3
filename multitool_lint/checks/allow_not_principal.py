"""Statements that grant access to everyone but some."""

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
                "grants access to everyone else, anonymous callers included: list under Principal "
                "who is meant",
            )
