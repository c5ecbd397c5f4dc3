"""What rules in the configuration say, as tuples: equal rules have the same `repr` everywhere."""

from __future__ import annotations

from typing import NamedTuple

Values = tuple[str, ...]
Keys = tuple[tuple[str, Values], ...]
"""Condition keys, each with its values; `*` is any."""

EVERYTHING = "*"
"""What means all actions, resources or principals, and for any value of a condition."""

WILDCARD = "wildcard"

WRITTEN = ("NotAction", "NotResource", "NotPrincipal", WILDCARD)
"""How a statement may be written: with one of these elements, or with a wildcard in an action."""


class Matcher(NamedTuple):
    """What a statement grants or denies together; what is empty is not asked for."""

    actions: Values = ()
    resources: Values = ()
    principals: Values = ()
    conditions: Keys = ()
    written: Values = ()


class Limit(NamedTuple):
    """What a statement is limited to; what is empty is not asked for."""

    resources: Values = ()
    principals: Values = ()
    conditions: Keys = ()
