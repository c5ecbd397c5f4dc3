"""Guards as conditions on keys of their own, which one request has one value of.

What a term is compared with are values of one key, so that it is not equal to two of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

GUARD = "guard:"
"""The prefix of the keys of guards, which no service has."""
_HOLDS, _HOLDS_NOT = "StringEquals", "StringNotEquals"


class KeyTest(NamedTuple):
    """A guard: its key, a value of it, and whether the key must have that."""

    key: str
    value: str
    holds: bool


def conditions_of(tests: Iterable[KeyTest]) -> dict[str, dict[str, list[str]]] | None:
    """The conditions that hold exactly if some guards do; None if they never hold together."""
    found: dict[str, dict[str, set[str]]] = {_HOLDS: {}, _HOLDS_NOT: {}}
    for key, value, holds in tests:
        # What is not there is not equal, so that one of the two always holds.
        found[_HOLDS if holds else _HOLDS_NOT].setdefault(key, set()).add(value)
    for key, values in found[_HOLDS].items():
        if len(values) > 1 or values & found[_HOLDS_NOT].get(key, set()):
            return None
    return {
        operator: {key: sorted(values) for key, values in by_key.items()}
        for operator, by_key in found.items()
        if by_key
    }
