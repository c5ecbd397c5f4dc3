"""Conditions on a Region whose value is none."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws import arn, patterns, regions
from multitool_lint.aws.condition_keys import region_keys
from multitool_lint.aws.condition_operators import Operator
from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.policy.document import Condition, Policy
from multitool_lint.syntax.tree import strings_of

_NOT_FILLED_IN = "{<["


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """Compare every value of a key that holds a Region with the Regions that AWS has."""
    for statement in policy.statements:
        for condition in statement.conditions:
            others = region_keys().get(condition.lower_key)
            operator = condition.comparison
            if others is not None and operator and operator.family == "String":
                yield from _values(condition, operator, others, context)


def _values(
    condition: Condition, operator: Operator, others: frozenset[str], context: Context
) -> Iterator[Finding]:
    for node, text in strings_of(condition.values):
        name = text.lower() if operator.name.endswith("IgnoreCase") else text
        if (
            name
            and name not in others
            and regions.partition_of(name) is None
            and not patterns.has_wildcard(name)
            and not any(mark in name for mark in _NOT_FILLED_IN)
        ):
            shaped = regions.may_be_region(name)
            advice = f"write one like {arn.close_region(name)}"
            yield context.finding(
                node,
                f'"{text}" is no Region that is known here; if it is not a new one, {advice}'
                if shaped
                else f'"{text}" is no Region; {advice}',
                severity=Severity.WARNING if shaped else None,
            )
