"""Allow statements with ForAllValues that match requests without the condition key."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.diagnostics.finding import Context, Finding, Fix
from multitool_lint.diagnostics.fixes import write_operator
from multitool_lint.policy.action_scope import action_scopes, is_everywhere
from multitool_lint.policy.condition_keys import is_single_valued
from multitool_lint.policy.document import Condition, Policy, Statement
from multitool_lint.syntax.tree import UNKNOWN

_NOT_REPORTED = frozenset({"codeconnections:provideraction", "codestar-connections:provideraction"})
"""Single-valued keys in AWS's reference that Access Analyzer accepts with ForAllValues."""


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each single-valued key with ForAllValues that no condition requires."""
    for statement in policy.statements:
        suspects = [condition for condition in statement.conditions if _is_suspect(condition)]
        if not statement.allows or not suspects:
            continue
        required = {
            condition.lower_key for condition in statement.conditions if _requires(condition)
        }
        for condition in suspects:
            key = condition.key.key
            if key.lower() not in required and is_single_valued(context.catalog, key):
                yield _finding(statement, condition, context)


def _finding(statement: Statement, condition: Condition, context: Context) -> Finding:
    name = condition.operator.key.partition(":")[2]
    advice = f"use {name}, which does not match requests without the key"
    fixes: tuple[Fix, ...] = ()
    if _have_key(statement, condition.key.key, context.catalog):
        fixes = write_operator(statement, condition, name)
    else:
        advice += ", in a statement for the actions that support it"
    return context.finding(
        condition.key,
        f"ForAllValues also matches requests without {condition.key.key}",
        label="has one value at most",
        help=advice,
        issue_code="" if condition.lower_key in _NOT_REPORTED else None,
        fixes=fixes,
    )


def _have_key(statement: Statement, key: str, catalog: Catalog) -> bool:
    """Whether no action loses its effect if the statement requires a key."""
    if is_everywhere(key):
        return True
    if statement.open_ended or statement.negates_actions:
        return False
    takes = action_scopes(catalog).takes
    return all(
        takes(name, key)
        for text in statement.lower_action_names
        for name in catalog.names(catalog.match(text))
    )


def _is_suspect(condition: Condition) -> bool:
    operator = condition.comparison
    return operator.qualifier == "ForAllValues" and operator.family != "Null"


def _requires(condition: Condition) -> bool:
    """Whether a condition does not hold for requests without the key."""
    operator = condition.comparison
    if operator.family == "Null":
        return operator.qualifier is None and any(
            node.value is UNKNOWN or str(node.value).lower() == "false" for node in condition.values
        )
    return bool(operator.family) and not operator.holds_without_key
