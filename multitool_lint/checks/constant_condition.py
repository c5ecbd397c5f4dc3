"""Conditions that a wildcard makes true, or false, whatever the request."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.diagnostics.finding import Context, Finding, Fix, Safety
from multitool_lint.diagnostics.fixes import drop_statement
from multitool_lint.policy.document import Condition, Policy, Statement
from multitool_lint.syntax.patch.change import Change, remove

_ALWAYS = "REDUNDANT_KEY_DUE_TO_WILDCARD_IN_CONDITION"
_NEVER = "REDUNDANT_STATEMENT_DUE_TO_WILDCARD_IN_CONDITION"


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """Every condition that no request fails, and every one that no request meets."""
    for statement, condition in policy.conditions:
        if not any(text and not text.strip("*") for text in condition.names):
            continue
        operator = condition.comparison
        if not operator.accepts_wildcards:
            continue
        if operator.asks_with_star == "always":
            yield _always(statement, condition, context)
        elif operator.asks_with_star == "never":
            yield _never(policy, statement, condition, context)


def _always(statement: Statement, condition: Condition, context: Context) -> Finding:
    title = f"drop the condition on {condition.key.key}: same access"
    return context.finding(
        condition.key,
        f'{condition.operator.key} with "*" holds for every request, even for one without '
        f"{condition.key.key}; drop the condition, or write the values that are meant",
        issue_code=_ALWAYS,
        fixes=(Fix(title, (_without(statement, condition),), Safety.SAFE),),
    )


def _without(statement: Statement, condition: Condition) -> Change:
    """Drop the condition, and what would be left empty around it."""
    element = next(member for member in reversed(statement.members) if member.key == "Condition")
    if sum(sibling.operator is condition.operator for sibling in statement.conditions) > 1:
        return remove(condition.key)
    if any(sibling.operator is not condition.operator for sibling in statement.conditions):
        return remove(condition.operator)
    return remove(element)


def _never(policy: Policy, statement: Statement, condition: Condition, context: Context) -> Finding:
    verb = "allows" if statement.allows else "denies"
    return context.finding(
        condition.key,
        f'{condition.operator.key} with "*" holds for no request, so that the statement {verb} '
        f"nothing; drop the statement, or write the values that are meant",
        issue_code=_NEVER,
        fixes=drop_statement(policy, statement) if len(policy.statements) > 1 else (),
    )
