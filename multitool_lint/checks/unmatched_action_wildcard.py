"""Action patterns that match no action."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.action_standings import with_standing
from multitool_lint.features import UNFAMILIAR_ACTIONS
from multitool_lint.iam import patterns
from multitool_lint.iam.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.findings import Context, Finding
    from multitool_lint.iam.catalog import Catalog
    from multitool_lint.policy import Policy


NEEDS = (UNFAMILIAR_ACTIONS,)


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """Every pattern that matches nothing."""
    for each in with_standing(policy, context.catalog, Standing.UNMATCHED):
        effect = ", so nothing is excluded" if each.statement.negates_actions else ""
        hint = _instead(each.text, context.catalog)
        yield context.finding(each.node, f'"{each.text}" matches no action{effect}; {hint}')


def _instead(pattern: str, catalog: Catalog) -> str:
    """What may have been meant by a name that goes on with a star, else where to look."""
    literal = pattern.rstrip("*")
    close = () if patterns.has_wildcard(literal) else catalog.close_actions(literal)
    if close:
        return "did you mean " + " or ".join(f'"{each}"' for each in close) + "?"
    prefix = pattern.partition(":")[0]
    of = "" if patterns.has_wildcard(prefix) else f"; multitool-lint query '{prefix}:*' lists all"
    return f"drop it, or write one that does{of}"
