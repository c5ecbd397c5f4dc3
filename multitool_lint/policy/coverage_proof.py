"""Proves that statements of a policy cover another one: that no request of it is left."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import lru_cache

from multitool_lint.aws.arn import matches_all
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.patterns import covers, intersects
from multitool_lint.limits import MAX_COVERAGE_COMPARISONS, MAX_SCOPE_COMPARISONS
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.compare.blocks import blocks_of
from multitool_lint.policy.compare.effort import FAST, Effort
from multitool_lint.policy.compare.question import Asked, RequestSearch
from multitool_lint.policy.compare.scope import RequestScope, Row
from multitool_lint.policy.compare.statement import (
    ActionPatterns,
    StatementSemantics,
    UndecidableError,
)
from multitool_lint.policy.document import Policy, Statement

_Method = Callable[[StatementSemantics, Sequence[StatementSemantics]], list[StatementSemantics]]


class Covered(NamedTuple):
    """A statement, and others that are about all that it is about: as few as are needed."""

    statement: StatementSemantics
    by: Sequence[StatementSemantics]


class Proof:
    """Proves that statements of a policy are covered, as long as there is an effort left."""

    def __init__(self, policy: Policy, catalog: Catalog) -> None:
        self._policy = policy
        self._catalog = catalog
        effort = Effort()
        effort.spend(MAX_SCOPE_COMPARISONS - MAX_COVERAGE_COMPARISONS)
        self._spend = effort.spend
        self._search = RequestSearch(effort, examples=False)
        self._meanings = _meanings(policy, catalog)

    def by_one(self, statement: Statement, near: Sequence[Statement]) -> Covered | None:
        """A statement with another one that covers it."""
        return self._covered(statement, near, self._one)

    def by_several(self, statement: Statement, near: Sequence[Statement]) -> Covered | None:
        """A statement with others that cover it together."""
        return self._covered(statement, near, self._several)

    def is_within(self, statement: Statement, other: Statement) -> bool:
        """Whether another statement plainly has all requests of a statement, actions apart."""
        narrow, wide = self._meaning(statement), self._meaning(other)
        if narrow is None or wide is None:
            return False
        try:
            return not self._is_about_nothing(narrow) and all(
                self._plainly_covers(wide, scope) for scope in narrow.scopes
            )
        except UndecidableError:
            return False

    def _covered(
        self, statement: Statement, near: Sequence[Statement], method: _Method
    ) -> Covered | None:
        """A statement with those of some others that a method finds."""
        narrow = self._meaning(statement)
        others = [meaning for other in near if (meaning := self._meaning(other))]
        if narrow is None or not others:
            return None
        try:
            if self._is_about_nothing(narrow):
                return None
            covering = method(narrow, others)
        except UndecidableError:
            return None
        return Covered(narrow, covering) if covering else None

    def _meaning(self, statement: Statement) -> StatementSemantics | None:
        """What a statement means; None if that is not known, or if it is about no request."""
        if statement not in self._meanings:
            try:
                meaning = StatementSemantics(statement, self._policy, self._catalog)
                self._meanings[statement] = meaning if meaning.scopes else None
            except UndecidableError:
                self._meanings[statement] = None
        return self._meanings[statement]

    def _one(
        self, narrow: StatementSemantics, others: Sequence[StatementSemantics]
    ) -> list[StatementSemantics]:
        """The first of the others that covers a statement alone."""
        alone = [other for other in others if self._has_actions(other, narrow)]
        # That one plainly does so is found out quickly.
        for other in alone:
            if all(self._plainly_covers(other, scope) for scope in narrow.scopes):
                return [other]
        if len(alone) > 1 and not self._is_covered(narrow, [alone]):
            return []
        return next(([other] for other in alone if self._is_covered(narrow, [[other]])), [])

    def _has_actions(self, wide: StatementSemantics, narrow: StatementSemantics) -> bool:
        """Whether a statement is about all actions of another one."""
        self._spend(1)
        return narrow.actions <= wide.actions and all(
            _has(wide.names, narrow.names, name) for name in _new_names(narrow)
        )

    def _several(
        self, narrow: StatementSemantics, others: Sequence[StatementSemantics]
    ) -> list[StatementSemantics]:
        """As few of the others as cover a statement together."""
        groups = set(self._groups(narrow, others))
        if not self._is_covered(narrow, groups):
            return []
        needed = list(others)
        for other in others:
            without = {group - {other} for group in groups}
            if self._is_covered(narrow, without):
                groups = without
                needed.remove(other)
        return needed

    def _groups(
        self, narrow: StatementSemantics, others: Sequence[StatementSemantics]
    ) -> Iterator[frozenset[StatementSemantics]]:
        """The others about each of the actions of a statement."""
        self._spend(sum(len(other.actions.prefixes) for other in (narrow, *others)) // FAST)
        for about, actions, _ in blocks_of((narrow, *others), self._spend):
            if about & 1 and actions:
                yield frozenset(other for at, other in enumerate(others, 1) if about >> at & 1)
        for name in _new_names(narrow):
            self._spend(len(others))
            yield frozenset(other for other in others if _has(other.names, narrow.names, name))

    def _is_covered(
        self, narrow: StatementSemantics, groups: Iterable[Collection[StatementSemantics]]
    ) -> bool:
        """Whether the statements of each group are about all requests that one is about."""
        return all(
            group and self._has_all(scope, group) for group in groups for scope in narrow.scopes
        )

    def _has_all(self, scope: RequestScope, group: Iterable[StatementSemantics]) -> bool:
        rows = [Row.of(tuple(scopes)) for other in group if (scopes := _comparable(other, scope))]
        return bool(rows) and self._search.find(Asked(scope, tuple(rows))) is None

    def _plainly_covers(self, wide: StatementSemantics, scope: RequestScope) -> bool:
        self._spend(len(wide.scopes))
        return any(other.covers(scope) for other in _comparable(wide, scope))

    def _is_about_nothing(self, narrow: StatementSemantics) -> bool:
        return all(
            not scope.is_satisfiable and self._search.find(Asked(scope, ())) is None
            for scope in narrow.scopes
        )


@lru_cache(maxsize=2)
def _meanings(policy: Policy, catalog: Catalog) -> dict[Statement, StatementSemantics | None]:  # noqa: ARG001 - the key
    """What is known so far of the statements of a policy, for all checks that compare them."""
    return {}


def _comparable(wide: StatementSemantics, scope: RequestScope) -> list[RequestScope]:
    """The scopes of a statement that count for a scope of another one: of an Allow, by principal.

    For a principal that an Allow names, AWS evaluates permissions boundaries and session policies
    in another way than for one that is only among those of a wider principal.
    """
    return [other for other in wide.scopes if not wide.allows or other.principal == scope.principal]


def _new_names(narrow: StatementSemantics) -> Iterable[str]:
    """The actions of a statement that the catalog has not: its patterns, or "" for all but some.

    A wildcard and NotAction are also about what AWS will add.
    """
    return ("",) if narrow.names.negated else narrow.foreign.union(narrow.names.wildcards)


def _has(wide: ActionPatterns, narrow: ActionPatterns, name: str) -> bool:
    """Whether patterns have all actions of a pattern of others or, if those negate, all of them."""
    if narrow.negated and not wide.negated:
        return any(map(matches_all, wide.patterns))
    if narrow.negated:
        return all(any(covers(out, other) for out in narrow.patterns) for other in wide.patterns)
    if wide.negated:
        return not any(intersects(out, name) for out in wide.patterns)
    return wide.have(name)
