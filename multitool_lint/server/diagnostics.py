"""The findings of a report as diagnostics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types

from multitool_lint.diagnostics.finding import REDUNDANT, Finding
from multitool_lint.diagnostics.rule import Severity, rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.linter.report import Report
    from multitool_lint.server.texts import OpenDocument
    from multitool_lint.syntax.source import Span

SOURCE = "multitool-lint"
REDUNDANCY = "redundancy"
"""The topic of the rules about what can go without a change of access."""

_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.SECURITY: types.DiagnosticSeverity.Warning,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.SUGGESTION: types.DiagnosticSeverity.Information,
}
_DEPRECATED = frozenset(
    {"deprecated-condition-key", "old-version", "retired-action", "retired-managed-policy"}
)


def diagnostics_of(report: Report, text: OpenDocument) -> list[Any]:
    """The findings of a report, and what of the file could not be read."""
    unread = [
        types.Diagnostic(
            text.range(block.span),
            f"Not checked: {block.why.in_words()}",
            severity=types.DiagnosticSeverity.Hint,
            code="not-read",
            source=SOURCE,
        )
        for block in report.skipped
        if block.unread
    ]
    found = [diagnostic for finding in report.findings for diagnostic in _shown(finding, text)]
    return found + unread


def spans_of(finding: Finding) -> list[Span]:
    """Where a finding is shown: at its place, and where it is about what is redundant."""
    return [finding.span, *(r.span for r in finding.related if r.label == REDUNDANT)]


def _shown(finding: Finding, text: OpenDocument) -> Iterator[Any]:
    """A finding, and a hint for each other place that is redundant, which editors fade."""
    message = [finding.title, *finding.notes]
    if finding.help:
        message.append(f"help: {finding.help}")
    about = {
        "code": finding.rule,
        "code_description": types.CodeDescription(finding.docs) if finding.docs else None,
        "source": SOURCE,
    }
    rule = rules().get(finding.rule)
    tags, others = [], []
    if finding.rule in _DEPRECATED:
        tags = [types.DiagnosticTag.Deprecated]
    elif rule and REDUNDANCY in rule.topics:
        others = [related for related in finding.related if related.label == REDUNDANT]
        if not others or finding.label == REDUNDANT:
            tags = [types.DiagnosticTag.Unnecessary]
    yield types.Diagnostic(
        text.range(finding.span),
        "\n".join(message),
        severity=_SEVERITIES[finding.severity],
        tags=tags,
        related_information=[
            types.DiagnosticRelatedInformation(
                types.Location(text.uri, text.range(related.span)), related.label or finding.title
            )
            for related in finding.related
        ],
        **about,
    )
    for related in others:
        yield types.Diagnostic(
            text.range(related.span),
            finding.title,
            severity=types.DiagnosticSeverity.Hint,
            tags=[types.DiagnosticTag.Unnecessary],
            **about,
        )


def failed(message: str) -> Any:  # noqa: ANN401 - of the protocol
    """The diagnostic of a file that cannot be linted, for a configuration or a crash."""
    start = types.Position(0, 0)
    return types.Diagnostic(
        types.Range(start, start),
        message,
        severity=types.DiagnosticSeverity.Error,
        code="not-checked",
        source=SOURCE,
    )
