"""Resources whose ARN leaves the service open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.iam.patterns import has_wildcard
from multitool_lint.iam.variables import OPENER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.findings import Context, Finding
    from multitool_lint.policy import Policy

_FIELDS = 6


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """Every resource with a wildcard in the third field of its ARN."""
    for statement in policy.statements:
        for node, text in statement.resource_texts:
            if not has_wildcard(text):
                continue
            fields = text.split(":", _FIELDS - 1)
            service = fields[2] if len(fields) == _FIELDS else ""
            if has_wildcard(service) and OPENER not in ":".join(fields[:-1]):
                yield context.finding(
                    node,
                    f'the service of this ARN is "{service}"; write one ARN for each service that '
                    f"is meant",
                )
