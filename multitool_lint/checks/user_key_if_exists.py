"""Conditions with IfExists on a key that only requests of IAM users have."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.policy.document import Condition, Policy

_USER_NAME = "aws:username"
_IF_EXISTS = "IfExists"


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each condition that all requests of roles meet."""
    for statement, condition in policy.conditions:
        if statement.effect not in ("Allow", "Deny") or not _needs_no_key(condition):
            continue
        verb = "allows" if statement.allows else "denies"
        yield context.finding(
            condition.key,
            f"This statement also {verb} requests of roles, which have no {condition.key.key}",
            label=f"missing keys meet {condition.operator.key}",
            notes=("only requests of IAM users contain the name of a user",),
            help=f"use {condition.operator.key.removesuffix(_IF_EXISTS)}",
        )


def _needs_no_key(condition: Condition) -> bool:
    """Whether the condition holds without a key that it compares with certain values."""
    operator = condition.comparison
    return condition.lower_key == _USER_NAME and operator.if_exists and not operator.negated
