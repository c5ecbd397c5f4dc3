"""Join the findings about one problem to one finding.

Findings are joined after suppression, so that a finding is reported by itself where the one that
explains it is suppressed. A finding is joined to one that is at least as severe, so that no run
passes because of it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from itertools import chain

from multitool_lint.diagnostics.finding import Finding, Related
from multitool_lint.diagnostics.rule import Severity, rules
from multitool_lint.limits import MAX_LISTED_NAMES
from multitool_lint.linter.settings import SUMMARIZED
from multitool_lint.syntax.source import Span

ABOUT_GRANTS = (
    "full-admin-access",
    "allow-not-principal",
    "public-access",
    "privilege-escalation",
    "combined-escalation",
    "pass-role-any-resource",
    "pass-role-to-service",
    "bucket-policy-escalation",
    "identity-takeover",
    "target-dependent-escalation",
    "credentials-exposure",
    "permissions-management-actions",
    "create-service-linked-role-any-resource",
    "data-exposure",
    "data-loss",
    "full-service-access",
    "unscoped-resource",
)
"""The rules about grants, first those that explain more of a grant."""

_ABOUT_EVERYONE = ("allow-not-principal", "public-access")
"""Those of them whose fix, to specify the principals, ends all others of a statement."""

_OF_BUCKETS = "bucket-policy-escalation"
"""Access to objects, which a principal that can extend its own permissions has anyway."""

_OF_RESOURCES = ("data-loss", "unscoped-resource")
"""Rules for which specific resources are all that is missing, as for all others."""

_SAME_VALUE = (
    # The variable is literal text, which is not an action.
    ("unsupported-variable", "unknown-action"),
    ("unrestricted-oidc-provider",),
    # The variable has the beginning of the next field in it, or the name of the resource.
    (
        "malformed-variable",
        "invalid-arn",
        "impossible-arn",
        "invalid-kms-key",
        "mismatched-resource-policy",
    ),
    (
        "any-github-repository",
        "permissive-condition-pattern",
        "any-github-branch",
        "wildcard-presence-test",
    ),
)
"""Rules that report one mistake in a value, first those that say more of it."""

_OF_AN_ACTION = "unknown-action"
"""Several are about as many actions, though these may be parts of one text that is split."""

_VALUE_OF = {rule: rules for rules in _SAME_VALUE for rule in rules}
_RANKS = {rule: rank for rank, rule in enumerate(ABOUT_GRANTS)}
_SEVERITIES = tuple(Severity)


def join(
    findings: Sequence[Finding], summarized: Collection[str] = ()
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """The findings, with those about one problem joined, and the summaries."""
    notes: dict[int, list[Finding]] = {}
    # A rule that can be summarized reports each finding where it is selected.
    apart = set(SUMMARIZED).difference(summarized)
    about_grants = [
        finding for finding in findings if finding.rule in _RANKS and finding.rule not in apart
    ]
    for group in _grouped(about_grants, lambda finding: _statement(finding.pointer)):
        notes |= _explained(sorted(group, key=_order))
    about_problems = [finding for finding in findings if _problem(finding) is not None]
    for group in _grouped(about_problems, _problem):
        first, *others = sorted(group, key=_order_of_problem)
        if first.rule == _OF_AN_ACTION:
            others = [finding for finding in others if finding.rule != _OF_AN_ACTION]
        notes.setdefault(id(first), []).extend(others)
    joined = {id(finding) for found in notes.values() for finding in found}
    left = [
        _with_notes(finding, notes.get(id(finding), ()))
        for finding in findings
        if id(finding) not in joined
    ]
    left = list(_once(left))
    brief = [finding for finding in left if finding.rule in summarized]
    return (
        tuple(finding for finding in left if finding.rule not in summarized),
        tuple(_summary(*group) for group in _grouped(brief, lambda finding: finding.rule)),
    )


def _problem(finding: Finding) -> Hashable:
    """What the findings about one problem have in common, for rules that need not be alone."""
    rule = finding.rule
    if rule in ("missing-version", "old-version") or "VARIABLE_UNSUPPORTED_IN_VERSION" in (
        finding.issue_codes
    ):
        # The current version of the policy language ends them all.
        return "version"
    if rule == "unrestricted-service-principal":
        # Every statement for a service needs the same condition.
        return rule, finding.title, finding.notes
    if rule == "unsupported-condition-key":
        # IAM Access Analyzer reports a key for each service.
        return rule, finding.span, finding.severity
    if rule == "mismatched-resource":
        # Cases of a policy with one resource and several: one blames the resource, one the actions.
        return rule, finding.title, finding.notes, _statement(finding.pointer)
    return (_VALUE_OF[rule], finding.span) if rule in _VALUE_OF else None


def _grouped(
    findings: Iterable[Finding], key: Callable[[Finding], Hashable]
) -> Iterable[list[Finding]]:
    """The findings of each policy that have the same key."""
    groups: dict[Hashable, list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.policy_name, key(finding)), []).append(finding)
    return groups.values()


def _statement(pointer: str) -> tuple[str, ...]:
    """The first parts of a pointer, which identify the statement."""
    _, *parts = pointer.split("/")
    return tuple(parts[: 2 if parts[1:] and parts[1].isdecimal() else 1])


def _order_of_problem(finding: Finding) -> tuple[int, int]:
    of_value = _VALUE_OF.get(finding.rule, (finding.rule,))
    return _SEVERITIES.index(finding.severity), of_value.index(finding.rule)


def _order(finding: Finding) -> tuple[int, int]:
    return _SEVERITIES.index(finding.severity), _RANKS[finding.rule]


def _explained(findings: Sequence[Finding]) -> dict[int, list[Finding]]:
    """The findings of a statement that others explain, by the ids of these."""
    notes: dict[int, list[Finding]] = {}
    kept: list[Finding] = []
    for finding in findings:
        wide = next((wide for wide in kept if _explains(wide, finding)), None)
        if wide is None:
            kept.append(finding)
        else:
            notes.setdefault(id(wide), []).append(finding)
    return notes


def _explains(wide: Finding, narrow: Finding) -> bool:
    """Whether a finding includes all places of another, or everything that the statement grants.

    Resources that are not specified are a part of every other problem of a grant.
    """
    return (
        narrow.rule in _OF_RESOURCES
        or (wide.explains and (wide.severity is not narrow.severity or narrow.rule == _OF_BUCKETS))
        or (wide.rule in _ABOUT_EVERYONE and narrow.rule not in _ABOUT_EVERYONE)
        or _places(narrow) <= _places(wide)
    )


def _places(finding: Finding) -> set[Span]:
    return {finding.span, *(related.span for related in finding.related if related.alike)}


def _with_notes(finding: Finding, notes: Sequence[Finding]) -> Finding:
    if not notes:
        return finding
    related: list[Related] = []
    texts: list[str] = []
    for note in notes:
        if (note.rule, note.title) == (finding.rule, finding.title):
            related.append(Related(note.span, note.pointer, "also here"))
        else:
            named = f": {note.counted}" if note.counted else ""
            texts.append(f"{note.title}{named} [{note.rule}]")
    alike = (place for note in notes if note.rule == finding.rule for place in note.related)
    codes = dict.fromkeys(code for part in (finding, *notes) for code in part.issue_codes)
    return finding._replace(
        related=(*related, *finding.related, *alike),
        notes=(*finding.notes, *texts),
        issue_codes=tuple(codes),
        joined=(finding, *notes),
    )


def _once(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Each finding once, where a text is a part of several policies."""
    at_place: dict[Hashable, list[Finding]] = {}
    for finding in findings:
        # Titles of rules that are not ours need not say all.
        notes = () if finding.rule in rules() else finding.notes
        key = finding.rule, finding.span, finding.title, notes
        at_place.setdefault(key, []).append(finding)
    for group in at_place.values():
        first, *others = sorted(group, key=lambda finding: _SEVERITIES.index(finding.severity))
        parts = (part for finding in group for part in finding.joined or (finding,))
        yield first._replace(joined=tuple(parts)) if others else first


def _summary(first: Finding, *others: Finding) -> Finding:
    """One finding for all of a rule in a policy."""
    if not others:
        return first
    shown = others[:MAX_LISTED_NAMES]
    notes = chain.from_iterable((other.title, *other.notes) for other in shown)
    return first._replace(
        title=f"{first.title} (and {len(others):,} more in this policy)",
        related=(*first.related, *(_also(other) for other in others)),
        notes=tuple(dict.fromkeys((*first.notes, *notes))),
        joined=(first, *others),
    )


def _also(finding: Finding) -> Related:
    return Related(finding.span, finding.pointer, "also here", alike=True)
