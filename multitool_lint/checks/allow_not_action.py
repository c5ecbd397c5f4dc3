"""Allow statements whose NotAction grants the actions of most services."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.diagnostics.finding import Context, Finding, related
from multitool_lint.policy.access import sensitive_grants, spans_most_services
from multitool_lint.policy.document import Policy
from multitool_lint.policy.resources import restricts_target


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every NotAction that grants the actions of most services everywhere."""
    for grant in sensitive_grants(policy, context.catalog):
        statement = grant.statement
        if (
            statement.negates_actions
            and statement.action
            and grant.everywhere
            and not grant.full
            and not restricts_target(statement)
            and spans_most_services(grant.actions, context.catalog)
        ):
            yield context.finding(
                statement.action,
                f"NotAction allows {len(grant.actions):,} actions of "
                f"{len(grant.actions.prefixes)} services on all resources",
                label="allows all actions except these",
                related=tuple(related(node, "all resources") for node in statement.resources[:1]),
                notes=("actions that AWS adds in the future are allowed, too",),
                help="list the actions that are needed in Action; to exclude actions from a wide "
                "statement, use a Deny statement",
            )
