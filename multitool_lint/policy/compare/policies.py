"""Compare what policies grant, action by action."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from typing import NamedTuple

from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.limits import MAX_OPEN_PATTERNS, MAX_SCOPE_COMPARISONS
from multitool_lint.policy.compare.blocks import blocks_of
from multitool_lint.policy.compare.canonical_statement import canonical_statement
from multitool_lint.policy.compare.scope import FRESH, RequestScope, examples, has, is_plain
from multitool_lint.policy.compare.scope_index import ScopeIndex
from multitool_lint.policy.compare.statement import (
    StatementSemantics,
    UndecidableError,
    open_patterns,
)
from multitool_lint.policy.document import Policy, Statement


class Answer(Enum):
    """What a comparison comes to; `CANNOT_TELL` counts as different."""

    YES = "yes"
    NO = "no"
    CANNOT_TELL = "cannot tell"


class Gap(NamedTuple):
    """Some actions that two policies may treat differently.

    `names` are actions that the catalog does not know. `unit` says on what resource, for whom and
    under which conditions, where that is known; `statement` is the Allow or Deny where it stands.
    `certain` is whether there is a request that proves it, on the resource `example` if that is not
    None. `unclear` says why what a statement means cannot be told, if that is the reason.
    """

    actions: ActionSet
    names: frozenset[str]
    unit: RequestScope | None
    statement: Statement
    certain: bool
    example: str | None = None
    unclear: str | None = None


class Comparison(NamedTuple):
    """The answer to a question about two policies, and what speaks against a yes."""

    answer: Answer
    gaps: tuple[Gap, ...] = ()


def covers(
    wide: Iterable[Policy],
    narrow: Iterable[Policy],
    catalog: Catalog,
    *,
    all_denials: bool = False,
) -> Comparison:
    """Whether policies grant all that others grant, each list of policies taken as one.

    With `all_denials`, the second ones also deny all that the first ones deny: what they do not
    allow themselves, other policies may.
    """
    found = _Two(wide, narrow, catalog, all_denials=all_denials)
    return _answer(found.gaps(both=False))


def equivalent(one: Iterable[Policy], other: Iterable[Policy], catalog: Catalog) -> Comparison:
    """Whether policies grant and deny the same as others, each list of policies taken as one.

    A Deny counts even where nothing is allowed: it takes from what other policies grant.
    """
    found = _Two(one, other, catalog)
    return _answer(found.gaps(both=True))


def _answer(gaps: Iterable[Gap]) -> Comparison:
    found = tuple(gaps)
    if not found:
        return Comparison(Answer.YES)
    certain = any(gap.certain for gap in found)
    return Comparison(Answer.NO if certain else Answer.CANNOT_TELL, found)


class _Side(NamedTuple):
    """The statements of one side that have to do with some actions, and their units.

    `unclear` are those whose units cannot be told, by number, with the reason.
    """

    allows: list[tuple[RequestScope, StatementSemantics]]
    denies: list[tuple[RequestScope, StatementSemantics]]
    unclear: dict[int, tuple[Statement, str]]


class _Two:
    """Two lists of policies, `wide` and `narrow`, over the actions that tell them apart."""

    def __init__(
        self,
        wide: Iterable[Policy],
        narrow: Iterable[Policy],
        catalog: Catalog,
        *,
        all_denials: bool = False,
    ) -> None:
        self._all_denials = all_denials
        self._effort = MAX_SCOPE_COMPARISONS
        unclear: list[dict[object, tuple[Statement, str]]] = []
        self._meanings: list[StatementSemantics] = []
        self._written: list[int] = []
        numbers: dict[object, int] = {}
        for policies in (wide, narrow):
            unclear.append({})
            for policy in policies:
                for statement in policy.statements:
                    written = canonical_statement(statement, policy)
                    try:
                        self._meanings.append(StatementSemantics(statement, policy, catalog))
                        self._written.append(numbers.setdefault(written, len(numbers)))
                    except UndecidableError as reason:
                        unclear[-1][written] = statement, str(reason)
            if len(unclear) == 1:
                self._border = len(self._meanings)
        self._unclear = unclear

    def gaps(self, *, both: bool) -> Iterator[Gap]:
        """What the wide side lacks of the narrow one, or with `both` each of the other."""
        one, other = self._unclear
        for written in one.keys() ^ other.keys():
            statement, reason = one.get(written) or other[written]
            yield _unclear(statement, reason)
        try:
            self._check_patterns()
            blocks = list(blocks_of(self._meanings, self._spend))
        except UndecidableError as reason:
            yield _unclear(self._meanings[0].statement, str(reason))
            return
        classes = self._classes()
        border = 1 << self._border
        for statements, actions, names in blocks:
            # One statement of those that say the same stands for all of them.
            of_classes = [statements & same for same in classes]
            wide = [some % border for some in of_classes]
            narrow = [some - some % border for some in of_classes]
            if [*map(bool, wide)] == [*map(bool, narrow)]:
                continue
            wide, narrow = (list(map(_first, filter(None, side))) for side in (wide, narrow))
            for gap in self._compared(wide, narrow, both=both):
                # What such a statement grants or denies may make up for it.
                certain = gap.certain and not (one or other)
                yield gap._replace(actions=actions, names=names, certain=certain)

    def _check_patterns(self) -> None:
        """Give up where too many patterns are to be compared with the actions of all services."""
        found: set[str] = set()
        for meaning in self._meanings:
            found |= open_patterns(meaning.statement)
        if len(found) > 2 * MAX_OPEN_PATTERNS:
            raise UndecidableError(f"there are more than {2 * MAX_OPEN_PATTERNS} patterns")

    def _classes(self) -> list[int]:
        """The statements in sets of those that say the same of their actions, as bits."""
        keys: dict[int, object] = {}
        found: dict[object, int] = {}
        for at, (written, meaning) in enumerate(zip(self._written, self._meanings, strict=True)):
            if written not in keys:
                try:
                    keys[written] = meaning.allows, meaning.scopes
                except UndecidableError:
                    keys[written] = written
            found[keys[written]] = found.get(keys[written], 0) | 1 << at
        return list(found.values())

    def _compared(self, wide: list[int], narrow: list[int], *, both: bool) -> Iterator[Gap]:
        one, other = self._side(wide), self._side(narrow)
        # A statement that both have says the same on both sides, whatever that is.
        if changed := one.unclear.keys() ^ other.unclear.keys():
            yield _unclear(*{**one.unclear, **other.unclear}[min(changed)])
            return
        try:
            for gap in self._gaps(one, other, both=both):
                yield gap._replace(certain=gap.certain and not one.unclear)
        except UndecidableError as reason:
            yield _unclear(self._meanings[(wide + narrow)[0]].statement, str(reason))

    def _gaps(self, one: _Side, other: _Side, *, both: bool) -> Iterator[Gap]:
        yield from self._granted_beyond(one, other)
        if both:
            yield from self._granted_beyond(other, one)
            yield from self._denied_beyond(one, other)
            yield from self._denied_beyond(other, one)
        else:
            yield from self._taken_away(one, other)

    def _side(self, places: list[int]) -> _Side:
        side = _Side([], [], {})
        for at in places:
            meaning = self._meanings[at]
            try:
                units = [(unit, meaning) for unit in meaning.scopes]
            except UndecidableError as reason:
                side.unclear[self._written[at]] = meaning.statement, str(reason)
            else:
                (side.allows if meaning.allows else side.denies).extend(units)
        return side

    def _granted_beyond(self, wide: _Side, narrow: _Side) -> Iterator[Gap]:
        """What the narrow side allows, and the wide one does not."""
        others = ScopeIndex(unit for unit, _ in (*wide.allows, *narrow.denies))
        for unit, meaning in self._not_covered(narrow.allows, others):
            yield _gap(unit, meaning.statement, others)

    def _denied_beyond(self, wide: _Side, narrow: _Side) -> Iterator[Gap]:
        """What the narrow side denies, and the wide one does not."""
        others = ScopeIndex(unit for unit, _ in wide.denies)
        for unit, meaning in self._not_covered(narrow.denies, others):
            yield _gap(unit, meaning.statement, others)

    def _taken_away(self, wide: _Side, narrow: _Side) -> Iterator[Gap]:
        """What the wide side denies of what the narrow one grants."""
        denied = ScopeIndex(unit for unit, _ in narrow.denies)
        granted = ScopeIndex(unit for unit, _ in self._not_covered(narrow.allows, denied))
        for unit, meaning in self._not_covered(wide.denies, denied):
            near = granted.neighbours(unit)
            self._spend(len(near))
            # What an unclear statement grants may be denied as well.
            if (
                self._all_denials
                or any(self._unclear)
                or narrow.unclear
                or not all(map(unit.is_apart_from, near))
            ):
                covered = any(unit.covers(grant) and grant.is_satisfiable for grant in near)
                certain = covered and not denied.scopes
                yield Gap(ActionSet(), frozenset(), unit, meaning.statement, certain=certain)

    def _not_covered(
        self, units: Sequence[tuple[RequestScope, StatementSemantics]], by: ScopeIndex
    ) -> Iterator[tuple[RequestScope, StatementSemantics]]:
        for unit, meaning in units:
            if unit not in by.same:
                candidates = by.candidates(unit)
                self._spend(len(candidates))
                if not any(other.covers(unit) for other in candidates):
                    yield unit, meaning

    def _spend(self, comparisons: int) -> None:
        self._effort -= comparisons
        if self._effort < 0:
            raise UndecidableError("there is too much to compare")


def _first(statements: int) -> int:
    """The number of the first of some statements, a bit for each."""
    return (statements & -statements).bit_length() - 1


def _unclear(statement: Statement, reason: str) -> Gap:
    """A gap at a statement whose meaning is unknown."""
    return Gap(ActionSet(), frozenset(), None, statement, certain=False, unclear=reason)


def _gap(unit: RequestScope, statement: Statement, others: ScopeIndex) -> Gap:
    """A gap at a unit that none of the others covers; certain if there is proof of that."""
    example = _example_outside(unit, others)
    certain = unit.is_satisfiable and (example is not None or not others.scopes)
    return Gap(ActionSet(), frozenset(), unit, statement, certain=certain, example=example)


def _example_outside(unit: RequestScope, others: ScopeIndex) -> str | None:
    """A resource that a unit has and none of the others, if one is found."""
    if not (others.is_plain and is_plain(unit.resources)):
        return None
    for example in examples(unit.resources):
        if not any(has(other.resources, example) for other in others.beginning_like(example)):
            return example.replace(FRESH, "x")
    return None
