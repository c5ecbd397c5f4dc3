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

_HOMES = {
    "AppliedStatement": "policy.evaluation.statements",
    "Changes": "policy.changes",
    "Configuration": "api.configuration",
    "Decision": "policy.evaluation.decision",
    "Difference": "policy.changes",
    "Edit": "syntax.source",
    "Evaluation": "api.evaluate",
    "Finding": "diagnostics.finding",
    "Fix": "diagnostics.finding",
    "IdentityAnswer": "api.ask",
    "Linted": "api.many",
    "Need": "needed.needs",
    "Needs": "needed.needs",
    "PolicyType": "policy.policy_type",
    "Related": "diagnostics.finding",
    "Request": "policy.compare.request",
    "ResourceNeeds": "needed.needs",
    "Rewritten": "api.rewrite",
    "Safety": "diagnostics.finding",
    "Severity": "diagnostics.rule",
    "Source": "syntax.source",
    "Span": "syntax.source",
    "Suppressed": "linter.report",
    "can": "api.ask",
    "diff": "api.rewrite",
    "evaluate": "api.evaluate",
    "expand": "api.rewrite",
    "fix": "api.lint",
    "lint": "api.lint",
    "lint_many": "api.many",
    "needs": "api.ask",
    "render": "api.reports",
    "shrink": "api.rewrite",
    "tighten": "api.rewrite",
    "to_dict": "api.reports",
    "who_can": "api.ask",
}


def __getattr__(name: str) -> object:
    # The command line imports this module too, and must not load what it does not need.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
