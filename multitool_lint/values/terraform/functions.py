"""Terraform's functions, as far as policies are made with them.

Each returns NotImplemented for what it cannot decide: the call is then a term.
https://developer.hashicorp.com/terraform/language/functions
"""

from __future__ import annotations

import base64
import json
import posixpath
import re
from collections.abc import Callable, Mapping

from multitool_lint.syntax.terms import Document, Encoded, Text, Unknown, Value
from multitool_lint.syntax.texts import as_text
from multitool_lint.values.json_texts import parse_json
from multitool_lint.values.statements import value_of
from multitool_lint.values.terraform.list_functions import OF_LISTS
from multitool_lint.values.terraform.text_functions import (
    format_list,
    format_text,
    join,
    replace_in,
    split,
)

_WORD = re.compile(r"(?<!\w)\w")


def _substr(text: Value, offset: Value, length: Value) -> Value:
    if not (isinstance(text, str) and isinstance(offset, int) and isinstance(length, int)):
        return NotImplemented
    start = offset if offset >= 0 else len(text) + offset
    return text[start : None if length < 0 else start + length] if start >= 0 else NotImplemented


def _json_decode(text: Value) -> Value:
    if isinstance(text, Text):
        found = parse_json(text)
        return NotImplemented if isinstance(found, Unknown) else found
    return json.loads(text) if isinstance(text, str) else _decoded(text)


def _decoded(text: Value) -> Value:
    """What a text says that is JSON, and so YAML."""
    if isinstance(text, Encoded):
        return text.value
    return value_of(text) if isinstance(text, Document) else NotImplemented


def _yaml_decode(text: Value) -> Value:
    if not isinstance(text, str):
        return _decoded(text)
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return _value(yaml.load(str(text), Loader=loader))  # noqa: S506 - a safe one
    except yaml.YAMLError:
        return NotImplemented


def _value(given: object) -> Value:
    if isinstance(given, dict):
        return {str(key): _value(item) for key, item in given.items()}
    if isinstance(given, (list, tuple)):
        return [_value(item) for item in given]
    return given if isinstance(given, (str, int, float, bool, type(None))) else str(given)


def _of_text(function: Callable[[str], Value]) -> Callable[[Value], Value]:
    return lambda text: function(text) if isinstance(text, str) else NotImplemented


def _of_texts(function: Callable[[str, str], Value]) -> Callable[[Value, Value], Value]:
    return lambda one, other: (
        function(one, other) if isinstance(one, str) and isinstance(other, str) else NotImplemented
    )


def _to_text(value: Value) -> Value:
    return NotImplemented if isinstance(value, (list, dict)) else as_text(value)


def _to_number(value: Value) -> Value:
    if isinstance(value, str):
        return float(value) if "." in value else int(value)
    return value if isinstance(value, (int, float)) else NotImplemented


def _same(value: Value) -> Value:
    return value


def _encode(value: Value) -> Value:
    return Encoded(value)


FUNCTIONS: Mapping[str, Callable[..., Value]] = {
    **OF_LISTS,
    "base64decode": _of_text(lambda text: base64.b64decode(text, validate=True).decode()),
    "basename": _of_text(posixpath.basename),
    "dirname": _of_text(posixpath.dirname),
    "endswith": _of_texts(str.endswith),
    "format": format_text,
    "formatlist": format_list,
    "join": join,
    "jsondecode": _json_decode,
    "jsonencode": _encode,
    "lower": _of_text(str.lower),
    "nonsensitive": _same,
    "replace": replace_in,
    "sensitive": _same,
    "split": split,
    "startswith": _of_texts(str.startswith),
    "substr": _substr,
    "title": _of_text(lambda text: _WORD.sub(lambda match: match[0].upper(), text)),
    "tolist": _same,
    "tomap": _same,
    "tonumber": _to_number,
    "tostring": _to_text,
    "trim": _of_texts(str.strip),
    "trimprefix": _of_texts(str.removeprefix),
    "trimspace": _of_text(str.strip),
    "trimsuffix": _of_texts(str.removesuffix),
    "upper": _of_text(str.upper),
    "yamldecode": _yaml_decode,
}
