"""What the statements of one side about some actions decide, and those of another side do not."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.limits import MAX_SCOPE_COMPARISONS
from multitool_lint.policy.compare.examples import allowed, denied
from multitool_lint.policy.compare.question import TOO_MUCH, Found, Row, find
from multitool_lint.policy.compare.scope import RequestScope
from multitool_lint.policy.compare.statement import StatementSemantics, UndecidableError
from multitool_lint.policy.document import Statement

if TYPE_CHECKING:
    from multitool_lint.policy.compare.request import Request

Unit = tuple[RequestScope, StatementSemantics]

_TIMES = 5
"""How much longer a text takes among others than a comparison of two scopes."""
_OF_OTHERS = "it is not allowed here; other policies may allow it"


class Side(NamedTuple):
    """The statements of one side that have to do with some actions, and their units.

    `unclear` are those whose units cannot be told, by number, with the reason.
    """

    allows: list[Unit]
    denies: list[Unit]
    unclear: dict[int, tuple[Statement, str]]
    statements: list[StatementSemantics]

    def rows(self, *, allows: bool) -> list[Row]:
        """What the Allow or the Deny statements are about."""
        units = self.allows if allows else self.denies
        return [Row.of(meaning.scopes) for meaning, _ in groupby(units, lambda unit: unit[1])]


class Finding(NamedTuple):
    """A unit with requests that one side decides in a way in which the other one does not.

    `decide` is what the one does with the request that was found; `doubt` why that is not certain.
    """

    unit: Unit
    found: Found
    decide: Callable[[Iterable[StatementSemantics], Request], bool | None]
    has: Side
    lacks: Side
    doubt: str | None

    def is_proved_by(self, request: Request) -> bool:
        """Whether a request certainly is decided in different ways."""
        has, lacks = (self.decide(side.statements, request) for side in (self.has, self.lacks))
        return has is True and lacks is False

    @property
    def is_plain(self) -> bool:
        """Whether nothing but this statement can decide the requests, of which there are some."""
        scope, statement = self.unit
        others = (self.lacks.allows or self.has.denies) if statement.allows else self.lacks.denies
        return scope.is_satisfiable and not others and statement in self.has.statements


class Differences:
    """Compares sides, with `all_denials` also by what they deny of what other policies allow.

    It `is_unclear` if there are statements of which not even the actions can be told.
    """

    def __init__(self, *, all_denials: bool, is_unclear: bool) -> None:
        self._all_denials = all_denials
        self._is_unclear = is_unclear
        self._effort = MAX_SCOPE_COMPARISONS
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
        none_of = [*wide.rows(allows=True), *narrow.rows(allows=False)]
        for unit in self._not_covered(narrow.allows, (*wide.allows, *narrow.denies)):
            if found := self._find(unit, none_of):
                yield Finding(unit, found, allowed, narrow, wide, found.doubt)

    def _denied_beyond(self, wide: Side, narrow: Side) -> Iterator[Finding]:
        """What the narrow side denies, and the wide one does not."""
        for unit in self._not_covered(narrow.denies, wide.denies):
            if found := self._find(unit, wide.rows(allows=False)):
                yield Finding(unit, found, denied, narrow, wide, found.doubt)

    def _taken_away(self, wide: Side, narrow: Side) -> Iterator[Finding]:
        """What the wide side denies of what the narrow one grants.

        With `all_denials`, also what it denies of what it does not allow itself: such a Deny is
        meant for what other policies allow.
        """
        none_of, some_of = narrow.rows(allows=False), narrow.rows(allows=True)
        for unit in self._not_covered(wide.denies, narrow.denies):
            if self._is_unclear or narrow.unclear:
                # What an unclear statement grants may be denied as well.
                if found := self._find(unit, none_of):
                    yield Finding(unit, found, denied, wide, narrow, _OF_OTHERS)
            elif some_of and (found := self._find(unit, none_of, some_of)):
                yield Finding(unit, found, allowed, narrow, wide, found.doubt)
            elif self._all_denials and (
                found := self._find(unit, [*none_of, *wide.rows(allows=True)])
            ):
                yield Finding(unit, found, denied, wide, narrow, _OF_OTHERS)

    def _find(
        self, unit: Unit, none_of: Sequence[Row], some_of: Sequence[Row] | None = None
    ) -> Found | None:
        self._spend(_TIMES * sum(row.size for row in (*none_of, *(some_of or ()))))
        none_of = [row for row in none_of if row.may_meet(unit[0])]
        if some_of is not None:
            some_of = [row for row in some_of if row.may_meet(unit[0])]
        key = unit[0], frozenset(none_of), some_of if some_of is None else frozenset(some_of)
        if key not in self._found:
            self._found[key] = find(unit[0], none_of, some_of)
        return self._found[key]

    def _spend(self, comparisons: int) -> None:
        self._effort -= comparisons
        if self._effort < 0:
            raise UndecidableError(TOO_MUCH)

    def _not_covered(self, units: Sequence[Unit], by: Collection[Unit]) -> Iterator[Unit]:
        """The units that no single other one covers, which is found out quickly."""
        same = {unit for unit, _ in by}
        for unit, meaning in units:
            if unit not in same:
                self._spend(len(same))
                if not any(other.covers(unit) for other in same):
                    yield unit, meaning
