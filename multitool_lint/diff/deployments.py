"""How access differs between two deployments, owner by owner."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.deployments.owner import Owner
from multitool_lint.diff.as_policy import Names, policies_of
from multitool_lint.policy.changes import Changes, Unknown, changes, lifted_denials
from multitool_lint.policy.compare.effort import Efforts
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax import terms
from multitool_lint.syntax.shown_terms import shown
from multitool_lint.syntax.terms import StatementValue, Value, identity

if TYPE_CHECKING:
    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.deployments.terraform.access import ModuleDeployment
    from multitool_lint.policy.changes import Difference
    from multitool_lint.policy.document import Policy

_ELSEWHERE = ("name:", "unknown:")
"""What the addresses begin with of what the deployment does not make."""
_UNATTACHED = frozenset({"document", "managed"})
"""The kinds of owners that may be attached to any identity."""

_INSTANCE = re.compile(r"\[[^]]*\]")
"""The key of an instance in an address."""

_NUMBER = re.compile(r"v?[0-9]+(?:\.[0-9]+)*(?:/[0-9]+)?")
_RESTRICTS = re.compile(r"den[yi]|bound|scp|guardrail", re.IGNORECASE)
"""What a module may have that restricts others' access."""

_OF_AWS = re.compile(r"arn:[^:]+:iam::aws:policy/")
_DENIES = re.compile(r"Deny|Quarantine")
"""What the names have of the policies that AWS publishes to deny something."""

_HARMLESS_IN_MODULES = frozenset({"description", "name", "tags"})
_CODE_OF_MODULES = frozenset({"source", "version"})


class OwnerChange(NamedTuple):
    """How the access of an owner has changed, and its policies now."""

    title: str
    changes: Changes
    policies: tuple[Policy, ...] = ()


class Comparison:
    """Compares two deployments; one that is not there has no owners.

    The policies `elsewhere` may be attached to whom a policy without attachments is attached.
    """

    def __init__(
        self,
        old: ModuleDeployment | None,
        new: ModuleDeployment | None,
        catalog: Catalog,
        elsewhere: Callable[[], Sequence[Policy]] = tuple,
    ) -> None:
        self.names = Names()
        self._elsewhere = elsewhere
        self._catalog = catalog
        self._old = old
        self._new = new
        self._before: Mapping[str, Owner] = old.owners if old else {}
        self._after: Mapping[str, Owner] = new.owners if new else {}
        managed = old.managed if old else {}
        attached = {
            address: Owner(address, "managed", address, statements)
            for address, statements in managed.items()
            if address not in self._before
        }
        self._by_content = {
            (_content(owner), place): owner
            for key, owner in {**attached, **self._before}.items()
            if not key.startswith(_ELSEWHERE)
            for place in (_INSTANCE.sub("", key), *self._gone(key))
        }

    def changes(self) -> Iterator[OwnerChange]:
        """The owners whose access may have changed."""
        replaced = set()
        for address, owner in self._after.items():
            before = self._counterpart(address, owner)
            if before.kind == owner.kind:  # a document by itself denies nothing
                replaced.add(before.address)
            if repr(before.content) == repr(owner.content) and not owner.boundary:
                continue
            found = self._of_owner(before, owner, is_old=address in self._before)
            if any(found):
                yield OwnerChange(owner.title, found, self.policies_of(owner))
        for address, owner in self._before.items():
            if address not in self._after and address not in replaced:
                reasons = tuple(Unknown(owner.title, reason) for reason in _gone(owner))
                if address.startswith(_ELSEWHERE) or (owner.kind == "managed" and self._others()):
                    lost_unread = _not_denied(_granted(owner), ())
                    reasons += tuple(Unknown(owner.title, reason) for reason in lost_unread)
                lost = self._compared(_granted(owner), (), _type(owner, owner)).lost
                lifted = tuple(self._lifted(owner, Owner(address, owner.kind, owner.title)))
                if reasons or lost or lifted:
                    yield OwnerChange(owner.title, Changes(lifted, lost, reasons))
        if reasons := tuple(self._rules()):
            yield OwnerChange("variables", Changes((), (), reasons))

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
        return policies_of(_granted(owner), self.names, _type(owner, owner))

    def _gone(self, address: str) -> tuple[str, ...]:
        """A place for what has gone, wherever it was."""
        is_there = self._new and (address in self._after or address in self._new.managed)
        return () if is_there else ("",)

    def _counterpart(self, address: str, owner: Owner) -> Owner:
        """What an owner was before: that of its address, or one that was the same.

        This one has gone, or is another instance of the same block.
        """
        if address in self._before:
            return self._before[address]
        if not address.startswith(_ELSEWHERE):
            for place in (_INSTANCE.sub("", address), ""):
                same = self._by_content.get((_content(owner), place))
                if same and owner.kind in (same.kind, "document"):
                    return same
        return Owner(address, owner.kind, owner.title)

    def _of_owner(self, before: Owner, after: Owner, *, is_old: bool) -> Changes:
        reasons = list(_facts(before, after, is_old=is_old))
        gained: list[Difference] = list(self._lifted(before, after))
        lost: list[Difference] = []
        both = (
            (list(_granted(before)), list(_granted(after)), _type(before, after)),
            (before.trust, after.trust, PolicyType.TRUST),
        )
        for old, new, type_ in both:
            reasons += _unread(old, new, self._new.places if self._new else {})
            if new or after.address.startswith(_ELSEWHERE):
                reasons += _not_denied(old, new)
            # What is not known is on both sides: it is reported as such, and decides what a Deny
            # that has gone was for.
            unknown = [statement for statement in (*old, *new) if statement.unknown is not None]
            found = self._compared([*old, *unknown], [*new, *unknown], type_)
            gained += found.gained
            lost += found.lost
        if before.boundary is not None and is_old:
            if after.boundary is None:
                reasons.append("its permissions boundary is removed")
            else:
                within = self._compared(before.boundary, after.boundary, PolicyType.BOUNDARY)
                gained += within.gained
                lost += within.lost
        if is_old and after.providers - before.providers:
            listed = ", ".join(sorted(after.providers))
            reasons.append(f"it is made by another provider now: {listed}")
        if after.is_open and before.statements and not after.statements:
            reasons.append("it has no policy any more, and without one everything is allowed")
        doubts = tuple(Unknown(after.title, reason) for reason in reasons)
        return Changes(tuple(gained), tuple(lost), doubts)

    def _compared(
        self, before: Iterable[StatementValue], after: Iterable[StatementValue], type: PolicyType
    ) -> Changes:
        old, new = list(_may_deny(before)), list(_may_deny(after))
        one = policies_of(_needed(old), self.names, type)
        other = policies_of(_needed(new), self.names, type)
        if one == other:
            return Changes((), ())
        return changes(one, other, self._catalog)

    def _lifted(self, before: Owner, after: Owner) -> Iterator[Difference]:
        """What a policy that may be attached anywhere does not deny any more, and others allow."""
        if before.kind not in _UNATTACHED and not before.address.startswith(_ELSEWHERE):
            return
        old = policies_of(before.statements, self.names, PolicyType.IDENTITY)
        new = policies_of(after.statements, self.names, PolicyType.IDENTITY)
        yield from lifted_denials(old, new, self._others, self._catalog, Efforts.of_a_comparison())

    def _others(self) -> Sequence[Policy]:
        """The other policies that may be attached to the same identity."""
        beside = [
            statement
            for owner in self._after.values()
            if owner.kind in _UNATTACHED
            for statement in owner.statements
            if statement.elements.get("Effect") == "Allow"  # who a Deny is for is not known
        ]
        own = policies_of(beside, self.names, PolicyType.IDENTITY)
        return [*own, *(policy for policy in self._elsewhere() if not _has_principal(policy))]

    def _rules(self) -> Iterator[Unknown]:
        """Rules for the values of variables that are not there any more."""
        if self._old is None or self._new is None:
            return
        rules = self._new.rules
        for name, known in self._old.rules.items():
            if not set(known) <= set(rules.get(name, ())) and self._new.uses_variable(name):
                yield Unknown(f"var.{name}", "a rule for its values has changed or is gone")


def _content(owner: Owner) -> str:
    """What is equal for owners that have the same access, where they are there.

    To whom a policy that is not attached applies is not known, however it is there.
    """
    if owner.kind not in _UNATTACHED:
        return repr((owner.kind, owner.content))
    bare = (statement._replace(guards=()) for statement in owner.statements)
    return repr(("unattached", *sorted({identity(terms.Document((s,))) for s in bare})))


def _facts(before: Owner, after: Owner, *, is_old: bool) -> Iterator[str]:
    """The arguments that decide about access and have changed."""
    lifted = [
        name
        for name, value in _blocking(before)
        if after.blocks.get(name) is not True
        and identity(after.blocks.get(name)) != identity(value)
    ]
    if lifted:
        yield f"{', '.join(lifted)}: what was blocked is not blocked any more"
    if not after.facts:
        return
    changed = [
        name
        for name in sorted({*before.facts, *after.facts})
        if identity(before.facts.get(name)) != identity(after.facts.get(name))
    ]
    if after.kind == "module":
        changed = [name for name in changed if _may_matter(name, before, after)]
        if changed:
            yield f"{_listed(before, after, changed)}; its module is not in these files"
    elif changed and (is_old or not after.statements):
        yield _listed(before, after, changed)
    if after.facts and before.guards != after.guards and is_old and not changed:
        yield "when it is there has changed"


def _may_matter(name: str, before: Owner, after: Owner) -> bool:
    """Whether an argument of a module that is not here may decide about access."""
    values = [owner.facts.get(name) for owner in (before, after)]
    if name in _CODE_OF_MODULES:
        return True
    return name not in _HARMLESS_IN_MODULES and not all(map(_is_number, values))


def _is_number(value: Value) -> bool:
    """Whether a value is nothing, or a number, a version or a network."""
    if isinstance(value, list):
        return all(map(_is_number, value))
    is_text = isinstance(value, str) and _NUMBER.fullmatch(value) is not None
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return value is None or is_text or is_number


def _gone(owner: Owner) -> Iterator[str]:
    """Why it matters that an owner is gone: it may have restricted others."""
    if owner.is_restriction or any(_blocking(owner)):
        yield "what it restricted is not restricted any more"
    words = [owner.address, *owner.facts, *map(shown, owner.facts.values())]
    if owner.kind == "module" and any(map(_RESTRICTS.search, words)):
        yield "a module is gone that may have restricted access"


def _has_principal(policy: Policy) -> bool:
    return any(statement.principal for statement in policy.statements)


def _unread(
    before: Iterable[StatementValue], after: Iterable[StatementValue], places: Mapping[str, str]
) -> Iterator[str]:
    """What is not known, and was not there."""
    old, new = ([_decided(s) for s in side] for side in (before, after))
    for statement in new:
        if statement.unknown is not None and not _is_in(statement, old):
            what = statement.unknown
            if what.operator == "policy":
                yield f"attaches {shown(what.arguments[0])}, which is not read"
            else:
                place = places.get(identity(what))
                yield f"{f'{place}: ' if place else ''}a policy that is not read: {shown(what)}"


def _not_denied(before: Iterable[StatementValue], after: Iterable[StatementValue]) -> Iterator[str]:
    """What was not read and is gone, where there are other policies."""
    old, new = ([_decided(s) for s in side] for side in (before, after))
    for statement in old:
        gone = statement.unknown
        if gone is not None and not _is_in(statement, new) and _may_deny_something(gone):
            written = shown(gone.arguments[0] if gone.operator == "policy" else gone)
            yield f"a policy that was not read is gone, and may have denied access: {written}"


def _may_deny_something(what: terms.Unknown) -> bool:
    """Whether a policy that is not read may deny something: few policies of AWS do."""
    arn = what.arguments[0] if what.operator == "policy" else None
    is_of_aws = isinstance(arn, str) and _OF_AWS.match(arn) is not None
    return not is_of_aws or _DENIES.search(str(arn)) is not None


def _is_in(statement: StatementValue, others: Iterable[StatementValue]) -> bool:
    """Whether what is not known is among others, in all cases in which it is there."""
    guards = set(statement.guards)
    return any(
        other.unknown == statement.unknown and set(other.guards) <= guards for other in others
    )


def _blocking(owner: Owner) -> Iterator[tuple[str, Value]]:
    """The arguments that take access away, or may do so."""
    for name, value in owner.blocks.items():
        if value is not None and value is not False:
            yield name, value


def _listed(before: Owner, after: Owner, changed: list[str]) -> str:
    def written(owner: Owner, name: str) -> str:
        return shown(owner.facts[name]) if name in owner.facts else "nothing"

    parts = [f"{name}: {written(before, name)} -> {written(after, name)}" for name in changed]
    return ", ".join(parts)


def _type(before: Owner, after: Owner) -> PolicyType:
    if "identity" in (before.kind, after.kind) or after.kind in ("managed", "module"):
        return PolicyType.IDENTITY
    statements = [*before.statements, *after.statements]
    has_principal = any(
        not {"Principal", "NotPrincipal"}.isdisjoint(statement.elements) for statement in statements
    )
    if after.kind == "document" and not has_principal:
        return PolicyType.IDENTITY
    return PolicyType.RESOURCE if has_principal else PolicyType.IDENTITY


def _granted(owner: Owner) -> Iterator[StatementValue]:
    """The statements of an owner, with one for each policy that is attached and not known."""
    yield from owner.statements
    for attached in owner.attached:
        yield StatementValue({}, attached.guards, terms.Unknown("policy", attached.arn))


def _may_deny(statements: Iterable[StatementValue]) -> Iterator[StatementValue]:
    """The statements, and what a document that is not known may deny: everything."""
    for statement in map(_decided, statements):
        yield statement
        if statement.unknown is not None and statement.unknown.operator != "policy":
            term = terms.Unknown("denies", statement.unknown)
            elements = {"Effect": "Deny", "Action": "*", "Resource": "*"}
            yield StatementValue(elements, (*statement.guards, terms.Guard(term, holds=True)))


def _decided(statement: StatementValue) -> StatementValue:
    """A statement; one of which the Effect is not known is an unknown document."""
    effect = statement.elements.get("Effect")
    if statement.unknown is not None or isinstance(effect, str):
        return statement
    term = terms.Unknown("statement", dict(statement.elements))
    return StatementValue({}, statement.guards, term)


def _needed(statements: list[StatementValue]) -> list[StatementValue]:
    """The statements without guards that do not matter, as one that is there in both cases."""
    found: dict[str, tuple[StatementValue, set[frozenset[terms.Guard]]]] = {}
    for statement in statements:
        key = identity(terms.Document((statement._replace(guards=()),)))
        found.setdefault(key, (statement, set()))[1].add(frozenset(statement.guards))
    return [
        statement._replace(guards=tuple(guards))
        for statement, sets in found.values()
        for guards in _joined(sets)
    ]


def _joined(sets: set[frozenset[terms.Guard]]) -> Iterator[frozenset[terms.Guard]]:
    changed = True
    while changed:
        changed = False
        for guards in list(sets):
            for guard in guards:
                rest = guards - {guard}
                if rest not in sets and rest | {guard.opposite} in sets:
                    sets.add(rest)
                    changed = True
        sets = {guards for guards in sets if not any(other < guards for other in sets)}
    for guards in sets:
        if not any(guard.opposite in guards for guard in guards):
            yield guards
