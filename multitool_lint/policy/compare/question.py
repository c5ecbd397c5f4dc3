"""Whether some request within a scope is among none of several statements: proved, or an example.

Each statement is a row, and what kinds of resources, principals and values fit it, a bit. A request
fits the rows that all its kinds fit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING

from multitool_lint.aws.pattern_cells import TooManyCellsError
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.compare.assumptions import Readings
from multitool_lint.policy.compare.callers import keys_of
from multitool_lint.policy.compare.conditions import CanonicalCondition, in_order
from multitool_lint.policy.compare.effort import FAST, TOO_MUCH, Effort
from multitool_lint.policy.compare.key_kinds import KeyNature, given_kind, key_kinds, nature_of_key
from multitool_lint.policy.compare.kinds import Kind, TooManyKindsError, principal_kinds, regrouped
from multitool_lint.policy.compare.resource_kinds import resource_kinds
from multitool_lint.policy.compare.scope import RequestScope, Row
from multitool_lint.policy.compare.scope_index import PRINCIPAL, RESOURCE
from multitool_lint.policy.compare.solve import SolverQuestion
from multitool_lint.policy.compare.statement import UndecidableError

if TYPE_CHECKING:
    from multitool_lint.policy.compare.reading import Assumption, StatementReading
    from multitool_lint.policy.compare.reference import RequestReference


class Asked(NamedTuple):
    """What is searched: a request within a scope that fits none of some rows.

    It fits one of each list in `some_of`.
    """

    within: RequestScope
    none_of: tuple[Row, ...]
    some_of: tuple[tuple[Row, ...], ...] = ()

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows of both kinds."""
        return (*self.none_of, *chain.from_iterable(self.some_of))


class Found(NamedTuple):
    """The parts of a request that was searched; if `doubt` is not None, there may be none.

    There is one in the `reading` of the statements, if that is not None, under some assumptions.
    """

    resource: Kind
    principal: Kind
    values: dict[str, Kind]
    doubt: str | None = None
    reading: StatementReading | None = None
    assumptions: tuple[Assumption, ...] = ()


class RequestSearch:
    """Searches for requests, as long as there is an effort left.

    Where it is not known whether there is one, `examples` says whether to search for one at all,
    and `assuming` is the effort to do so under assumptions.
    """

    def __init__(
        self, effort: Effort, assuming: Effort | None = None, *, examples: bool = True
    ) -> None:
        self._effort = effort
        self._examples = examples
        self._assuming = assuming
        self._found: dict[object, Found | None] = {}
        self._kinds_of_keys: dict[object, list[Kind]] = {}

    def find(self, asked: Asked, reference: RequestReference | None = None) -> Found | None:
        """A request as asked, of those of a reference, if that is given.

        None is a proof that there is not any.

        Raises:
            UndecidableError: there is too much to compare.
        """
        key = asked, reference
        if key not in self._found:
            self._found[key] = self._search(asked, reference)
        return self._found[key]

    def _search(self, asked: Asked, reference: RequestReference | None) -> Found | None:
        rows = asked.rows
        excluded = (1 << len(asked.none_of)) - 1
        wanted, start = [], len(asked.none_of)
        for group in asked.some_of:
            wanted.append((1 << len(group)) - 1 << start)
            start += len(group)
        question = SolverQuestion(excluded, tuple(wanted), self._spend, reference)
        found = self._answer(question, asked.within, rows)
        if not found or not found.doubt or not self._examples:
            return found
        example = self._example(question, asked.within, rows)
        if example and example.assumptions:
            return example._replace(doubt=found.doubt)
        return example or found

    def _spend(self, comparisons: int) -> None:
        self._effort.spend(comparisons)

    def _example(
        self, question: SolverQuestion, within: RequestScope, rows: Sequence[Row]
    ) -> Found | None:
        """A request for some values of variables or, under assumptions, of unknown parts."""
        written = [Row.of((within,)), *rows]
        possible = Readings(written)
        if of_keys := possible.of_keys:
            found = self._read(question, within, rows, of_keys)
            if found and not found.doubt:
                return found
        if self._assuming is None:
            return None
        effort, self._effort = self._effort, self._assuming
        try:
            for reading in possible.under_assumptions(self._spend):
                found = self._read(question, within, rows, reading)
                if found and not found.doubt:
                    assumptions = tuple(dict.fromkeys(reading.assumptions(written)))
                    return found._replace(reading=reading, assumptions=assumptions)
        except UndecidableError:
            self._assuming = None
        finally:
            self._effort = effort
        return None

    def _read(
        self,
        question: SolverQuestion,
        within: RequestScope,
        rows: Sequence[Row],
        reading: StatementReading,
    ) -> Found | None:
        """The answer to a question in a reading."""
        self._spend(_OF_A_KEY * (1 + len(reading.keys)) + len(rows))
        filled = [reading.of_row(row) for row in rows]
        return self._answer(question, reading.of_scope(within), filled, reading.keys)

    def _answer(
        self,
        question: SolverQuestion,
        within: RequestScope,
        rows: Sequence[Row],
        given: Mapping[str, str] = MappingProxyType({}),
    ) -> Found | None:
        """The answer to a question if some keys have the values that are `given`."""
        try:
            kinds = self._dimensions(within, rows, given, question.reference)
            certain = path = question.solve(map(question.certain, kinds.values()))
            if certain is None and not all(map(_all_are_sure, kinds.values())):
                path = question.solve(map(question.possible, kinds.values()))
        except (TooManyKindsError, TooManyCellsError):
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
        reference: RequestReference | None,
    ) -> dict[str, list[Kind]]:
        """The kinds of each dimension: the resource, the principal, and every key by its name."""
        everything = (1 << len(rows)) - 1
        resources, principals = [row.resources for row in rows], [row.principals for row in rows]
        universes = reference.universes if reference else None
        found = {
            RESOURCE: list(resource_kinds(within.resources, resources, self._spend, universes)),
            PRINCIPAL: list(principal_kinds(within.principal, principals, self._spend)),
        }
        conditions = [within.conditions, *(row.conditions for row in rows)]
        clauses_of: dict[str, set[CanonicalCondition]] = {key: set() for key in given}
        for clause in frozenset().union(*conditions):
            clauses_of.setdefault(clause.key, set()).add(clause)
        known = dict(reference.given if reference else ())
        given = {**known, **keys_of(within.principal), **given}
        for key in sorted(clauses_of):
            clauses = sorted(clauses_of[key], key=in_order)
            form = reference.form(key) if reference else None
            nature = nature_of_key(key, clauses, within.principal, form)
            kinds = self._kinds_of_key(key, clauses, nature, given.get(key))
            self._spend(_OF_A_KEY + sum(len(kind.fitting) for kind in kinds) * len(rows) // FAST)
            found[key] = list(regrouped(kinds, _rows_with(clauses, conditions), everything))
        return found

    def _kinds_of_key(
        self, key: str, clauses: Sequence[CanonicalCondition], nature: KeyNature, given: str | None
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
