"""Actions that their service does not have."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws.action_status import ActionStatus
from multitool_lint.aws.catalog.attested import evidence
from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.diagnostics.fixes import write
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.policy.action_status import with_status
from multitool_lint.policy.document import Policy
from multitool_lint.syntax.tree import Node


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """Every action that its service does not have, and every one that names no service."""
    for action in with_status(policy, context.catalog, ActionStatus.MALFORMED):
        instead = 'write service:action, as in "s3:GetObject"'
        if action.text.startswith("arn:"):
            instead = f"it is an ARN and belongs in Resource; {instead}"
        yield context.finding(action.node, f'"{action.text}" is no action: {instead}')
    for action in with_status(policy, context.catalog, ActionStatus.UNKNOWN):
        yield _unknown(context, action.node, action.text)


def _unknown(context: Context, node: Node, action: str) -> Finding:
    """The finding of a name that its service does not have, with what to write instead."""
    catalog = context.catalog
    used = evidence(catalog, action)
    severity = Severity.WARNING if used else None
    if authorised_by := catalog.authorised_by(action):
        message = f'"{action}" is an API operation, not an action; "{authorised_by}" authorises it'
        return context.finding(node, message, severity=severity, fixes=write(node, authorised_by))
    if used:
        return context.finding(
            node,
            f'"{action}" is not in AWS\'s reference of {catalog.date}; {used.clause}',
            severity=Severity.SUGGESTION if used.managed else severity,
            issue_code=None if used.managed else "",  # it is probably newer than the catalog
        )
    prefix, _, name = action.partition(":")
    message = f'"{prefix}" has no action "{name}"'
    close = catalog.close_actions(action)
    if close:
        message += "; did you mean " + " or ".join(f'"{suggestion}"' for suggestion in close) + "?"
    else:
        message += f"; multitool-lint query '{prefix}:*' lists those that it has"
    return context.finding(node, message, fixes=write(node, close[0]) if len(close) == 1 else ())
