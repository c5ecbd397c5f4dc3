"""The proof that a rewritten policy grants what it should: nothing is written without it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING

from multitool_lint.limits import MAX_LISTED_DIFFERENCES
from multitool_lint.policy.compare import Answer, Comparison, Gap, covers, equivalent
from multitool_lint.policy.compare.statement import StatementSemantics, UndecidableError
from multitool_lint.policy.compare.unknown_texts import shown
from multitool_lint.policy.variables import depends_on_version
from multitool_lint.syntax.patch.change import as_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.policy.document import Policy, Statement
    from multitool_lint.rewrite.draft import Draft
    from multitool_lint.syntax.source import Span


def not_equivalent(
    before: Sequence[Policy], after: Sequence[Policy], catalog: Catalog
) -> str | None:
    """Say what is in the way of the proof that each policy grants and denies what it did before."""
    return _first_doubt(before, after, catalog, widening=False)


def wider(before: Sequence[Policy], after: Sequence[Policy], catalog: Catalog) -> str | None:
    """Say what is in the way of the proof that no policy grants more than before."""
    return _first_doubt(before, after, catalog, widening=True)


def why_unclear(statement: Statement, policy: Policy, catalog: Catalog) -> str | None:
    """Say why nothing can be proved of a statement, if what it means is not known."""
    try:
        _ = StatementSemantics(statement, policy, catalog).scopes
    except UndecidableError as reason:
        return f"left as it is: the meaning of the statement could not be determined: {reason}"
    return None


def withhold(draft: Draft, policies: Iterable[Policy], catalog: Catalog) -> None:
    """Take back what was to change in statements of which nothing can be proved.

    So the other statements can change, instead of none.
    """
    edits = sorted(edit.span for edit in draft.edits)
    starts = [span.start for span in edits]
    withheld: list[Span] = []
    for policy in policies:
        for statement in policy.statements:
            span = statement.node.span
            begun = edits[bisect_left(starts, span.start) : bisect_right(starts, span.end)]
            if any(edit.end <= span.end for edit in begun) and (
                doubt := why_unclear(statement, policy, catalog)
            ):
                withheld.append(span)
                draft.problem(statement.node, doubt)
    if withheld:
        withheld.sort()
        draft.edits[:] = [edit for edit in draft.edits if not _is_within(edit.span, withheld)]
        for remarks in (draft.applied, draft.notes):
            remarks[:] = [remark for remark in remarks if not _is_within(remark.span, withheld)]


def _is_within(span: Span, statements: Sequence[Span]) -> bool:
    """Whether a span is in one of the statements, which are sorted."""
    at = bisect_right(statements, span.start, key=itemgetter(0)) - 1
    return at >= 0 and span.end <= statements[at].end


def _first_doubt(
    before: Sequence[Policy], after: Sequence[Policy], catalog: Catalog, *, widening: bool
) -> str | None:
    if len(before) != len(after):
        return "it would not be the same number of policies"
    for old, new in zip(before, after, strict=True):
        if _differ_in_version_only(old, new):
            continue
        compare = covers if widening else equivalent
        comparison = compare([old], [new], catalog)
        if comparison.answer is not Answer.YES:
            return _doubt(comparison, catalog, widening=widening)
    return None


def _differ_in_version_only(old: Policy, new: Policy) -> bool:
    """Whether they are the same in both versions of the policy language, whatever they say."""
    statements, others = old.element("Statement"), new.element("Statement")
    return (
        old.element("Version") is None
        and statements is not None
        and others is not None
        and as_json(statements.value) == as_json(others.value)
        and not any(map(depends_on_version, (*old.statements, *new.statements)))
    )


def _doubt(comparison: Comparison, catalog: Catalog, *, widening: bool) -> str:
    # A certain gap says more than an undecided one.
    gap = max(comparison.gaps, key=lambda gap: gap.certain)
    relation = "no more than" if widening else "the same as"
    verb = "it would not" if gap.certain else "there is no proof that it would"
    return f"{verb} grant {relation} before: {_about(gap, catalog)}"


def _about(gap: Gap, catalog: Catalog) -> str:
    if gap.unclear:
        return f"{_statement(gap.statement)} could not be determined: {gap.unclear}"
    if gap.unit is None and gap.doubt:
        return gap.doubt
    known = islice(catalog.names(gap.actions), MAX_LISTED_DIFFERENCES)
    names = list(known) or sorted(gap.names)[:MAX_LISTED_DIFFERENCES]
    more = len(gap.actions) + len(gap.names) - len(names)
    listed = ", ".join(name.lstrip("\0") for name in names)
    if more:
        listed += f" and {more:,} more"
    if gap.unit is None or not gap.unit.resources.patterns:
        return listed
    patterns = ", ".join(map(shown, gap.unit.resources.patterns))
    return f"{listed} on {'all but ' if gap.unit.resources.negated else ''}{patterns}"


def _statement(statement: Statement) -> str:
    sid = statement.sid.string if statement.sid else None
    return "what a statement means" if sid is None else f'what statement "{sid}" means'
