"""What is to change in a policy, whatever syntax it is written in."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum

from multitool_lint.named_tuple import NamedTuple
from multitool_lint.syntax.source import Span
from multitool_lint.syntax.tree import (
    UNKNOWN,
    Array,
    LazyStringArray,
    Member,
    Node,
    Object,
    as_list,
    key_of_token,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

Json = str | int | float | bool | None | Sequence["Json"] | Mapping[str, "Json"]


class Removed(Enum):
    """The type of REMOVED."""

    REMOVED = "REMOVED"


REMOVED: Final = Removed.REMOVED
"""The new value of what is to go."""


class Change(NamedTuple):
    """The value at an RFC 6901 pointer becomes `value`, or its member gets another `key`.

    A member that does not exist yet is inserted as the first one; `/-` is the place after
    the last item of an array, and `value` lists what is added there. `span` is the place of the
    value in the text of the policy: it distinguishes members of the same key.
    """

    pointer: str
    span: Span
    value: Json | Removed = None
    key: str | None = None


Trail = list[tuple[Node, int]]
"""From the root on, each container with the number of the child that leads to a value."""

NEW = -1
"""The number of a child that does not exist yet."""

_Step = tuple[list[int], Change]
"""A change, with the numbers that lead to it."""


def set_value(node: Node, value: Json) -> Change:
    """Give a node another value."""
    return Change(node.pointer, node.span, value)


def remove(child: Node | Member) -> Change:
    """Remove an item of an array, or a member of an object."""
    node = child.value if isinstance(child, Member) else child
    return Change(node.pointer, node.span, REMOVED)


def rename(member: Member, key: str) -> Change:
    """Give a member another key."""
    return Change(member.value.pointer, member.value.span, key=key)


def insert_first(node: Node, key: str, value: Json) -> Change:
    """Insert a member before those of an object, which has none of that key."""
    start = node.span.start
    return Change(f"{node.pointer}/{key}", Span(start, start), value)


def append(node: Node, values: Sequence[Json]) -> Change:
    """Add items at the end of an array, or after a single value, which is a list of one."""
    return Change(f"{node.pointer}/-", node.span, values)


def resolve(root: Node, change: Change) -> Trail | None:
    """The trail to what a change is about; None where there is no such value."""
    node = root
    trail: Trail = []
    words = change.pointer.split("/")[1:]
    for depth, word in enumerate(words, 1):
        at = _child(node, word, change.span)
        if at == NEW and (depth < len(words) or (word == "-") == isinstance(node.value, Object)):
            return None
        trail.append((node, at))
        if at != NEW:
            node = child_node(node, at)
    return trail


def child_node(container: Node, at: int) -> Node:
    """The value of that number in an array or object."""
    if isinstance(container, LazyStringArray):
        return container.item(at)
    value = container.value
    if isinstance(value, Object):
        return value[at].value
    return value[at] if isinstance(value, Array) else container


def _child(node: Node, word: str, span: Span) -> int:
    if isinstance(node, LazyStringArray):
        return int(word) if word.isdecimal() and int(word) < len(node.texts) else NEW
    value = node.value
    if isinstance(value, Array):
        return int(word) if word.isdecimal() and int(word) < len(value) else NEW
    if not isinstance(value, Object):
        return NEW
    key = key_of_token(word)
    same = [at for at, member in enumerate(value) if member.key == key]
    for at in same[1:]:
        if value[at].value.span.start <= span.start <= value[at].value.span.end:
            return at
    return same[0] if same else NEW


def apply_changes(root: Node, changes: Sequence[Change]) -> Node | None:
    """The tree after the changes; None if one of them is about a value that does not exist.

    What does not change is the same object in both trees.
    """
    steps = []
    for change in changes:
        trail = resolve(root, change)
        if trail is None:
            return None
        steps.append(([at for _, at in trail], change))
    return _changed(root, steps)


def _changed(node: Node, steps: Sequence[_Step]) -> Node:
    """The node after changes of it and of values in it, each with the way that leads there."""
    inner: dict[int, list[_Step]] = {}
    for path, change in steps:
        if path:
            inner.setdefault(path[0], []).append((path[1:], change))
        elif change.key is None:
            return to_node(change.value)
    if not inner:
        return node
    if isinstance(node.value, Object):
        return Node(node.span, Object(_changed_members(node.value, inner)), node.pointer)
    return Node(node.span, Array(_changed_items(as_list(node), inner)), node.pointer)


def _changed_items(items: Sequence[Node], inner: Mapping[int, Sequence[_Step]]) -> Iterable[Node]:
    # Copied as a whole: nearly all items of a long array stay as they are.
    changed = list(items)
    for at in sorted(inner, reverse=True):
        if at == NEW:
            changed += [node for _, step in inner[at] for node in as_list(to_node(step.value))]
        elif _removes(inner[at]):
            del changed[at]
        else:
            changed[at] = _changed(items[at], inner[at])
    return changed


def _changed_members(
    members: Sequence[Member], inner: Mapping[int, Sequence[_Step]]
) -> Iterable[Member]:
    changed = list(members)
    for at in sorted(inner, reverse=True):
        if at == NEW:
            for _, step in inner[at]:
                key = step.pointer.rpartition("/")[2]
                changed.insert(0, Member(key, Span(0, 0), to_node(step.value)))
        elif _removes(inner[at]):
            del changed[at]
        else:
            keys = [step.key for path, step in inner[at] if not path and step.key is not None]
            member = members[at]
            value = _changed(member.value, inner[at])
            changed[at] = Member(keys[0] if keys else member.key, member.key_span, value)
    return changed


def _removes(steps: Sequence[_Step]) -> bool:
    return any(not path and change.value is REMOVED for path, change in steps)


def to_node(value: Json | Removed) -> Node:
    """A JSON value as a tree that has no place in a text."""
    nowhere = Span(0, 0)
    if isinstance(value, Mapping):
        members = (Member(key, nowhere, to_node(inner)) for key, inner in value.items())
        return Node(nowhere, Object(members), "")
    if isinstance(value, Sequence) and not isinstance(value, str):
        return Node(nowhere, Array(map(to_node, value)), "")
    return Node(nowhere, value if not isinstance(value, Removed) else None, "")


def as_json(node: Node) -> str:
    """The JSON of a value, by which values are compared."""
    value = node.value
    if isinstance(value, Object):
        members = (f"{json.dumps(member.key)}:{as_json(member.value)}" for member in value)
        return f"{{{','.join(members)}}}"
    if isinstance(value, Array):
        return f"[{','.join(map(as_json, value))}]"
    return json.dumps(None if value is UNKNOWN else value)
