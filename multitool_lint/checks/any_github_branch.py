"""Trust in workflows of GitHub Actions on any branch."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.diagnostics.finding import Context, Finding, quoted
from multitool_lint.policy.document import Policy
from multitool_lint.policy.trust import open_subjects


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every subject of one repository that leaves its branch open."""
    for subject in open_subjects(policy):
        if subject.any_branch:
            yield context.finding(
                subject.node,
                f"{quoted(subject.text)} matches any branch of the repository",
                label="any branch",
                notes=(
                    "everyone who can push to a branch, or change its workflows, can use the role",
                ),
                help='specify the branch, such as "repo:owner/name:ref:refs/heads/main", or a '
                'protected environment, such as "repo:owner/name:environment:production"',
            )
