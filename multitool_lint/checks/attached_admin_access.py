"""Managed policies that allow everything, attached."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from multitool_lint.diagnostics.bounded import with_unknown_boundary
from multitool_lint.diagnostics.finding import Finding, ReferenceContext, quoted
from multitool_lint.policy.access import sensitive_grants
from multitool_lint.policy.managed_references import PolicyReference, Use, document_of


def check(references: Sequence[PolicyReference], context: ReferenceContext) -> Iterator[Finding]:
    """One finding for each attached policy that allows every action on every resource."""
    for reference in references:
        if reference.use is not Use.ATTACHED:
            continue
        policy = document_of(context.catalog, reference.short_name)
        if policy and any(grant.full for grant in sensitive_grants(policy, context.catalog)):
            found = context.finding(
                reference,
                f"{quoted(reference.short_name)} is attached, which grants full administrator "
                "access",
                label="allows every action on all resources",
                help="attach policies with the actions and resources that are needed",
            )
            yield with_unknown_boundary(found) if reference.bounded else found
