"""Guards as conditions on keys of their own, which one request has one value of.

What a term is compared with are values of one key, so that it is not equal to two of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.syntax.choices import asked
from multitool_lint.syntax.terms import identity

if TYPE_CHECKING:
    from multitool_lint.syntax.terms import Guards

GUARD = "guard:"
"""The prefix of the keys of guards, which no service has."""
_HOLDS, _HOLDS_NOT = "StringEquals", "StringNotEquals"


def conditions_of(guards: Guards) -> dict[str, dict[str, list[str]]] | None:
    """The conditions that hold exactly if some guards do; None if they never hold together."""
    found: dict[str, dict[str, list[str]]] = {}
    for condition, holds in guards:
        about, value = asked(condition)
        # What is not there is not equal, so that one of the two always holds.
        by_key = found.setdefault(_HOLDS if holds else _HOLDS_NOT, {})
        by_key.setdefault(f"{GUARD}{identity(about)}", []).append(value)
    excluded = found.get(_HOLDS_NOT, {})
    for key, values in found.get(_HOLDS, {}).items():
        if len({*values}) > 1 or not {*values}.isdisjoint(excluded.get(key, ())):
            return None
    return {
        operator: {key: sorted({*values}) for key, values in sorted(by_key.items())}
        for operator, by_key in found.items()
    }
