"""Multivalued keys that are compared without a set operator."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws.catalog.queries import known_key
from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.policy.document import Policy

_ONE_IN_PRACTICE = frozenset({"events:detail-type", "events:source"})
"""Multivalued keys that AWS's own policies compare without a set operator.

AWS: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-bus-permissions-manage.html
AWS: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-bus-example-policy-same-account-creator.html
"""


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each such key without ForAllValues or ForAnyValue."""
    for _, condition in policy.conditions:
        operator = condition.comparison
        if operator.qualifier or operator.family in ("", "Null"):
            continue
        key = known_key(context.catalog, condition.key.key)
        if key and key.multivalued:
            name = condition.operator.key
            yield context.finding(
                condition.key,
                f"{name} compares one value, but {condition.key.key} is multivalued",
                label="may have several values",
                help=f"use ForAnyValue:{name} if one value must match, or ForAllValues:{name} if "
                "all values must match",
                severity=Severity.WARNING if key.name in _ONE_IN_PRACTICE else None,
            )
