"""References to managed policies that AWS has removed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from multitool_lint.aws.catalog.managed_policies import REMOVED, managed_policies
from multitool_lint.diagnostics.finding import Finding, ReferenceContext, quoted
from multitool_lint.diagnostics.suggestion import close_policy, did_you_mean

if TYPE_CHECKING:
    from multitool_lint.policy.managed_references import PolicyReference


def check(references: Sequence[PolicyReference], context: ReferenceContext) -> Iterator[Finding]:
    """One finding for each reference to a policy that AWS has removed."""
    known = managed_policies(context.catalog)
    current = [policy.name for policy in known.values() if not policy.removed]
    for reference in references:
        policy = reference.policy(context.catalog)
        if policy is None or not policy.removed:
            continue
        close = close_policy(policy.name, current)
        dated = policy.removed != REMOVED
        yield context.finding(
            reference,
            f"AWS has removed the managed policy {quoted(policy.name)}",
            notes=(f"it was gone by {policy.removed}",) if dated else (),
            help=f"use a current policy; {did_you_mean([known[close].full_name])}"
            if close
            else "use a current policy",
        )
