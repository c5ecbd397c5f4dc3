"""Condition keys that AWS has deprecated."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.policy.principals import principal_values

_REPLACEMENTS = {"aws:sourceowner": "aws:SourceAccount"}
"""What AWS documents to be used instead of a key."""


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each such key, but where it is reported that it does not limit services."""
    for statement, condition in policy.conditions:
        replacement = _REPLACEMENTS.get(condition.lower_key)
        if replacement and not _allows_services(statement):
            yield context.finding(
                condition.key,
                f"{condition.key.key} is deprecated",
                notes=("Amazon SNS supports it only in policies that have it already",),
                help=f"use {replacement}",
            )


def _allows_services(statement: Statement) -> bool:
    return statement.allows and any(principal_values(statement, "Service"))
