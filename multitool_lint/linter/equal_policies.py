"""When two policies are linted alike: in an editor, most of a file is after an edit as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.syntax.tree import Array, Object, UnknownNode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.policy.document import Policy
    from multitool_lint.syntax.tree import Node


class EqualityKey:
    """A policy that is the key of a cache: it is the same if the same is found in it.

    Its text says all of it but for what is filled in elsewhere.
    """

    __slots__ = ("_parts", "policy")

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._parts = (
            policy.source.path,
            policy.source.text,
            *(policy.type, policy.resource_type, policy.name, policy.visibility),
            *(policy.fragment, policy.merged_by_sid),
            tuple(statement.node.span for statement in policy.statements),
            tuple(_unknown(policy.root)),
        )

    def __hash__(self) -> int:
        return hash(self._parts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, EqualityKey) and self._parts == other._parts


def _unknown(node: Node) -> Iterator[tuple[int, str, str]]:
    """Where values are filled in elsewhere, and what is known of each."""
    if isinstance(node, UnknownNode):
        yield node.span[0], node.context, node.text
    elif isinstance(node.value, Object):
        for member in node.value:
            yield from _unknown(member.value)
    elif isinstance(node.value, Array):
        for item in node.value:
            yield from _unknown(item)
