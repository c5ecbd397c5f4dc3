"""Conditions in a canonical form, and which of them follows from which.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from multitool_lint.aws import condition_operators as conditions
from multitool_lint.aws import redundancy as coverage
from multitool_lint.aws.arn import matches_all
from multitool_lint.aws.condition_values import canonical_number, lower, network, number
from multitool_lint.aws.patterns import has_wildcard
from multitool_lint.aws.policy_variables import OPENER, is_part, variables
from multitool_lint.named_tuple import NamedTuple

UNKNOWN_MARK = "\x00"
"""What an unknown text begins with: it is the same as itself, and nothing else."""

_SAME_AS = {"ArnEquals": "ArnLike", "ArnNotEquals": "ArnNotLike"}
"""AWS: the two behave identically."""

_WITHOUT_WILDCARDS = {"StringLike": "StringEquals", "StringNotLike": "StringNotEquals"}


class CanonicalCondition(NamedTuple):
    """One operator on one key: it holds if the value of a request agrees with one of the values.

    Of a negated operator, if it agrees with none. `operator`, `key` and `values` are canonical:
    clauses that mean the same are equal, as far as that is known. `without_key` is what an example
    assumes of requests without the key.
    """

    operator: str
    qualifier: str | None
    if_exists: bool
    key: str
    values: frozenset[str]
    without_key: bool | None = None

    @property
    def as_written(self) -> str:
        """The operator as a policy writes it."""
        qualifier = f"{self.qualifier}:" if self.qualifier else ""
        return f"{qualifier}{self.operator}{'IfExists' if self.if_exists else ''}"


def in_order(clause: CanonicalCondition) -> tuple[str, str, list[str]]:
    """A key by which conditions are sorted."""
    return clause.key, clause.as_written, sorted(clause.values)


ALWAYS = CanonicalCondition("", None, False, "", frozenset({"true"}))  # noqa: FBT003  # not if_exists
"""What every request meets."""
NEVER = CanonicalCondition("", None, False, "", frozenset({"false"}))  # noqa: FBT003  # as above
"""What no request meets."""


def canonical_condition(text: str, key: str, values: list[str]) -> CanonicalCondition | None:
    """The canonical form of a clause; None if there is no such operator."""
    operator = conditions.operator(text)
    if operator is None:
        return None
    values_meant = frozenset(_value(operator, value) for value in values)
    if operator.accepts_wildcards and any(map(matches_all, values)):
        found = _of_any_value(operator, key.lower())
        if found:
            return found
    name = _SAME_AS.get(operator.name, operator.name)
    if name in _WITHOUT_WILDCARDS and not any(map(_is_pattern, values_meant)):
        name = _WITHOUT_WILDCARDS[name]
    elif "Than" in name:
        values_meant = _bound(name, values_meant)
    qualifier = operator.qualifier
    if name == "Null" and not operator.if_exists:
        # AWS: ForAllValues:Null is always true and ForAnyValue:Null always false.
        if qualifier:
            return ALWAYS if qualifier == "ForAllValues" else NEVER
        if {"true", "false"} <= values_meant:
            return ALWAYS
    return CanonicalCondition(name, qualifier, operator.if_exists, key.lower(), values_meant)


def _of_any_value(operator: conditions.Operator, key: str) -> CanonicalCondition | None:
    """The form of a clause with `*` among its values: it asks at most whether there is a value."""
    asked = operator.asks_with_star
    if asked in ("absent", "present"):
        value = "true" if asked == "absent" else "false"
        return CanonicalCondition("Null", None, False, key, frozenset({value}))  # noqa: FBT003  # as above
    return {"always": ALWAYS, "never": NEVER}.get(asked)


def _bound(name: str, values: frozenset[str]) -> frozenset[str]:
    """The one of several bounds that decides, because one of them has to hold."""
    numbers = {number(value): value for value in values}
    known = [value for value in numbers if value is not None]
    if name.startswith("Date") or not numbers or len(known) < len(values):
        return values
    return frozenset({numbers[max(known) if "LessThan" in name else min(known)]})


def may_hold(clauses: frozenset[CanonicalCondition]) -> bool:
    """Whether there certainly are requests for which all of them hold: no two are on one key."""
    keys = {clause.key for clause in clauses}
    return len(keys) == len(clauses) and all(clause.values for clause in clauses)


def follows(narrow: frozenset[CanonicalCondition], wide: frozenset[CanonicalCondition]) -> bool:
    """Whether all of the wide clauses certainly hold wherever all of the narrow ones do."""
    return wide <= narrow or all(
        clause in narrow or any(_implies(other, clause) for other in narrow) for clause in wide
    )


@lru_cache(maxsize=4096)
def _implies(narrow: CanonicalCondition, wide: CanonicalCondition) -> bool:
    if (narrow.key, narrow.qualifier) != (wide.key, wide.qualifier):
        return False
    if narrow.if_exists and not wide.if_exists:
        return False
    name = narrow.operator
    if name != wide.operator and (name, wide.operator) != ("StringEquals", "StringLike"):
        return False
    found = conditions.operator(name or "Null")
    if found is None or found.family in ("Date", "Binary") or "Than" in name:
        return narrow.values == wide.values
    agrees = _agrees(wide.operator, found.family)
    if found.negated:
        # What excludes more also excludes less.
        return all(any(agrees(out, value) for out in narrow.values) for value in wide.values)
    return all(any(agrees(pattern, value) for pattern in wide.values) for value in narrow.values)


def _agrees(operator: str, family: str) -> Callable[[str, str], bool]:
    """Whether the first value agrees with everything that the second one agrees with."""
    if family == "ARN":
        return coverage.resource_covers
    if operator.endswith("Like"):
        return coverage.pattern_covers
    if family == "IPAddress":
        return _is_within
    return str.__eq__


def _is_pattern(value: str) -> bool:
    if UNKNOWN_MARK in value or has_wildcard(value):
        return True
    # A wildcard in the value of a variable matches itself, one in what a template fills in others.
    return OPENER in value and any(
        is_part(found.key) or not found.names_key for found in variables(value)
    )


def _value(operator: conditions.Operator, text: str) -> str:
    """A value as the operator understands it."""
    if UNKNOWN_MARK in text:
        return text
    if operator.family in ("Bool", "Null") or operator.name.endswith("IgnoreCase"):
        return text if OPENER in text else lower(text)
    if operator.family == "Numeric":
        return canonical_number(text)
    if operator.family == "IPAddress":
        return str(network(text) or text)
    return text


def _is_within(wide: str, narrow: str) -> bool:
    one, other = network(wide), network(narrow)
    if one is None or other is None:
        return wide == narrow
    return other.network_address in one and other.broadcast_address in one
