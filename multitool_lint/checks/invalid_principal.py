"""Principals under `AWS` that are not in a valid form."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws import arn, patterns, principals
from multitool_lint.diagnostics.finding import Context, Finding, quoted
from multitool_lint.diagnostics.placeholder import has_placeholder, to_be_replaced
from multitool_lint.policy.document import Policy
from multitool_lint.policy.placeholder_forms import ACCOUNT
from multitool_lint.policy.placeholders import marked
from multitool_lint.policy.principals import partly_known_principals, principal_values
from multitool_lint.syntax.tree import Node


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every such principal; wildcards are for another rule."""
    for statement in policy.statements:
        for node in partly_known_principals(statement, "AWS"):
            if arn.closes_nothing(node.text):
                yield from _leftover(context, node, marked(node.text))
        for value in principal_values(statement, "AWS"):
            text = value.text
            if patterns.has_wildcard(text) or principals.is_aws(text):
                continue
            if "${" in text:
                yield from _leftover(context, value.node, text)
                continue
            if has_placeholder(text, ACCOUNT):
                yield to_be_replaced(context, value.node, text)
                continue
            yield context.finding(
                value.node,
                f'{quoted(text)} is not a valid principal for "AWS"',
                help="use an account ID of 12 digits, the ARN of an account root, user, role or "
                'session, or "*"',
            )


def _leftover(context: Context, node: Node, text: str) -> Iterator[Finding]:
    """A finding about a bracket next to what a template fills in."""
    if left := arn.leftover(text):
        yield context.finding(node, f"{quoted(left.value)} {left.problem}", help=left.help)
