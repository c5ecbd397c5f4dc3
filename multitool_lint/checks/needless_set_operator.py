"""ForAllValues and ForAnyValue on keys that have one value, where they change nothing."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.diagnostics.fixes import rename_operator, safe
from multitool_lint.policy.condition_keys import has_one_value
from multitool_lint.policy.contradictions import is_always_present
from multitool_lint.policy.document import Condition, Policy, Statement


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each qualifier without which the condition holds for the same requests."""
    for statement, condition in policy.conditions:
        if _is_needless(policy, statement, condition) and has_one_value(
            context.catalog, condition.key.key
        ):
            qualifier, _, operator = condition.operator.key.partition(":")
            change = rename_operator(statement, condition, operator)
            yield context.finding(
                condition.key,
                f"{qualifier} changes nothing on {condition.key.key}, which has one value at most",
                label="single-valued",
                help=f"use {operator}",
                fixes=safe(f"Change the operator to {operator}", change) if change else (),
            )


def _is_needless(policy: Policy, statement: Statement, condition: Condition) -> bool:
    """Whether a qualifier changes nothing for a key with one value, nor for a request without it.

    An Allow with ForAllValues, and the audience of a token, are up to other rules.
    """
    operator = condition.comparison
    for_all = operator.qualifier == "ForAllValues"
    if operator.qualifier is None or operator.family in ("", "Null") or operator.if_exists:
        return False
    if (for_all and statement.allows) or condition.lower_key.endswith(":aud"):
        return False
    return for_all == operator.negated or is_always_present(condition, policy)
