"""Inline policies of one identity with the same name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.diagnostics.finding import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.diagnostics.identity_findings import IdentityContext, IdentityFinding
    from multitool_lint.policy.document import Policy
    from multitool_lint.policy.identities import AppliedPolicy, Identity
    from multitool_lint.syntax.source import Span


def check(identity: Identity, context: IdentityContext) -> Iterator[IdentityFinding]:
    """One finding for each name that several policies have at the same time."""
    for policies, _ in identity.together():
        by_name: dict[str, dict[Policy | Span, AppliedPolicy]] = {}
        for applied in policies:
            if applied.inline and applied.name and applied.policy:
                # One place of a name is one item, even if it has several documents.
                item = applied.name_span or applied.policy
                by_name.setdefault(applied.name, {})[item] = applied
        for name, found in by_name.items():
            if len(found) > 1:
                subject = f"{quoted(name)} is the name of {len(found)} inline policies"
                yield from context.about(
                    [*found.values()][::-1],
                    f"{subject} of {identity.title}",
                    label="replaces the other policy, or is replaced by it",
                    others="also here",
                    help="give each policy a name of its own, or merge them",
                )
