"""How values of which parts are unknown are shown to people."""

from __future__ import annotations

import json
from functools import partial

from multitool_lint.limits import MAX_SHOWN_DEPTH
from multitool_lint.syntax.terms import Encoded, Rest, Text, Unknown, Value, is_known

CUT = "..."
"""What ends a text that is shown in part."""
_NAMES = frozenset({"data", "own", "resource"})
"""The operators of terms that are names."""
_EACH = {"each.key": "key of", "each.value": "each of", "item": "each of", "items": "items of"}
"""How what is repeated for a collection is shown."""
_OPERATORS = frozenset(["!", "&&", "||", "==", "!=", "<", ">", "<=", ">=", "+", "-", "*", "/", "%"])


def shown(value: Value, depth: int = 0) -> str:
    """A value as it is written, or in short."""
    if isinstance(value, str):
        return value
    if isinstance(value, Unknown):
        if value.operator == "item-if" and not value.shown:
            return shown(value.arguments[0], depth + 1)
        return value.shown or _term(value, depth)
    if isinstance(value, Text):
        parts = (x if isinstance(x, str) else f"${{{shown(x, depth + 1)}}}" for x in value.parts)
        return "".join(parts)
    if isinstance(value, (Encoded, Rest)):
        return shown(value.value if isinstance(value, Encoded) else value.item, depth)
    return _collection(value, depth)


def shown_apart(*values: Value) -> list[str]:
    """Some values as they are written, or what they come to where that is written alike."""
    written = [shown(value) for value in values]
    return written if len({*written}) > 1 else [shown(_evaluated(value)) for value in values]


def _evaluated(value: Value, depth: int = 0) -> Value:
    """A value whose terms are not shown as they are written, but for names."""
    inner = partial(_evaluated, depth=depth + 1)
    if isinstance(value, list):
        return [*map(inner, value)]
    if isinstance(value, dict):
        return {key: inner(item) for key, item in value.items()}
    if isinstance(value, Text):
        parts = (p if isinstance(p, str) else f"${{{shown(inner(p))}}}" for p in value.parts)
        return "".join(parts)
    if not isinstance(value, Unknown) or value.operator in _NAMES or depth > MAX_SHOWN_DEPTH:
        return value
    if value.operator == "var" and is_known(value.arguments[-1]):
        default = json.dumps(value.arguments[-1], ensure_ascii=False, default=str)
        return Unknown("var", shown=f"{shown(value)} (by default {default})")
    return Unknown(value.operator, *map(inner, value.arguments))


def _term(value: Unknown, depth: int) -> str:
    if value.operator == "resource":
        return str(value.arguments[0])
    if depth > MAX_SHOWN_DEPTH or not value.arguments:
        return value.operator
    if value.operator == "get":
        return _part(value, depth)
    if value.operator in _EACH:
        return _repeated(value, depth)
    if value.operator in _OPERATORS:
        return _operation(value, depth)
    inner = ", ".join(shown(argument, depth + 1) for argument in value.arguments)
    return f"{value.operator}({inner})"


def _repeated(value: Unknown, depth: int) -> str:
    """What is repeated for a collection; the item itself of one that is made of like items."""
    inner = value.arguments[0]
    if value.operator in ("item", "items") and isinstance(inner, list) and len(inner) == 1:
        (only,) = inner
        if isinstance(only, Rest):
            return shown(only.item, depth)
    if value.operator != "items" and isinstance(inner, Unknown) and inner.operator == "items":
        return shown(inner, depth)
    return f"{_EACH[value.operator]} {shown(inner, depth + 1)}"


def _part(value: Unknown, depth: int) -> str:
    base, step = value.arguments[0], value.arguments[-1]
    is_name = isinstance(step, str) and step.isidentifier()
    return f"{shown(base, depth + 1)}{f'.{step}' if is_name else f'[{_operand(step, depth)}]'}"


def _operation(value: Unknown, depth: int) -> str:
    operands = [_operand(argument, depth) for argument in value.arguments]
    if len(operands) == 1:
        return f"{value.operator}{operands[0]}"
    return f" {value.operator} ".join(operands)


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
