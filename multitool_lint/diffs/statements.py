"""The statements of an owner as they are compared, and what of them is not known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from multitool_lint.deployments.cases import statements_in_cases
from multitool_lint.syntax import terms
from multitool_lint.syntax.shown_terms import shown, shown_apart
from multitool_lint.syntax.terms import Guards, StatementValue, Value, identity

if TYPE_CHECKING:
    from multitool_lint.deployments.deployment import Deployment
    from multitool_lint.deployments.owner import Owner

_OF_AWS = re.compile(r"arn:[^:]+:iam::aws:policy/")
_DENIES = re.compile(r"Deny|Quarantine")
"""What the names have of the policies that AWS publishes to deny something."""


def unread(
    before: Iterable[StatementValue], after: Iterable[StatementValue], places: Mapping[str, str]
) -> Iterator[str]:
    """What is not known, and was not there."""
    old, new = ([d for s in side for d in _decided(s)] for side in (before, after))
    had = _guards_of_unknown(old)
    for statement in new:
        if statement.unknown is not None and not _is_in(statement, had):
            what = statement.unknown
            if what.operator == "policy":
                yield f"attaches {shown(what.arguments[0])}, which is not read"
            elif what.operator == "event":
                yield f"an event that grants what is not known: {shown(what.arguments[0])}"
            else:
                place = places.get(identity(what))
                yield f"{f'{place}: ' if place else ''}a policy that is not read: {shown(what)}"


def other_unknown(before: Iterable[StatementValue], after: Iterable[StatementValue]) -> str:
    """The documents that are not known and are not the same, as they are written; "" for none."""
    sides = [[s for s in side if s.unknown is not None] for side in (before, after)]
    same = [{statement.identity: statement.guards for statement in side} for side in sides]
    if same[0] == same[1]:
        return ""
    return " -> ".join(shown_apart(*([s.unknown for s in side] for side in sides)))


def not_denied(before: Iterable[StatementValue], after: Iterable[StatementValue]) -> Iterator[str]:
    """What was not read and is gone, where there are other policies."""
    old, new = ([d for s in side for d in _decided(s)] for side in (before, after))
    has = _guards_of_unknown(new)
    for statement in old:
        gone = statement.unknown
        if gone is not None and not _is_in(statement, has) and _may_deny_something(gone):
            written = shown(gone.arguments[0] if gone.operator == "policy" else gone)
            yield f"a policy that was not read is gone, and may have denied access: {written}"


def without_allowing(
    statements: Iterable[StatementValue], deployment: Deployment
) -> Iterator[StatementValue]:
    """The statements without attached policies of others that deny nothing."""
    for statement in statements:
        what = statement.unknown
        is_attached = what is not None and what.operator == "policy"
        if not (what and is_attached and deployment.only_allows(what.arguments[0])):
            yield statement


def _may_deny_something(what: terms.Unknown) -> bool:
    """Whether a policy that is not read may deny something: few policies of AWS do."""
    arn = what.arguments[0] if what.operator == "policy" else None
    is_of_aws = isinstance(arn, str) and _OF_AWS.match(arn) is not None
    return not is_of_aws or denies_by_name(str(arn))


def denies_by_name(policy: str) -> bool:
    """Whether a policy of AWS is called as those that deny something."""
    return _DENIES.search(policy) is not None


def _guards_of_unknown(
    statements: Iterable[StatementValue],
) -> Mapping[str, list[set[terms.Guard]]]:
    """When what is not known is there, by its identity."""
    found: dict[str, list[set[terms.Guard]]] = {}
    for statement in statements:
        if statement.unknown is not None:
            found.setdefault(identity(statement.unknown), []).append(set(statement.guards))
    return found


def _is_in(statement: StatementValue, others: Mapping[str, list[set[terms.Guard]]]) -> bool:
    """Whether what is not known is among others, in all cases in which it is there."""
    own = set(statement.guards)
    return any(guards <= own for guards in others.get(identity(statement.unknown), ()))


def granted(owner: Owner) -> Iterator[StatementValue]:
    """The statements of an owner, with one for each policy that is attached and not known."""
    yield from owner.statements
    for attached in owner.attached:
        yield StatementValue({}, attached.guards, terms.Unknown("policy", attached.arn))


def denied_under(statements: Iterable[StatementValue], guards: Guards) -> list[StatementValue]:
    """The statements, of which those that may deny something do so where some guards hold."""
    return [
        statement if statement.elements.get("Effect") == "Allow" else statement.under(guards)
        for statement in statements
    ]


def may_deny(statements: Iterable[StatementValue]) -> Iterator[StatementValue]:
    """The statements, and what a document that is not known may deny: everything."""
    for statement in (decided for one in statements for decided in _decided(one)):
        yield statement
        if statement.unknown is not None and statement.unknown.operator != "policy":
            term = terms.Unknown("denies", statement.unknown)
            elements = {"Effect": "Deny", "Action": "*", "Resource": "*"}
            yield StatementValue(elements, (*statement.guards, terms.Guard(term, holds=True)))


def _decided(statement: StatementValue) -> Iterator[StatementValue]:
    """A statement; one of which the Effect is not known in any case is an unknown document."""
    if statement.unknown is not None or _has_effect(statement):
        yield statement
        return
    found = list(statements_in_cases(statement))
    if all(map(_has_effect, found)):
        yield from found
    else:
        term = terms.Unknown("statement", dict(statement.elements))
        yield StatementValue({}, statement.guards, term)


def _has_effect(statement: StatementValue) -> bool:
    return isinstance(statement.elements.get("Effect"), str)


def in_cases(
    statements: Iterable[StatementValue], others: Iterable[StatementValue]
) -> list[StatementValue]:
    """The statements, in the cases that decide parts of them where they are not among others."""
    same = {other.identity for other in others}
    return [
        found
        for statement in statements
        for found in ([statement] if statement.identity in same else statements_in_cases(statement))
    ]


def needed(statements: list[StatementValue]) -> list[StatementValue]:
    """The statements without guards that do not matter, as one that is there in both cases."""
    found: dict[str, tuple[StatementValue, set[frozenset[terms.Guard]]]] = {}
    for statement in statements:
        key = statement.under_no_guards.identity
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
        shortest = min(map(len, sets))
        sets = {
            guards
            for guards in sets
            if len(guards) == shortest or not any(other < guards for other in sets)
        }
    for guards in sets:
        if not any(guard.opposite in guards for guard in guards):
            yield guards


def content_of(statement: StatementValue) -> str:
    """What is equal for statements that say the same, with lists of one item or without."""
    return in_normal_form(statement).under_no_guards.identity


def in_normal_form(statement: StatementValue) -> StatementValue:
    """The statement without what decides nothing: its Sid, and the order of its lists."""
    elements = {name: _as_set(value) for name, value in statement.elements.items() if name != "Sid"}
    return statement._replace(elements=elements)


def _as_set(value: Value) -> Value:
    if isinstance(value, Mapping):
        return {key: _as_set(item) for key, item in value.items()}
    items = value if isinstance(value, list) else [value]
    return [item for _, item in sorted({_key_of(item): item for item in items}.items())]


def _key_of(item: Value) -> str:
    """What identifies an item of a list; of a text, that takes no digest."""
    return item if isinstance(item, str) else f"\0{identity(item)}"
