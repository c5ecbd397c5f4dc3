"""Statements without a Sid."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.policy.document import Policy
from multitool_lint.syntax.tree import Object

_HELP = 'add a Sid that says what the statement is for, such as "ReadLogs"'


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every statement without a Sid, or with an empty one."""
    for statement in policy.statements:
        if statement.sid is None and isinstance(statement.node.value, Object):
            yield context.finding(statement.node, "This statement does not have a Sid", help=_HELP)
        elif statement.sid is not None and statement.sid.value == "":
            yield context.finding(statement.sid, "The Sid of this statement is empty", help=_HELP)
