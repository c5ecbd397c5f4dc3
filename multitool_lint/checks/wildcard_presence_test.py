"""Patterns that match every value, and so only test whether the key is present."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.diagnostics.finding import Context, Finding, Fix
from multitool_lint.diagnostics.fixes import rename_operator, safe
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.policy.document import Condition, Policy, Statement
from multitool_lint.syntax.patch.change import set_value
from multitool_lint.syntax.tree import Node

_TAG = lazy_pattern(r"[a-z0-9-]+:re(?:quest|source)tag/|aws:tagkeys$|kms:encryptioncontext:")
"""Keys of which AWS's own policies ask with `*` whether there is such a tag, in lower case."""


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each condition that is equivalent to Null, those on tags apart."""
    return presence_tests(policy, context, of_tags=False)


def presence_tests(policy: Policy, context: Context, *, of_tags: bool) -> Iterator[Finding]:
    """One finding for each such condition on a tag of the request or resource, or on other keys."""
    for statement, condition in policy.conditions:
        if (_TAG.match(condition.lower_key) is not None) != of_tags:
            continue
        everything = [
            node
            for node in condition.values
            if isinstance(node.value, str) and node.value and not node.value.strip("*")
        ]
        if not everything:
            continue
        if not condition.comparison.accepts_wildcards:
            continue
        asked = condition.comparison.asks_with_star
        whole = len(everything) == condition.value_count
        if asked == "absent" or (asked == "present" and whole):
            absent = asked == "absent"
            yield _finding(statement, condition, everything[0], absent=absent, context=context)


def _finding(
    statement: Statement, condition: Condition, star: Node, *, absent: bool, context: Context
) -> Finding:
    word, value = ("absent", "true") if absent else ("present", "false")
    null = f'Null with "{value}" for {condition.key.key}'
    change = rename_operator(statement, condition, "Null")
    fixes: tuple[Fix, ...] = ()
    if change:
        # A list of one value stays one: blocks of Terraform need a list.
        node = star if condition.value_count == 1 else condition.key.value
        fixes = safe(f"Use {null}", change, set_value(node, value))
    return context.finding(
        star,
        f'{condition.operator.key} with "*" only tests whether {condition.key.key} is {word}',
        label="matches every value",
        help=f"specify the intended values, or use {null}",
        issue_code="EQUIVALENT_TO_NULL_TRUE" if absent else "EQUIVALENT_TO_NULL_FALSE",
        fixes=fixes,
    )
