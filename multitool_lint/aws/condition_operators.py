"""Condition operators, and the types of value that they compare.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

from functools import lru_cache

from multitool_lint.named_tuple import NamedTuple

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
    "Date": "a date",
    "Bool": "a Boolean value",
    "Binary": "Base64-encoded text",
    "IPAddress": "an IP address or range",
    "ARN": "an ARN",
    "Null": "a Boolean value",
    "String": "a string",
}
"""What a value of a type is, in words."""

EXAMPLES = {
    "Date": "a date such as 2026-12-31T23:59:59Z",
    "Bool": "true or false",
    "IPAddress": "an address or a range such as 203.0.113.0/24",
    "Null": "true or false",
}
"""The same with an example, where a type has a form of its own."""

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
    def holds_without_key(self) -> bool:
        """Whether it holds for a request without the key; for `Null`, that depends on its value."""
        if self.qualifier == "ForAnyValue":
            return False
        return self.if_exists or self.qualifier == "ForAllValues" or self.negated

    @property
    def asks_with_star(self) -> str:
        """What it asks if `*` is among its values: whether the key is "absent" or "present".

        "always" and "never" if it holds whatever the request has; "" otherwise.
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
