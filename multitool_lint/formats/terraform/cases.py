"""The policies that a document is where conditions decide what is in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.formats.found import FoundPolicy
from multitool_lint.formats.result import Problem, Skipped, not_read
from multitool_lint.formats.terraform.choices import ChoiceNode, PolicyReading, readings
from multitool_lint.formats.terraform.evaluate import Expressions
from multitool_lint.limits import MAX_CONDITION_CASES
from multitool_lint.reasons import Reason
from multitool_lint.syntax.tree import Array, Member, Node, Object, as_list

if TYPE_CHECKING:
    from multitool_lint.formats.extract import Found
    from multitool_lint.formats.found import Part
    from multitool_lint.formats.terraform.scope import Scope
    from multitool_lint.syntax.hcl.tree import HclFile
    from multitool_lint.syntax.source import Span


class ReadDocument(NamedTuple):
    """A policy document: its root without pointers, what leads to it, and what is shared in it.

    `is_json` marks one that is written as JSON, `fragment` one of statements whose policy is made
    elsewhere. It has these statements with some `conditions`; a `case` is what another one is with
    other conditions. One that is `merged` consists of others. `part` is as policies have it. Of an
    `open` one, further statements may be in other documents.
    """

    root: Node
    path: str
    shared: tuple[Span, ...] = ()
    is_json: bool = False
    conditions: Mapping[str, bool] = MappingProxyType({})
    case: bool = False
    fragment: bool = False
    merged: bool = False
    part: Part = ""
    open: bool = False


Reader = Callable[[Expressions], "ReadDocument | Problem | Skipped | None"]
"""Reads what is in a part of a file."""


def in_readings(
    file: HclFile, scope: Scope, read: Reader, path: str = ""
) -> Iterator[ReadDocument | Problem | Skipped]:
    """What is read in all cases of the conditions in the elements of statements."""
    seen = set()
    for reading in readings(scope.budget):
        found = read(Expressions(file, scope, reading))
        if isinstance(found, ReadDocument):
            yield from of_reading(found._replace(path=path), reading)
        elif found and found not in seen:
            seen.add(found)
            yield found


def of_reading(document: ReadDocument, reading: PolicyReading) -> Iterator[ReadDocument | Skipped]:
    """A document as it is read with some conditions, in the cases of all others."""
    for item in _in_cases(document):
        if not reading.given:
            yield item if isinstance(item, Skipped) else item._replace(part=reading.part)
        elif isinstance(item, ReadDocument):
            yield item._replace(
                shared=(*item.shared, item.root.span),
                conditions={**reading.given, **item.conditions},
                case=True,
                part=reading.part,
            )


def as_read(found: Found, document: ReadDocument) -> Found:
    """The policy of a document, with the case in which that was read."""
    if not isinstance(found, FoundPolicy):
        return found
    policy = found.policy
    return found._replace(
        policy=policy.with_root(policy.root, fragment=True) if document.open else policy,
        case=document.case,
        cases=(document.conditions,) if document.conditions else (),
        merged=document.merged,
        part=document.part,
    )


def _in_cases(document: ReadDocument) -> Iterator[ReadDocument | Skipped]:
    """The document in each case of its conditions; what is in several cases is not changed."""
    found, all_ = cases(document.root)
    several = len(found) > 1 or not all_
    shared = (*document.shared, document.root.span) if several else document.shared
    for number, (root, conditions) in enumerate(found):
        yield document._replace(
            root=root,
            shared=shared,
            conditions={**document.conditions, **conditions},
            case=number > 0,
        )
    if not all_:
        yield not_read(document.root.span, Reason.TOO_MANY_CASES)


class Case(NamedTuple):
    """A document, and the conditions with which it has these statements."""

    root: Node
    conditions: Mapping[str, bool]


def cases(root: Node) -> tuple[list[Case], bool]:
    """The document with each choice of its statements, and whether these are all.

    The statements that are always there are in each of them. Choices are not combined: their number
    would double with each of them.
    """
    statements = root.get("Statement")
    items = _together(as_list(statements))
    if statements is None or not any(isinstance(item, ChoiceNode) for item in items):
        return [Case(root, {})], True
    always = [item for item in items if not isinstance(item, ChoiceNode)]
    found = list(islice(_leaves(items, {}), MAX_CONDITION_CASES + 1))
    made = [
        Case(_with_statements(root, statements, [*always, *chosen]), conditions)
        for conditions, chosen in found[:MAX_CONDITION_CASES]
    ]
    if always and all(_may_be_empty(item) for item in items if isinstance(item, ChoiceNode)):
        never = {item.condition: False for item in items if isinstance(item, ChoiceNode)}
        made.insert(0, Case(_with_statements(root, statements, always), never))
    return made, len(found) <= MAX_CONDITION_CASES


def _together(items: Sequence[Node]) -> list[Node]:
    """The statements, those of one condition as one choice."""
    found: dict[object, Node] = {}
    for number, item in enumerate(items):
        key = item.condition if isinstance(item, ChoiceNode) else number
        other = found.get(key)
        found[key] = (
            _both(other, item)
            if isinstance(item, ChoiceNode) and isinstance(other, ChoiceNode)
            else item
        )
    return list(found.values())


def _both(one: ChoiceNode, other: ChoiceNode) -> ChoiceNode:
    """The statements of two choices that the same condition decides."""
    known = dict(one.branches)
    branches = (
        (holds, Node(other.span, Array([*_flat(known[holds]), *_flat(branch)]), ""))
        for holds, branch in other.branches
    )
    return ChoiceNode(other.span, other.condition, tuple(branches), repeats=other.repeats)


def _leaves(
    items: Sequence[Node], given: Mapping[str, bool]
) -> Iterator[tuple[Mapping[str, bool], list[Node]]]:
    """The statements of each branch, with all conditions that lead to it."""
    for item in items:
        if not isinstance(item, ChoiceNode):
            continue
        for holds, branch in item.branches:
            if given.get(item.condition, holds) != holds:
                continue
            inner = _flat(branch)
            conditions = {**given, item.condition: holds}
            chosen = [node for node in inner if not isinstance(node, ChoiceNode)]
            if chosen:
                yield conditions, chosen
            yield from _leaves(inner, conditions)


def _flat(branch: Node) -> list[Node]:
    """The statements of a branch; `null` is none, and a list in a list is flattened."""
    nodes = [inner for item in as_list(branch) for inner in as_list(item)]
    return [node for node in nodes if node.value is not None]


def _may_be_empty(choice: ChoiceNode) -> bool:
    return any(not _flat(branch) for _, branch in choice.branches)


def _with_statements(root: Node, statements: Node, items: Sequence[Node]) -> Node:
    members = [
        Member(member.key, member.key_span, Node(statements.span, Array(items), ""))
        if member.value is statements
        else member
        for member in root.fields()
    ]
    return Node(root.span, Object(members), "")
