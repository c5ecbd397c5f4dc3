"""Managed policies that allow everything, attached."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from multitool_lint.diagnostics.assumed import as_assumed
from multitool_lint.diagnostics.finding import Finding, ReferenceContext, quoted
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.policy.access import sensitive_grants
from multitool_lint.policy.managed_references import PolicyReference, ReferenceUse, document_of


def check(references: Sequence[PolicyReference], context: ReferenceContext) -> Iterator[Finding]:
    """One finding for each attached policy that allows every action on every resource."""
    for reference in references:
        if reference.use is not ReferenceUse.ATTACHED:
            continue
        policy = document_of(context.catalog, reference.short_name)
        if policy and any(grant.full for grant in sensitive_grants(policy, context.catalog)):
            said, severity = of_attached(
                "grants full administrator access", bounded=reference.bounded
            )
            found = context.finding(
                reference,
                f"{quoted(reference.short_name)} {said}",
                severity=severity,
                label="allows every action on all resources",
                help="attach policies with the actions and resources that are needed",
            )
            yield as_assumed(found) if reference.assumed else found


def of_attached(what: str, *, bounded: bool) -> tuple[str, Severity | None]:
    """What is wrong with an attached policy, after its name, and how severe: less if `bounded`."""
    if bounded:
        unknown = "limited only by a permissions boundary that is not known"
        return f"is attached, {unknown}", Severity.WARNING
    return f"is attached, which {what}", None
