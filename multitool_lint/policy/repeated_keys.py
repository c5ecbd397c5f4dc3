"""What a policy says in values that later ones of the same key replace."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from multitool_lint.limits import MAX_REPLACED_VALUES
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.document import Policy
from multitool_lint.syntax.source import Span
from multitool_lint.syntax.tree import Array, Member, Node, Object


class Replaced(NamedTuple):
    """A policy in which an earlier value of a key has the place of the last one, and its span."""

    policy: Policy
    key: str
    span: Span


def replaced_values(policy: Policy) -> Iterator[Replaced]:
    """The earlier values of keys that occur more than once, each in a policy that has it."""
    for root, member in islice(_forms(policy.root), MAX_REPLACED_VALUES):
        yield Replaced(policy.with_root(root), member.key, member.value.span)


def _forms(node: Node) -> Iterator[tuple[Node, Member]]:
    """The forms of a value in which an earlier value of a key in it is the only one of that key."""
    if isinstance(node.value, Object):
        last = {member.key: member for member in node.value}
        for member in node.value:
            if last[member.key] is not member:
                yield _with(node, member, member.value), member
            for value, replaced in _forms(member.value):
                yield _with(node, member, value), replaced
    elif isinstance(node.value, Array):
        for at, item in enumerate(node.value):
            for value, replaced in _forms(item):
                items = Array([*node.value[:at], value, *node.value[at + 1 :]])
                yield Node(node.span, items, node.pointer), replaced


def _with(node: Node, member: Member, value: Node) -> Node:
    """An object of whose members of a key only that one is left, with another value."""
    new = Member(member.key, member.key_span, value)
    kept = (
        new if each is member else each
        for each in node.fields()
        if each is member or each.key != member.key
    )
    return Node(node.span, Object(kept), node.pointer)
