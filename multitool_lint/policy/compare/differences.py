"""What the statements of one side about some actions decide, and those of another side do not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.compare.examples import is_about
from multitool_lint.policy.compare.question import Asked, Found, RequestSearch
from multitool_lint.policy.compare.request import Request, all_of, any_of, opposite
from multitool_lint.policy.compare.scope import RequestScope, Row
from multitool_lint.policy.compare.scope_index import (
    ScopeIndex,
    Unit,
    beginnings_of,
    beginnings_of_request,
)

if TYPE_CHECKING:
    from multitool_lint.policy.compare.effort import Effort
    from multitool_lint.policy.compare.reading import StatementReading
    from multitool_lint.policy.compare.reference import RequestReference
    from multitool_lint.policy.compare.statement import StatementSemantics
    from multitool_lint.policy.document import Statement

Spend = Callable[[int], None]
_OF_A_REQUEST = 6
"""What the evaluation of a scope for a request takes, in comparisons of two scopes."""
_OF_A_SEARCH = 4
"""What a statement takes among those that are searched, in the same unit."""
_OF_OTHERS = "it is not allowed here; other policies may allow it"


class Side(NamedTuple):
    """The statements of one side that have to do with some actions, by their units.

    `unclear` are those whose units are unknown, by number, with the reason.
    """

    allows: ScopeIndex
    denies: ScopeIndex
    unclear: dict[int, tuple[Statement, str]]

    def is_allowed(
        self, request: Request, reading: StatementReading | None, spend: Spend
    ) -> bool | None:
        """Whether the side allows a request; None if that depends on what is not known."""
        granted = _any_is_about(self.allows, request, reading, spend)
        return all_of((granted, opposite(self.is_denied(request, reading, spend))))

    def is_denied(
        self, request: Request, reading: StatementReading | None, spend: Spend
    ) -> bool | None:
        """Whether the side denies a request; None if that depends on what is not known."""
        return _any_is_about(self.denies, request, reading, spend)


def _any_is_about(
    index: ScopeIndex, request: Request, reading: StatementReading | None, spend: Spend
) -> bool | None:
    near = index.near(beginnings_of_request(request))
    spend(_OF_A_REQUEST * len(near))
    return any_of(is_about(unit, request, reading) for unit in near)


class PatternDifference(NamedTuple):
    """A unit with requests that one side allows and the other does not.

    Of `denials`, requests that one side denies and the other does not. `doubt` says why there may
    be none, or none that matters.
    """

    unit: Unit
    asked: Asked
    found: Found
    has: Side
    lacks: Side
    doubt: str | None
    denials: bool = False

    def is_shown_by(self, request: Request, spend: Spend) -> bool:
        """Whether a request certainly is decided in different ways, if its assumptions hold."""
        decide = Side.is_denied if self.denials else Side.is_allowed
        reading = self.found.reading
        has, lacks = (decide(side, request, reading, spend) for side in (self.has, self.lacks))
        return has is True and lacks is False

    def with_found(self, found: Found) -> PatternDifference:
        """The same with another request of those that were searched."""
        doubt = found.doubt if self.doubt == self.found.doubt else self.doubt
        return self._replace(found=found, doubt=doubt)

    @property
    def may_be_shown(self) -> bool:
        """Whether there is a request to be shown, perhaps under assumptions."""
        return self.found.doubt is None or self.found.reading is not None

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

    It `is_unclear` if there are statements whose actions are unknown, too.
    """

    def __init__(
        self, effort: Effort, assuming: Effort | None, *, all_denials: bool, is_unclear: bool
    ) -> None:
        self._effort = effort
        self._assuming = assuming
        self._search = RequestSearch(effort, assuming)
        self._all_denials = all_denials
        self._is_unclear = is_unclear

    def effort_of(self, finding: PatternDifference) -> Effort:
        """What is left to make an example of a finding."""
        return self._assuming if finding.found.reading and self._assuming else self._effort

    def possible(self, finding: PatternDifference, reference: RequestReference) -> Found | None:
        """A request of those that a finding is about and a reference knows, if there is one.

        Raises:
            UndecidableError: there is too much to compare.
        """
        return self._search.find(finding.asked, reference)

    def between(self, wide: Side, narrow: Side, *, both: bool) -> Iterator[PatternDifference]:
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

    def _granted_beyond(self, wide: Side, narrow: Side) -> Iterator[PatternDifference]:
        """What the narrow side allows, and the wide one does not."""
        for unit in narrow.allows.units:
            if found := self._find(unit, [wide.allows, narrow.denies]):
                yield PatternDifference(unit, *found, narrow, wide, found[1].doubt)

    def _denied_beyond(self, wide: Side, narrow: Side) -> Iterator[PatternDifference]:
        """What the narrow side denies, and the wide one does not."""
        for unit in narrow.denies.units:
            if found := self._find(unit, [wide.denies]):
                yield PatternDifference(unit, *found, narrow, wide, found[1].doubt, denials=True)

    def _taken_away(self, wide: Side, narrow: Side) -> Iterator[PatternDifference]:
        """What the wide side denies of what the narrow one grants.

        With `all_denials`, also what it denies of what it does not allow itself: such a Deny is
        for what other policies allow.
        """
        for unit in wide.denies.units:
            if self._is_unclear or narrow.unclear:
                # What an unclear statement grants may be denied as well.
                if found := self._find(unit, [narrow.denies]):
                    yield PatternDifference(unit, *found, wide, narrow, _OF_OTHERS, denials=True)
            elif found := self._find(unit, [narrow.denies], narrow.allows):
                yield PatternDifference(unit, *found, narrow, wide, found[1].doubt)
            elif self._all_denials and (found := self._find(unit, [narrow.denies, wide.allows])):
                yield PatternDifference(unit, *found, wide, narrow, _OF_OTHERS, denials=True)

    def _find(
        self, unit: Unit, none_of: Sequence[ScopeIndex], some_of: ScopeIndex | None = None
    ) -> tuple[Asked, Found] | None:
        """A request of a unit that is in none of some units and, if given, in one of others."""
        scope, _ = unit
        if any(scope in index.scopes for index in none_of):
            return None
        beginnings = beginnings_of(scope)
        wanted = None if some_of is None else some_of.near(beginnings)
        if wanted is not None and not wanted:
            return None
        near = [unit for index in none_of for unit in index.near(beginnings)]
        self._effort.spend(_OF_A_SEARCH * (1 + len(near)))
        # That a single one covers it is found out quickly.
        if any(other.covers(scope) for other, _ in near):
            return None
        asked = Asked(scope, _rows(near), () if wanted is None else (_rows(wanted),))
        found = self._search.find(asked)
        return found and (asked, found)


def _rows(units: Iterable[Unit]) -> tuple[Row, ...]:
    """A row for each statement."""
    scopes_of: dict[StatementSemantics, list[RequestScope]] = {}
    for scope, statement in units:
        scopes_of.setdefault(statement, []).append(scope)
    return tuple(dict.fromkeys(Row.of(tuple(scopes)) for scopes in scopes_of.values()))
