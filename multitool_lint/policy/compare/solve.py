"""Whether a kind of each dimension can be chosen, so that no excluded statement fits them all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING

from multitool_lint.limits import MAX_COMBINED_KINDS
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.compare.effort import FAST
from multitool_lint.policy.compare.kinds import Kind, TooManyKindsError

if TYPE_CHECKING:
    from multitool_lint.policy.compare.reference import RequestReference

_Choice = tuple[int, Kind]


class _Path(NamedTuple):
    """The last of some kinds, and how the others were chosen."""

    last: Kind
    before: _Path | None

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """All of them, the first one first."""
        found: list[Kind] = []
        path: _Path | None = self
        while path:
            found.append(path.last)
            path = path.before
        return tuple(reversed(found))


class SolverQuestion(NamedTuple):
    """A search for a request that no `excluded` row fits, and one of each `groups` does.

    It is one of those of the `reference`, if that is given.
    """

    excluded: int
    groups: tuple[int, ...]
    spend: Callable[[int], None]
    reference: RequestReference | None = None

    @property
    def wanted(self) -> int:
        """The rows of all groups."""
        return reduce(or_, self.groups, 0)

    def possible(self, kinds: Iterable[Kind]) -> list[_Choice]:
        """The kinds, each with everything that may fit it."""
        return [(fitting, kind) for kind in kinds for fitting in kind.fitting]

    def certain(self, kinds: Iterable[Kind]) -> list[_Choice]:
        """The kinds of which there are examples, each with the least that is certain."""
        wanted = self.wanted
        return [
            (reduce(or_, kind.fitting) & self.excluded | reduce(and_, kind.fitting) & wanted, kind)
            for kind in kinds
            if kind.exists
        ]

    def solve(self, dimensions: Iterable[Sequence[_Choice]]) -> tuple[Kind, ...] | None:
        """A kind of each dimension that together are such a request."""
        wanted = self.wanted
        paths: dict[int, _Path | None] = {self.excluded | wanted: None}
        for choices in dimensions:
            first: dict[int, Kind] = {}
            for mask, kind in choices:
                first.setdefault(mask, kind)
            best = self._best(first, wanted)
            if len(paths) * len(best) > MAX_COMBINED_KINDS:
                raise TooManyKindsError
            self.spend(len(paths) * len(best) // FAST)
            joined: dict[int, _Path | None] = {}
            for mask, path in paths.items():
                for other in best:
                    joined.setdefault(mask & other, _Path(first[other], path))
            paths = {mask: joined[mask] for mask in self._best(joined, wanted)}
        for mask, path in paths.items():
            if not mask & self.excluded and all(mask & group for group in self.groups):
                return path and path.kinds
        return None

    def _best(self, masks: Iterable[int], wanted: int) -> list[int]:
        """Those that none is better than: with fewer excluded rows, and with more wanted ones."""
        kept: list[int] = []
        for mask in sorted(masks, key=lambda mask: (mask ^ wanted).bit_count()):
            self.spend(len(kept) // FAST)
            if not any(
                better & ~mask & self.excluded == 0 and mask & ~better & wanted == 0
                for better in kept
            ):
                kept.append(mask)
        return kept
