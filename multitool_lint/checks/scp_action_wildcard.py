"""Wildcards that are not at the end of an action in a service control policy."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws import patterns
from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.policy.document import Policy
from multitool_lint.syntax.printable import quoted


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each action with a wildcard that is not at its end."""
    for statement in policy.statements:
        for node, text in statement.action_texts:
            if patterns.has_wildcard(text[:-1]) or text.endswith("?"):
                yield context.finding(
                    node,
                    f"{quoted(text)} has a wildcard that is not at its end",
                    notes=("service control policies support this only since September 2025",),
                    help="list the actions",
                )
