"""How values of which parts are unknown are shown to people."""

from __future__ import annotations

import json

from multitool_lint.limits import MAX_SHOWN_DEPTH
from multitool_lint.syntax.terms import Rest, Text, Unknown, Value


def shown(value: Value, depth: int = 0) -> str:
    """A value as it is written, or in short."""
    if isinstance(value, str):
        return value
    if isinstance(value, Unknown):
        return value.shown or _term(value, depth)
    if isinstance(value, Text):
        parts = (x if isinstance(x, str) else f"${{{shown(x, depth + 1)}}}" for x in value.parts)
        return "".join(parts)
    if isinstance(value, Rest):
        return shown(value.item, depth)
    return _collection(value, depth)


def _term(value: Unknown, depth: int) -> str:
    if value.operator == "resource":
        return str(value.arguments[0])
    if depth > MAX_SHOWN_DEPTH or not value.arguments:
        return value.operator
    inner = ", ".join(shown(argument, depth + 1) for argument in value.arguments)
    return f"{value.operator}({inner})"


def _collection(value: Value, depth: int) -> str:
    if isinstance(value, dict):
        members = (f"{shown(key, depth + 1)} = {shown(x, depth + 1)}" for key, x in value.items())
        return "{...}" if depth > MAX_SHOWN_DEPTH else f"{{ {', '.join(members)} }}"
    if isinstance(value, list):
        items = ", ".join(shown(item, depth + 1) for item in value)
        return "[...]" if depth > MAX_SHOWN_DEPTH else f"[{items}]"
    return json.dumps(value, default=lambda _: "...")
