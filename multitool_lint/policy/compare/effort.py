"""How much may still be compared."""

from __future__ import annotations

from multitool_lint.limits import MAX_ASSUMED_COMPARISONS, MAX_SCOPE_COMPARISONS
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.compare.statement import UndecidableError

FAST = 8
"""How many steps of the fastest loops take as long as a comparison of two scopes."""
TOO_MUCH = "there is too much to compare"


class Effort:
    """What is left of the comparisons that two policies may take."""

    def __init__(self, comparisons: int = MAX_SCOPE_COMPARISONS) -> None:
        self._left = comparisons

    @property
    def is_spent(self) -> bool:
        """Whether nothing is left."""
        return self._left < 0

    def spend(self, comparisons: int) -> None:
        """Count some comparisons of two scopes, or what takes as long.

        Raises:
            UndecidableError: they are too many.
        """
        self._left -= comparisons
        if self._left < 0:
            raise UndecidableError(TOO_MUCH)


class Efforts(NamedTuple):
    """What is left to compare, and to search for examples under assumptions.

    Several comparisons that belong together, such as the cases of a template, may share it.
    """

    comparing: Effort
    assuming: Effort

    @classmethod
    def of_a_comparison(cls) -> Efforts:
        """The whole of it."""
        return cls(Effort(), Effort(MAX_ASSUMED_COMPARISONS))
