"""What functions of Terraform's language come to, as far as that is certain.

https://developer.hashicorp.com/terraform/language/functions
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.formats.terraform.loops import ChoiceNode
from multitool_lint.syntax.hcl.tree import significant
from multitool_lint.syntax.tree import (
    UNKNOWN,
    Array,
    Member,
    Node,
    Object,
    UniqueArray,
    Value,
    as_list,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node as Syntax

    from multitool_lint.syntax.hcl.tree import File

_SAME_LIST = frozenset({"tolist", "toset", "distinct", "sort", "compact"})
EVALUATED = frozenset({"merge", "concat", "flatten", *_SAME_LIST})


def called(file: File, call: Syntax) -> tuple[str, list[Syntax]]:
    """The name of a function that is called, and its arguments, if all are plain expressions."""
    parts = significant(call)
    name = file.text(parts[0]) if parts else ""
    arguments = significant(parts[-1]) if len(parts) > 1 else []
    plain = all(argument.type == "expression" for argument in arguments)
    return name, arguments if plain else []


def result(name: str, arguments: Sequence[Node], span: tuple[int, int]) -> Node:
    """What a function makes of its arguments, at the place of the call."""
    if name == "merge":
        return Node(span, _merged([argument.value for argument in arguments]), "")
    if name in _SAME_LIST and len(arguments) == 1:
        [node] = arguments
        is_set = name == "toset" and isinstance(node.value, Array)
        return Node(node.span, UniqueArray(node.items()), "") if is_set else node
    lists = arguments
    if name == "flatten":
        lists = [item for argument in arguments for item in as_list(argument)]
    elif name != "concat":
        return Node(span, UNKNOWN, "")
    if any(isinstance(node, ChoiceNode) or isinstance(node.value, Array) for node in lists):
        # Of one that is decided elsewhere, it is not known how many there are either.
        return Node(span, Array([item for node in lists for item in as_list(node)]), "")
    return Node(span, UNKNOWN, "")


def _merged(objects: Sequence[Value]) -> Value:
    """One object of several: of members with the same key, the last one counts."""
    members: dict[str, Member] = {}
    for value in objects:
        if not isinstance(value, Object):
            return UNKNOWN
        members.update({member.key: member for member in value})
    return Object(members.values())
