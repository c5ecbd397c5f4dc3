"""Trust in workflows of GitHub Actions on any branch."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.diagnostics.finding import Context, Finding, quoted
from multitool_lint.policy.document import Policy
from multitool_lint.policy.trust import OpenSubject, open_subjects


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every subject of one repository without a specific branch.

    A note is worth a subject that matches any branch.
    """
    for subject in open_subjects(policy):
        if not subject.any_repository and (subject.any_branch or not context.rule.brief):
            yield _finding(context, subject)


def _finding(context: Context, subject: OpenSubject) -> Finding:
    key = f"{subject.host}:ref"
    advice = 'specify the branch, such as "repo:owner/name:ref:refs/heads/main"'
    if subject.ref_is_set:
        return context.finding(
            subject.node,
            f"{quoted(subject.text)} does not specify a branch",
            label="no branch",
            notes=(f"{key} does, but IAM Access Analyzer expects the branch in the subject",),
            help=advice,
        )
    return context.finding(
        subject.node,
        f"{quoted(subject.text)} does not specify a single branch",
        label="no specific branch",
        notes=("workflows on any matching branch of the repository can assume the role",),
        help=f"{advice}, or add a condition on {key}",
    )
