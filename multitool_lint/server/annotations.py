"""What an editor shows in and around the text: hints, lenses, links and an outline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types

from multitool_lint.aws.patterns import has_wildcard
from multitool_lint.diagnostics.finding import counted
from multitool_lint.policy.access import actions_of
from multitool_lint.policy.escalation import reportable_paths
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.rewrite.draft import count, matching_actions
from multitool_lint.server.links import page_of
from multitool_lint.server.tokens import Token, TokenKind, Written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.policy.document import Statement
    from multitool_lint.server.analysis import Analysis
    from multitool_lint.syntax.source import Span

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
