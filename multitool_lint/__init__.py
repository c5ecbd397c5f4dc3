"""Lint AWS IAM policies: offline, with exact places, and with fixes that keep access as it is."""

from multitool_lint._version import __version__ as __version__

# Imports nothing else: `python -m` runs this while the current folder comes first on the path.
TYPE_CHECKING = False

__all__ = [
    "AppliedStatement",
    "Changes",
    "Configuration",
    "Decision",
    "Difference",
    "Edit",
    "Evaluation",
    "Finding",
    "Fix",
    "IdentityAnswer",
    "Linted",
    "Need",
    "Needs",
    "PolicyType",
    "Related",
    "Request",
    "ResourceNeeds",
    "Rewritten",
    "Safety",
    "Severity",
    "Source",
    "Span",
    "Suppressed",
    "can",
    "diff",
    "evaluate",
    "expand",
    "fix",
    "lint",
    "lint_many",
    "needs",
    "render",
    "shrink",
    "tighten",
    "to_dict",
    "who_can",
]

if TYPE_CHECKING:
    from multitool_lint.api.ask import IdentityAnswer, can, needs, who_can
    from multitool_lint.api.configuration import Configuration
    from multitool_lint.api.evaluate import Evaluation, evaluate
    from multitool_lint.api.lint import fix, lint
    from multitool_lint.api.many import Linted, lint_many
    from multitool_lint.api.reports import render, to_dict
    from multitool_lint.api.rewrite import Rewritten, diff, expand, shrink, tighten
    from multitool_lint.diagnostics.finding import Finding, Fix, Related, Safety
    from multitool_lint.diagnostics.rule import Severity
    from multitool_lint.linter.report import Suppressed
    from multitool_lint.needed.needs import Need, Needs, ResourceNeeds
    from multitool_lint.policy.changes import Changes, Difference
    from multitool_lint.policy.compare.request import Request
    from multitool_lint.policy.evaluation.decision import Decision
    from multitool_lint.policy.evaluation.statements import AppliedStatement
    from multitool_lint.policy.policy_type import PolicyType
    from multitool_lint.syntax.source import Edit, Source, Span

_NAMES_IN = {
    "api.ask": ("IdentityAnswer", "can", "needs", "who_can"),
    "api.configuration": ("Configuration",),
    "api.evaluate": ("Evaluation", "evaluate"),
    "api.lint": ("fix", "lint"),
    "api.many": ("Linted", "lint_many"),
    "api.reports": ("render", "to_dict"),
    "api.rewrite": ("Rewritten", "diff", "expand", "shrink", "tighten"),
    "diagnostics.finding": ("Finding", "Fix", "Related", "Safety"),
    "diagnostics.rule": ("Severity",),
    "linter.report": ("Suppressed",),
    "needed.needs": ("Need", "Needs", "ResourceNeeds"),
    "policy.changes": ("Changes", "Difference"),
    "policy.compare.request": ("Request",),
    "policy.evaluation.decision": ("Decision",),
    "policy.evaluation.statements": ("AppliedStatement",),
    "policy.policy_type": ("PolicyType",),
    "syntax.source": ("Edit", "Source", "Span"),
}
_HOMES = {name: module for module, names in _NAMES_IN.items() for name in names}


def __getattr__(name: str) -> object:
    # The command line imports this module too, and must not load what it does not need.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
