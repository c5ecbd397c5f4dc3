"""Inline policies of one identity that are together larger than AWS accepts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.aws.policy_types import quotas
from multitool_lint.diagnostics.finding import enumerate_briefly, quoted
from multitool_lint.policy.size import least_sizes, quota_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.diagnostics.identity_findings import IdentityContext, IdentityFinding
    from multitool_lint.policy.identities import Identity


def check(identity: Identity, context: IdentityContext) -> Iterator[IdentityFinding]:
    """One finding at the largest policy, where none of them is too large by itself."""
    quota = quotas().get(f"AWS::IAM::{identity.kind.value.title()}Policy")
    if quota is None:  # a permission set has one inline policy only
        return
    for policies, _ in identity.together():
        inline = {applied.policy: applied for applied in policies if applied.inline}
        found = [
            (packed, is_exact, applied)
            for policy, applied in inline.items()
            if policy
            for _, packed, is_exact in (least_sizes(policy, quota),)
        ]
        found.sort(key=lambda entry: entry[0], reverse=True)
        total = sum(packed for packed, _, _ in found)
        if total <= quota.limit or any(
            (own := quota_of(policy)) and packed > own.limit
            for packed, _, applied in found
            if (policy := applied.policy)
        ):
            continue
        least = "" if all(is_exact for _, is_exact, _ in found) else "at least "
        named = [
            f"{quoted(applied.name)} ({packed:,})" for packed, _, applied in found if applied.name
        ]
        yield from context.about(
            [applied for _, _, applied in found],
            f"The inline policies of {identity.title} have {least}{total:,} {quota.unit}; AWS "
            f"accepts {quota.limit:,}",
            label="the largest policy",
            others="also counts",
            notes=(
                "whitespace does not count",
                *((f"the policies: {enumerate_briefly(named)}",) if named else ()),
            ),
            help="move statements to managed policies, which have quotas of their own",
        )
        return
