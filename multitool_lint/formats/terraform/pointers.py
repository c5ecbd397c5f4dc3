"""A document as it is judged: each value with its pointer, the keys that lead to it."""

from __future__ import annotations

from multitool_lint.formats.terraform.evaluate import VALUES_AT_MOST, UnreadableError, is_open_arn
from multitool_lint.syntax.tree import UNKNOWN, Items, Member, Members, Node

_RESOURCES = frozenset({"Resource", "NotResource"})
_LONGEST_POINTER = 2_000


def finished(raw: Node) -> Node:
    """The document with pointers.

    An ARN with a part that is decided elsewhere is judged as a resource, and UNKNOWN elsewhere.

    Raises:
        UnreadableError: it has more values than any policy.
    """
    left = VALUES_AT_MOST

    def node(raw: Node, pointer: str, key: str) -> Node:
        nonlocal left
        left -= 1
        if left < 0 or len(pointer) > _LONGEST_POINTER:
            raise UnreadableError(f"more than {VALUES_AT_MOST:,} values")
        value = raw.value
        if isinstance(value, Items):
            value = Items([node(each, f"{pointer}/{at}", key) for at, each in enumerate(value)])
        elif isinstance(value, Members):
            value = Members(
                [
                    Member(
                        each.key,
                        each.key_span,
                        node(each.value, _below(pointer, each.key), each.key),
                    )
                    for each in value
                ]
            )
        elif isinstance(value, str) and key not in _RESOURCES and is_open_arn(value):
            value = UNKNOWN
        return Node(raw.span, value, pointer)

    return node(raw, "", "")


def _below(pointer: str, key: str) -> str:
    return f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"
