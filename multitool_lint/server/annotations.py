"""What an editor shows in and around the text: hints, lenses, links, an outline, new access."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from multitool_lint.aws.patterns import has_wildcard
from multitool_lint.diagnostics.finding import counted
from multitool_lint.formats.policies import policies_of
from multitool_lint.policy.access import actions_of
from multitool_lint.policy.escalation import reportable_paths
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.rewrite.draft import count, matching_actions
from multitool_lint.server.diagnostics import SOURCE
from multitool_lint.server.links import page_of
from multitool_lint.server.tokens import Token, TokenKind, Written
from multitool_lint.syntax.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.policy.changes import Difference
    from multitool_lint.policy.document import Statement
    from multitool_lint.server.analysis import Analysis
    from multitool_lint.server.workspace import Workspace

_LINKED = (TokenKind.ACTION, TokenKind.KEY, TokenKind.MANAGED_POLICY, TokenKind.RESOURCE)


def hints(analysis: Analysis, span: Span) -> list[Any]:
    """How many actions the wildcards of a span match, at each access level."""
    return [
        types.InlayHint(
            analysis.text.position(token.span.end),
            count(names, analysis.catalog),
            padding_left=True,
        )
        for token in _tokens(analysis)
        if token.kind is TokenKind.ACTION
        and span.start <= token.span.end <= span.end
        and has_wildcard(token.text)
        and (names := matching_actions(token.text, analysis.catalog))
    ]


def links(analysis: Analysis) -> list[Any]:
    """Links to AWS's pages about actions, condition keys and managed policies."""
    return [
        types.DocumentLink(analysis.text.range(token.span), page, tooltip="AWS documentation")
        for token in _tokens(analysis)
        if token.kind in _LINKED and (page := page_of(token.kind, token.text, analysis.catalog))
    ]


def lenses(analysis: Analysis) -> list[Any]:
    """What each statement grants, and the paths to more access that each policy opens."""
    found = []
    for written, _ in analysis.written:
        policy = written.policy
        if policy.type is PolicyType.IDENTITY:
            paths = reportable_paths(policy, analysis.catalog, targets=False)
            if paths:
                title = counted(len(paths), "path") + " to more access"
                found.append(_lens(analysis, written.span, title))
        for statement in policy.statements:
            if title := _granted(statement, analysis):
                span = written.to_file(statement.node.span)
                found.append(_lens(analysis, span, title))
    return found


def _lens(analysis: Analysis, span: Span, title: str) -> Any:  # noqa: ANN401 - of the protocol
    start = analysis.text.position(span.start)
    return types.CodeLens(types.Range(start, start), types.Command(title, ""))


def _granted(statement: Statement, analysis: Analysis) -> str:
    actions = actions_of(statement, analysis.catalog)
    if not actions or statement.effect not in ("Allow", "Deny"):
        return ""
    verb = "grants" if statement.allows else "denies"
    services = counted(len(list(actions.prefixes)), "service")
    return f"{verb} {counted(len(actions), 'action')} in {services}"


def symbols(analysis: Analysis) -> list[Any]:
    """The policies of a file, each with its statements."""
    return [_policy(analysis, written) for written, _ in analysis.written]


def _policy(analysis: Analysis, written: Written) -> Any:  # noqa: ANN401 - of the protocol
    range_ = analysis.text.range(written.span)
    statements = []
    for number, statement in enumerate(written.policy.statements, 1):
        sid = statement.sid.string if statement.sid else None
        of_statement = analysis.text.range(written.to_file(statement.node.span))
        names = ", ".join(statement.action_names[:2])
        detail = f"{statement.effect or ''} {names}".strip()
        kind = types.SymbolKind.Object
        title = sid or f"Statement {number}"
        statements.append(
            types.DocumentSymbol(title, kind, of_statement, of_statement, detail=detail)
        )
    kind = types.SymbolKind.Class
    title = written.policy.name or "Policy"
    detail = written.policy.type.value
    return types.DocumentSymbol(title, kind, range_, range_, detail=detail, children=statements)


def _tokens(analysis: Analysis) -> Iterator[Token]:
    for _, tokens in analysis.written:
        yield from tokens
    yield from analysis.references


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
