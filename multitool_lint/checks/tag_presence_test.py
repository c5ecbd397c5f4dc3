"""Patterns that match every value of a tag, and so only test whether there is one."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.checks.wildcard_presence_test import presence_tests
from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.policy.document import Policy


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each condition on a tag that is equivalent to Null."""
    return presence_tests(policy, context, of_tags=True)
