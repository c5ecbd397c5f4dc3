"""Functions of Terraform that make texts of texts."""

from __future__ import annotations

import re

from multitool_lint.limits import MAX_TERM_CHARACTERS
from multitool_lint.syntax.terms import Document, Encoded, Rest, Text, Unknown, Value
from multitool_lint.syntax.texts import joined
from multitool_lint.values.collections import (
    is_complete,
    item_if,
    items_in,
    listed,
)
from multitool_lint.values.steps import in_each_case

_VERBS = ("%s", "%d", "%v", "%q")
_VERB = re.compile(r"(%[sdvq%])")


def format_text(pattern: Value, *values: Value) -> Value:
    """The text that a pattern and values make, of which Terraform refuses too few and too many."""
    if not isinstance(pattern, (str, Text)):
        return NotImplemented
    given = pattern.parts if isinstance(pattern, Text) else (pattern,)
    pieces = [piece for some in given for piece in _pieces(some)]
    if sum(isinstance(piece, str) and piece in _VERBS for piece in pieces) != len(values):
        return NotImplemented
    rest = iter(values)
    parts: list[Value] = []
    for part in pieces:
        if not isinstance(part, str):
            parts.append(part)
        elif part == "%%":
            parts.append("%")
        elif part == "%q":
            parts += ['"', next(rest), '"']
        elif part == "%d":
            value = next(rest)
            parts.append(Unknown("number", value) if isinstance(value, (Unknown, Text)) else value)
        elif part in _VERBS:
            parts.append(next(rest))
        elif "%" in part:
            return NotImplemented
        else:
            parts.append(part)
    return joined(parts)


def _pieces(part: Value) -> list[Value]:
    """The verbs of a part of a pattern, and what is between them."""
    return [*_VERB.split(part)] if isinstance(part, str) else [part]


def format_list(pattern: Value, *lists: Value) -> Value:
    """The texts that a pattern and lists of values make."""
    if len(lists) == 1 and isinstance(lists[0], Unknown):
        [(_, item, guards)] = items_in(lists[0])
        text = format_text(pattern, item)
        return text if text is NotImplemented else [Rest(item_if(text, guards))]
    if sum(isinstance(given, list) for given in lists) == 1:
        return _formatted(pattern, lists)
    sizes = {len(given) for given in lists if isinstance(given, list)}
    if len(sizes) != 1 or not all(map(is_complete, (x for x in lists if isinstance(x, list)))):
        return NotImplemented
    columns = [x if isinstance(x, list) else [x] * max(sizes) for x in lists]
    made = [format_text(pattern, *row) for row in zip(*columns, strict=True)]
    return NotImplemented if any(text is NotImplemented for text in made) else made


def _formatted(pattern: Value, lists: tuple[Value, ...]) -> Value:
    """The texts that a pattern makes of each item of the only list."""
    at = next(number for number, given in enumerate(lists) if isinstance(given, list))
    made: list[Value] = []
    for item in lists[at]:  # type: ignore[attr-defined]  # it is a list
        value = item.item if isinstance(item, Rest) else item
        text = format_text(pattern, *lists[:at], value, *lists[at + 1 :])
        if text is NotImplemented:
            return NotImplemented
        made.append(Rest(text, item.once) if isinstance(item, Rest) else text)
    return made


def join(separator: Value, *lists: Value) -> Value:
    """The text of the items of lists."""

    def text(items: list[Value]) -> Value:
        some = [item for item in items if item is not None and item != ""]
        if len(some) == 1 and isinstance(some[0], (Document, Encoded)):
            return some[0]
        if not isinstance(separator, str):
            return NotImplemented
        parts: list[Value] = []
        for number, item in enumerate(items):
            parts += [separator, item] if number else [item]
        return _in_proportion(joined(parts))

    return in_each_case([item for given in lists for item in listed(given)], text)


def _in_proportion(made: Value) -> Value:
    parts = made.parts if isinstance(made, Text) else (made,)
    size = sum(len(part) for part in parts if isinstance(part, str))
    return made if size <= MAX_TERM_CHARACTERS else NotImplemented


def split(separator: Value, text: Value) -> Value:
    """The parts of a text between separators."""
    if isinstance(text, str) and isinstance(separator, str) and separator:
        return text.split(separator) if text else []
    return NotImplemented


def replace_in(text: Value, old: Value, new: Value) -> Value:
    """The text with another one instead of a part."""
    if not (isinstance(text, str) and isinstance(old, str) and isinstance(new, str)):
        return NotImplemented
    if len(old) > 1 and old.startswith("/") and old.endswith("/"):
        return NotImplemented  # a regular expression of another library
    return _in_proportion(text.replace(old, new)) if old else NotImplemented
