"""Conditions that match every request, or no request, because of a wildcard."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.diagnostics.finding import Context, Finding, Fix, Safety
from multitool_lint.diagnostics.fixes import drop_statement
from multitool_lint.policy.document import Condition, Policy, Statement
from multitool_lint.syntax.patch.change import Change, remove

_ALWAYS = "REDUNDANT_KEY_DUE_TO_WILDCARD_IN_CONDITION"
_NEVER = "REDUNDANT_STATEMENT_DUE_TO_WILDCARD_IN_CONDITION"


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each condition that matches every request, or none."""
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
    title = f"Remove the condition on {condition.key.key} (access unchanged)"
    return context.finding(
        condition.key,
        f'{condition.operator.key} with "*" matches every request, even without '
        f"{condition.key.key}",
        label="restricts nothing",
        help="specify the intended values, or remove the condition",
        issue_code=_ALWAYS,
        fixes=(Fix(title, (_without(statement, condition),), Safety.SAFE),),
    )


def _without(statement: Statement, condition: Condition) -> Change:
    """Remove the condition, and the operator or element that would be left empty."""
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
        f'{condition.operator.key} with "*" matches no request, so this statement {verb} nothing',
        label="never matches",
        help="specify the intended values, or remove the statement",
        issue_code=_NEVER,
        fixes=drop_statement(policy, statement) if len(policy.statements) > 1 else (),
    )
