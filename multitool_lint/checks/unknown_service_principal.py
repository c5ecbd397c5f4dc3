"""Service principals, and the values of conditions that name one, that are misspelt."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws import patterns
from multitool_lint.aws.principals import misspelt
from multitool_lint.aws.service_requests import SERVICE_VALUED_KEYS, is_service_principal
from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.diagnostics.fixes import write
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.policy.principals import principal_values
from multitool_lint.syntax.tree import Node


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every service principal that is a letter away from a known one."""
    for statement in policy.statements:
        for node, text in _service_principals(statement):
            if patterns.has_wildcard(text) or not is_service_principal(text):
                continue
            meant = misspelt(text)
            if meant and context.catalog.service(text.partition(".")[0]) is None:
                yield context.finding(
                    node,
                    f'no service principal "{text}" is known; did you mean "{meant}"?',
                    fixes=write(node, meant),
                )


def _service_principals(statement: Statement) -> Iterator[tuple[Node, str]]:
    for value in principal_values(statement, "Service"):
        yield value.node, value.text
    for condition in statement.conditions:
        if condition.lower_key in SERVICE_VALUED_KEYS and condition.comparison.family == "String":
            yield from condition.texts
