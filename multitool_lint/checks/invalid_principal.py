"""Principals under `AWS` that are not in a valid form."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws import patterns, principals
from multitool_lint.diagnostics.finding import Context, Finding, quoted
from multitool_lint.diagnostics.placeholder import has_placeholder, to_be_replaced
from multitool_lint.policy.document import Policy
from multitool_lint.policy.principals import principal_values


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every such principal; wildcards are for another rule."""
    for statement in policy.statements:
        for value in principal_values(statement, "AWS"):
            text = value.text
            if "${" in text or patterns.has_wildcard(text) or principals.is_aws(text):
                continue
            if has_placeholder(text):
                yield to_be_replaced(context, value.node, text)
                continue
            yield context.finding(
                value.node,
                f'{quoted(text)} is not a valid principal for "AWS"',
                help="use an account ID of 12 digits, the ARN of an account root, user, role or "
                'session, or "*"',
            )
