"""What Terraform refuses, so that `try` goes on to its next argument."""

from __future__ import annotations

from multitool_lint.syntax.terms import Unknown, Value
from multitool_lint.values.required import may_be_refused


def members_of(value: Unknown) -> dict[object, Value] | None:
    """The members of which a key that is not known picks one; None for any other value."""
    members = value.arguments[0] if value.operator == "get" else None
    if not isinstance(members, dict):
        return None
    return members if all(isinstance(key, str) for key in members) else None


def is_accepted(value: Value) -> bool:
    """Whether Terraform refuses no value that this may come to."""
    if isinstance(value, Unknown):
        return value.operator == "resource" or value.operator.startswith("own:")
    items = value if isinstance(value, list) else []
    return not may_be_refused(value) and not any(map(_may_lack, items))


def _may_lack(value: Value) -> bool:
    """Whether a value is an attribute of one of several, which may not be there."""
    base = value.arguments[0] if isinstance(value, Unknown) and value.operator == "get" else None
    return isinstance(base, Unknown) and base.operator == "get"


def is_refused(value: Value) -> bool:
    """Whether Terraform refuses a value, as it names what is not there."""
    found = _base_of(value)
    return isinstance(found, Unknown) and found.operator in ("undefined", "no-key", "no-item")


def is_undefined(value: Value) -> bool:
    """Whether a value names what the module does not have."""
    found = _base_of(value)
    return isinstance(found, Unknown) and found.operator == "undefined"


def _base_of(value: Value) -> Value:
    """What a value is an attribute or item of."""
    while isinstance(value, Unknown) and value.operator == "get":
        value = value.arguments[0]
    return value
