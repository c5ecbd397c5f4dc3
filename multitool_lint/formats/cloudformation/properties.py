"""The properties of CloudFormation resources that hold policies, and their values in a template."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.aws.catalog.tables import Rows, bundled_table
from multitool_lint.formats import recognize
from multitool_lint.formats.result import Problem
from multitool_lint.limits import MAX_PROPERTY_BRANCHES
from multitool_lint.syntax.tree import UNKNOWN, Member, Node, Object
from multitool_lint.values.cloudformation import NO_VALUE, function

if TYPE_CHECKING:
    from multitool_lint.formats.cloudformation.functions import Facts

_POLICY_NAME = re.compile(r"polic|assumerole|trust|boundary|document", re.IGNORECASE)
_ANY = "**"
_IAM = "AWS::IAM::"
"""Its resources decide about access without a policy, too, as instance profiles do."""
_OF_SAM = ("*", _ANY)
"""The steps below the list of SAM: an item has any key, as that of a policy template."""


class Property(NamedTuple):
    """Where a resource holds a policy, and of which type that is.

    In the path, `*` is any item. The kind is a policy type, or `organizations`, where another
    property decides it, `other` for another language than IAM's, `statements` of a resource policy,
    or `sam` for SAM's list of policies.
    """

    path: tuple[str, ...]
    kind: str
    resource_type: str | None = None


@bundled_table("cloudformation_policies.tsv")
def properties(rows: Rows) -> Mapping[str, tuple[Property, ...]]:
    """The properties by the type of the resource."""
    found: dict[str, tuple[Property, ...]] = {}
    for type_, path, kind, *resource in rows:
        property_ = Property(tuple(path.split("/")), kind, resource[0] if resource else None)
        found[type_] = (*found.get(type_, ()), property_)
    return found


class PolicyProperty(NamedTuple):
    """A value where a policy should be: its name, and the conditions on which it is there.

    `construct` is the path of the CDK's construct that its resource comes from. A value that is not
    `reached` is a function on the way there, which decides what is there.
    """

    node: Node
    name: str
    given: Mapping[str, bool]
    construct: str | None = None
    reached: bool = True


def text(node: Node | None) -> str | None:
    """The value of a node that is a string."""
    return node.string if node else None


def by_key(node: Node | None) -> dict[str, Node]:
    """The values of an object, of which nothing need be there."""
    return {member.key: member.value for member in node.fields()} if node else {}


def policy_properties(start: PolicyProperty, path: Sequence[str]) -> Iterator[PolicyProperty]:
    """The values at a path, in every branch of the functions on the way."""
    if not path:
        yield start
        return
    for place in branches(start):
        name, argument = function(place.node)
        if (name and argument.value != NO_VALUE) or place.node.value is UNKNOWN:
            yield place._replace(reached=False)
            continue
        if path[0] == "*":
            steps = [(str(number), item) for number, item in enumerate(place.node.items())]
        else:
            value = place.node.get(path[0])
            steps = [] if value is None else [(path[0], value)]
        for step, value in steps:
            yield from policy_properties(
                place._replace(node=value, name=f"{place.name}/{step}"), path[1:]
            )


def repeated_keys(resources: Node | None) -> Iterator[Problem]:
    """The keys on the way to policies that occur more than once, of which most parsers keep one."""
    members = resources.fields() if resources else Object()
    types = [(member.key, text(member.value.get("Type")) or "") for member in members]
    paths = [
        (key, "Properties", *property_.path, *(_OF_SAM if property_.kind == "sam" else ()))
        for key, type_ in types
        for property_ in properties().get(type_, ())
    ]
    paths += [(key,) for key, type_ in types if type_.startswith(_IAM)]
    for groups in _repeated(resources, dict.fromkeys(paths)) if resources else ():
        last = groups[-1][-1]
        names = [f'"{same[0].key}"' for same in groups]
        times = f"{names[0]} occurs {len(groups[0])} times"
        is_id = any(last is member for member in members)
        advice = "give one of them another logical ID" if is_id else "merge the values"
        if len(groups) > 1:
            times = f"{', '.join(names[:-1])} and {names[-1]} occur more than once"
            advice = "make two items of it"
        yield Problem(
            last.key_span,
            f"{times} in the same object",
            "duplicate-key",
            f"{advice}: most parsers keep only the last one, and lose the others",
            around=True,
        )


def _repeated(
    node: Node, paths: Iterable[Sequence[str]], *, is_item: bool = False
) -> Iterator[list[list[Member]]]:
    """The members with the same key, of those that the paths lead through.

    In an item of a list, with all others that have the same key: what was another item.
    """
    by_step: dict[str, list[Sequence[str]]] = {}
    for step, *rest in filter(None, paths):
        by_step.setdefault(step, []).append(rest)
    for item in node.items():
        yield from _repeated(item, by_step.get("*", ()), is_item=True)
    named: dict[str, list[Member]] = {}
    for member in node.fields():
        named.setdefault(member.key, []).append(member)
    groups = [same for same in named.values() if len(same) > 1]
    on_way = [same for same in groups if same[0].key in by_step]
    # What a policy itself has twice is for the check of policies.
    if is_item and groups and (on_way or (_ANY in by_step and "Statement" not in named)):
        yield groups
    else:
        yield from ([same] for same in on_way)
    for step in (step for step in named if step in by_step):
        for member in named[step]:
            yield from _repeated(member.value, by_step[step])


def branches(start: PolicyProperty) -> list[PolicyProperty]:
    """The branches of `Fn::If` that a value may be, each with what it takes."""
    found: list[PolicyProperty] = []
    waiting = [start]
    while waiting and len(found) < MAX_PROPERTY_BRANCHES:
        place = waiting.pop()
        name, argument = function(place.node)
        parts = argument.items() if name == "Fn::If" else ()
        if len(parts) != 3:  # noqa: PLR2004 - as documented
            found.append(place)
            continue
        condition = text(parts[0])
        for holds, part in ((False, parts[2]), (True, parts[1])):
            if condition is not None and place.given.get(condition, holds) == holds:
                given = {**place.given, condition: holds}
                waiting.append(place._replace(node=part, given=given))
    # Of more branches than are read, the function around all of them is left.
    return [*found, start] if waiting else found


def peeled(node: Node, facts: Facts) -> Node | None:
    """The value that functions leave in a case; None where it is none at all."""
    for _ in range(MAX_PROPERTY_BRANCHES):
        name, argument = function(node)
        if name == "Ref" and argument.value == NO_VALUE:
            return None
        chosen = argument if name == "Fn::ToJsonString" else None
        if name == "Fn::If":
            chosen = facts.branch(argument)
        if chosen is None:
            return node
        node = chosen
    return node


def macro_name(key: str) -> str:
    """The name of a function without what is added to it, as in `Fn::ForEach::Name`."""
    return "::".join(key.split("::")[:2])


def is_policy(place: PolicyProperty, *, custom: bool) -> bool:
    """Whether a value is a policy; that of a custom resource without a date is one by its name."""
    node = place.node
    if not (recognize.is_policy(node) and recognize.has_elements(node)):
        return False
    if not custom:
        return True
    property_ = place.name.partition("/")[2]
    named = node.get("Version") is not None or _POLICY_NAME.search(property_) is not None
    return named and recognize.is_unmistakable(node)


def has_statements(properties_: Node, *, custom: bool) -> bool:
    """Whether properties have statements, and are not a policy themselves: without `Version`."""
    return (
        properties_.get("Version") is None
        and recognize.has_elements(properties_)
        and (not custom or recognize.is_unmistakable(properties_))
    )
