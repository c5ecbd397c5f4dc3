"""Policies without whitespace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.syntax.source import Edit
from multitool_lint.syntax.tree import Items, Members

if TYPE_CHECKING:
    from multitool_lint.policy.document import Policy
    from multitool_lint.syntax.source import Span
    from multitool_lint.syntax.tree import Node


def minified(policy: Policy) -> str:
    """The text of a policy with no whitespace between values; each string as it was written."""
    parts: list[str] = []
    _write(policy.root, policy.source.text, parts)
    return "".join(parts)


def minify(policy: Policy) -> tuple[Edit, ...]:
    """Take the whitespace out of a policy."""
    text = minified(policy)
    start, end = policy.root.span
    return () if policy.source.text[start:end] == text else (Edit(policy.root.span, text),)


def _write(node: Node, text: str, parts: list[str]) -> None:
    # The loader bounds the depth.
    if isinstance(node.value, Members):
        for at, member in enumerate(node.value):
            parts += "," if at else "{", _of(member.key_span, text), ":"
            _write(member.value, text, parts)
        parts.append("}" if node.value else "{}")
    elif isinstance(node.value, Items):
        for at, item in enumerate(node.value):
            parts.append("," if at else "[")
            _write(item, text, parts)
        parts.append("]" if node.value else "[]")
    else:
        parts.append(_of(node.span, text))


def _of(span: Span, text: str) -> str:
    return text[span.start : span.end]
