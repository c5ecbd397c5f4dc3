"""Policies of samples: the placeholders in their values become unknown parts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from multitool_lint.policy.placeholders import in_key, in_resource, in_value, marked
from multitool_lint.syntax.placeholders import is_expression
from multitool_lint.syntax.tree import (
    UNKNOWN,
    Array,
    LazyStringArray,
    Member,
    Node,
    Object,
    pointer_token,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    Reader = Callable[[str, bool], str]
    """Gives a text with its placeholders as unknown parts; the flag is for prose."""

_MARKS = ("<", "%", "@")
_WORDS = ("your", "Your", "YOUR", "XXX", "xxx")
_UNDERSCORES = ("__", '"_', ":_")
# Each begins with a character, which is how they are found fast.
_SIGNS = tuple(map(re.compile, (r"\$[A-Za-z(]", r"\{[A-Za-z](?<![$#]\{.)", r"\[[A-Z[]")))
_READERS: dict[str, Reader] = {
    "Resource": in_resource,
    "NotResource": in_resource,
    "Principal": in_value,
    "NotPrincipal": in_value,
    "Condition": in_value,
}
"""How the values of an element are read; in those of all others, placeholders must be marked."""


def may_have_placeholders(text: str, start: int, end: int) -> bool:
    """Whether a part of a text, a policy in JSON, has to be read for marked placeholders."""
    # Nearly no policy has one. Looking for a character takes a fraction of looking for more.
    find = text.find
    return (
        any(find(mark, start, end) >= 0 for mark in _MARKS)
        or any(find(word, start, end) >= 0 for word in _WORDS)
        or any(sign.search(text, start, end) for sign in _SIGNS)
        or (find("_", start, end) >= 0 and any(find(u, start, end) >= 0 for u in _UNDERSCORES))
    )


def with_unknown_parts(root: Node, *, prose: bool) -> Node:
    """The policy with the placeholders in its values as unknown parts; itself if it has none.

    A value that is a placeholder as a whole is UNKNOWN. `prose` is documentation, where bare words
    are placeholders too.
    """
    return _read(root, root.pointer, marked, prose=prose)


def _read(node: Node, pointer: str, reader: Reader, *, prose: bool) -> Node:
    """A node and what is in it, at a pointer that differs from its own below a changed key."""
    if (
        isinstance(node, LazyStringArray)
        and node.pointer == pointer
        and all(reader(text, prose) == text for text in node.texts)
    ):
        return node
    value = node.value
    if isinstance(value, str):
        new = reader(value, prose)
        if new == value and node.pointer == pointer:
            return node
        return Node(node.span, UNKNOWN if is_expression(new) else new, pointer)
    if isinstance(value, Array):
        items = [
            _read(item, f"{pointer}/{number}", reader, prose=prose)
            for number, item in enumerate(value)
        ]
        if any(new is not old for new, old in zip(items, value, strict=True)):
            return Node(node.span, Array(items), pointer)
    elif isinstance(value, Object):
        members = [_member(member, pointer, reader, prose=prose) for member in value]
        if any(new is not old for new, old in zip(members, value, strict=True)):
            return Node(node.span, Object(members), pointer)
    return node


def _member(member: Member, pointer: str, reader: Reader, *, prose: bool) -> Member:
    key = in_key(member.key, prose) if reader is in_value else member.key
    inner = _read(
        member.value,
        f"{pointer}/{pointer_token(key)}",
        _READERS.get(member.key, reader),
        prose=prose,
    )
    if key == member.key and inner is member.value:
        return member
    return Member(key, member.key_span, inner)
