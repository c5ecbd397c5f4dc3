"""How access differs between two deployments, owner by owner."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.deployments.deployment import ALL, Deployment, has_variable
from multitool_lint.deployments.owner import ELSEWHERE, Owner
from multitool_lint.diffs.arguments import changed_arguments
from multitool_lint.diffs.as_policy import TermNames, policies_of
from multitool_lint.diffs.belonging import (
    has_lost_its_policy,
    has_policy,
    open_before,
    other_providers,
    other_resources,
)
from multitool_lint.diffs.owners import UNATTACHED, OldOwners, type_of
from multitool_lint.diffs.renamed import renamed_with_texts
from multitool_lint.diffs.restrictions import (
    goes_with_its_resource,
    groups_left,
    guards_of_its_resource,
    has_stayed,
    overwritten,
    restrictions_gone,
)
from multitool_lint.diffs.statements import (
    content_of,
    denied_under,
    granted,
    in_cases,
    may_deny,
    needed,
    not_denied,
    other_unknown,
    unread,
    without_allowing,
)
from multitool_lint.diffs.variables import changed_variables, for_the_same_callers
from multitool_lint.policy.changes import Changes, Difference, NotCompared, changes, lifted_denials
from multitool_lint.policy.compare.effort import Efforts
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.terms import StatementValue
from multitool_lint.values.arns import KnownArns

if TYPE_CHECKING:
    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.policy.document import Policy


_OPEN = "it has no policy any more, and without one more may be allowed"


class OwnerChange(NamedTuple):
    """How the access of an owner has changed, and its policies now."""

    title: str
    changes: Changes
    policies: tuple[Policy, ...] = ()


class DeploymentComparison:
    """Compares two deployments; one that is not there has no owners.

    The policies `elsewhere` may be attached to whom a policy without attachments is attached. A
    module that `is_called` by others that are compared, too, has there what it is given: by itself,
    it has not lost what is not known. The types `made` are those of the resources that other
    deployments have now, and had not before.
    """

    def __init__(
        self,
        old: Deployment | None,
        new: Deployment | None,
        catalog: Catalog,
        elsewhere: Callable[[], Iterable[Policy] | None] = tuple,
        is_called: Callable[[], bool] = bool,
        made: Collection[str] = (),
    ) -> None:
        new = for_the_same_callers(old, new)
        renamed = renamed_with_texts(old, new) if old and new else ()
        arns = (side.arns for side in (old, new) if side)
        self.names = TermNames(KnownArns(*arns, renamed=renamed))
        self._elsewhere = elsewhere
        self._is_called = is_called
        self._made = made
        self._catalog = catalog
        self._old = old
        self._new = new
        self._before: Mapping[str, Owner] = old.owners if old else {}
        self._same = OldOwners(old, new)
        self._after: Mapping[str, Owner] = self._same.new_owners()

    def changes(self) -> Iterator[OwnerChange]:
        """The owners whose access may have changed."""
        replaced = set()
        for address, owner in self._after.items():
            before = self._counterpart(address, owner)
            if before.kind == owner.kind:  # a document by itself denies nothing
                replaced.add(before.address)
            is_old = address in self._before
            moved = is_old and any(other_resources(self._old, self._new, owner))
            if repr(before.content) == repr(owner.content) and not (owner.boundary or moved):
                continue
            found = self._of_owner(before, owner, is_old=is_old)
            if found:
                yield OwnerChange(owner.title, found, self.policies_of(owner))
        for address, owner in self._before.items():
            if address not in self._after and address not in replaced:
                found = self._of_gone(owner)
                if found:
                    yield OwnerChange(owner.title, found)
        if self._old and self._new:
            lifted = chain(
                groups_left(self._old, self._new),
                overwritten(self._old, self._new),
                changed_variables(self._old, self._new),
            )
            for title, reason in lifted:
                yield OwnerChange(title, Changes((), (), (NotCompared(title, reason),)))

    def _of_gone(self, owner: Owner) -> Changes:
        """What an owner that is gone had, and what it took from others."""
        had = list(granted(owner))
        # What is not known of what is made elsewhere is reported as such.
        is_elsewhere = owner.address.startswith(ELSEWHERE)
        unknown = [s for s in had if s.unknown is not None] if is_elsewhere else ()
        found = self._compared(had, unknown, type_of(owner, owner))
        is_there = is_elsewhere or has_stayed(self._new, owner)
        if not is_there and self._old:
            if goes_with_its_resource(self._old, self._new, owner, self._made):
                return Changes((), found.lost)
            is_there = owner.kind == "resource" and self._old.is_policy(owner.address)
        reasons = [_OPEN] if has_lost_its_policy(self._old, self._new, owner) else []
        reasons += [*restrictions_gone(owner), *self._not_denied_any_more(owner, is_there=is_there)]
        gained = tuple(self._lifted(owner, Owner(owner.address, owner.kind, owner.title)))
        if is_there:
            gained += found.gained
        doubts = tuple(NotCompared(owner.title, reason) for reason in reasons)
        return Changes(gained, found.lost, doubts)

    def unread_modules(self) -> Iterator[str]:
        """The modules that are not read, and of which nothing has changed that matters here."""
        for address, owner in self._after.items():
            before = self._before.get(address)
            if owner.kind != "module" or before is None:
                continue
            is_other = repr(before.content) != repr(owner.content)
            if is_other and not any(self._of_owner(before, owner, is_old=True)):
                yield owner.title

    def policies_of(self, owner: Owner) -> tuple[Policy, ...]:
        """The policies of an owner, with what attached ones may allow."""
        return policies_of(granted(owner), self.names, type_of(owner, owner))

    def _counterpart(self, address: str, owner: Owner) -> Owner:
        """What an owner was before: that of its address, or one that was the same.

        This one has gone, or is another instance of the same block.
        """
        before = self._before.get(address)
        if before and not (before.needs_policy and not before.statements):
            return before
        if same := self._same.same(address, owner):
            return same
        before = before or open_before(self._old, self._new, owner)
        before = before or Owner(address, owner.kind, owner.title)
        if owner.kind == "document" and self._was_used(address):
            before.statements = [s for s in owner.statements if content_of(s) in self._had]
        return before

    def _was_used(self, address: str) -> bool:
        """Whether something referred to a document, or to one that is gone, as if renamed."""
        were = self._old.used_documents if self._old else frozenset()
        are = self._new.used_documents if self._new else frozenset()
        return address in were or bool(were - are - self._after.keys())

    @cached_property
    def _had(self) -> frozenset[str]:
        """What the statements said that something had, without when it did."""
        return frozenset(
            content_of(statement)
            for owner in self._before.values()
            for statement in (*owner.statements, *owner.trust)
        )

    def _of_owner(self, before: Owner, after: Owner, *, is_old: bool) -> Changes:
        around = guards_of_its_resource(self._old, self._new, after)
        is_less = partial(self._is_less, before, after)
        reasons = list(changed_arguments(before, after, is_old=is_old, is_less=is_less))
        if before.blocking and not {*after.guards} <= {*before.guards, *around}:
            reasons.append("what was blocked is blocked in fewer cases")
        gained: list[Difference] = list(self._lifted(before, after))
        lost: list[Difference] = []
        impossible: list[Difference] = []
        both = [
            (list(granted(before)), list(granted(after)), type_of(before, after)),
            (before.trust, after.trust, PolicyType.TRUST),
        ]
        if before.is_open and not has_policy(self._old, before):
            del both[0]  # everything was allowed
        for some, others, type_ in both:
            new = list(others)
            was = [*some, *self._decided_by_callers(new)]
            reasons += unread(was, new, self._new.places if self._new else {})
            old = denied_under(was, around)
            if new or type_ is not PolicyType.TRUST:  # others may allow what it denied
                reasons += self._not_denied(old, new)
            # What is not known is on both sides: it is reported as such, and decides what a Deny
            # that has gone was for.
            unknown = [statement for statement in (*old, *new) if statement.unknown is not None]
            found = self._compared([*old, *unknown], [*new, *unknown], type_)
            gained += found.gained
            lost += found.lost
            impossible += found.impossible
        reasons += other_resources(self._old, self._new, after) if is_old else ()
        if before.boundary is not None and is_old:
            if after.boundary is None:
                reasons.append("its permissions boundary is removed")
            elif other := other_unknown(before.boundary, after.boundary):
                # What is allowed within it is not new, and not known.
                reasons.append(f"another permissions boundary, which is not read: {other}")
            else:
                within = self._compared(before.boundary, after.boundary, PolicyType.BOUNDARY)
                gained += within.gained
                lost += within.lost
                impossible += within.impossible
        reasons += other_providers(before, after) if is_old else ()
        if after.needs_policy and before.statements and not has_policy(self._new, after):
            reasons.append(_OPEN)
        doubts = tuple(NotCompared(after.title, reason) for reason in reasons)
        return Changes(tuple(gained), tuple(lost), doubts, tuple(impossible))

    def _is_less(self, before: Owner, after: Owner) -> bool:
        """Whether something is there in no case in which it was not."""
        old, new = ([StatementValue(dict(ALL), owner.guards)] for owner in (before, after))
        return not self._compared(old, new, PolicyType.IDENTITY).gained

    def _decided_by_callers(self, statements: Sequence[StatementValue]) -> list[StatementValue]:
        """What variables are a part of, where others that are compared give them their values."""
        found = [one for one in statements if has_variable([dict(one.elements), one.unknown])]
        return found if found and self._is_called() else []

    def _compared(
        self, before: Iterable[StatementValue], after: Iterable[StatementValue], type: PolicyType
    ) -> Changes:
        old, new = list(may_deny(before)), list(may_deny(after))
        one = policies_of(needed(in_cases(old, new)), self.names, type)
        other = policies_of(needed(in_cases(new, old)), self.names, type)
        if one == other:
            return Changes((), ())
        return changes(one, other, self._catalog)

    def _lifted(self, before: Owner, after: Owner) -> Iterator[Difference]:
        """What a policy that may be attached anywhere does not deny any more, and others allow."""
        if before.kind not in UNATTACHED and not before.address.startswith(ELSEWHERE):
            return
        old = policies_of(before.statements, self.names, PolicyType.IDENTITY)
        new = policies_of(after.statements, self.names, PolicyType.IDENTITY)
        yield from lifted_denials(old, new, self._others, self._catalog, Efforts.of_a_comparison())

    def _others(self) -> Sequence[Policy] | None:
        """The other policies that may be attached to the same identity; None if not known."""
        elsewhere = self._elsewhere()
        return None if elsewhere is None else [*self._beside(elsewhere)]

    def _has_others(self) -> bool:
        """Whether there may be other policies that are attached to the same identity."""
        elsewhere = self._elsewhere()
        return elsewhere is None or any(True for _ in self._beside(elsewhere))

    def _beside(self, elsewhere: Iterable[Policy]) -> Iterator[Policy]:
        beside = [
            statement
            for owner in self._after.values()
            if owner.kind in UNATTACHED
            for statement in owner.statements
            if statement.elements.get("Effect") == "Allow"  # who a Deny is for is not known
        ]
        yield from policies_of(beside, self.names, PolicyType.IDENTITY)
        yield from (policy for policy in elsewhere if not _has_principal(policy))

    def _not_denied(
        self, before: Iterable[StatementValue], after: Iterable[StatementValue]
    ) -> list[str]:
        """What was not read and is gone, and may have denied something."""
        old = list(before)
        found = list(not_denied(old, after))
        if found and self._old:  # what others make is read only if it matters
            found = list(not_denied(without_allowing(old, self._old), after))
        return [] if found and self._is_called() else found

    def _not_denied_any_more(self, owner: Owner, *, is_there: bool) -> list[str]:
        """What an owner that is gone had, was not read, and may have denied to others.

        That `is_there` whose policies these were.
        """
        if not is_there and owner.kind != "managed":
            return []
        # Whether there are others, is asked of all files: only if it matters.
        doubts = self._not_denied(granted(owner), ())
        return doubts if doubts and (is_there or self._has_others()) else []


def _has_principal(policy: Policy) -> bool:
    return any(statement.principal for statement in policy.statements)
