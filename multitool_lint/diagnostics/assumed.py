"""Findings that rest on a default."""

from __future__ import annotations

from multitool_lint.diagnostics.finding import Finding
from multitool_lint.diagnostics.rule import Severity

_FROM_ERRORS = tuple(Severity)
_ASSUMED = "this is a default, which applies where no other value is given"


def as_assumed(finding: Finding) -> Finding:
    """A finding that rests on a default, which another value may replace: at most a warning."""
    return finding._replace(
        severity=max(finding.severity, Severity.WARNING, key=_FROM_ERRORS.index),
        notes=(*finding.notes, _ASSUMED),
    )
