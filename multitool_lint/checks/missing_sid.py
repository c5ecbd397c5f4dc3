"""Statements without a Sid."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.policy.document import Policy
from multitool_lint.syntax.tree import Object


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """Every statement that has none, or an empty one, which is as good as none."""
    for statement in policy.statements:
        if statement.sid is None and isinstance(statement.node.value, Object):
            yield context.finding(
                statement.node,
                'the statement has no Sid; say in one what it is for, as in "ReadLogs"',
            )
        elif statement.sid is not None and statement.sid.value == "":
            yield context.finding(
                statement.sid,
                'the Sid is empty; say in it what the statement is for, as in "ReadLogs"',
            )
