"""Policies written as JSON without white space, with the places of their values in a file."""

from __future__ import annotations

import json
from itertools import accumulate

from multitool_lint.formats.found import FoundPolicy, InValues
from multitool_lint.policy.document import Policy
from multitool_lint.syntax.source import Source, Span
from multitool_lint.syntax.tree import (
    UNKNOWN,
    Array,
    LazyStringArray,
    Member,
    Node,
    Object,
    UnknownNode,
)

_JSON = json.JSONEncoder(ensure_ascii=False).encode


def write(policy: Policy) -> FoundPolicy:
    """A policy, whose document has its places in a file, as JSON."""
    writer = _Writer(policy.source)
    written = writer.policy(policy, policy.root)
    return FoundPolicy(written, InValues(policy.source, policy.root, writer.places))


def rewritten(policy: Policy, root: Node) -> Policy:
    """A policy with another tree and a text of its own: its nodes have no places in a file."""
    return _Writer(policy.source, places=False).policy(policy, root)


class _Writer:
    """Writes JSON without white space, as AWS counts it, and makes nodes with places in it."""

    def __init__(self, source: Source, *, places: bool = True) -> None:
        self.parts: list[str] = []
        self.places: dict[tuple[int, int], Span] = {}
        self._has_places = places
        self._source = source
        self._at = 0

    def policy(self, policy: Policy, root: Node) -> Policy:
        written = self.node(root)
        return policy.with_root(written, Source(self._source.path, "".join(self.parts)))

    def node(self, node: Node) -> Node:
        if isinstance(node, LazyStringArray) and not self._has_places:
            return self._strings(node)
        start, value = self._at, node.value
        if isinstance(value, Object):
            value = self._members(value)
        elif isinstance(value, Array):
            value = self._items(value)
        elif value is UNKNOWN:
            self._put(self._placeholder(node))
        else:
            self._put(_JSON(value))
        span = Span(start, self._at)
        if self._has_places:  # which take time to find
            self.places[span] = node.span
        if isinstance(node, UnknownNode):
            return UnknownNode(span, node.pointer, node.context, node.text)
        return Node(span, value, node.pointer)

    def _strings(self, node: LazyStringArray) -> Node:
        """Write an array of strings without escapes, whose nodes need not be made for that."""
        start, texts = self._at, node.texts
        self._put('["' + '","'.join(texts) + '"]')
        starts = [*accumulate([len(text) + 3 for text in texts[:-1]], initial=start + 1)]
        return LazyStringArray((start, self._at), texts, node.pointer, "", starts)

    def _put(self, text: str) -> None:
        self.parts.append(text)
        self._at += len(text)

    def _items(self, items: Array) -> Array:
        self._put("[")
        nodes = []
        for number, item in enumerate(items):
            if number:
                self._put(",")
            nodes.append(self.node(item))
        self._put("]")
        return items.of(nodes)

    def _members(self, members: Object) -> Object:
        self._put("{")
        written = []
        for number, member in enumerate(members):
            if number:
                self._put(",")
            start = self._at
            self._put(_JSON(member.key))
            span = Span(start, self._at)
            if self._has_places:
                self.places[span] = member.key_span
            self._put(":")
            written.append(Member(member.key, span, self.node(member.value)))
        self._put("}")
        return Object(written)

    def _placeholder(self, node: Node) -> str:
        """A placeholder for an unknown value: the same for the same text only."""
        text = _on_one_line(self._source.text[node.span.start : node.span.end])
        if isinstance(node, UnknownNode) and node.context:
            text = f"{text} ({node.context})"
        return _JSON(f"{{{{ {text} }}}}")


def _on_one_line(text: str) -> str:
    """A text without line breaks and indents, which say nothing outside of heredocs."""
    if "<<" in text or "\n" not in text:
        return text
    return " ".join(line.strip() for line in text.splitlines())
