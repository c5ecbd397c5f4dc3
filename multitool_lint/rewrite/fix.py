"""The fixes of findings, applied until there is nothing left to apply."""

from __future__ import annotations

from bisect import bisect, insort
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.diagnostics.finding import Safety
from multitool_lint.diagnostics.rule import UNCHECKED
from multitool_lint.limits import MAX_FIX_ROUNDS
from multitool_lint.linter.engine import lint_source
from multitool_lint.rewrite.proof import not_equivalent
from multitool_lint.syntax.source import Source, Span, apply_edits

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.diagnostics.finding import Finding, Fix
    from multitool_lint.linter.report import Report


@dataclass(frozen=True, slots=True)
class Applied:
    """A fix that was applied; its finding is placed in the text as it was just before."""

    finding: Finding
    fix: Fix


@dataclass(frozen=True, slots=True)
class Refused:
    """A safe fix that was not applied because there is no proof that it is one."""

    finding: Finding
    fix: Fix
    reason: str

    @property
    def message(self) -> str:
        """What a person reads."""
        return f"problem: not applied: {self.fix.title}: {self.reason} [{self.finding.rule}]"


@dataclass(frozen=True, slots=True)
class Fixed:
    """A source, the text that it becomes, and what is still to be found in that text."""

    source: Source
    text: str
    applied: tuple[Applied, ...]
    remaining: Report
    refused: tuple[Refused, ...] = ()


def fix(
    source: Source,
    *,
    lint: Callable[[Source], Report] = lint_source,
    unsafe: bool = False,
    keep_wildcards: bool = False,
    catalog: Catalog | None = None,
) -> Fixed:
    """Apply the first safe fix of every finding; if wanted, an unsafe one where none is safe.

    With `keep_wildcards`, a manual fix counts as a safe one. `lint` lints the source, and what it
    becomes. A safe fix is applied only with the proof that the policies grant and deny after it
    what they did before.

    Fixes of one rule are applied at a time, before the text is linted again: each is safe alone,
    but of two rules that each remove one of two equal values, the second must see what the first
    did. A rule whose fixes lead back to an earlier text, or to one without a policy, is skipped.
    """
    report = lint(source)
    applied: list[Applied] = []
    refused: dict[str, Refused] = {}
    earlier = {source.text}
    barred: set[str] = set()
    for _ in range(MAX_FIX_ROUNDS):
        # What is refused for want of a proof may have one after other fixes.
        passed = barred | refused.keys()
        chosen = choose(report.findings, passed, unsafe=unsafe, keep_wildcards=keep_wildcards)
        if not chosen:
            break
        edits = tuple(edit for applicable in chosen for edit in applicable.fix.edits)
        text = apply_edits(report.source.text, edits)
        after = None if text in earlier else lint(Source(source.path, text))
        if after is None or _broken(report, after):
            barred.add(chosen[0].finding.rule)
        elif unproved := _unproved(chosen[0], report, after, catalog or bundled()):
            refused[unproved.finding.rule] = unproved
        else:
            earlier.add(text)
            refused.clear()
            applied += chosen
            report = after
    return Fixed(source, report.source.text, tuple(applied), report, tuple(refused.values()))


def _unproved(first: Applied, report: Report, after: Report, catalog: Catalog) -> Refused | None:
    """A fix that counts as safe, if there is no proof that the policies grant the same after it."""
    if first.fix.safety is Safety.UNSAFE:
        return None
    doubt = not_equivalent(report.policies, after.policies, catalog)
    return Refused(first.finding, first.fix, doubt) if doubt else None


def choose(
    findings: Iterable[Finding],
    barred: Collection[str],
    *,
    unsafe: bool,
    keep_wildcards: bool = False,
) -> list[Applied]:
    """The fixes of one rule that do not overlap; safe ones as long as there are any."""
    keeping = {Safety.SAFE, Safety.MANUAL} if keep_wildcards else {Safety.SAFE}
    for safeties in (keeping, {Safety.UNSAFE}) if unsafe else (keeping,):
        chosen: list[Applied] = []
        taken: list[Span] = []
        for finding in findings:
            fix = next((fix for fix in finding.fixes if fix.safety in safeties), None)
            if safeties is not keeping and any(fix.safety in keeping for fix in finding.fixes):
                continue  # it had its turn, and was refused
            other_rule = chosen and finding.rule != chosen[0].finding.rule
            if fix is None or other_rule or finding.rule in barred:
                continue
            spans = [edit.span for edit in fix.edits]
            if spans and not any(_overlaps(span, taken) for span in spans):
                chosen.append(Applied(finding, fix))
                for span in spans:
                    insort(taken, span)
        if chosen:
            return chosen
    return []


def _overlaps(span: Span, taken: list[Span]) -> bool:
    """Whether it shares text with one of the others, or a place where one of the two inserts."""
    place = bisect(taken, span)
    neighbours = *taken[max(place - 1, 0) : place], span, *taken[place : place + 1]
    return any(
        first.end > second.start
        or (first.end == second.start and (first.start == first.end or second.start == second.end))
        for first, second in pairwise(neighbours)
    )


def _broken(before: Report, after: Report) -> bool:
    """Whether there are fewer policies than before, or more that could not be linted."""
    unchecked = [
        sum(finding.rule in UNCHECKED for finding in report.findings) for report in (before, after)
    ]
    return len(after.policies) < len(before.policies) or unchecked[1] > unchecked[0]
