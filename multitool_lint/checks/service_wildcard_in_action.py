"""Actions with a wildcard in the service prefix."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws.patterns import has_wildcard
from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.policy.document import Policy
from multitool_lint.syntax.printable import quoted


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each action with a prefix such as `*` or `s?`, unless it matches all."""
    for statement in policy.statements:
        for at in statement.wildcards if statement.open_ended else ():
            text = statement.action_names[at]
            prefix, colon, name = text.partition(":")
            if colon and has_wildcard(prefix) and name.strip("*"):
                yield context.finding(
                    statement.action_node(at),
                    f"The service {quoted(prefix)} in this action also matches services that AWS "
                    "adds later",
                    help="specify an action for each service",
                )
