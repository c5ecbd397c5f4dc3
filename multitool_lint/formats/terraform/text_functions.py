"""Functions of Terraform's language that make texts, or lists of texts, from texts.

https://developer.hashicorp.com/terraform/language/functions
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from multitool_lint.syntax import placeholders

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Text = str | list[str]

_VERB: Final = re.compile(r"%(.?)")
_PLAIN_VERBS: Final = frozenset("sdv")


def called_with(name: str, arguments: list[Text]) -> Text | None:
    """What a function makes of texts; None if it is not one of these, or of an unknown part."""
    function = _ANY_PART.get(name)
    if function is None and not any(map(_has_unknown_part, arguments)):
        function = _WHOLE.get(name)
    if function is None:
        return None
    try:
        return function(*arguments)
    except (TypeError, ValueError):
        return None  # a mistake, which Terraform reports


def _has_unknown_part(text: Text) -> bool:
    return any(map(placeholders.has_expression, [text] if isinstance(text, str) else text))


def _format(spec: str, *values: str) -> str:
    left = list(values)

    def value(match: re.Match[str]) -> str:
        if match[1] == "%":
            return "%"
        if match[1] not in _PLAIN_VERBS or not left or not isinstance(left[0], str):
            raise ValueError
        return left.pop(0)

    return _VERB.sub(value, spec)


def _format_list(spec: str, *values: Text) -> list[str]:
    lists = [value for value in values if isinstance(value, list)]
    counts = {len(value) for value in lists}
    if len(counts) != 1:
        raise ValueError
    [count] = counts
    rows = [[value] * count if isinstance(value, str) else value for value in values]
    return [_format(spec, *row) for row in zip(*rows, strict=True)]


def _join(separator: str, *lists: list[str]) -> str:
    if not all(isinstance(texts, list) for texts in lists):
        raise TypeError
    if separator and any(len(texts) == 1 and _has_unknown_part(texts) for texts in lists):
        raise ValueError  # the ARNs of all of some resources, say
    return separator.join(text for texts in lists for text in texts)


def _split(separator: str, text: str) -> list[str]:
    return text.split(separator)


def _replace(text: str, old: str, new: str) -> str:
    if len(old) > 1 and old.startswith("/") and old.endswith("/"):
        raise ValueError  # a regular expression of another language
    return text.replace(old, new)


def _title(text: str) -> str:
    return re.sub(r"\b[a-z]", lambda match: match[0].upper(), text)


_ANY_PART: Final[Mapping[str, Callable[..., Text]]] = {
    "format": _format,
    "formatlist": _format_list,
    "join": _join,
    "tostring": str,
}
"""Functions that keep their texts as they are, unknown parts too."""

_WHOLE: Final[Mapping[str, Callable[..., Text]]] = {
    "jsonencode": lambda value: json.dumps(value, ensure_ascii=False),
    "lower": str.lower,
    "replace": _replace,
    "split": _split,
    "title": _title,
    "trimprefix": str.removeprefix,
    "trimspace": str.strip,
    "trimsuffix": str.removesuffix,
    "upper": str.upper,
}
NAMES: Final = frozenset({*_ANY_PART, *_WHOLE})
