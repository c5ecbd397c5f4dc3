"""Whether some request within a scope is among none of several statements: proved, or an example.

Each statement is a row, and what kinds of resources, principals and values fit it, a bit. A request
fits the rows that all its kinds fit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from operator import and_, or_
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.aws.pattern_cells import TooManyCellsError
from multitool_lint.limits import MAX_COMBINED_KINDS
from multitool_lint.policy.compare.effort import FAST, TOO_MUCH
from multitool_lint.policy.compare.key_kinds import KeyNature, given_kind, key_kinds, nature_of_key
from multitool_lint.policy.compare.kinds import (
    Kind,
    TooMuchError,
    principal_kinds,
    regrouped,
    resource_kinds,
)
from multitool_lint.policy.compare.rows import Row, filled_in, values_of_variables
from multitool_lint.policy.compare.scope_index import PRINCIPAL, RESOURCE

if TYPE_CHECKING:
    from multitool_lint.policy.compare.conditions import CanonicalCondition
    from multitool_lint.policy.compare.effort import Effort
    from multitool_lint.policy.compare.scope import RequestScope


class Found(NamedTuple):
    """The parts of a request that was looked for; if `doubt` is not None, there may be none."""

    resource: Kind
    principal: Kind
    values: dict[str, Kind]
    doubt: str | None = None


_Choice = tuple[int, Kind]


class Search:
    """Looks for requests, as long as there is an effort left."""

    def __init__(self, effort: Effort) -> None:
        self._spend = effort.spend
        self._found: dict[object, Found | None] = {}
        self._kinds_of_keys: dict[object, list[Kind]] = {}

    def find(
        self, within: RequestScope, none_of: tuple[Row, ...], some_of: tuple[Row, ...] | None = None
    ) -> Found | None:
        """A request within a scope that fits none of some rows and, if given, one of others.

        None is a proof that there is not any.

        Raises:
            UndecidableError: there is too much to compare.
        """
        key = within, none_of, some_of
        if key not in self._found:
            self._found[key] = self._search(within, none_of, some_of)
        return self._found[key]

    def _search(
        self, within: RequestScope, none_of: tuple[Row, ...], some_of: tuple[Row, ...] | None
    ) -> Found | None:
        rows = [*none_of, *(some_of or ())]
        excluded = (1 << len(none_of)) - 1
        wanted = (1 << len(rows)) - 1 & ~excluded
        question = _Question(excluded, wanted, some_of is not None, self._spend)
        found = self._answer(question, within, rows)
        if found and found.doubt and (given := values_of_variables([Row.of([within]), *rows])):
            self._spend(_OF_A_KEY * len(given))
            return self._answer(question, *filled_in(within, rows, given), given) or found
        return found

    def _answer(
        self,
        question: _Question,
        within: RequestScope,
        rows: Sequence[Row],
        given: Mapping[str, str] = MappingProxyType({}),
    ) -> Found | None:
        """The answer to a question if some keys have the values that are `given`."""
        try:
            kinds = self._dimensions(within, rows, given)
            certain = path = question.solve(map(question.certain, kinds.values()))
            if certain is None and not all(map(_all_are_sure, kinds.values())):
                path = question.solve(map(question.possible, kinds.values()))
        except (TooMuchError, TooManyCellsError):
            nothing = Kind(frozenset(), None, TOO_MUCH)
            return Found(nothing, nothing, {}, TOO_MUCH)
        if path is None:
            return None
        parts = dict(zip(kinds, path, strict=True))
        doubts = [kind.doubt for kind in sorted(path, key=_is_sure) if kind.doubt]
        return Found(
            parts.pop(RESOURCE),
            parts.pop(PRINCIPAL),
            parts,
            None if certain else next(iter(doubts), NO_EXAMPLE),
        )

    def _dimensions(
        self,
        within: RequestScope,
        rows: Sequence[Row],
        given: Mapping[str, str],
    ) -> dict[str, list[Kind]]:
        """The kinds of each dimension: the resource, the principal, and every key by its name."""
        everything = (1 << len(rows)) - 1
        resources, principals = [row.resources for row in rows], [row.principals for row in rows]
        found = {
            RESOURCE: list(resource_kinds(within.resources, resources, self._spend)),
            PRINCIPAL: list(principal_kinds(within.principal, principals, self._spend)),
        }
        conditions = [within.conditions, *(row.conditions for row in rows)]
        clauses_of: dict[str, set[CanonicalCondition]] = {key: set() for key in given}
        for clause in frozenset().union(*conditions):
            clauses_of.setdefault(clause.key, set()).add(clause)
        for key in sorted(clauses_of):
            clauses = sorted(clauses_of[key], key=_in_order)
            nature = nature_of_key(key, within.principal)
            kinds = self._kinds_of_key(key, clauses, nature, given.get(key))
            self._spend(_OF_A_KEY + sum(len(kind.fitting) for kind in kinds) * len(rows) // FAST)
            found[key] = list(regrouped(kinds, _rows_with(clauses, conditions), everything))
        return found

    def _kinds_of_key(
        self,
        key: str,
        clauses: Sequence[CanonicalCondition],
        nature: KeyNature,
        given: str | None,
    ) -> list[Kind]:
        known = tuple(clause._replace(key="") for clause in clauses), given, nature
        if known not in self._kinds_of_keys:
            found: list[Kind] = []
            for kind in (
                key_kinds(clauses, nature, self._spend)
                if given is None
                else given_kind(clauses, key, given)
            ):
                self._spend(len(kind.fitting) // FAST)
                found.append(kind)
            self._kinds_of_keys[known] = found
        return self._kinds_of_keys[known]


_OF_A_KEY = 40
"""What a key costs at least, in comparisons of two scopes."""
NO_EXAMPLE = "no example was found"


def _in_order(clause: CanonicalCondition) -> tuple[str, list[str]]:
    return clause.as_written, sorted(clause.values)


def _is_sure(kind: Kind) -> bool:
    return kind.is_sure


def _all_are_sure(kinds: Iterable[Kind]) -> bool:
    return all(map(_is_sure, kinds))


def _rows_with(
    clauses: Sequence[CanonicalCondition], conditions: Iterable[frozenset[CanonicalCondition]]
) -> Callable[[int], int | None]:
    """Which rows fit if some clauses on a key hold; None if the request is not within the scope.

    The first of the conditions are those of the scope.
    """
    bits = {clause: 1 << at for at, clause in enumerate(clauses)}
    of_key = frozenset(clauses)
    needed, *masks = (sum(bits[clause] for clause in of_key & some) for some in conditions)

    always = sum(1 << at for at, mask in enumerate(masks) if not mask)
    others = [(1 << at, mask) for at, mask in enumerate(masks) if mask]

    def rows_with(holding: int) -> int | None:
        if needed & ~holding:
            return None
        return always | sum(bit for bit, mask in others if not mask & ~holding)

    return rows_with


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


class _Question(NamedTuple):
    """A request is looked for that no `excluded` row fits and, perhaps, that a wanted one does."""

    excluded: int
    wanted: int
    needs_wanted: bool
    spend: Callable[[int], None]

    def possible(self, kinds: Iterable[Kind]) -> list[_Choice]:
        """The kinds, each with everything that may fit it."""
        return [(fitting, kind) for kind in kinds for fitting in kind.fitting]

    def certain(self, kinds: Iterable[Kind]) -> list[_Choice]:
        """The kinds of which there are examples, each with the least that is certain."""
        return [
            (
                reduce(or_, kind.fitting) & self.excluded
                | reduce(and_, kind.fitting) & self.wanted,
                kind,
            )
            for kind in kinds
            if kind.exists
        ]

    def solve(self, dimensions: Iterable[Sequence[_Choice]]) -> tuple[Kind, ...] | None:
        """A kind of each dimension that together are such a request."""
        paths: dict[int, _Path | None] = {self.excluded | self.wanted: None}
        for choices in dimensions:
            first: dict[int, Kind] = {}
            for mask, kind in choices:
                first.setdefault(mask, kind)
            best = self._best(first)
            if len(paths) * len(best) > MAX_COMBINED_KINDS:
                raise TooMuchError
            self.spend(len(paths) * len(best) // FAST)
            joined: dict[int, _Path | None] = {}
            for mask, path in paths.items():
                for other in best:
                    joined.setdefault(mask & other, _Path(first[other], path))
            paths = {mask: joined[mask] for mask in self._best(joined)}
        for mask, path in paths.items():
            if not mask & self.excluded and (mask & self.wanted or not self.needs_wanted):
                return path and path.kinds
        return None

    def _best(self, masks: Iterable[int]) -> list[int]:
        """Those that none is better than: with fewer excluded rows, and with more wanted ones."""
        kept: list[int] = []
        for mask in sorted(masks, key=lambda mask: (mask ^ self.wanted).bit_count()):
            self.spend(len(kept) // FAST)
            if not any(
                better & ~mask & self.excluded == 0 and mask & ~better & self.wanted == 0
                for better in kept
            ):
                kept.append(mask)
        return kept
