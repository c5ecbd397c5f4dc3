"""Actions that their service does not have."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws.action_status import ActionStatus
from multitool_lint.aws.catalog.attested import evidence
from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.diagnostics.fixes import write
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.diagnostics.suggestion import did_you_mean, list_actions
from multitool_lint.policy.action_status import with_status
from multitool_lint.policy.document import Policy
from multitool_lint.syntax.printable import quoted
from multitool_lint.syntax.tree import Node


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each action that its service does not have, or without a service."""
    for action in with_status(policy, context.catalog, ActionStatus.MALFORMED):
        is_arn = action.text.startswith("arn:")
        yield context.finding(
            action.node,
            f"{quoted(action.text)} is {'an ARN, not an action' if is_arn else 'not an action'}",
            help="move the ARN to Resource"
            if is_arn
            else 'use the form service:action, as in "s3:GetObject"',
        )
    for action in with_status(policy, context.catalog, ActionStatus.UNKNOWN):
        yield _unknown(context, action.node, action.text)


def _unknown(context: Context, node: Node, action: str) -> Finding:
    """The finding about a name that its service does not have, with a suggestion."""
    catalog = context.catalog
    used = evidence(catalog, action)
    severity = Severity.WARNING if used else None
    if authorised_by := catalog.authorised_by(action):
        return context.finding(
            node,
            f"{quoted(action)} is an API operation, not an action",
            help=f'use "{authorised_by}", which authorizes this operation',
            severity=severity,
            fixes=write(node, authorised_by),
        )
    if used:
        return context.finding(
            node,
            f"{quoted(action)} is not in AWS's reference",
            notes=(used.clause, context.catalog_note),
            severity=Severity.SUGGESTION if used.managed else severity,
            issue_code=None if used.managed else "",  # it is probably newer than the catalog
        )
    prefix, _, name = action.partition(":")
    title = f'"{prefix}" does not have an action {quoted(name)}'
    close = catalog.close_actions(action)
    if len(close) == 1:
        title = f'{title}; did you mean "{close[0]}"?'
        return context.finding(node, title, fixes=write(node, close[0]))
    return context.finding(node, title, help=did_you_mean(close) or list_actions(prefix))
