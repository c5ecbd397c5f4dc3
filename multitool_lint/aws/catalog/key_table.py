"""Looking condition keys up by name, those with a variable part included."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.aws.catalog import name_index

if TYPE_CHECKING:
    from collections.abc import Iterable

    from multitool_lint.aws.catalog.records import ConditionKey


class KeyTable:
    """Condition keys by name, in any case: `aws:PrincipalTag/a` is `aws:PrincipalTag/${TagKey}`."""

    __slots__ = ("_by_name", "_templates")

    def __init__(self, keys: Iterable[ConditionKey]) -> None:
        self._by_name = {key.name.lower(): key for key in keys}
        self._templates = [
            (*_around_variable(name), key) for name, key in self._by_name.items() if "${" in name
        ]

    def find(self, name: str) -> ConditionKey | None:
        """The key of that name."""
        lower = name_index.fold(name)
        found = self._by_name.get(lower)
        if found is None:
            for head, tail, key in self._templates:
                filled = len(lower) > len(head) + len(tail)
                if filled and lower.startswith(head) and lower.endswith(tail):
                    return key
        return found


def _around_variable(name: str) -> tuple[str, str]:
    """What stands before and behind the variable part of a name; no name has two."""
    return name.partition("${")[0], name.rpartition("}")[2]
