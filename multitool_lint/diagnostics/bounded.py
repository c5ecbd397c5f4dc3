"""Findings about what an identity has, whose permissions boundary is not known."""

from __future__ import annotations

from multitool_lint.diagnostics.finding import Finding
from multitool_lint.diagnostics.rule import Severity


def with_unknown_boundary(finding: Finding) -> Finding:
    """A finding as a warning, since the boundary may take away what it is about."""
    return finding._replace(
        severity=Severity.WARNING,
        title=f"{finding.title}, if its permissions boundary allows it",
        notes=(*finding.notes, "what the permissions boundary allows is not known here"),
    )
