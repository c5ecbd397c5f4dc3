"""Code actions: fixes of findings, ways to suppress them, and rewrites of an action.

Nothing is offered as safe without the proof that access stays the same; a fix or rewrite that
cannot be proved says why.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.uris import from_fs_path

from multitool_lint.aws.access_levels import STRENGTH
from multitool_lint.aws.patterns import has_wildcard
from multitool_lint.checks import unsorted_actions
from multitool_lint.diagnostics.finding import Context, Finding, Fix, Safety, separate
from multitool_lint.diagnostics.rule import UNCHECKED, rules
from multitool_lint.engines.policy_sentry import levels_of
from multitool_lint.linter.lint import lint_with_settings
from multitool_lint.policy.escalation import open_paths
from multitool_lint.policy.pass_role_limits import passing
from multitool_lint.policy.role_passing import passed_roles, receivers
from multitool_lint.rewrite import fix as fixing
from multitool_lint.rewrite.draft import edit_between, matches_all_actions, matching_actions
from multitool_lint.rewrite.in_file import rewrite_all
from multitool_lint.rewrite.proof import not_equivalent, wider
from multitool_lint.rewrite.tighten import Tightening, tighten
from multitool_lint.server.diagnostics import spans_of
from multitool_lint.server.tokens import TokenKind
from multitool_lint.syntax.patch.change import apply_changes, set_value
from multitool_lint.syntax.source import Edit, Source, Span, apply_edits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from multitool_lint.linter.report import Report
    from multitool_lint.linter.settings import FileSettings
    from multitool_lint.server.analysis import Analysis
    from multitool_lint.server.tokens import Token
    from multitool_lint.server.workspace import Workspace

FIX_ALL = f"{types.CodeActionKind.SourceFixAll.value}.multitool-lint"
KINDS = (types.CodeActionKind.QuickFix, types.CodeActionKind.RefactorRewrite, FIX_ALL)

REASON = "TODO: say why this is accepted"
"""What a person replaces in a suppression."""


def actions_at(
    analysis: Analysis, span: Span, workspace: Workspace, only: Sequence[str] = ()
) -> list[Any]:
    """What can be done at a span, of the kinds that are asked for: all but whole files if none."""
    report, settings = analysis.report, analysis.settings
    if report is None or settings is None:
        return []
    if any(kind == FIX_ALL or FIX_ALL.startswith(f"{kind}.") for kind in only):
        return list(_everything_safe(analysis, settings))
    found = [f for f in separate(report.findings) if any(_overlap(s, span) for s in spans_of(f))]
    offered = [
        *_fixes(analysis, found, settings, report),
        *_suppressions(analysis, found, workspace),
    ]
    token = analysis.token(span.start)
    if token and token.kind is TokenKind.ACTION:
        offered += rewrites_of(analysis, token, settings)
    wanted = tuple(only)
    return [a for a in offered if not wanted or str(a.kind.value).startswith(wanted)]


def _overlap(one: Span, other: Span) -> bool:
    return one.start <= other.end and other.start <= one.end


def _linting(settings: FileSettings) -> Callable[[Source], Report]:
    return partial(lint_with_settings, settings=settings, confirms=False)


def _everything_safe(analysis: Analysis, settings: FileSettings) -> Iterator[Any]:
    lint, source = _linting(settings), analysis.text.source
    fixed = fixing.fix(source, lint=lint, catalog=analysis.catalog)
    if fixed.applied:
        yield types.CodeAction(
            "Apply all safe fixes (access unchanged)",
            kind=FIX_ALL,
            edit=analysis.text.workspace_edit([edit_between(source.text, fixed.text)]),
        )


def _fixes(
    analysis: Analysis, found: Sequence[Finding], settings: FileSettings, report: Report
) -> Iterator[Any]:
    """The fixes of findings; one that cannot be proved says why."""
    lint, source = _linting(settings), analysis.text.source
    for finding in found:
        for fix in finding.fixes:
            after = lint(Source(source.path, apply_edits(source.text, fix.edits)))
            doubt = fixing.doubt_about(fix, report, after, analysis.catalog)
            preferred = fix.safety is Safety.SAFE and not doubt
            yield types.CodeAction(
                fix.title,
                kind=types.CodeActionKind.QuickFix,
                diagnostics=_diagnostics(analysis, finding),
                is_preferred=preferred or None,
                disabled=types.CodeActionDisabled(doubt) if doubt else None,
                edit=None if doubt else analysis.text.workspace_edit(fix.edits),
            )


def _diagnostics(analysis: Analysis, finding: Finding) -> list[Any]:
    ranges = [analysis.text.range(span) for span in spans_of(finding)]
    return [d for d in analysis.diagnostics if d.code == finding.rule and d.range in ranges]


def _suppressions(
    analysis: Analysis, found: Sequence[Finding], workspace: Workspace
) -> Iterator[Any]:
    """A comment where one can be written, else an entry of the configuration, with a reason."""
    report, settings = analysis.report, analysis.settings
    if report is None or settings is None:
        return
    for finding in found:
        if finding.rule in UNCHECKED:
            continue
        edit = _comment(analysis, finding, _linting(settings))
        entry = None if edit else workspace.with_ignore(finding, report, REASON)
        if edit:
            changed = analysis.text.workspace_edit([edit])
        elif entry:
            changed = _configuration_edit(*entry)
        else:
            continue
        yield types.CodeAction(
            f"Suppress {finding.rule} here, with a reason",
            kind=types.CodeActionKind.QuickFix,
            diagnostics=_diagnostics(analysis, finding),
            edit=changed,
        )


def _comment(analysis: Analysis, finding: Finding, lint: Callable[[Source], Report]) -> Edit | None:
    """A comment at the end of the line that suppresses a finding; None where it does not."""
    source = analysis.text.source
    line = source.line_span(source.display_line(finding.span.start))
    edit = Edit(Span(line.end, line.end), f" # multitool-lint: ignore[{finding.rule}] {REASON}")
    after = lint(Source(source.path, apply_edits(source.text, (edit,))))
    by_comment = sum(s.by == "comment" and s.finding.rule == finding.rule for s in after.suppressed)
    before = analysis.report.suppressed if analysis.report else ()
    already = sum(s.by == "comment" and s.finding.rule == finding.rule for s in before)
    return edit if by_comment > already else None


def _configuration_edit(source: Source, after: str) -> Any:  # noqa: ANN401 - of the protocol
    """The edit of a configuration, which is created if there is none."""
    from multitool_lint.server.texts import OpenDocument

    uri = from_fs_path(source.path) or ""
    text = OpenDocument(uri, source.text, None)
    edit = edit_between(source.text, after)
    changed = text.workspace_edit([edit])
    create = types.CreateFile(uri, options=types.CreateFileOptions(ignore_if_exists=True))
    return types.WorkspaceEdit(document_changes=[create, *changed.document_changes])


def rewrites_of(analysis: Analysis, token: Token, settings: FileSettings) -> Iterator[Any]:
    """What an action of a policy, and the list that it is in, can become."""
    yield from _sorted(analysis, token)
    yield from _of_wildcard(analysis, token)
    yield from _pass_role(analysis, token, settings)


def _sorted(analysis: Analysis, token: Token) -> Iterator[Any]:
    written, statement = token.written, token.statement
    if written is None or statement is None:
        return
    context = Context(rules()["unsorted-actions"], written.policy, analysis.catalog)
    for finding in unsorted_actions.check(written.policy, context):
        if any(node.span == finding.span for node, _ in statement.action_texts):
            yield from _changed(analysis, token, finding.fixes[0])


def _of_wildcard(analysis: Analysis, token: Token) -> Iterator[Any]:
    """The actions that a wildcard matches, or those up to an access level."""
    statement = token.statement
    if statement is None or not has_wildcard(token.text) or matches_all_actions(token.text):
        return
    names = matching_actions(token.text, analysis.catalog)
    if names:
        title = f"Replace with the {len(names):,} actions that it matches (access unchanged)"
        yield from _replaced(analysis, token, names, Fix(title, (), Safety.SAFE))
    if statement.negates_actions or not statement.allows:
        return
    levels = levels_of(names, analysis.catalog)
    for at, level in enumerate(STRENGTH[:-1], 1):
        kept = tuple(name for name in names if levels.get(name) in STRENGTH[:at])
        if level in levels.values() and len(kept) < len(names):
            which = f"at {' and '.join(STRENGTH[:at])}"
            if at == len(STRENGTH) - 1:
                which = f"without {STRENGTH[-1]}"
            title = f"Replace with the {len(kept):,} actions {which}"
            yield from _replaced(analysis, token, kept, Fix(title, (), Safety.UNSAFE))


def _replaced(analysis: Analysis, token: Token, names: Sequence[str], fix: Fix) -> Iterator[Any]:
    """Names in the place of a wildcard, of which the list has none twice."""
    statement = token.statement
    if statement is None or statement.action is None:
        return
    listed: dict[str, str] = {}
    for node in statement.actions:
        if not isinstance(node.value, str):
            return
        for name in names if node.span == token.node.span else (node.value,):
            listed.setdefault(name.lower(), name)
    change = set_value(statement.action.value, list(listed.values()))
    yield from _changed(analysis, token, fix._replace(changes=(change,)))


def _changed(analysis: Analysis, token: Token, fix: Fix) -> Iterator[Any]:
    """A change of the policy in the file; with the reason where it cannot be made or proved."""
    written, statement = token.written, token.statement
    root = apply_changes(written.policy.root, fix.changes) if written else None
    if written is None or statement is None or root is None:
        return
    prove = not_equivalent if fix.safety is Safety.SAFE else wider
    doubt = prove([written.policy], [written.policy.with_root(root)], analysis.catalog) or ""
    rule, node = rules()["unsorted-actions"], token.node
    finding = Finding(
        rule.id, rule.severity, analysis.text.source, node.span, node.pointer, "", fixes=(fix,)
    )
    located = written.locate(finding)
    edits = located.fixes[0].edits if located.fixes else ()
    if not edits:
        doubt = doubt or "; ".join(located.notes) or "the file cannot be changed so"
    yield _rewrite(analysis, fix.title, edits, doubt)


def _rewrite(analysis: Analysis, title: str, edits: Sequence[Edit], doubt: str) -> Any:  # noqa: ANN401
    return types.CodeAction(
        title,
        kind=types.CodeActionKind.RefactorRewrite,
        disabled=types.CodeActionDisabled(doubt) if doubt else None,
        edit=None if doubt else analysis.text.workspace_edit(edits),
    )


def _pass_role(analysis: Analysis, token: Token, settings: FileSettings) -> Iterator[Any]:
    """Limits of iam:PassRole to the services that the policy allows giving roles."""
    written, statement, catalog = token.written, token.statement, analysis.catalog
    if written is None or statement is None or not passing(statement, catalog):
        return
    ways = [way for way in open_paths(written.policy, catalog) if way.path.kind == "pass"]
    ways += passed_roles(written.policy, catalog)
    source = analysis.text.source
    for principal in dict.fromkeys(name for way in ways for name in receivers(way, catalog)):
        result = rewrite_all(
            source,
            partial(tighten, wanted=Tightening(pass_role_to=[principal])),
            type=settings.type,
            resource_type=settings.resource_type,
            catalog=catalog,
        )
        doubt = "; ".join(dict.fromkeys(problem.message for problem in result.problems))
        edits = [edit_between(source.text, result.text)] if result.text != source.text else []
        if edits or doubt:
            yield _rewrite(analysis, f"Limit iam:PassRole to {principal}", edits, doubt)
