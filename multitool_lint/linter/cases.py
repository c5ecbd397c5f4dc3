"""Findings in the cases of a policy, which it is as conditions of a template decide.

What is redundant in one case may be necessary in another one, and is not to be removed then. What
is missing or wrong in some cases only, and no suggestion, is reported with the conditions of these.
"""

from __future__ import annotations

from itertools import chain

from multitool_lint.diagnostics.finding import REDUNDANT, Finding
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.syntax.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Final

    from multitool_lint.formats.found import FoundPolicy
    from multitool_lint.syntax.tree import Node


_RULES: Final = {
    # Those without a label report what is redundant, and not what makes it so.
    **dict.fromkeys(("cancelled-statement", "redundant-principal"), False),
    **dict.fromkeys(("redundant-action", "redundant-condition-value"), True),
    **dict.fromkeys(("redundant-resource", "redundant-statement"), True),
}
"""The rules about what can be removed, and whether a label says what that is."""

_OF_NOTHING: Final = frozenset({"empty-element", "missing-element"})
"""The rules about what a condition may leave out."""


def grouped(entries: Iterable[FoundPolicy]) -> Iterator[list[FoundPolicy]]:
    """The cases of each policy, which come one after the other."""
    group: list[FoundPolicy] = []
    for entry in entries:
        if group and not (entry.case and entry.policy.name == group[0].policy.name):
            yield group
            group = []
        group.append(entry)
    if group:
        yield group


def certain(linted: Sequence[tuple[FoundPolicy, list[Finding]]]) -> list[list[Finding]]:
    """The findings of each case, without those about what another case needs.

    An outline of the cases has only what holds in each of them.
    """
    in_all = list(chain.from_iterable(findings for _, findings in linted))
    if len(linted) > 1 and any(finding.fixes for finding in in_all):
        linted = _with_common_fixes(linted)
    if len(linted) > 1 and any(map(_is_conditional, in_all)):
        cases = [_Case.of(entry, findings) for entry, findings in linted]
        linted = [
            (entry, list(_with_conditions(case, findings, cases)))
            for case, (entry, findings) in zip(cases, linted, strict=True)
        ]
    removable = [
        [{(finding.rule, span) for span in _redundant(finding, entry)} for finding in findings]
        for entry, findings in linted
    ]
    in_any = set[tuple[str, Span]]().union(*chain.from_iterable(removable))
    needed: set[tuple[str, Span]] = set()
    if in_any and len(linted) > 1:
        for (entry, _), found in zip(linted, removable, strict=True):
            if entry.part != "outline":
                there = {entry.to_file(node.span) for node in _nodes(entry.policy.root)}
                needed |= {place for place in in_any.difference(*found) if place[1] in there}
    return [
        [
            finding
            for finding, places in zip(findings, found, strict=True)
            if entry.part == "outline" or needed.isdisjoint(places)
        ]
        for (entry, findings), found in zip(linted, removable, strict=True)
    ]


def _is_conditional(finding: Finding) -> bool:
    """Whether a finding is reported with the conditions under which it is there."""
    return finding.severity is not Severity.SUGGESTION or finding.rule in _OF_NOTHING


def _with_common_fixes(
    linted: Sequence[tuple[FoundPolicy, list[Finding]]],
) -> list[tuple[FoundPolicy, list[Finding]]]:
    """The findings with the fixes that they have in every case that has them: one changes all."""
    common: dict[tuple[str, Span], set[str]] = {}
    for entry, findings in linted:
        for finding in findings:
            titles = {fix.title for fix in finding.fixes}
            place = finding.rule, entry.to_file(finding.span)
            common[place] = common.get(place, titles) & titles
    return [
        (entry, [_with_fixes(finding, common[place]) for finding, place in found])
        for entry, found in (
            (entry, [(f, (f.rule, entry.to_file(f.span))) for f in findings])
            for entry, findings in linted
        )
    ]


def _with_fixes(finding: Finding, titles: set[str]) -> Finding:
    """A finding with those of its fixes that have one of some titles."""
    if all(fix.title in titles for fix in finding.fixes):
        return finding
    return finding._replace(fixes=tuple(fix for fix in finding.fixes if fix.title in titles))


class _Case(NamedTuple):
    """A case of a policy: the places and pointers that it has, and the places of its findings."""

    entry: FoundPolicy
    there: frozenset[Span | str]
    found: frozenset[tuple[str, Span]]

    @classmethod
    def of(cls, entry: FoundPolicy, findings: Iterable[Finding]) -> _Case:
        """What is asked of a case, where something may be missing or wrong in it only."""
        found = {(f.rule, entry.to_file(f.span)) for f in findings if _is_conditional(f)}
        nodes = [] if entry.part == "outline" else list(_nodes(entry.policy.root))
        there = {node.pointer for node in nodes} | {entry.to_file(node.span) for node in nodes}
        return cls(entry, frozenset(there), frozenset(found))


def _with_conditions(
    case: _Case, findings: Iterable[Finding], cases: Sequence[_Case]
) -> Iterator[Finding]:
    """The findings of a case, with a note about what is missing or wrong in some cases only.

    What is missing is not reported of a branch: Terraform evaluates expressions that it does not
    use, such as the policy of a resource that is not made in this case, and nobody need fill in a
    template so: those may leave out what they have to have. An outline may lack what no case does,
    as the type of a policy depends on values that an outline does not have.
    """
    for finding in findings:
        if not _is_conditional(finding):
            yield finding
            continue
        place = case.entry.to_file(finding.span)
        without: list[Mapping[str, bool]] = []
        others: list[Mapping[str, bool]] = []
        for other in cases:
            if (finding.rule, place) in other.found:
                without += other.entry.cases
            elif not other.there.isdisjoint((place, finding.pointer)):
                others += other.entry.cases
        if not others:
            yield finding
        elif without and (case.entry.part != "branch" or finding.rule not in _OF_NOTHING):
            yield finding._replace(notes=(*finding.notes, f"only if {_common(without, others)}"))


def _common(cases: Sequence[Mapping[str, bool]], others: Sequence[Mapping[str, bool]]) -> str:
    """The conditions that distinguish cases from others; of cases without such, those of one."""
    common = set(cases[0].items()).intersection(*(case.items() for case in cases))
    if any(common <= case.items() for case in others):
        common = set(cases[0].items())
    return " and ".join(f'"{name}" is {str(holds).lower()}' for name, holds in sorted(common))


def _redundant(finding: Finding, entry: FoundPolicy) -> list[Span]:
    """The places in the file of what a finding says to be redundant."""
    if finding.rule not in _RULES:
        return []
    places = [(finding.span, finding.label), *((p.span, p.label) for p in finding.related)]
    labelled = _RULES[finding.rule]
    spans = [span for span, label in places if label == REDUNDANT] if labelled else [finding.span]
    return [entry.to_file(span) for span in spans]


def _nodes(root: Node) -> Iterator[Node]:
    yield root
    for _, child in root.children():
        yield from _nodes(child)
