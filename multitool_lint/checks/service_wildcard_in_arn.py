"""Resources with a wildcard in the service of their ARN."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from multitool_lint.aws.patterns import has_wildcard
from multitool_lint.aws.policy_variables import OPENER
from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.policy.document import Policy
from multitool_lint.syntax.printable import quoted

_FIELDS = 6


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each resource with a wildcard in the third field of its ARN."""
    for statement in policy.statements:
        for at, text in enumerate(statement.resource_names):
            service = _wildcard(text)
            if service:
                yield context.finding(
                    statement.resource_node(at),
                    f"The service {quoted(service)} in this ARN also matches services that AWS "
                    "adds later",
                    help="specify an ARN for each service",
                )


@lru_cache(maxsize=8192)
def _wildcard(resource: str) -> str:
    """The third field of an ARN, if it has a wildcard."""
    fields = resource.split(":", _FIELDS - 1) if has_wildcard(resource) else []
    service = fields[2] if len(fields) == _FIELDS else ""
    return service if has_wildcard(service) and OPENER not in ":".join(fields[:-1]) else ""
