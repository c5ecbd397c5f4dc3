"""Conditions that keep no one from listing what lies under a prefix of a bucket."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.policy.document import Policy

_KEY = "s3:prefix"


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every s3:prefix that says which lists are not to be had."""
    for statement, condition in policy.conditions:
        operator = condition.comparison
        if condition.lower_key != _KEY or operator.family != "String":
            continue
        if statement.effect == ("Allow" if operator.negated else "Deny"):
            better = (
                "say in the Allow which prefixes may be listed, with StringLike"
                if statement.allows
                else "deny all prefixes but those that may be listed, with StringNotLike"
            )
            yield context.finding(
                condition.key,
                f"a list of a shorter prefix, or of none, shows these keys as well; {better}",
            )
