"""Statements with a condition on a date that has passed."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.diagnostics.finding import Context, Finding, quoted
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.policy.document import Policy
from multitool_lint.policy.in_force import cannot_apply, expired_conditions


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every statement that no request meets any more, on the last of its dates.

    What an Allow allowed is over, which is often intended; what a Deny denied may be allowed now.
    """
    for statement in policy.statements:
        expired = list(expired_conditions(statement))
        if not expired or cannot_apply(statement, policy, context.catalog):
            continue
        dates = expired[-1].values
        yield context.finding(
            dates[-1],
            f"This statement {'allows' if statement.allows else 'denies'} nothing any more: "
            f"{quoted(dates[-1].value)} has passed",
            label="has passed",
            help="remove the statement, or correct the date"
            if statement.allows
            else "correct the date, or remove the condition to deny the actions again",
            severity=Severity.SUGGESTION if statement.allows else None,
        )
