"""The policies that a document is where conditions decide which statements are in it."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.formats.terraform.loops import ChoiceNode
from multitool_lint.limits import MAX_CONDITION_CASES
from multitool_lint.syntax.tree import Array, Member, Node, Object, as_list

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


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
    items = list(as_list(statements))
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
