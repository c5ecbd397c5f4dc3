"""Policies of samples: the placeholders in their values become unknown parts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from multitool_lint.aws import arn
from multitool_lint.policy.placeholders import (
    as_it_is,
    in_action,
    in_condition,
    in_effect,
    in_key,
    in_principal,
    in_resource,
    in_sid,
    marked,
)
from multitool_lint.syntax import placeholders
from multitool_lint.syntax.placeholders import is_expression
from multitool_lint.syntax.tree import (
    UNKNOWN,
    Array,
    LazyStringArray,
    Member,
    Node,
    Object,
    Value,
    pointer_token,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Reader = Callable[[str, bool], str]
    """Gives a text with its placeholders as unknown parts; the flag is for prose."""

_LEFT_OUT = ("...", "\u2026")
_SERVERLESS_VARIABLE = (
    r"\$\{(?:aws:(?:region|accountId)|s3:[^{}/]+/[^{}]*"
    r"|(?:(?:cf|ssm)\.[\w-]+|ssm|git|output|terraform|vault):[^{}]*)\}"
    r"|#\{[A-Za-z][\w.:]*\}"  # of the plugin serverless-pseudo-parameters
)
_READERS: dict[str, Reader] = {
    "Resource": in_resource,
    "NotResource": in_resource,
    "Principal": in_principal,
    "NotPrincipal": in_principal,
    "Condition": in_condition,
    "Action": in_action,
    "NotAction": in_action,
    "Effect": in_effect,
    "Sid": in_sid,
    "Version": marked,
    "Id": marked,
}
"""How the values of an element are read."""


def with_unknown_parts(root: Node, text: str = "", *, prose: bool) -> Node:
    """The policy with the placeholders in its values as unknown parts; itself if it has none.

    A value that is a placeholder as a whole is UNKNOWN. `prose` is documentation, where bare words
    are placeholders too. In a `text`, what a template fills in is a part of an ARN.
    """
    return _Samples(text, prose=prose).read(root, root.pointer, as_it_is)


def in_arn_of_template(text: str) -> str | None:
    """An ARN with what a template fills in as unknown parts; None if any field may be unknown."""
    known = placeholders.with_unknown_parts(text) if text.startswith("arn:") else None
    return known if known and known.count(":") >= arn.FIELDS - 1 else None


def with_serverless_variables(root: Node) -> Node:
    """The policy with the variables as unknown parts that the Serverless Framework fills in.

    Some, such as `${aws:region}`, look like policy variables.
    https://www.serverless.com/framework/docs/providers/aws/guide/variables
    """
    return root.moved(lambda span: span, _serverless_value)


def _serverless_value(node: Node) -> Value:
    text = node.value
    if not isinstance(text, str):
        return text
    new = re.sub(_SERVERLESS_VARIABLE, lambda match: placeholders.of_sample(match[0]), text)
    return text if new == text else in_arn_of_template(new) or UNKNOWN


class _Samples:
    """Reads the nodes of a policy in a text."""

    def __init__(self, text: str, *, prose: bool) -> None:
        self._text = text
        self._prose = prose

    def read(self, node: Node, pointer: str, reader: Reader) -> Node:
        """A node with what is in it; below a changed key, its pointer is another."""
        if (
            isinstance(node, LazyStringArray)
            and node.pointer == pointer
            and all(reader(text, self._prose) == text for text in node.texts)
        ):
            return node
        value = self._value(node, pointer, reader)
        if value is node.value and node.pointer == pointer:
            return node
        return Node(node.span, value, pointer)

    def _value(self, node: Node, pointer: str, reader: Reader) -> Value:
        value = node.value
        if self._prose and (value in _LEFT_OUT or (not value and node.span[0] == node.span[1])):
            return UNKNOWN
        if isinstance(value, str):
            new = reader(value, self._prose)
            return value if new == value else UNKNOWN if is_expression(new) else new
        if isinstance(value, Array):
            items = [
                self.read(item, f"{pointer}/{number}", reader) for number, item in enumerate(value)
            ]
            return value if _are_same(items, value) else value.of(items)
        if isinstance(value, Object):
            members = [self._member(member, pointer, reader) for member in value]
            return value if _are_same(members, value) else Object(members)
        if value is UNKNOWN and reader is in_resource:
            written = self._text[node.span.start : node.span.end].strip("\"'")
            return in_arn_of_template(written) or UNKNOWN
        return value

    def _member(self, member: Member, pointer: str, reader: Reader) -> Member:
        key = in_key(member.key, self._prose) if reader is in_condition else member.key
        reader = _READERS.get(member.key, reader)
        inner_pointer = f"{pointer}/{pointer_token(key)}"
        if member.key == "Condition" and _has_unknown_operator(member.value):
            inner = Node(member.value.span, UNKNOWN, inner_pointer)
        else:
            inner = self.read(member.value, inner_pointer, reader)
        if key == member.key and inner is member.value:
            return member
        return Member(key, member.key_span, inner)


def _has_unknown_operator(condition: Node) -> bool:
    operators = condition.value
    return isinstance(operators, Object) and any(
        marked(member.key) != member.key for member in operators
    )


def _are_same(new: Sequence[object], old: Sequence[object]) -> bool:
    return all(first is second for first, second in zip(new, old, strict=True))
