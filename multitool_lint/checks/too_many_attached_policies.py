"""More managed policies attached than AWS allows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from multitool_lint.aws.catalog.managed_policies import MOST_ATTACHED
from multitool_lint.diagnostics.finding import Finding, ReferenceContext
from multitool_lint.policy.managed_references import PolicyReference, ReferenceUse


def check(references: Sequence[PolicyReference], context: ReferenceContext) -> Iterator[Finding]:
    """One finding for each list with more policies than any quota, at the first beyond that."""
    lists: dict[str, dict[str, PolicyReference]] = {}
    for reference in references:
        if reference.use is ReferenceUse.ATTACHED and reference.certain and not reference.printed:
            lists.setdefault(reference.owner, {}).setdefault(reference.name, reference)
    for attached in lists.values():
        if len(attached) > MOST_ATTACHED:
            yield context.finding(
                [*attached.values()][MOST_ATTACHED],
                f"{len(attached)} managed policies are attached, and AWS allows at most "
                f"{MOST_ATTACHED}",
                help="attach fewer policies; the quota is 10 unless AWS has increased it",
            )
