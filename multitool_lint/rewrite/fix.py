"""The fixes of findings, applied until there is nothing left to apply."""

from __future__ import annotations

from bisect import bisect, insort
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from multitool_lint.aws.catalog.catalog import Catalog, bundled
from multitool_lint.diagnostics.finding import Finding, Fix, Safety, separate
from multitool_lint.diagnostics.rule import UNCHECKED
from multitool_lint.limits import MAX_FIX_ROUNDS
from multitool_lint.linter.engine import lint_source
from multitool_lint.linter.trial import is_about_fewer, problem, suggests_less_access
from multitool_lint.rewrite.proof import not_equivalent
from multitool_lint.syntax.source import Source, Span, apply_edits

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from multitool_lint.linter.report import Report


@dataclass(frozen=True, slots=True)
class Applied:
    """A fix that was applied; its finding is placed in the text as it was just before."""

    finding: Finding
    fix: Fix

    @property
    def key(self) -> str:
        """What identifies it in the file, wherever it is after other fixes."""
        finding = self.finding
        return f"{finding.rule} {finding.policy_name} {finding.pointer} {self.fix.title}"


@dataclass(frozen=True, slots=True)
class Refused:
    """A fix that was not applied, and why."""

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
    """Apply the first safe fix of every finding; if wanted, another one where none is safe.

    With `keep_wildcards` or `unsafe`, a manual fix counts as a safe one, with `unsafe` unless it
    keeps what grants everything. `lint` lints the source, and what it becomes. A safe fix is
    applied only with the proof that the policies grant and deny after it what they did before, an
    unsafe one only if nothing else is found after it.

    Fixes of one rule are applied at a time, before the text is linted again: each is safe alone,
    but of two rules that each remove one of two equal values, the second must see what the first
    did. Of several that cannot be applied together, as many as possible are.
    """
    report = lint(source)
    applied: list[Applied] = []
    refused: dict[str, Refused] = {}
    earlier = {source.text}
    at_most = None
    for _ in range(MAX_FIX_ROUNDS):
        chosen = choose(report.findings, refused, unsafe=unsafe, keep_wildcards=keep_wildcards)
        chosen = chosen[:at_most]
        if not chosen:
            break
        edits = tuple(edit for applicable in chosen for edit in applicable.fix.edits)
        text = apply_edits(report.source.text, edits)
        after = None if text in earlier else lint(source.with_text(text))
        doubt = doubt_about(chosen[0].fix, report, after, catalog or bundled())
        if after is None or doubt:
            at_most = len(chosen) // 2 or None
            if at_most is None:
                refused[chosen[0].key] = Refused(chosen[0].finding, chosen[0].fix, doubt)
        else:
            at_most = None
            earlier.add(text)
            refused.clear()
            applied += chosen
            report = after
    return Fixed(source, report.source.text, tuple(applied), report, tuple(refused.values()))


def doubt_about(fix: Fix, before: Report, after: Report | None, catalog: Catalog) -> str:
    """Why fixes of one kind are not applied; empty if nothing is in the way."""
    if after is None:
        return "it leads back to an earlier text"
    if _broken(before, after):
        return "not all policies could be linted after it"
    if fix.safety is not Safety.UNSAFE:
        return not_equivalent(before.policies, after.policies, catalog) or ""
    known = Counter(map(problem, separate(before.findings)))
    found = list(separate(after.findings))
    known.subtract(map(problem, found))
    gone = +known
    for finding in found:
        is_new = known[problem(finding)] < 0 and not suggests_less_access(finding)
        if is_new and not is_about_fewer(finding, gone):
            return f"{finding.title} [{finding.rule}]"
    return ""


def choose(
    findings: Iterable[Finding],
    refused: Collection[str] = (),
    *,
    unsafe: bool,
    keep_wildcards: bool = False,
) -> list[Applied]:
    """The fixes of one rule that do not overlap; safe ones as long as there are any."""
    keeping = {Safety.SAFE, Safety.MANUAL} if keep_wildcards or unsafe else {Safety.SAFE}
    for safeties in (keeping, {Safety.UNSAFE}) if unsafe else (keeping,):
        chosen: list[Applied] = []
        taken: list[Span] = []
        for finding in findings:
            wanted = (fix for fix in finding.fixes if keep_wildcards or not fix.keeps_everything)
            fix = next((fix for fix in wanted if fix.safety in safeties), None)
            if safeties is not keeping and any(fix.safety in keeping for fix in finding.fixes):
                continue  # it had its turn, and was refused
            if fix is None or (chosen and finding.rule != chosen[0].finding.rule):
                continue
            applicable = Applied(finding, fix)
            spans = [edit.span for edit in fix.edits]
            if not spans or applicable.key in refused:
                continue
            if not any(_overlaps(span, taken) for span in spans):
                chosen.append(applicable)
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
