"""References to managed policies that AWS has removed, or is going to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from multitool_lint.aws.catalog.managed_policies import REMOVED, ManagedPolicy, managed_policies
from multitool_lint.aws.catalog.tables import Rows, bundled_table
from multitool_lint.diagnostics.finding import Finding, ReferenceContext, quoted
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.diagnostics.suggestion import close_policy, did_you_mean

if TYPE_CHECKING:
    from multitool_lint.policy.managed_references import PolicyReference


def check(references: Sequence[PolicyReference], context: ReferenceContext) -> Iterator[Finding]:
    """One finding for each reference to a policy that AWS has removed, or is going to."""
    known = managed_policies(context.catalog)
    current = [policy.name for policy in known.values() if not policy.removed]
    deprecated = _deprecated_policies()
    for reference in references:
        policy = reference.policy(context.catalog)
        if policy is None:
            continue
        if policy.removed:
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
        elif policy.name in deprecated:
            successor, url = deprecated[policy.name]
            yield context.finding(
                reference,
                f"AWS plans to remove the managed policy {quoted(policy.name)}",
                notes=(f"documentation: {url}",),
                help=_instead(policy, known.get(successor)),
                severity=Severity.SUGGESTION,
            )


def _instead(policy: ManagedPolicy, successor: ManagedPolicy | None) -> str:
    """What to do about a policy that AWS plans to remove."""
    if successor is None:
        return "write a policy of your own with the actions that are needed"
    command = f"multitool-lint diff {policy.arn} {successor.arn}"
    return f"use {quoted(successor.full_name)}; to see what changes, run: {command}"


@bundled_table("deprecated_policies.tsv")
def _deprecated_policies(rows: Rows) -> Mapping[str, tuple[str, str]]:
    """By their names, the policies that AWS names instead, or "-", and where it does."""
    return MappingProxyType({name: (successor, url) for name, successor, url in rows})
