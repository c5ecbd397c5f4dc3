"""Trust in workflows of GitHub Actions whatever their repository."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.policy.document import Policy
from multitool_lint.policy.trust import open_subjects


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every subject that leaves the repository open."""
    for subject in open_subjects(policy):
        if subject.any_repository:
            yield context.finding(
                subject.node,
                f'"{subject.text}" lets in workflows of more than one repository: write it like '
                '"repo:owner/name:ref:refs/heads/main"',
            )
