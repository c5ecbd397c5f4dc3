"""What an edit adds to the access that the committed file grants, as hints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types

from multitool_lint.formats.policies import policies_of
from multitool_lint.policy.versions import compare
from multitool_lint.server.diagnostics import SOURCE

if TYPE_CHECKING:
    from multitool_lint.policy.changes import Difference
    from multitool_lint.server.analysis import Analysis
    from multitool_lint.server.workspace import Workspace
    from multitool_lint.syntax.source import Span


def changes(analysis: Analysis, workspace: Workspace) -> list[Any]:
    """A hint for all access that the text is proved to grant and the file in HEAD does not."""
    source, settings = analysis.text.source, analysis.settings
    committed = workspace.committed(source.path) if settings and analysis.report else None
    if settings is None or committed is None or committed.text == source.text:
        return []
    kind = {"type": settings.type, "resource_type": settings.resource_type}
    try:
        before, after = (policies_of(side, **kind) for side in (committed, source))  # type: ignore[arg-type] # by name
    except ValueError:  # one of them has no policy, or cannot be read
        return []
    compared, _ = compare(before, after, analysis.catalog)
    return [
        types.Diagnostic(
            analysis.text.range(_span(analysis, difference, policy.name)),
            f"This edit adds {workspace.in_words(difference)} (compared with HEAD)",
            severity=types.DiagnosticSeverity.Hint,
            code="new-access",
            source=SOURCE,
        )
        for policy in compared
        for difference in policy.changes.gained
        if difference.certain and difference.scope
    ]


def _span(analysis: Analysis, difference: Difference, name: str | None) -> Span:
    """Where the statement that adds access is; the policy if that is not found."""
    found = [written for written, _ in analysis.written if written.policy.name == name]
    for written in found or [written for written, _ in analysis.written]:
        for statement in written.policy.statements:
            if statement.node.span == difference.statement.node.span:
                place = statement.action or statement.resource
                return written.to_file(place.value.span if place else statement.node.span)
    return found[0].span if found else analysis.written[0][0].span
