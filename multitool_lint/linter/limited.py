"""The findings of single policies that a Deny or the boundary of their identities takes away."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.diagnostics.finding import Finding, quoted
from multitool_lint.diagnostics.rule import REFERENCES, Rule, Severity, rules
from multitool_lint.formats.found import InValues
from multitool_lint.linter.one_policy import lint_policy
from multitool_lint.linter.plan import is_about_access
from multitool_lint.linter.settings import Opinion
from multitool_lint.linter.truncate import Budget
from multitool_lint.policy.identities import AppliedPolicy, CombinedPolicy, Identity, IdentityKind
from multitool_lint.policy.limited_policies import limited

if TYPE_CHECKING:
    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.formats.found import FoundPolicy
    from multitool_lint.linter.identities import Pair
    from multitool_lint.policy.document import Policy
    from multitool_lint.syntax.source import Span

Here = Callable[["Span"], "Span | None"]
"""Where a place of the text that the policies are in is in the file; None if in another one."""

ESCALATION = "privilege-escalation"
_OF_REFERENCES = {
    "attached-admin-access": ("full-admin-access",),
    "attached-escalation": (ESCALATION,),
    "attached-full-service-access": ("permissions-management-actions", "allow-not-action"),
}
"""The rules about managed policies of AWS, and those that find the same in a policy."""


def may_be_limited(finding: Finding) -> bool:
    """Whether a finding is about access, which other policies may take away."""
    rule = rules().get(finding.rule)
    return rule is not None and (
        finding.rule in _OF_REFERENCES or (rule.about != REFERENCES and is_about_access(rule))
    )


def _note(finding: Finding, by: str) -> Finding:
    return finding._replace(
        severity=Severity.SUGGESTION,
        title=f"Not reported, since {by}: {finding.title}",
        related=(),
        fixes=(),
        issue_codes=(),
    )


class Remaining(NamedTuple):
    """The findings of a file that remain, notes on the others, and which of them are of roles.

    Those are about escalation in policies that only roles have, by their `id`.
    """

    findings: list[Finding]
    notes: list[Finding]
    of_roles: frozenset[int]


class LimitedFindings:
    """What of the findings of a file remains in each identity, and what takes the others away.

    A finding remains if there is an identity which can do what it says, or if not all that its
    policy applies to is known. What a group has, its users can do, if there are some.
    """

    def __init__(self, findings: Sequence[Finding], here: Here, catalog: Catalog) -> None:
        self.candidates = [finding for finding in findings if may_be_limited(finding)]
        self._here = here
        self._catalog = catalog
        self._kept: set[int] = set()
        self._kept_in_groups: dict[str, set[int]] = {}
        self._groups_of_users: set[str] = set()
        self._gone: dict[int, str] = {}
        self._known: dict[Policy, list[Finding]] = {}
        self._kinds: dict[int, set[IdentityKind | None]] = {}

    def watched(self, found: Iterable[Pair]) -> Iterator[Pair]:
        """The identities, after what limits each of them was noted."""
        for identity, entries in found:
            self._groups_of_users.update(identity.groups)
            self._note_kind(identity, entries)
            for policies, boundary in identity.together() if self.candidates else ():
                for applied in policies:
                    self._add(identity, applied, policies, boundary, entries)
            yield identity, entries

    def remaining(
        self, findings: Iterable[Finding], unlimited: Iterable[FoundPolicy] = ()
    ) -> Remaining:
        """The findings that remain, those in `unlimited` policies too, and notes on others."""
        for group, kept in self._kept_in_groups.items():
            if group not in self._groups_of_users:
                self._kept |= kept
        for entry in unlimited if self._gone or self._kinds else ():
            for finding in self._findings_in(entry):
                self._kept.add(id(finding))
                self._kinds.setdefault(id(finding), set()).add(None)
        left, notes = [], []
        for finding in findings:
            why = None if id(finding) in self._kept else self._gone.get(id(finding))
            if why is None:
                left.append(finding)
            elif finding.severity is Severity.SECURITY:
                notes.append(_note(finding, why))
        of_roles = (id_ for id_, kinds in self._kinds.items() if kinds == {IdentityKind.ROLE})
        return Remaining(left, notes, frozenset(of_roles))

    def _note_kind(self, identity: Identity, entries: Mapping[Policy, FoundPolicy]) -> None:
        """Note of what kind the identity is that has findings about escalation."""
        for applied in identity.policies if self.candidates else ():
            entry = entries.get(applied.policy) if applied.policy else None
            for finding in self._findings_in(entry) if entry else ():
                if finding.rule == ESCALATION:
                    kind = None if applied.is_shared else identity.kind
                    self._kinds.setdefault(id(finding), set()).add(kind)

    def _add(
        self,
        identity: Identity,
        applied: AppliedPolicy,
        policies: Sequence[AppliedPolicy],
        boundary: AppliedPolicy | None,
        entries: Mapping[Policy, FoundPolicy],
    ) -> None:
        entry = entries.get(applied.policy) if applied.policy else None
        left = self._findings_in(entry) if entry else self._at_reference(applied)
        left = [finding for finding in left if id(finding) not in self._kept]
        limits = limited(applied, policies, boundary, self._catalog) if left else ()
        for combined, by in limits if not applied.is_shared else ():
            remaining = self._remaining(combined, left, entry)
            for finding in left:
                if finding not in remaining:
                    self._gone.setdefault(id(finding), _why(by, identity, boundary))
            left = remaining
        is_group = identity.kind is IdentityKind.GROUP
        kept = self._kept_in_groups.setdefault(identity.address, set()) if is_group else self._kept
        kept.update(map(id, left))

    def _findings_in(self, entry: FoundPolicy) -> list[Finding]:
        """The findings that are at places of a policy."""
        if entry.policy not in self._known:
            if not isinstance(entry.origin, InValues):
                start, end = entry.to_file(entry.policy.root.span)
                found = [f for f in self.candidates if start <= f.span.start < end]
            else:
                spans = set(map(self._here, entry.origin.places.values()))
                found = [finding for finding in self.candidates if finding.span in spans]
            self._known[entry.policy] = [f for f in found if f.rule not in _OF_REFERENCES]
        return self._known[entry.policy]

    def _at_reference(self, applied: AppliedPolicy) -> list[Finding]:
        span = self._here(applied.reference.span) if applied.reference else None
        return [f for f in self.candidates if f.rule in _OF_REFERENCES and f.span == span]

    def _remaining(
        self, combined: CombinedPolicy, found: Sequence[Finding], entry: FoundPolicy | None
    ) -> list[Finding]:
        """The findings of which the rule still finds something in the same statement."""
        enabled = {
            id_: rules()[id_] for f in found for id_ in _OF_REFERENCES.get(f.rule, (f.rule,))
        }
        still = {
            (finding.rule, _statement(finding) if entry else "")
            for finding in self._lint(combined.policy, enabled)
            if combined.part_at(finding.span) is combined.parts[0]
        }
        if entry is None:
            return [f for f in found if any((id_, "") in still for id_ in _OF_REFERENCES[f.rule])]
        alone = {
            (finding.rule, self._here(entry.to_file(finding.span))): _statement(finding)
            for finding in self._lint(entry.policy, enabled)
        }
        return [
            f
            for f in found
            if (f.rule, f.span) not in alone or (f.rule, alone[f.rule, f.span]) in still
        ]

    def _lint(self, policy: Policy, enabled: Mapping[str, Rule]) -> list[Finding]:
        return lint_policy(policy, enabled, self._catalog, Budget(Opinion.NONE))


def _statement(finding: Finding) -> str:
    """The pointer of the statement that a finding is in."""
    return "/".join(finding.pointer.split("/")[:3])


def _why(by: Sequence[AppliedPolicy], identity: Identity, boundary: AppliedPolicy | None) -> str:
    if by == [boundary]:
        return f"the permissions boundary of {identity.title} does not allow it"
    names = dict.fromkeys(map(_name, by))
    return f"{' or '.join(map(quoted, names))} of {identity.title} denies it"


def _name(applied: AppliedPolicy) -> str:
    if applied.reference:
        return applied.reference.short_name
    return applied.name or (applied.policy and applied.policy.name) or "another policy"
