"""Code actions: fixes of findings, and ways to suppress them.

A fix is offered as safe only with the proof that access stays the same; one without it says why.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.uris import from_fs_path

from multitool_lint.diagnostics.finding import Finding, Safety, separate
from multitool_lint.diagnostics.rule import UNCHECKED
from multitool_lint.linter.lint import lint_with_settings
from multitool_lint.rewrite import fix as fixing
from multitool_lint.rewrite.draft import edit_between
from multitool_lint.server.diagnostics import spans_of
from multitool_lint.server.rewrites import rewrites_of
from multitool_lint.server.tokens import TokenKind
from multitool_lint.syntax.source import Edit, Source, Span, apply_edits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from multitool_lint.linter.report import Report
    from multitool_lint.linter.settings import FileSettings
    from multitool_lint.server.analysis import Analysis
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
