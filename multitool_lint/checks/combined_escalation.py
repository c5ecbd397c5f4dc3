"""Actions of several policies of one identity that together allow more than each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.checks.privilege_escalation import findings_of
from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.policy.combined_paths import combined_paths

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.diagnostics.identity_findings import IdentityContext, IdentityFinding
    from multitool_lint.policy.identities import CombinedPolicy, Identity


def check(identity: Identity, context: IdentityContext) -> Iterator[IdentityFinding]:
    """One finding for every grant that opens paths with grants of other policies."""
    for policies, boundary in identity.together():
        found = combined_paths(policies, boundary, context.catalog)
        if found is None:
            continue
        combined, open_paths = found
        of_policy = Context(context.rule, combined.policy, context.catalog)
        with_target = [found for found in open_paths if found.path.kind == "target"]
        certain = [found for found in open_paths if found not in with_target]
        for finding in findings_of(certain, of_policy):
            yield _of_identity(finding, identity, combined, context)
        for finding in findings_of(with_target, of_policy):
            is_severe = finding.severity is Severity.SECURITY  # though a target is not certain
            severity = Severity.WARNING if is_severe else finding.severity
            yield _of_identity(finding._replace(severity=severity), identity, combined, context)


def _of_identity(
    finding: Finding, identity: Identity, combined: CombinedPolicy, context: IdentityContext
) -> IdentityFinding:
    title = f"In the policies of {identity.title}, {finding.title}"
    return context.separated(finding._replace(title=title), combined)
