"""Actions with a wildcard in the service prefix."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws.patterns import has_wildcard
from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.policy.document import Policy


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """Every action with a prefix such as `*` or `s?`, unless it matches all actions."""
    for statement in policy.statements:
        for at in statement.wildcards if statement.open_ended else ():
            text = statement.action_names[at]
            prefix, colon, name = text.partition(":")
            if colon and has_wildcard(prefix) and name.strip("*"):
                yield context.finding(
                    statement.action_node(at),
                    f'the service of this action is "{prefix}", which also matches services with '
                    "similar names; specify one action for each service",
                )
