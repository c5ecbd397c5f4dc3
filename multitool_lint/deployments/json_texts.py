"""JSON texts that have unknown parts, as values."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from multitool_lint.syntax.terms import (
    Encoded,
    Text,
    Unknown,
    Value,
    identity,
    joined,
)

_MARK = re.compile("\ue000([0-9a-f]+)\ue001")


def parse_json(value: str | Text) -> Value:
    """The value of a JSON text, of which parts may be unknown; a term if it is not JSON.

    Between quotes an unknown part is a piece of a string, and elsewhere a value.
    """
    parts = value.parts if isinstance(value, Text) else (value,)
    known: dict[str, Unknown | Encoded] = {}
    pieces: list[str] = []
    in_string = False
    for part in parts:
        if isinstance(part, str):
            pieces.append(part)
            for match in re.finditer(r'\\.|"', part):
                in_string ^= match[0] == '"'
        else:
            key = identity(part)
            known[key] = part
            mark = f"\ue000{key}\ue001"
            pieces.append(mark if in_string else f'"{mark}"')
    try:
        found = json.loads("".join(pieces), strict=False)
    except (ValueError, RecursionError):
        return Unknown("not-json", value)
    return _with_terms(found, known)


def _with_terms(found: object, known: Mapping[str, Unknown | Encoded]) -> Value:
    if isinstance(found, dict):
        return {
            (_text_with_terms(key, known) if "\ue000" in key else key): _with_terms(item, known)
            for key, item in found.items()
        }
    if isinstance(found, list):
        return [_with_terms(item, known) for item in found]
    if isinstance(found, str) and "\ue000" in found:
        return _text_with_terms(found, known)
    return found


def _text_with_terms(text: str, known: Mapping[str, Unknown | Encoded]) -> Value:
    parts = [
        known.get(part, f"\ue000{part}\ue001") if number % 2 else part  # a file may have marks
        for number, part in enumerate(_MARK.split(text))
        if part
    ]
    only = parts[0] if len(parts) == 1 else None
    if isinstance(only, Encoded):
        return only.value
    return only if isinstance(only, Unknown) else joined(parts)
