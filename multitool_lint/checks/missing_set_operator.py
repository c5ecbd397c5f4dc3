"""Keys of several values, compared by an operator for one value."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws.catalog.queries import known_key
from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.policy.document import Policy

_ONE_IN_PRACTICE = frozenset({"events:detail-type"})
"""Keys listed as having several values that AWS's own policies compare as one: hardly an error.

AWS: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-bus-permissions-manage.html
"""


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every such key without ForAllValues or ForAnyValue."""
    for _, condition in policy.conditions:
        operator = condition.comparison
        if operator.qualifier or operator.family in ("", "Null"):
            continue
        key = known_key(context.catalog, condition.key.key)
        if key and key.multivalued:
            name = condition.operator.key
            yield context.finding(
                condition.key,
                f"a request may have several values of {condition.key.key}: write "
                f"ForAnyValue:{name} if one of them has to match, ForAllValues:{name} "
                "if all have to",
                severity=Severity.WARNING if key.name in _ONE_IN_PRACTICE else None,
            )
