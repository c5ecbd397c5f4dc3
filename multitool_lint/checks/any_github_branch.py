"""Trust in workflows of GitHub Actions whatever their branch."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.policy.document import Policy
from multitool_lint.policy.trust import OpenSubject, open_subjects


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every subject of one repository that leaves the branch open."""
    for subject in open_subjects(policy):
        if not subject.any_repository:
            yield context.finding(subject.node, _message(subject))


def _message(subject: OpenSubject) -> str:
    if subject.ref_is_set:
        return (
            f'"{subject.text}" does not name a branch, although {subject.host}:ref does; IAM '
            "Access Analyzer expects it in the subject"
        )
    return (
        f'"{subject.text}" lets in workflows of any branch: write it like '
        '"repo:owner/name:ref:refs/heads/main", or name the branch in a condition on '
        f"{subject.host}:ref"
    )
