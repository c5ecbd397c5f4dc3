"""Null with IfExists, ForAllValues or ForAnyValue."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws.condition_operators import Operator
from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.diagnostics.fixes import write_operator
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.policy.document import Condition, Policy, Statement


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each such operator."""
    for statement in policy.statements:
        # An operator belongs to as many conditions as it has keys.
        by_place = {
            condition.operator.key_span: condition for condition in reversed(statement.conditions)
        }
        for condition in reversed(by_place.values()):
            operator = condition.comparison
            if operator.family == "Null" and (operator.if_exists or operator.qualifier):
                yield _finding(statement, condition, operator, context)


def _finding(
    statement: Statement, condition: Condition, operator: Operator, context: Context
) -> Finding:
    fixes = write_operator(statement, condition, "Null")
    if operator.if_exists:
        return context.finding(
            condition.operator,
            "Null does not support IfExists",
            notes=("Null tests whether the request contains the key",),
            help="use Null",
            issue_code="NULL_WITH_IF_EXISTS",
            fixes=fixes,
        )
    outcome = "true" if operator.qualifier == "ForAllValues" else "false"
    return context.finding(
        condition.operator,
        f"{operator.qualifier}:Null is always {outcome}, whether or not the key is present",
        help="use Null to test whether the request contains the key",
        issue_code="NULL_WITH_QUALIFIER",
        severity=Severity.SUGGESTION,
        fixes=fixes,
    )
