"""Managed policies with which a principal can gain more access than they state, attached."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from multitool_lint.checks.attached_admin_access import of_attached
from multitool_lint.diagnostics.assumed import as_assumed
from multitool_lint.diagnostics.finding import Finding, ReferenceContext, enumerate_briefly, quoted
from multitool_lint.policy.escalation import gain, reportable_paths, strongest_first
from multitool_lint.policy.managed_references import (
    OF_SERVICES,
    PolicyReference,
    ReferenceUse,
    document_of,
)


def check(references: Sequence[PolicyReference], context: ReferenceContext) -> Iterator[Finding]:
    """One finding for each attached policy that opens escalation paths by itself."""
    for reference in references:
        known = reference.policy(context.catalog)
        if reference.use is not ReferenceUse.ATTACHED or known is None or known.path in OF_SERVICES:
            continue
        policy = document_of(context.catalog, known.name)
        open_paths = reportable_paths(policy, context.catalog, targets=False) if policy else []
        if not open_paths:
            continue
        paths = strongest_first(open_path.path for open_path in open_paths)
        actions = dict.fromkeys(f"`{path.actions[0]}`" for path in paths)
        said, severity = of_attached("allows privilege escalation", bounded=reference.bounded)
        found = context.finding(
            reference,
            f"{quoted(known.name)} {said}",
            severity=severity,
            notes=(
                f"it {gain(paths[0])}",
                f"by {enumerate_briefly([*actions])}",
                f"paths: {enumerate_briefly([path.id for path in paths])} ({paths[0].url})",
            ),
            help="attach a policy with the actions and resources that are needed; to see what this "
            f"one allows, run: multitool-lint show {known.name}",
        )
        yield as_assumed(found) if reference.assumed else found
