"""What an edit adds to the access that the committed file grants, as hints."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from multitool_lint.formats.policies import policies_of
from multitool_lint.server.diagnostics import SOURCE
from multitool_lint.syntax.source import Source, Span

if TYPE_CHECKING:
    from multitool_lint.policy.changes import Difference
    from multitool_lint.server.analysis import Analysis
    from multitool_lint.server.workspace import Workspace


def changes(analysis: Analysis, workspace: Workspace) -> list[Any]:
    """A hint for all access that the text is proved to grant and the file in HEAD does not."""
    source, settings = analysis.text.source, analysis.settings
    committed = workspace.committed(source.path) if settings and analysis.report else None
    if settings is None or committed is None or committed.text == source.text:
        return []
    from multitool_lint.diffs.sources import changes_of_sources  # as it is large

    read = partial(policies_of, type=settings.type, resource_type=settings.resource_type)
    try:
        compared = changes_of_sources((committed, source), analysis.catalog, read)
    except ValueError:  # one of them has no policy, or cannot be read
        return []
    return [
        types.Diagnostic(
            analysis.text.range(_span(analysis, committed, difference)),
            f"This edit adds {workspace.in_words(difference)} (compared with HEAD)",
            severity=types.DiagnosticSeverity.Hint,
            code="new-access",
            source=SOURCE,
        )
        for _, found in compared
        for difference in found.gained
        if difference.certain and difference.scope
    ]


def _span(analysis: Analysis, committed: Source, difference: Difference) -> Span:
    """Where a statement with these actions is, first one that HEAD does not have."""
    asked = set(difference.statement.lower_action_names)
    text, at = analysis.text.source.text, Span(0, 0)
    for written, _ in analysis.written:
        for statement in written.policy.statements:
            if set(statement.lower_action_names) == asked:
                place = statement.action or statement.resource
                span = written.to_file(place.value.span if place else statement.node.span)
                whole = written.to_file(statement.node.span)
                if text[slice(*whole)] not in committed.text:
                    return span
                at = at if any(at) else span
    return at
