"""Statements that grant access to all resources but some."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.diagnostics.finding import Context, Finding, related
from multitool_lint.policy.document import Policy


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every Allow statement with NotResource."""
    for statement in policy.statements:
        if statement.allows and statement.negates_resources and statement.resource:
            yield context.finding(
                statement.resource,
                "grants the actions on every other resource, of whatever kind, those to come "
                "included: list under Resource what is meant",
                related=(related(statement.action, "these actions"),) if statement.action else (),
            )
