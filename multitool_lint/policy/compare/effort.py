"""How much may still be compared."""

from __future__ import annotations

from multitool_lint.limits import MAX_SCOPE_COMPARISONS
from multitool_lint.policy.compare.statement import UndecidableError

FAST = 8
"""How many steps of the fastest loops take as long as a comparison of two scopes."""
TOO_MUCH = "there is too much to compare"


class Effort:
    """What is left of the comparisons that two policies may take."""

    def __init__(self, comparisons: int = MAX_SCOPE_COMPARISONS) -> None:
        self._left = comparisons

    def spend(self, comparisons: int) -> None:
        """Count some comparisons of two scopes, or what takes as long.

        Raises:
            UndecidableError: they are too many.
        """
        self._left -= comparisons
        if self._left < 0:
            raise UndecidableError(TOO_MUCH)
