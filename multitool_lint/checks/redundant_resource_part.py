"""Resources whose wildcard also matches what is in them, next to just that."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.checks.redundant_resource import redundant_resources
from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.policy.document import Policy


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each resource that covers its parts."""
    return redundant_resources(policy, context, parts=True)
