"""JSON texts that have unknown parts, as values."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from json import decoder, scanner

from multitool_lint.syntax.terms import Encoded, Rest, Text, Unknown, Value, identity
from multitool_lint.syntax.texts import joined
from multitool_lint.syntax.written import Literal, Origin, Piece
from multitool_lint.values.steps import ITEM_IF, conditional

_MARK = re.compile("\ue000([0-9a-f]+)\ue001")


def parse_json(value: str | Text) -> Value:
    """The value of a JSON text, of which parts may be unknown; a term if it is not JSON.

    Between quotes an unknown part is a piece of a string, and elsewhere a value.
    """
    parts = value.parts if isinstance(value, Text) else (value,)
    known: dict[str, Unknown | Encoded] = {}
    pieces: list[str] = []
    starts: list[int] = []
    length = 0
    in_string = False
    for part in parts:
        starts.append(length)
        if isinstance(part, str):
            pieces.append(part)
            for match in re.finditer(r'\\.|"', part):
                in_string ^= match[0] == '"'
        else:
            key = identity(part)
            known[key] = part
            mark = f"\ue000{key}\ue001"
            pieces.append(mark if in_string else f'"{mark}"')
        length += len(pieces[-1])
    text = "".join(pieces)
    try:
        if isinstance(value, (Literal, Text)) and value.origin:
            found = _Decoder(value.origin, value.pieces, starts).decode(text)
        else:
            found = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return Unknown("not-json", value)
    return _with_terms(found, known)


class _Decoder(decoder.JSONDecoder):
    """Decodes a text that is written at a place, with the places of the strings in it.

    A string with a piece that is written elsewhere is there. The parts of the text have `starts`.
    """

    def __init__(self, origin: Origin, pieces: tuple[Piece, ...], starts: list[int]) -> None:
        super().__init__(strict=False)
        self._origin = origin
        self._pieces = [
            (starts[piece.number] + piece.start, starts[piece.number] + piece.end, piece.origin)
            for piece in pieces
        ]
        self.parse_string = self._string
        # The stubs do not have what both modules are made to be given.
        self.scan_once = scanner.py_make_scanner(self)  # type: ignore[attr-defined]

    def _string(self, text: str, start: int, strict: bool) -> tuple[str, int]:  # noqa: FBT001
        found, end = decoder.scanstring(text, start, strict)  # type: ignore[attr-defined]
        elsewhere = (place for first, last, place in self._pieces if start <= first < last < end)
        origin = next(elsewhere, None) or self._origin._replace(within=(text, start - 1, end))
        return Literal.at(found, origin), end


def _with_terms(found: object, known: Mapping[str, Unknown | Encoded]) -> Value:
    if isinstance(found, dict):
        return {
            (_text_with_terms(key, known) if "\ue000" in key else key): _with_terms(item, known)
            for key, item in found.items()
        }
    if isinstance(found, list):
        return [value for item in found for value in _items(_with_terms(item, known))]
    if isinstance(found, str) and "\ue000" in found:
        return _text_with_terms(found, known)
    return found


def _items(value: Value) -> list[Value]:
    """The items that a value in a list is: several, if it is a join of texts of JSON strings."""
    if not (isinstance(value, Unknown) and value.operator == "join" and value.arguments):
        return [value]
    separator, *lists = value.arguments
    is_between = isinstance(separator, str) and separator.strip() == ","
    if not is_between or not all(isinstance(given, list) for given in lists):
        return [value]
    found = [_of_item(item) for given in lists if isinstance(given, list) for item in given]
    return [value] if None in found else found


def _of_item(item: Value) -> Value:
    """What an item comes to that is the text of a JSON string; None for another one."""
    if isinstance(item, Rest):
        inner, conditions = conditional(item.item)
        found = _of_item(inner)
        made = Unknown(ITEM_IF, found, *conditions) if conditions else found
        return None if found is None else Rest(made, item.once)
    parts = item.parts if isinstance(item, Text) else (item,)
    first, last = parts[0], parts[-1]
    is_text = isinstance(first, str) and isinstance(last, str)
    is_quoted = is_text and str(first)[:1] == str(last)[-1:] == '"'
    found = parse_json(item) if is_quoted and isinstance(item, (str, Text)) else None
    return found if isinstance(found, (str, Text)) else None


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
