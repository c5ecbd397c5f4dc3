"""Lint AWS IAM policies: offline, with exact places, and with fixes that keep access as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

__all__ = [
    "Edit",
    "Finding",
    "Fix",
    "Linted",
    "PolicyType",
    "Related",
    "Rewritten",
    "Safety",
    "Severity",
    "Source",
    "Span",
    "diff",
    "expand",
    "fix",
    "lint",
    "lint_many",
    "shrink",
    "tighten",
]

__version__ = "0.1.0"

if TYPE_CHECKING:
    from multitool_lint.findings import Finding, Fix, Related, Safety
    from multitool_lint.library import fix, lint
    from multitool_lint.library_rewriting import Rewritten, diff, expand, shrink, tighten
    from multitool_lint.many import Linted, lint_many
    from multitool_lint.policy import PolicyType
    from multitool_lint.rulebook import Severity
    from multitool_lint.source import Edit, Source, Span

_HOMES = {
    "Edit": "source",
    "Finding": "findings",
    "Fix": "findings",
    "Linted": "many",
    "PolicyType": "policy",
    "Related": "findings",
    "Rewritten": "library_rewriting",
    "Safety": "findings",
    "Severity": "rulebook",
    "Source": "source",
    "Span": "source",
    "diff": "library_rewriting",
    "expand": "library_rewriting",
    "fix": "library",
    "lint": "library",
    "lint_many": "many",
    "shrink": "library_rewriting",
    "tighten": "library_rewriting",
}


def __getattr__(name: str) -> object:
    # The command line imports this module too, and must not load what it does not need.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
