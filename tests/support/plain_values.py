"""Values of policies as Python has them, to compare with what other readers make of a text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from multitool_lint.syntax.tree import Array, Object

if TYPE_CHECKING:
    from multitool_lint.syntax.tree import Node


def plain(node: Node) -> Any:  # noqa: ANN401 - whatever JSON can say
    """The value as the standard library's parser gives it."""
    if isinstance(node.value, Array):
        return [plain(item) for item in node.value]
    if isinstance(node.value, Object):
        return {member.key: plain(member.value) for member in node.value}
    return node.value
