"""Conditions that do not prevent listing what is below a prefix of a bucket."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.policy.document import Policy

_KEY = "s3:prefix"


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each condition that excludes values of s3:prefix."""
    for statement, condition in policy.conditions:
        operator = condition.comparison
        if condition.lower_key != _KEY or operator.family != "String":
            continue
        if statement.effect == ("Allow" if operator.negated else "Deny"):
            yield context.finding(
                condition.key,
                "A request with a shorter prefix, or none, still lists the excluded objects",
                notes=("s3:prefix is what the caller asks for, not what the response contains",),
                help="allow the prefixes that may be listed, with StringLike"
                if statement.allows
                else "deny all prefixes except those that may be listed, with StringNotLike",
            )
