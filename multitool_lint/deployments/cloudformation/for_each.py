"""What the loops of a template come to: `Fn::ForEach` over a list that is written there.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from multitool_lint.aws.arn_references import REF
from multitool_lint.deployments.cloudformation.words import node_may_have_access
from multitool_lint.formats.recognize import FOR_EACH
from multitool_lint.syntax.tree import Array, Member, Node, Object, Value

_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9]")


class _Loop(NamedTuple):
    """The identifier, what it goes through, and what it makes."""

    identifier: str
    collection: Node
    body: Node


def expanded(root: Node, spend: Callable[[], None]) -> Node:
    """A template with what its loops make in their place.

    A loop through what is not known makes what it has once, with the identifier as it is written;
    it is kept without that, if it may give access.

    Raises:
        TooMuchError: they make more than is read.
    """
    return _Expander(spend).of(root) if _has_loops(root) else root


def _has_loops(root: Node) -> bool:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if any(member.key.startswith(FOR_EACH) for member in node.fields()):
            return True
        waiting += (child for _, child in node.children())
    return False


class _Expander:
    def __init__(self, spend: Callable[[], None]) -> None:
        self._spend = spend

    def of(self, node: Node) -> Node:
        """A value with what its loops make."""
        self._spend()
        value: Value = node.value
        if isinstance(value, Object):
            value = Object(made for member in value for made in self._member(member))
        elif isinstance(value, Array):
            value = value.of([self.of(item) for item in value])
        else:
            return node
        return Node(node.span, value, node.pointer)

    def _member(self, member: Member) -> Iterator[Member]:
        loop = _loop(member)
        if loop is None:
            yield Member(member.key, member.key_span, self.of(member.value))
            return
        items = [item.string for item in loop.collection.items()]
        if items and None not in items:
            for item in filter(None, items):
                yield from self.of(self._with(loop.body, loop.identifier, item)).fields()
            return
        yield from self.of(loop.body).fields()
        if node_may_have_access(loop.body):
            kept = Array(member.value.items()[:2])
            yield Member(member.key, member.key_span, Node(member.value.span, kept, ""))

    def _with(self, node: Node, identifier: str, item: str) -> Node:
        """A value with an item in the place of the identifier."""
        self._spend()
        value: Value = node.value
        if isinstance(value, Object):
            if [(m.key, m.value.value) for m in value] == [(REF, identifier)]:
                return Node(node.span, item, node.pointer)
            value = Object(
                Member(
                    _filled(member.key, identifier, item),
                    member.key_span,
                    self._with(member.value, identifier, item),
                )
                for member in value
            )
        elif isinstance(value, Array):
            value = value.of([self._with(inner, identifier, item) for inner in value])
        elif isinstance(value, str):
            value = _filled(value, identifier, item)
        return Node(node.span, value, node.pointer)


def _filled(text: str, identifier: str, item: str) -> str:
    plain = _NOT_IN_NAMES.sub("", item)
    return text.replace(f"${{{identifier}}}", item).replace(f"&{{{identifier}}}", plain)


def _loop(member: Member) -> _Loop | None:
    """The loop that a member is; None if it is none, or has another form."""
    if not member.key.startswith(FOR_EACH):
        return None
    match [*member.value.items()]:
        case [identifier, collection, body] if identifier.string and body.fields():
            return _Loop(identifier.string, collection, body)
    return None
