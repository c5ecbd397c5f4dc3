"""Action patterns that match no action."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws import patterns
from multitool_lint.aws.action_status import ActionStatus
from multitool_lint.aws.catalog.attested import evidence
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.policy.action_status import with_status
from multitool_lint.policy.document import Policy


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """Every pattern that matches nothing."""
    for action in with_status(policy, context.catalog, ActionStatus.UNMATCHED):
        used = evidence(context.catalog, action.text)
        if used:
            yield context.finding(
                action.node,
                f'"{action.text}" matches no action in AWS\'s reference of '
                f"{context.catalog.date}; {used.clause}",
                severity=Severity.WARNING,
                issue_code=None if used.managed else "",
            )
            continue
        effect = ", so nothing is excluded" if action.statement.negates_actions else ""
        hint = _instead(action.text, context.catalog)
        yield context.finding(action.node, f'"{action.text}" matches no action{effect}; {hint}')


def _instead(pattern: str, catalog: Catalog) -> str:
    """What may have been meant by a name that goes on with a star, else where to look."""
    literal = pattern.rstrip("*")
    close = () if patterns.has_wildcard(literal) else catalog.close_actions(literal)
    if close:
        return "did you mean " + " or ".join(f'"{suggestion}"' for suggestion in close) + "?"
    prefix = pattern.partition(":")[0]
    of = "" if patterns.has_wildcard(prefix) else f"; multitool-lint query '{prefix}:*' lists all"
    return f"drop it, or write one that does{of}"
