"""Texts of known and unknown parts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from multitool_lint.syntax.terms import Encoded, Text, Unknown, Value, is_known, plain
from multitool_lint.syntax.written import Literal, Piece

_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def in_snake_case(name: str) -> str:
    """A name in lower case, with underscores between its words."""
    return _WORD.sub("_", name).lower()


def as_text(value: Value) -> Value:
    """A value as it is in a text: numbers and booleans as they are written."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, (int, float)) else value


def joined(parts: Iterable[Value]) -> Value:
    """The text of some parts; one that is unknown as a whole is itself."""
    found: list[str | Unknown | Encoded] = []
    for part in _text_parts(parts):
        if isinstance(part, str) and found and isinstance(found[-1], str):
            found[-1] += part
        elif part != "":
            found.append(part)
    if not found:
        return ""
    if len(found) == 1:
        return found[0]
    return Text(tuple(found))


def pieces_of(parts: Iterable[tuple[Value, bool]]) -> Iterator[Piece]:
    """Where some parts are in the text that they are joined to, of those of which it is asked."""
    number, at = -1, 0
    for given, is_asked in parts:
        for part in _text_parts([given]):
            if not isinstance(part, str):
                number, at = number + 1, 0
            elif part:
                number += not at
                if is_asked and isinstance(given, Literal):
                    yield Piece(number, at, at + len(part), given.origin)
                at += len(part)


def json_of(value: Encoded) -> str | None:
    """The JSON text of a value; None if a part of it is unknown."""
    return json.dumps(plain(value.value), separators=(",", ":")) if is_known(value.value) else None


def _text_parts(parts: Iterable[Value]) -> Iterator[str | Unknown | Encoded]:
    for given in parts:
        part = as_text(given)
        if isinstance(part, Encoded) and (text := json_of(part)) is not None:
            yield text
        elif isinstance(part, Text):
            yield from part.parts
        elif isinstance(part, (str, Unknown, Encoded)):
            yield part
        else:
            yield Unknown("text", part)
