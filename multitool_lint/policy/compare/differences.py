"""What the statements of one side about some actions decide, and those of another side do not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.policy.compare.examples import is_about
from multitool_lint.policy.compare.question import Found, Row, find
from multitool_lint.policy.compare.request import all_of, any_of, opposite

if TYPE_CHECKING:
    from multitool_lint.policy.compare.request import Request
    from multitool_lint.policy.compare.scope import RequestScope
    from multitool_lint.policy.compare.scope_index import Unit, UnitIndex
    from multitool_lint.policy.document import Statement

_TIMES = 5
"""How much longer a text takes among others than a comparison of two scopes."""
_OF_OTHERS = "it is not allowed here; other policies may allow it"


class Side(NamedTuple):
    """The statements of one side that have to do with some actions, by their units.

    `unclear` are those whose units cannot be told, by number, with the reason.
    """

    allows: UnitIndex
    denies: UnitIndex
    unclear: dict[int, tuple[Statement, str]]

    def is_allowed(self, request: Request) -> bool | None:
        """Whether the side allows a request; None if that depends on what is not known."""
        granted = any_of(is_about(unit, request) for unit in self.allows.may_have(request.resource))
        return all_of((granted, opposite(self.is_denied(request))))

    def is_denied(self, request: Request) -> bool | None:
        """Whether the side denies a request; None if that depends on what is not known."""
        return any_of(is_about(unit, request) for unit in self.denies.may_have(request.resource))


class Finding(NamedTuple):
    """A unit with requests that one side allows and the other does not.

    Of `denials`, requests that one side denies and the other does not. `doubt` says why there may
    be none.
    """

    unit: Unit
    found: Found
    has: Side
    lacks: Side
    doubt: str | None
    denials: bool = False

    def is_proved_by(self, request: Request) -> bool:
        """Whether a request certainly is decided in different ways."""
        has, lacks = (
            side.is_denied(request) if self.denials else side.is_allowed(request)
            for side in (self.has, self.lacks)
        )
        return has is True and lacks is False

    @property
    def is_plain(self) -> bool:
        """Whether nothing but this statement can decide the requests, of which there are some."""
        scope, statement = self.unit
        if statement.allows is self.denials or not scope.is_satisfiable:
            return False
        if self.denials:
            return not self.lacks.denies.units
        return not self.lacks.allows.units and not self.has.denies.units


class Differences:
    """Compares sides, with `all_denials` also by what they deny of what other policies allow.

    It `is_unclear` if there are statements of which not even the actions can be told. `spend` may
    end the comparisons.
    """

    def __init__(
        self, spend: Callable[[int], None], *, all_denials: bool, is_unclear: bool
    ) -> None:
        self._spend = spend
        self._all_denials = all_denials
        self._is_unclear = is_unclear
        self._found: dict[object, Found | None] = {}

    def between(self, wide: Side, narrow: Side, *, both: bool) -> Iterator[Finding]:
        """What the wide side lacks of the narrow one, or with `both` each of the other.

        Raises:
            UndecidableError: there is too much to compare.
        """
        yield from self._granted_beyond(wide, narrow)
        if both:
            yield from self._granted_beyond(narrow, wide)
            yield from self._denied_beyond(wide, narrow)
            yield from self._denied_beyond(narrow, wide)
        else:
            yield from self._taken_away(wide, narrow)

    def _granted_beyond(self, wide: Side, narrow: Side) -> Iterator[Finding]:
        """What the narrow side allows, and the wide one does not."""
        others = (wide.allows, narrow.denies)
        for unit in self._not_covered(narrow.allows, *others):
            if found := self._find(unit, others):
                yield Finding(unit, found, narrow, wide, found.doubt)

    def _denied_beyond(self, wide: Side, narrow: Side) -> Iterator[Finding]:
        """What the narrow side denies, and the wide one does not."""
        for unit in self._not_covered(narrow.denies, wide.denies):
            if found := self._find(unit, [wide.denies]):
                yield Finding(unit, found, narrow, wide, found.doubt, denials=True)

    def _taken_away(self, wide: Side, narrow: Side) -> Iterator[Finding]:
        """What the wide side denies of what the narrow one grants.

        With `all_denials`, also what it denies of what it does not allow itself: such a Deny is
        meant for what other policies allow.
        """
        for unit in self._not_covered(wide.denies, narrow.denies):
            if self._is_unclear or narrow.unclear:
                # What an unclear statement grants may be denied as well.
                if found := self._find(unit, [narrow.denies]):
                    yield Finding(unit, found, wide, narrow, _OF_OTHERS, denials=True)
            elif found := self._find(unit, [narrow.denies], narrow.allows):
                yield Finding(unit, found, narrow, wide, found.doubt)
            elif self._all_denials and (found := self._find(unit, [narrow.denies, wide.allows])):
                yield Finding(unit, found, wide, narrow, _OF_OTHERS, denials=True)

    def _find(
        self, unit: Unit, none_of: Iterable[UnitIndex], some_of: UnitIndex | None = None
    ) -> Found | None:
        """A request of a unit that is in none of some units and, if given, in one of others."""
        scope, _ = unit
        excluded = frozenset(row for index in none_of for row in _rows(index, scope))
        wanted = None if some_of is None else frozenset(_rows(some_of, scope))
        if wanted is not None and not wanted:
            return None
        self._spend(_TIMES * sum(row.size for row in (*excluded, *(wanted or ()))))
        key = scope, excluded, wanted
        if key not in self._found:
            self._found[key] = find(scope, [*excluded], None if wanted is None else [*wanted])
        return self._found[key]

    def _not_covered(self, units: UnitIndex, *by: UnitIndex) -> Iterator[Unit]:
        """The units that no single other one covers, which is found out quickly."""
        for unit in units.units:
            scope, _ = unit
            if any(scope in index.scopes for index in by):
                continue
            others = [other for index in by for other in index.may_cover(scope)]
            self._spend(len(others))
            if not any(other.covers(scope) for other in others):
                yield unit


def _rows(index: UnitIndex, scope: RequestScope) -> Iterator[Row]:
    """What each statement says of resources that a scope may have, too."""
    scopes_of: dict[object, list[RequestScope]] = {}
    for other, statement in index.may_overlap(scope):
        scopes_of.setdefault(statement, []).append(other)
    yield from map(Row.of, scopes_of.values())
