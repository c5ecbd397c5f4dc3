"""How values of which parts are unknown are shown to people."""

from __future__ import annotations

import json

from multitool_lint.limits import MAX_SHOWN_DEPTH
from multitool_lint.syntax.terms import Encoded, Rest, Text, Unknown, Value

_OPERATORS = frozenset(["!", "&&", "||", "==", "!=", "<", ">", "<=", ">=", "+", "-", "*", "/", "%"])


def shown(value: Value, depth: int = 0) -> str:
    """A value as it is written, or in short."""
    if isinstance(value, str):
        return value
    if isinstance(value, Unknown):
        return value.shown or _term(value, depth)
    if isinstance(value, Text):
        parts = (x if isinstance(x, str) else f"${{{shown(x, depth + 1)}}}" for x in value.parts)
        return "".join(parts)
    if isinstance(value, (Encoded, Rest)):
        return shown(value.value if isinstance(value, Encoded) else value.item, depth)
    return _collection(value, depth)


def _term(value: Unknown, depth: int) -> str:
    if value.operator == "resource":
        return str(value.arguments[0])
    if depth > MAX_SHOWN_DEPTH or not value.arguments:
        return value.operator
    if value.operator == "get":
        base, step = value.arguments[0], value.arguments[-1]
        is_name = isinstance(step, str) and step.isidentifier()
        return f"{shown(base, depth + 1)}{f'.{step}' if is_name else f'[{_operand(step, depth)}]'}"
    if value.operator in _OPERATORS:
        operands = [_operand(argument, depth) for argument in value.arguments]
        if len(operands) == 1:
            return f"{value.operator}{operands[0]}"
        return f" {value.operator} ".join(operands)
    inner = ", ".join(shown(argument, depth + 1) for argument in value.arguments)
    return f"{value.operator}({inner})"


def _operand(value: Value, depth: int) -> str:
    """A value as an operand: a text in quotes, an operation in parentheses."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    found = shown(value, depth + 1)
    is_operation = isinstance(value, Unknown) and value.operator in _OPERATORS
    return f"({found})" if is_operation else found


def _collection(value: Value, depth: int) -> str:
    if isinstance(value, dict):
        members = (f"{shown(key, depth + 1)} = {shown(x, depth + 1)}" for key, x in value.items())
        return "{...}" if depth > MAX_SHOWN_DEPTH else f"{{ {', '.join(members)} }}"
    if isinstance(value, list):
        items = ", ".join(shown(item, depth + 1) for item in value)
        return "[...]" if depth > MAX_SHOWN_DEPTH else f"[{items}]"
    return json.dumps(value, default=lambda _: "...")
