"""Action patterns that match no action."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.iam.standing import Standing, standing
from multitool_lint.policy import texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.findings import Context, Finding
    from multitool_lint.policy import Policy


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """Every pattern that matches nothing."""
    for statement in policy.statements:
        for node, action in texts(statement.actions):
            if standing(context.catalog, action) is Standing.UNMATCHED:
                effect = ", so nothing is excluded" if statement.negates_actions else ""
                yield context.finding(node, f'"{action}" matches no action{effect}')
