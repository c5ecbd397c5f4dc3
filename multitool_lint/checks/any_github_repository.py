"""Trust in workflows of GitHub Actions of more than one repository."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.diagnostics.finding import Context, Finding, quoted
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.policy.document import Policy
from multitool_lint.policy.trust import open_subjects


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every subject that matches more than one repository."""
    for subject in open_subjects(policy):
        if subject.any_repository and subject.any_owner:
            yield context.finding(
                subject.node,
                f"{quoted(subject.text)} also matches repositories of other owners",
                label="other owners",
                notes=("anyone can create an account and a repository that match",),
                help='specify the owner up to the slash, such as "repo:owner/name:*"',
                severity=Severity.SECURITY,
            )
        elif subject.any_repository:
            yield context.finding(
                subject.node,
                f"{quoted(subject.text)} matches more than one repository",
                label="more than one repository",
                notes=("workflows of every matching repository can assume the role",),
                help='specify the repository, such as "repo:owner/name:ref:refs/heads/main"',
            )
