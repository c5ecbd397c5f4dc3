"""Action patterns that match no action."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.action_standings import with_standing
from multitool_lint.iam.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.findings import Context, Finding
    from multitool_lint.policy import Policy


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """Every pattern that matches nothing."""
    for each in with_standing(policy, context.catalog, Standing.UNMATCHED):
        effect = ", so nothing is excluded" if each.statement.negates_actions else ""
        yield context.finding(each.node, f'"{each.text}" matches no action{effect}')
