"""Resources that have other names now, by which what is written calls them now, too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from multitool_lint.deployments.addresses import address_of
from multitool_lint.syntax.terms import Rest, Text, Value, identity
from multitool_lint.values.arns import KnownArns, Names

if TYPE_CHECKING:
    from multitool_lint.deployments.deployment import Deployment


def renamed_with_texts(old: Deployment, new: Deployment) -> list[Mapping[str, Names]]:
    """The names of such resources on both sides: each is written only where it is the name."""
    others = {
        address
        for address in old.arns.keys() & new.arns.keys()
        if identity(old.arns[address]["arn"]) != identity(new.arns[address]["arn"])
    }
    if not others:
        return []
    sides = [{address: side.arns[address] for address in others} for side in (old, new)]
    known = [*map(KnownArns, sides)]
    (were, become), (stay, are) = ([{*_named(side, arns)} for arns in known] for side in (old, new))
    both = were & are - become - stay
    return [{address: side[address] for address in both} for side in sides]


def _named(side: Deployment, arns: KnownArns) -> Iterator[str]:
    """The addresses of the resources whose ARNs are written in statements, and not referred to."""
    for owner in side.owners.values():
        for statement in (*owner.statements, *owner.trust):
            for value in _texts(dict(statement.elements)):
                found = arns.by_reference(value)
                first = found.parts[0] if isinstance(found, Text) else found
                if identity(found) != identity(value) and (address := address_of(first)):
                    yield address


def _texts(value: Value) -> Iterator[Value]:
    """The texts in a value."""
    if isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item.item if isinstance(item, Rest) else item)
    elif isinstance(value, (str, Text)):
        yield value
