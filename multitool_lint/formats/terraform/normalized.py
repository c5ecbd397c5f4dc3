"""Policies of Terraform's files as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.formats import normalized

if TYPE_CHECKING:
    from multitool_lint.formats.normalized import NormalizedPolicy
    from multitool_lint.formats.terraform.blocks import Found
    from multitool_lint.policy.document import PolicyType
    from multitool_lint.syntax.source import Source


def write(
    source: Source, found: Found, type: PolicyType, resource_type: str | None
) -> NormalizedPolicy:
    """Write a policy as JSON."""
    policy = normalized.write(source, found.root, type, resource_type, found.name)
    return policy._replace(
        syntax="heredoc" if found.is_json else "hcl",
        fixed=found.shared,
        # Within the quotes of a string, JSON is escaped: nothing there can be changed.
        unchanged=normalized.IN_A_STRING if found.is_json and found.shared else policy.unchanged,
    )
