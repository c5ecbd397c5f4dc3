"""Conditions on a Region whose value is not a Region."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws import arn, patterns, regions
from multitool_lint.aws.condition_keys import region_keys
from multitool_lint.diagnostics.finding import Context, Finding, quoted
from multitool_lint.diagnostics.placeholder import has_placeholder, to_be_replaced
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.policy.document import Condition, Policy
from multitool_lint.policy.placeholder_forms import REGION

_EMPTY_IN_US_EAST_1 = "s3:locationconstraint"
"""The key that S3 gives an empty value for the Region us-east-1."""


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each value of a key of Regions that is not a Region."""
    for _, condition in policy.conditions:
        others = region_keys().get(condition.lower_key)
        if others is not None and condition.comparison.family == "String":
            yield from _values(condition, others, context)


def _values(condition: Condition, others: frozenset[str], context: Context) -> Iterator[Finding]:
    for node, text in condition.texts:
        name = text.lower() if condition.comparison.name.endswith("IgnoreCase") else text
        if (
            (name or condition.lower_key != _EMPTY_IN_US_EAST_1)
            and name not in others
            and regions.partition_of(name) is None
            and not patterns.has_wildcard(name)
            and "${" not in name
        ):
            if has_placeholder(text, REGION):
                yield to_be_replaced(context, node, text)
                continue
            shaped = regions.may_be_region(name)
            advice = arn.close_region(name)
            yield context.finding(
                node,
                f"{quoted(text)} is not {'a known' if shaped else 'an'} AWS Region; {advice}",
                notes=(context.catalog_note,) if shaped else (),
                severity=Severity.WARNING if shaped else None,
            )
