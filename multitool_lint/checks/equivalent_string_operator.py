"""Keys of type ARN, compared with an operator for strings that comes to the same."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.checks.string_operator_on_arn_key import arns_as_strings, title
from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.policy.arn_comparison import comes_to_the_same
from multitool_lint.policy.document import Policy


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each such key with an operator for patterns: Access Analyzer reports it."""
    for _, condition in arns_as_strings(policy, context):
        operator = condition.comparison
        if operator.accepts_wildcards and condition.names and comes_to_the_same(condition):
            better = operator.name.replace("String", "Arn")
            yield context.finding(
                condition.key,
                title(condition),
                help=f"{better} holds for the same requests, and shows that an ARN is compared",
            )
