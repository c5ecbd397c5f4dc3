"""Condition operators, and the values and the keys that they can compare.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple

from multitool_lint.aws import arn

FAMILIES = {
    "String": (
        "StringEquals",
        "StringNotEquals",
        "StringEqualsIgnoreCase",
        "StringNotEqualsIgnoreCase",
        "StringLike",
        "StringNotLike",
    ),
    "Numeric": (
        "NumericEquals",
        "NumericNotEquals",
        "NumericLessThan",
        "NumericLessThanEquals",
        "NumericGreaterThan",
        "NumericGreaterThanEquals",
    ),
    "Date": (
        "DateEquals",
        "DateNotEquals",
        "DateLessThan",
        "DateLessThanEquals",
        "DateGreaterThan",
        "DateGreaterThanEquals",
    ),
    "Bool": ("Bool",),
    "Binary": ("BinaryEquals",),
    "IPAddress": ("IpAddress", "NotIpAddress"),
    "ARN": ("ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"),
    "Null": ("Null",),
}
"""The operators by the type of value that they compare; the types are named as in the catalog."""

VALUES = {
    "Numeric": "a number",
    "Date": "a date like 2026-12-31T23:59:59Z",
    "Bool": "true or false",
    "Binary": "text in Base64",
    "IPAddress": "an IP address or a range like 203.0.113.0/24",
    "ARN": "an ARN",
    "Null": "true or false",
    "String": "text",
}
"""What the values of a type look like, in words."""

_OPERATORS = {name.lower(): (name, family) for family, names in FAMILIES.items() for name in names}
_QUALIFIERS = {"forallvalues": "ForAllValues", "foranyvalue": "ForAnyValue"}


class Operator(NamedTuple):
    """A condition operator: its name without qualifier and `IfExists`, and what they change."""

    name: str
    family: str
    qualifier: str | None
    if_exists: bool

    @property
    def negated(self) -> bool:
        """Whether it holds where the values differ, and therefore where the key is absent."""
        return "Not" in self.name

    @property
    def accepts_wildcards(self) -> bool:
        """Whether `*` and `?` in its values are wildcards."""
        return self.name.endswith("Like") or self.family == "ARN"

    @property
    def asks_with_star(self) -> str:
        """What it asks if `*` is among its values: whether the key is "absent" or "present".

        "always" and "never" if it holds whatever the request has; "" if it is none of these.
        """
        if self.negated and self.qualifier == "ForAnyValue":
            return "" if self.if_exists else "never"
        if self.negated:
            return "absent"
        if self.qualifier == "ForAllValues" or (self.if_exists and self.qualifier is None):
            return "always"
        return "" if self.if_exists else "present"


NO_OPERATOR = Operator("", "", None, if_exists=False)
"""The operator of a condition whose operator is not valid: it compares nothing."""


@lru_cache(maxsize=256)
def operator(text: str) -> Operator | None:
    """Read an operator as a policy writes it, in any case; None if there is no such operator."""
    head, colon, rest = text.lower().rpartition(":")
    plain = rest.removesuffix("ifexists")
    if plain not in _OPERATORS or (colon and head not in _QUALIFIERS):
        return None
    name, family = _OPERATORS[plain]
    return Operator(name, family, _QUALIFIERS.get(head), plain != rest)


def is_value_of(type_: str, value: str | float | bool) -> bool:  # noqa: FBT001  # a JSON value
    """Whether a value may be one of that type; what a policy variable holds is not known."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return "${" in text or is_placeholder(text) or _TESTS[type_](text)


def is_placeholder(text: str) -> bool:
    """Whether a value is still to be filled in, as AWS's examples write it: `<my-vpc>`."""
    return text[:1] == "<" and text[-1:] == ">"


def _is_bool(text: str) -> bool:
    return text.lower() in ("true", "false")


# Compiled when they are first needed: most policies need none of them.
_NUMBER = r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?"
_DATE = r"\d{4}(-\d\d(-\d\d(T\d\d(:\d\d(:\d\d(\.\d+)?)?)?(Z|[+-]\d\d(:?\d\d)?)?)?)?)?|[+-]?\d+"
_BASE64 = r"([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"
_DIGITS_OR_COLON = r"[0-9a-fA-F:.]+(/\d{1,3})?"


def _is_ip(text: str) -> bool:
    if not re.fullmatch(_DIGITS_OR_COLON, text):
        return False
    import ipaddress

    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def _is_arn(text: str) -> bool:
    return arn.matches_all(text) or (text.startswith("arn:") and text.count(":") > 4)  # noqa: PLR2004  # six fields


_TESTS: Mapping[str, Callable[[str], bool]] = {
    "Numeric": lambda text: bool(re.fullmatch(_NUMBER, text)),
    "Date": lambda text: bool(re.fullmatch(_DATE, text.upper())),
    "Bool": _is_bool,
    "Null": _is_bool,
    "Binary": lambda text: bool(re.fullmatch(_BASE64, text)),
    "IPAddress": _is_ip,
    "ARN": _is_arn,
    "String": lambda _: True,
}
