"""Denials that do not apply to requests without a multivalued key."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.diagnostics.fixes import write_operator
from multitool_lint.policy.document import Condition, Policy

_WITHOUT = {
    "aws:calledvia": "requests that a principal makes directly do not contain aws:CalledVia",
    "aws:principalorgpaths": "requests of principals outside of an organization do not contain "
    "aws:PrincipalOrgPaths",
}
"""Multivalued keys about the caller, and which requests lack them."""


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each Deny with ForAnyValue and a negated operator on such a key."""
    about = [
        (statement, condition)
        for statement, condition in policy.conditions
        if statement.effect == "Deny" and condition.lower_key in _WITHOUT
    ]
    tested = {
        condition.lower_key for _, condition in about if condition.comparison.family == "Null"
    }
    for statement, condition in about:
        if condition.lower_key not in tested and _is_bypassable(condition):
            operator = condition.operator.key.partition(":")[2]
            yield context.finding(
                condition.key,
                f"Requests without {condition.key.key} are not denied",
                label="ForAnyValue never holds without the key",
                notes=(_WITHOUT[condition.lower_key],),
                help=f"use ForAllValues:{operator}, which holds unless one of the values is listed",
                fixes=write_operator(statement, condition, f"ForAllValues:{operator}"),
            )


def _is_bypassable(condition: Condition) -> bool:
    operator = condition.comparison
    return operator.qualifier == "ForAnyValue" and operator.negated and not operator.if_exists
