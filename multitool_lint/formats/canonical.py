"""Values of JSON and YAML as texts, however they are formatted."""

from __future__ import annotations

import json
from typing import Any

from multitool_lint.syntax.tree import Array, Node, Object


def fields(node: Node | None) -> list[tuple[str, Node]]:
    """The members of an object, each with its key; none of nothing."""
    return [(member.key, member.value) for member in node.fields()] if node else []


def string(node: Node | None) -> str:
    """A text; empty for nothing, and for any other value."""
    return (node.string or "") if node else ""


def canonical(node: Node) -> str:
    """A value as a text, however it is formatted."""
    value: Any = node.value
    if isinstance(value, Object):
        return f"{{{', '.join(f'{k}: {canonical(v)}' for k, v in fields(node))}}}"
    if isinstance(value, Array):
        return f"[{', '.join(map(canonical, value))}]"
    return json.dumps(value, default=str)
