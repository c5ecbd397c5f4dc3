"""Operators of another type than their key that come to the same."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws.condition_keys import global_key
from multitool_lint.checks.condition_type_mismatch import compares_arns
from multitool_lint.checks.string_operator_on_arn_key import arns_as_strings, title
from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.policy.arn_comparison import comes_to_the_same
from multitool_lint.policy.document import Policy


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each such condition that IAM Access Analyzer or parliament reports."""
    for _, condition in arns_as_strings(policy, context):
        name, is_pattern = condition.comparison.name, condition.comparison.accepts_wildcards
        is_reported = is_pattern or global_key(condition.key.key) is None
        if is_reported and comes_to_the_same(condition):
            yield context.finding(
                condition.key,
                title(condition),
                help=f"{name.replace('String', 'Arn')} holds for the same requests",
                issue_code="STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS" if is_pattern else "",
            )
    for _, condition in policy.conditions:
        if compares_arns(condition, context):
            yield context.finding(
                condition.key,
                f"{condition.comparison.name} requires an ARN, but {condition.key.key} is a string",
                help="it works where the string is an ARN, as the values are",
                issue_code="TYPE_MISMATCH",
            )
