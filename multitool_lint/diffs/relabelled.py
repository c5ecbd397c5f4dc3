"""Resources that are called otherwise in the code now, and are the same but for that.

What a deployment makes itself is the same wherever it is made with the same arguments: those that
are gone and those that are new are compared with their references to each other. Of two with the
same arguments, each may be taken for the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from multitool_lint.limits import MAX_RELABELLED
from multitool_lint.syntax.terms import Encoded, Rest, Text, Unknown, Value, identity

if TYPE_CHECKING:
    from multitool_lint.deployments.deployment import Deployment

_WITH_HASH = re.compile(r"(.*\w)[0-9A-F]{8}", re.DOTALL)
_STEPS = 3
"""How many references may be between two resources of which the one decides what the other is."""


def relabelled(
    old: Deployment, new: Deployment, known: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """The addresses of resources that are new, each with that of the same one that is gone.

    Some others are `known` to be called otherwise.
    """
    is_other = {*known, *known.values(), *new.imported}
    gone = [a for a in old.instances if a not in new.instances and a not in is_other]
    fresh = [a for a in new.instances if a not in old.instances and a not in is_other]
    constructs = _constructs(new, fresh)
    pairs = {
        constructs[key]: was for key, was in _constructs(old, gone).items() if key in constructs
    }
    yield from pairs.items()
    known = {**known, **pairs}
    gone, fresh = (
        [a for a in side if a not in {*pairs, *pairs.values()}] for side in (gone, fresh)
    )
    types = {old.instances[a].type for a in gone} & {new.instances[a].type for a in fresh}
    made = [(old, a) for a in gone if old.instances[a].type in types]
    made += [(new, a) for a in fresh if new.instances[a].type in types]
    if not types or len(made) > MAX_RELABELLED:
        return
    kinds = {address: side.instances[address].type for side, address in made}
    for _ in range(_STEPS):
        kinds = {address: _kind(side, address, {**known, **kinds}) for side, address in made}
    by_kind: dict[str, list[str]] = {}
    for side, address in made:
        if side is old:
            by_kind.setdefault(kinds[address], []).append(address)
    for side, address in made:
        if side is new and (same := by_kind.get(kinds[address])):
            yield address, same.pop(0)


def _constructs(side: Deployment, addresses: Iterable[str]) -> Mapping[tuple[str, str], str]:
    """The resources by their types and ids without the hash of a path, of which no other has these.

    https://docs.aws.amazon.com/cdk/v2/guide/identifiers.html
    """
    found: dict[tuple[str, str], list[str]] = {}
    for address in addresses:
        if match := _WITH_HASH.fullmatch(address):
            found.setdefault((side.instances[address].type, match[1]), []).append(address)
    return {key: made[0] for key, made in found.items() if len(made) == 1}


def _kind(side: Deployment, address: str, kinds: Mapping[str, str]) -> str:
    """What is equal for resources of a type with equal arguments."""
    given = {name: with_names(value, kinds) for name, value in side.given(address).items()}
    return identity([side.instances[address].type, dict(sorted(given.items()))])


def with_names(value: Value, names: Mapping[str, str]) -> Value:
    """A value that names resources by other addresses."""
    if isinstance(value, Text):
        parts = (p if isinstance(p, (str, Encoded)) else _term(p, names) for p in value.parts)
        return Text(tuple(parts))
    if isinstance(value, Encoded):
        return Encoded(with_names(value.value, names))
    if isinstance(value, Rest):
        return Rest(with_names(value.item, names), value.once)
    if isinstance(value, list):
        return [with_names(item, names) for item in value]
    if isinstance(value, dict):
        return {key: with_names(item, names) for key, item in value.items()}
    return _term(value, names) if isinstance(value, Unknown) else value


def _term(term: Unknown, names: Mapping[str, str]) -> Unknown:
    """A reference to a resource, or to an attribute of one, by its other address; or the term."""
    first, *rest = term.arguments or (None,)
    if term.operator == "get" and isinstance(first, Unknown):
        return Unknown("get", _term(first, names), *rest, shown=term.shown)
    if term.operator == "resource" and str(first) in names:
        return Unknown("resource", names[str(first)], *rest, shown=term.shown)
    return term
