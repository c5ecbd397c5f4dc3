"""Whether some request within a scope is among none of several statements: proved, or an example.

Each statement is a row, and what kinds of resources, principals and values fit it, a bit. A request
fits the rows that all its kinds fit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from itertools import count
from operator import and_, or_
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.aws.pattern_cells import TooManyCellsError
from multitool_lint.aws.policy_variables import is_part, replaced, variables
from multitool_lint.limits import MAX_COMBINED_KINDS
from multitool_lint.policy.compare.key_kinds import given_kind, key_kinds
from multitool_lint.policy.compare.kinds import (
    Kind,
    Principal,
    TooMuchError,
    principal_kinds,
    regrouped,
    resource_kinds,
)
from multitool_lint.policy.compare.scope import UNKNOWN_MARK

if TYPE_CHECKING:
    from multitool_lint.policy.compare.conditions import CanonicalCondition
    from multitool_lint.policy.compare.scope import RequestScope, Resources

TOO_MUCH = "there is too much to compare"


class Row(NamedTuple):
    """A statement for some actions: all combinations of its resources and principals."""

    resources: frozenset[Resources]
    principals: frozenset[Principal]
    conditions: frozenset[CanonicalCondition]

    @classmethod
    def of(cls, scopes: Iterable[RequestScope]) -> Row:
        """The row of the scopes of one statement."""
        resources, principals, conditions = zip(*scopes, strict=True)
        return cls(frozenset(resources), frozenset(principals), conditions[0])

    @property
    def size(self) -> int:
        """How much there is to compare: its texts."""
        values = sum(len(clause.values) for clause in self.conditions)
        return len(self.resources) + len(self.principals) + values


class Found(NamedTuple):
    """The parts of a request that was looked for; if `doubt` is not None, there may be none."""

    resource: Kind
    principal: Kind
    values: dict[str, Kind]
    doubt: str | None = None


_Choice = tuple[int, Kind]


def find(
    within: RequestScope, none_of: Sequence[Row], some_of: Sequence[Row] | None = None
) -> Found | None:
    """A request within a scope that fits none of some rows and, if given, at least one of others.

    None is a proof that there is not any.
    """
    rows = [*none_of, *(some_of or ())]
    excluded = (1 << len(none_of)) - 1
    question = _Question(excluded, (1 << len(rows)) - 1 & ~excluded, some_of is not None)
    try:
        kinds = _dimensions(within, rows)
        path = question.solve([question.possible(some) for some in kinds.values()])
        if path is None:
            return None
        certain = question.solve([question.certain(some) for some in kinds.values()])
        if certain is None and (given := _values_of_variables([Row.of([within]), *rows])):
            filled = _dimensions(*_filled_in(within, rows, given), given)
            certain = question.solve([question.certain(some) for some in filled.values()])
            kinds = filled if certain else kinds
    except (TooMuchError, TooManyCellsError):
        nothing = Kind(frozenset(), None, TOO_MUCH)
        return Found(nothing, nothing, {}, TOO_MUCH)
    parts = dict(zip(kinds, certain or path, strict=True))
    doubts = [kind.doubt for kind in parts.values() if kind.doubt]
    return Found(
        parts.pop(_RESOURCE),
        parts.pop(_PRINCIPAL),
        parts,
        None if certain else next(iter(doubts), NO_EXAMPLE),
    )


_RESOURCE, _PRINCIPAL = "\0resource", "\0principal"
NO_EXAMPLE = "no example was found"


def _dimensions(
    within: RequestScope, rows: Sequence[Row], given: Mapping[str, str] = MappingProxyType({})
) -> dict[str, list[Kind]]:
    """The kinds of each dimension: the resource, the principal, and every key by its name.

    Keys that are `given` have that value.
    """
    everything = (1 << len(rows)) - 1
    found = {
        _RESOURCE: list(resource_kinds(within.resources, [row.resources for row in rows])),
        _PRINCIPAL: list(principal_kinds(within.principal, [row.principals for row in rows])),
    }
    conditions = [within.conditions, *(row.conditions for row in rows)]
    union = frozenset().union(*conditions)
    for key in sorted({clause.key for clause in union}.union(given)):
        clauses = sorted((clause for clause in union if clause.key == key), key=repr)
        needed, *masks = (
            sum(1 << at for at, clause in enumerate(clauses) if clause in condition)
            for condition in conditions
        )

        def rows_with(holding: int, needed: int = needed, masks: list[int] = masks) -> int | None:
            if needed & ~holding:
                return None
            return sum(1 << at for at, mask in enumerate(masks) if not mask & ~holding)

        kinds = given_kind(clauses, key, given[key]) if key in given else key_kinds(clauses)
        found[key] = list(regrouped(kinds, rows_with, everything))
    return found


def _values_of_variables(rows: Iterable[Row]) -> dict[str, str]:
    """A value for the key of each variable, which occurs nowhere else."""
    texts = {text for row in rows for text in _texts_of(row) if UNKNOWN_MARK not in text}
    written = " ".join(texts)
    keys = {
        variable.key.lower()
        for text in texts
        for variable in variables(text)
        if variable.names_key and not is_part(variable.key)
    }
    names = (name for at in count(1) if (name := f"example{at}") not in written)
    accounts = (name for at in count(1) if (name := f"{at:012}") not in written)
    return {key: next(accounts if key.endswith("account") else names) for key in sorted(keys)}


def _texts_of(row: Row) -> Iterator[str]:
    for resources in row.resources:
        yield from resources.patterns
    for clause in row.conditions:
        yield from clause.values


def _filled_in(
    within: RequestScope, rows: Iterable[Row], given: Mapping[str, str]
) -> tuple[RequestScope, list[Row]]:
    """A scope and rows with values in the place of variables."""

    def text(text: str) -> str:
        if UNKNOWN_MARK in text:
            return text
        return replaced(
            text, lambda found: given.get(found.key.lower(), text[found.start : found.end])
        )

    def resources(listed: Resources) -> Resources:
        return listed._replace(patterns=tuple(map(text, listed.patterns)))

    def conditions(clauses: Iterable[CanonicalCondition]) -> frozenset[CanonicalCondition]:
        return frozenset(
            clause._replace(values=frozenset(map(text, clause.values))) for clause in clauses
        )

    return (
        within._replace(
            resources=resources(within.resources), conditions=conditions(within.conditions)
        ),
        [
            row._replace(
                resources=frozenset(map(resources, row.resources)),
                conditions=conditions(row.conditions),
            )
            for row in rows
        ],
    )


class _Question(NamedTuple):
    """A request is looked for that no `excluded` row fits and, perhaps, that a wanted one does."""

    excluded: int
    wanted: int
    needs_wanted: bool

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

    def solve(self, dimensions: Sequence[Sequence[_Choice]]) -> tuple[Kind, ...] | None:
        """A kind of each dimension that together are such a request."""
        paths: dict[int, tuple[Kind, ...]] = {self.excluded | self.wanted: ()}
        for choices in dimensions:
            first: dict[int, Kind] = {}
            for mask, kind in choices:
                first.setdefault(mask, kind)
            best = self._best(first)
            if len(paths) * len(best) > MAX_COMBINED_KINDS:
                raise TooMuchError
            joined: dict[int, tuple[Kind, ...]] = {}
            for mask, path in paths.items():
                for other in best:
                    joined.setdefault(mask & other, (*path, first[other]))
            paths = {mask: joined[mask] for mask in self._best(joined)}
        for mask, path in paths.items():
            if not mask & self.excluded and (mask & self.wanted or not self.needs_wanted):
                return path
        return None

    def _best(self, masks: Iterable[int]) -> list[int]:
        """Those that none is better than: with fewer excluded rows, and with more wanted ones."""
        kept: list[int] = []
        for mask in sorted(masks, key=lambda mask: (mask ^ self.wanted).bit_count()):
            if not any(
                better & ~mask & self.excluded == 0 and mask & ~better & self.wanted == 0
                for better in kept
            ):
                kept.append(mask)
        return kept
