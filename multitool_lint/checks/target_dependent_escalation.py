"""Actions that give the permissions of a role that an existing resource has."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.checks.privilege_escalation import report
from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.policy.document import Policy


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every place that completes paths which need a target that exists."""
    return report(policy, context, targets=True)
