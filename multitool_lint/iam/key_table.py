"""Looking condition keys up by name, those with a variable part included."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from multitool_lint.iam import name_index

if TYPE_CHECKING:
    from collections.abc import Iterable

    from multitool_lint.iam.facts import ConditionKey

_VARIABLE = re.compile(r"\\\$\\\{\w+\\\}")


class KeyTable:
    """Condition keys by name, in any case: `aws:PrincipalTag/a` is `aws:PrincipalTag/${TagKey}`."""

    __slots__ = ("_by_name", "_templates")

    def __init__(self, keys: Iterable[ConditionKey]) -> None:
        self._by_name = {key.name.lower(): key for key in keys}
        self._templates = [
            (_template(name), key) for name, key in self._by_name.items() if "${" in name
        ]

    def find(self, name: str) -> ConditionKey | None:
        """The key of that name."""
        lower = name_index.fold(name)
        found = self._by_name.get(lower)
        if found is None:
            found = next((key for fits, key in self._templates if fits.fullmatch(lower)), None)
        return found


def _template(name: str) -> re.Pattern[str]:
    # A key with two variables could try its choices again, but no key has two.
    return re.compile(_VARIABLE.sub("(?s:.+)", re.escape(name)))
