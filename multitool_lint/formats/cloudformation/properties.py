"""The properties of CloudFormation resources that hold policies, and their values in a template."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.aws.catalog.tables import BUNDLED, read_rows
from multitool_lint.formats.cloudformation.functions import NO_VALUE, branch, function_name
from multitool_lint.syntax.tree import Array, Node, Object

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from multitool_lint.formats.cloudformation.functions import Facts

_BRANCHES_AT_MOST = 60


class Property(NamedTuple):
    """Where a resource holds a policy, and of which type that is.

    In the path, `*` is any item. The kind is a policy type, or `organizations`, where another
    property tells it, `other` for another language than IAM's, or one of SAM's.
    """

    path: tuple[str, ...]
    kind: str
    resource_type: str | None = None


@lru_cache(maxsize=1)
def properties() -> Mapping[str, tuple[Property, ...]]:
    """The properties by the type of the resource."""
    found: dict[str, tuple[Property, ...]] = {}
    for type_, path, kind, *resource in read_rows(BUNDLED, "cloudformation_policies.tsv"):
        one = Property(tuple(path.split("/")), kind, resource[0] if resource else None)
        found[type_] = (*found.get(type_, ()), one)
    return found


class Place(NamedTuple):
    """A value where a policy should stand: its name, and the conditions on which it is there."""

    raw: Node
    name: str
    given: Mapping[str, bool]


def member(node: Node | None, key: str) -> Node | None:
    """The value of a key, if the node is an object that has it."""
    found = node.value.find(key) if node and isinstance(node.value, Object) else None
    return found.value if found else None


def text(node: Node | None) -> str | None:
    """The value of a node that is a string."""
    return node.value if node and isinstance(node.value, str) else None


def by_key(node: Node | None) -> dict[str, Node]:
    """The values of an object, of which nothing need be there."""
    members = node.value if node and isinstance(node.value, Object) else Object()
    return {each.key: each.value for each in members}


def places(start: Place, path: Sequence[str]) -> Iterator[Place]:
    """The values at a path, in every branch of the functions on the way."""
    if not path:
        yield start
        return
    for place in _branches(start):
        value = place.raw.value
        if path[0] == "*" and isinstance(value, Array):
            for number, each in enumerate(value):
                inner = place._replace(raw=each, name=f"{place.name}/{number}")
                yield from places(inner, path[1:])
        elif path[0] != "*" and isinstance(value, Object):
            found = member(place.raw, path[0])
            if found is not None:
                inner = place._replace(raw=found, name=f"{place.name}/{path[0]}")
                yield from places(inner, path[1:])


def _branches(start: Place) -> list[Place]:
    """The branches of `Fn::If` that a value may be, each with what it takes."""
    found: list[Place] = []
    waiting = [start]
    while waiting and len(found) < _BRANCHES_AT_MOST:
        place = waiting.pop()
        value = place.raw.value
        name = function_name(value) if isinstance(value, Object) else None
        parts = value[0].value.value if name == "Fn::If" and isinstance(value, Object) else None
        if not isinstance(parts, Array) or len(parts) != 3:  # noqa: PLR2004 - as documented
            found.append(place)
            continue
        condition = text(parts[0])
        for holds, part in ((False, parts[2]), (True, parts[1])):
            if condition is not None and place.given.get(condition, holds) == holds:
                waiting.append(Place(part, place.name, {**place.given, condition: holds}))
    return found


def peeled(raw: Node, facts: Facts) -> Node | None:
    """The value that functions leave in a case; None where it is none at all."""
    for _ in range(_BRANCHES_AT_MOST):
        name = function_name(raw.value) if isinstance(raw.value, Object) else None
        if name is None or not isinstance(raw.value, Object):
            return raw
        if name == "Ref" and raw.value[0].value.value == NO_VALUE:
            return None
        if name == "Fn::ToJsonString":
            chosen: Node | None = raw.value[0].value
        else:
            chosen = branch(raw.value[0].value, facts) if name == "Fn::If" else None
        if chosen is None:
            return raw
        raw = chosen
    return raw


def macro_name(key: str) -> str:
    """The name of a function without what is added to it, as in `Fn::ForEach::Name`."""
    return "::".join(key.split("::")[:2])
