"""Action patterns that match no action."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from multitool_lint.aws import patterns
from multitool_lint.aws.action_status import ActionStatus
from multitool_lint.aws.catalog.attested import evidence
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.diagnostics.suggestion import did_you_mean, list_actions
from multitool_lint.policy.action_status import with_status
from multitool_lint.policy.document import Policy
from multitool_lint.syntax.printable import quoted


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each pattern that does not match any action."""
    for action in with_status(policy, context.catalog, ActionStatus.UNMATCHED):
        used = evidence(context.catalog, action.text)
        if used:
            yield context.finding(
                action.node,
                f"{quoted(action.text)} does not match any action in AWS's reference",
                notes=(used.clause, context.catalog_note),
                severity=Severity.WARNING,
                issue_code=None if used.managed else "",
            )
            continue
        excludes = action.statement.negates_actions
        title = f"{quoted(action.text)} does not match any action"
        close = _close(action.text, context.catalog)
        yield context.finding(
            action.node,
            f'{title}; did you mean "{close[0]}"?' if len(close) == 1 else title,
            notes=("this pattern does not exclude any action",) if excludes else (),
            help="" if len(close) == 1 else did_you_mean(close) or _advice(action.text),
        )


def _close(pattern: str, catalog: Catalog) -> Sequence[str]:
    """The actions that may be intended by a pattern with no wildcard before its end."""
    literal = pattern.rstrip("*")
    return () if patterns.has_wildcard(literal) else catalog.close_actions(literal)


def _advice(pattern: str) -> str:
    prefix = pattern.partition(":")[0]
    is_open = patterns.has_wildcard(prefix)
    return "remove the pattern, or change it" if is_open else list_actions(prefix)
