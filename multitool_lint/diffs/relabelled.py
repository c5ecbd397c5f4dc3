"""Resources and calls of modules that have other labels now, and are the same but for that.

What a deployment makes itself is the same wherever it is made with the same arguments: those that
are gone and those that are new are compared with their references to each other. Of two with the
same arguments, each may be taken for the other.
"""

from __future__ import annotations

import copy
import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from multitool_lint.limits import MAX_RELABELLED
from multitool_lint.syntax.terms import (
    Encoded,
    Guards,
    Rest,
    StatementValue,
    Text,
    Unknown,
    Value,
    identity,
)

if TYPE_CHECKING:
    from multitool_lint.deployments.deployment import Deployment
    from multitool_lint.deployments.owner import Owner

KEY = re.compile(r"\[[^]]*\]")
"""The key of an instance in an address."""
_WITH_HASH = re.compile(r"(.*\w)[0-9A-F]{8}", re.DOTALL)
Made = tuple["Deployment", str]
"""A resource or call, by its deployment and address."""
_PAIR = 2
_NOT_NAMING = frozenset(
    {
        *("count", "depends_on", "description", "for_each", "force_destroy", "lifecycle"),
        *("skip_destroy", "tags", "tags_all", "timeouts"),
        *("DeletionPolicy", "DependsOn", "Description", "Metadata", "Tags", "UpdateReplacePolicy"),
    }
)
"""The arguments that do not say which one a resource is."""
_STEPS = 3
"""How many references may be between two resources of which the one decides what the other is."""
_NAMED = frozenset({"module", "resource"})
"""The operators of terms whose first argument is an address."""
_CALLED = "module"
"""The kind of owners that are calls of modules of which only the arguments are known."""


def relabelled(
    old: Deployment, new: Deployment, known: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """The addresses of resources and calls that are new, each with that of the same one gone.

    Some others are `known` to be called otherwise.
    """
    before, after = _types(old, new), _types(new, old)
    is_other = {*known, *known.values(), *new.imported}
    gone = [address for address in before if address not in after and address not in is_other]
    fresh = [address for address in after if address not in before and address not in is_other]
    were, are = _constructs(before, gone), _constructs(after, fresh)
    same = {are[key]: were[key] for key in were.keys() & are.keys()}
    yield from same.items()
    known = {**known, **same}
    gone = [address for address in gone if address not in same.values()]
    fresh = [address for address in fresh if address not in same]
    types = {before[address] for address in gone} & {after[address] for address in fresh}
    made = [(old, address) for address in gone if before[address] in types]
    made += [(new, address) for address in fresh if after[address] in types]
    if not types or len(made) > MAX_RELABELLED:
        return
    found = dict(_pairs(old, made, _kinds(made, known, before | after)))
    left = [one for one in made if one[1] not in found and one[1] not in found.values()]
    found |= dict(_only(old, left, known))
    yield from found.items()
    left = [one for one in made if one[1] not in found and one[1] not in found.values()]
    kinds = _kinds(left, {**known, **found}, before | after, without=_NOT_NAMING)
    # Of several that differ in what decides nothing, it is not known which one is which.
    number = Counter(kinds.values())
    alike = [(side, address) for side, address in left if number[kinds[address]] == _PAIR]
    yield from _pairs(old, alike, kinds)


def _kinds(
    made: Sequence[Made],
    known: Mapping[str, str],
    types: Mapping[str, str],
    without: Container[str] = (),
) -> dict[str, str]:
    """What is equal for those that are the same, by their addresses."""
    kinds = {address: types[address] for _, address in made}
    for _ in range(_STEPS):
        names = OtherNames({**known, **kinds})
        kinds = {address: _kind(side, address, names, types, without) for side, address in made}
    return kinds


def _pairs(
    old: Deployment, made: Sequence[Made], kinds: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """The new addresses, each with an old one of the same kind."""
    by_kind: dict[str, list[str]] = {}
    for side, address in made:
        if side is old:
            by_kind.setdefault(kinds[address], []).append(address)
    for side, address in made:
        if side is not old and (same := by_kind.get(kinds[address])):
            yield address, same.pop(0)


def _only(
    old: Deployment, made: Sequence[Made], known: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """The only ones of a block, or of a type that belong to a resource, as a bucket's policy."""
    places: dict[tuple[str, str], list[Made]] = {}
    for side, address in made:
        if address not in side.instances:
            continue
        of = side.attached_to(address)
        if of:
            key = side.instances[address].type, of if side is old else known.get(of, of)
            places.setdefault(key, []).append((side, address))
        places.setdefault(("", KEY.sub("", address)), []).append((side, address))
    for found in places.values():
        if [side is old for side, _ in found] == [True, False]:
            yield found[1][1], found[0][1]


def _constructs(types: Mapping[str, str], addresses: Iterable[str]) -> dict[tuple[str, str], str]:
    """The resources by their types and ids without the hash of a path, of which no other has these.

    https://docs.aws.amazon.com/cdk/v2/guide/identifiers.html
    """
    found: dict[tuple[str, str], list[str]] = {}
    for address in addresses:
        if match := _WITH_HASH.fullmatch(address):
            found.setdefault((types[address], match[1]), []).append(address)
    return {key: made[0] for key, made in found.items() if len(made) == 1}


def _types(side: Deployment, other: Deployment) -> dict[str, str]:
    """The types of the resources, and of the calls of modules that are not in the tree.

    Of resources that decide nothing about access themselves, those that are named where another
    deployment does not say the same.
    """
    calls = {key: owner.kind for key, owner in side.owners.items() if owner.kind == _CALLED}
    found = {**calls, **{address: made.type for address, made in side.instances.items()}}
    same = {key: repr(owner.content) for key, owner in other.owners.items()}
    named: set[str] = set()
    for key, owner in side.owners.items():
        if key not in same or same[key] != repr(owner.content):
            noted = OtherNames({})
            noted.owner(owner)
            named |= noted.named
    if named - found.keys():
        found.update((address, type_) for address, type_ in side.made.items() if address in named)
        here, there = side.made, other.made
        found = {key: type_ for key, type_ in found.items() if key not in here or key not in there}
    return found


def _kind(
    side: Deployment,
    address: str,
    names: OtherNames,
    types: Mapping[str, str],
    without: Container[str],
) -> str:
    """What is equal for resources of a type, or calls of a module, with equal arguments.

    Of a resource of a known name, it is the ARN that this makes.
    """
    if types[address] == _CALLED:
        return identity([_CALLED, repr(names.owner(side.owners[address]).content)])
    given, type_ = side.arguments(address), types[address]
    arn = names.value(side.arns.get(address, {}).get("arn"))
    if arn is not None and not _names_itself(side, address):
        return identity([type_, arn, names.value(given.get("provider"))])
    kept = {name: value for name, value in given.items() if name.partition("/")[0] not in without}
    values = {name: names.value(value) for name, value in kept.items()}
    return identity([type_, dict(sorted(values.items()))])


def _names_itself(side: Deployment, address: str) -> bool:
    """Whether the ARN of a resource has a name that AWS or Terraform makes."""
    noted = OtherNames({})
    noted.value(side.arns[address]["arn"])
    return address in noted.named


class OtherNames:
    """Values in which resources and calls have other addresses.

    Terms share their parts, so that there are many ways to one: each is made once. The addresses
    that were there are `named`.
    """

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names
        self._made: dict[int, tuple[Unknown, Unknown]] = {}
        self.named: set[str] = set()

    def owner(self, owner: Owner) -> Owner:
        """An owner whose facts, statements and attachments name them so."""
        made = copy.copy(owner)
        made.facts, made.blocks = (
            {name: self.value(value) for name, value in some.items()}
            for some in (owner.facts, owner.blocks)
        )
        made.attached = [one._replace(arn=self.value(one.arn)) for one in owner.attached]
        made.statements, made.trust = (
            [*map(self._statement, some)] for some in (owner.statements, owner.trust)
        )
        if owner.boundary is not None:
            made.boundary = [*map(self._statement, owner.boundary)]
        made.guards = self._guards(owner.guards)
        return made

    def _statement(self, statement: StatementValue) -> StatementValue:
        elements = {name: self.value(value) for name, value in statement.elements.items()}
        unknown = statement.unknown and self._term(statement.unknown)
        guards = self._guards(statement.guards)
        return statement._replace(elements=elements, unknown=unknown, guards=guards)

    def _guards(self, guards: Guards) -> Guards:
        return tuple(guard._replace(condition=self._term(guard.condition)) for guard in guards)

    def value(self, value: Value) -> Value:
        """A value that names them so."""
        if isinstance(value, Text):
            parts = (p if isinstance(p, (str, Encoded)) else self._term(p) for p in value.parts)
            return Text(tuple(parts))
        if isinstance(value, Encoded):
            return Encoded(self.value(value.value))
        if isinstance(value, Rest):
            return Rest(self.value(value.item), self._guards(value.once))
        if isinstance(value, list):
            return [*map(self.value, value)]
        if isinstance(value, dict):
            return {key: self.value(item) for key, item in value.items()}
        return self._term(value) if isinstance(value, Unknown) else value

    def _term(self, term: Unknown) -> Unknown:
        if id(term) not in self._made:
            self._made[id(term)] = term, self._renamed(term)
        return self._made[id(term)][1]

    def _renamed(self, term: Unknown) -> Unknown:
        if term.operator in _NAMED:
            first, *rest = term.arguments
            self.named.add(str(first))
            made = [self._names.get(str(first), first), *rest]
        else:
            made = [*map(self.value, term.arguments)]
        return Unknown(term.operator, *made, shown=term.shown, origin=term.origin)
