"""Wildcards before the end of an action in a service control policy."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws import patterns
from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.policy.document import Policy


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every action with a wildcard anywhere but at its end."""
    for statement in policy.statements:
        for node, text in statement.action_texts:
            if patterns.has_wildcard(text[:-1]) or text.endswith("?"):
                yield context.finding(
                    node,
                    f'"{text}" has a wildcard before its end, which service control policies did '
                    "not take until September 2025: list the actions",
                )
