"""Actions of several policies of one identity that together allow more than each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.checks.privilege_escalation import findings_of
from multitool_lint.diagnostics.finding import Context
from multitool_lint.policy.combined_paths import combined_paths

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.diagnostics.identity_findings import IdentityContext, IdentityFinding
    from multitool_lint.policy.identities import Identity


def check(identity: Identity, context: IdentityContext) -> Iterator[IdentityFinding]:
    """One finding for every grant that opens paths with grants of other policies."""
    for policies, boundary in identity.together():
        found = combined_paths(policies, boundary, context.catalog)
        if found is None:
            continue
        combined, paths = found
        for finding in findings_of(paths, Context(context.rule, combined.policy, context.catalog)):
            title = f"In the policies of {identity.title}, {finding.title}"
            yield context.separated(finding._replace(title=title), combined)
