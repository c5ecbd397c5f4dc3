"""Which statements of a policy together cover another one: are about all of its requests."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from operator import eq
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.arn import FIELDS, matches_all
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.patterns import covers, intersects, matches
from multitool_lint.limits import MAX_COMPARISONS
from multitool_lint.policy.access import actions_of
from multitool_lint.policy.document import Condition, Policy, Statement

if TYPE_CHECKING:
    from multitool_lint.policy.compare.question import Search
    from multitool_lint.policy.compare.scope import RequestScope
    from multitool_lint.policy.compare.statement import ActionPatterns, StatementSemantics


class Covered(NamedTuple):
    """A statement, and others that are about all that it is about: as few as are needed."""

    statement: StatementSemantics
    by: Sequence[StatementSemantics]


class Coverage:
    """The statements of a policy, compared as long as there is an effort left."""

    def __init__(self, policy: Policy, catalog: Catalog) -> None:
        self._policy = policy
        self._catalog = catalog
        self._left = MAX_COMPARISONS
        self._actions: dict[Statement, ActionSet] = {}
        self._examples: dict[Statement, _Example] = {}
        self._proof: _Proof | None = None

    def by_one(self, statement: Statement, near: Sequence[Statement]) -> Covered | None:
        """A statement with another one that covers it, if one is known to do so."""
        return self._covered(statement, near, _Proof.by_one) if near else None

    def by_several(self, statement: Statement, near: Sequence[Statement]) -> Covered | None:
        """A statement with others that cover it together, if they are known to do so."""
        return self._covered(statement, near, _Proof.by_several) if len(near) > 1 else None

    def _covered(
        self, statement: Statement, near: Sequence[Statement], proof: _Method
    ) -> Covered | None:
        # Most cases are decided without the comparison, which takes time to import.
        if self._proof is None:
            self._proof = _Proof(self._policy, self._catalog)
        return self._proof.covered(statement, near, proof)

    def near(self, narrow: Statement, others: Sequence[Statement]) -> list[Statement]:
        """Those of the others that may cover something; none if they certainly leave some."""
        self._left -= len(others)
        if self._left < 0:
            return []
        actions = self._actions_of(narrow)
        example = self._example_of(narrow)
        holding = [other for other in others if _may_have(other, narrow, example.values)]
        for resource in example.resources:
            having = [other for other in holding if self._has_resource(other, resource)]
            if not having or not actions <= ActionSet().union(map(self._actions_of, having)):
                return []
        return [
            other
            for other in others
            if _may_overlap(other, narrow) and (self._actions_of(other) & actions or not actions)
        ]

    def may_cover(self, other: Statement, narrow: Statement) -> bool:
        """Whether a statement may be about an example of a request that another one is about."""
        example = self._example_of(narrow)
        return (
            self._has_resource(other, example.resources[0])
            and _may_have(other, narrow, example.values)
            and self._has_first_action(other, narrow)
        )

    def _has_first_action(self, other: Statement, narrow: Statement) -> bool:
        if narrow.open_ended or other.open_ended:
            return True
        first, names = narrow.lower_action_names[0], other.lower_action_names
        self._left -= len(other.wildcards)
        return first in names or any(covers(names[at], first) for at in other.wildcards)

    def _example_of(self, statement: Statement) -> _Example:
        if statement not in self._examples:
            self._examples[statement] = _Example(
                _example_resources(statement), _example_values(statement)
            )
        return self._examples[statement]

    def _has_resource(self, statement: Statement, example: str | None) -> bool:
        """Whether an example may be a resource of a statement; None may be anything."""
        names = statement.resource_names
        self._left -= 1 + len(names)
        if self._left < 0 or example is None or not names:
            return self._left >= 0
        if statement.negates_resources:
            return not any(matches(text, example) for text in names)
        return any(matches(text, example) or text.count(":") < FIELDS - 1 for text in names)

    def _actions_of(self, statement: Statement) -> ActionSet:
        if statement not in self._actions:
            self._actions[statement] = actions_of(statement, self._catalog)
        return self._actions[statement]


class _Example(NamedTuple):
    """Examples of requests that a statement is about: resources, and the values of keys.

    Only what covers a pattern matches them. None is what may be anything.
    """

    resources: tuple[str | None, ...]
    values: Mapping[str, str | None]


def _example_resources(statement: Statement) -> tuple[str | None, ...]:
    names = () if statement.negates_resources else statement.resource_names
    return tuple(text.translate(_WILDCARDS) for text in names) or (None,)


def _may_have(other: Statement, narrow: Statement, values: Mapping[str, str | None]) -> bool:
    """Whether a statement may be about an action of another one in a request with some values."""
    return _may_overlap(other, narrow) and all(
        _may_hold(condition, values) for condition in other.conditions
    )


def _may_overlap(one: Statement, other: Statement) -> bool:
    """Whether they may have an action in common, and both have resources or none."""
    return (one.resource is None) is (other.resource is None) and (
        one.open_ended or other.open_ended or not one.services.isdisjoint(other.services)
    )


def _example_values(statement: Statement) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for condition in statement.conditions:
        key, names = condition.lower_key, condition.names
        is_text = condition.comparison.name in _TEXTS and 0 < len(names) == condition.value_count
        known = is_text and key not in found
        found[key] = names[0].translate(_WILDCARDS) if known else None
    return found


def _asks_for_a_value(condition: Condition) -> bool:
    return all(str(node.value).lower() == "false" for node in condition.values)


def _may_hold(condition: Condition, values: Mapping[str, str | None]) -> bool:
    """Whether a condition may hold in a request with these keys only."""
    operator = condition.comparison
    if condition.lower_key not in values:
        return (
            operator.if_exists
            or operator.negated
            or operator.qualifier == "ForAllValues"
            or (operator.name == "Null" and not _asks_for_a_value(condition))
        )
    value = values[condition.lower_key]
    compare = _TEXTS.get(operator.name.replace("Not", ""))
    if value is None or compare is None or len(condition.names) != condition.value_count:
        return True
    return any(compare(text, value) for text in condition.names) != operator.negated


_TEXTS = {"StringEquals": eq, "StringLike": matches, "ArnEquals": matches, "ArnLike": matches}
_WILDCARDS = str.maketrans("*?", "\ue001\ue001")
"""What stands for the wildcards of a pattern: what matches that matches every text there."""


_Method = Callable[
    ["_Proof", "StatementSemantics", Sequence["StatementSemantics"]], list["StatementSemantics"]
]


class _Proof:
    """Proves that statements are covered."""

    def __init__(self, policy: Policy, catalog: Catalog) -> None:
        from multitool_lint.policy.compare.effort import Effort
        from multitool_lint.policy.compare.question import Search

        self._policy = policy
        self._catalog = catalog
        self._spend = (effort := Effort()).spend
        self._search: Search = Search(effort)
        self._meanings: dict[Statement, StatementSemantics | None] = {}

    def covered(
        self, statement: Statement, near: Sequence[Statement], method: _Method
    ) -> Covered | None:
        """A statement with those of some others that a method finds."""
        from multitool_lint.policy.compare.statement import UndecidableError

        narrow = self._meaning(statement)
        others = [meaning for other in near if (meaning := self._meaning(other))]
        if narrow is None or not others:
            return None
        try:
            if self._is_about_nothing(narrow):
                return None
            covering = method(self, narrow, others)
        except UndecidableError:
            return None
        return Covered(narrow, covering) if covering else None

    def _meaning(self, statement: Statement) -> StatementSemantics | None:
        """What a statement says; None if that is not known, or if it is about no request."""
        from multitool_lint.policy.compare.statement import StatementSemantics, UndecidableError

        if statement not in self._meanings:
            try:
                meaning = StatementSemantics(statement, self._policy, self._catalog)
                self._meanings[statement] = meaning if meaning.scopes else None
            except UndecidableError:
                self._meanings[statement] = None
        return self._meanings[statement]

    def by_one(
        self, narrow: StatementSemantics, others: Sequence[StatementSemantics]
    ) -> list[StatementSemantics]:
        """The first of the others that covers a statement alone."""
        groups = set(self._groups(narrow, others))
        alone = [other for other in others if all(other in group for group in groups)]
        # That one plainly does so is found out quickly.
        for other in alone:
            if all(self._plainly_covers(other, scope) for scope in narrow.scopes):
                return [other]
        if not alone or not self._is_covered(narrow, groups):
            return []
        return next(([other] for other in alone if self._is_covered(narrow, [{other}])), [])

    def by_several(
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
        from multitool_lint.policy.compare.blocks import blocks_of

        for about, actions, _ in blocks_of((narrow, *others), self._spend):
            if about & 1 and actions:
                yield frozenset(other for at, other in enumerate(others, 1) if about >> at & 1)
        # A wildcard and NotAction are also about what AWS will add.
        for name in ("",) if narrow.names.negated else narrow.foreign.union(narrow.names.wildcards):
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
        from multitool_lint.policy.compare.rows import Row

        rows = [Row.of(scopes) for other in group if (scopes := _comparable(other, scope))]
        return bool(rows) and self._search.find(scope, tuple(rows)) is None

    def _plainly_covers(self, wide: StatementSemantics, scope: RequestScope) -> bool:
        self._spend(len(wide.scopes))
        return any(other.covers(scope) for other in _comparable(wide, scope))

    def _is_about_nothing(self, narrow: StatementSemantics) -> bool:
        return all(
            not scope.is_satisfiable and self._search.find(scope, ()) is None
            for scope in narrow.scopes
        )


def _comparable(wide: StatementSemantics, scope: RequestScope) -> list[RequestScope]:
    """The scopes of a statement that count for a scope of another one: of an Allow, by principal.

    For a principal that an Allow names, AWS evaluates permissions boundaries and session policies
    in another way than for one that is only among those of a wider principal.
    """
    return [other for other in wide.scopes if not wide.allows or other.principal == scope.principal]


def _has(wide: ActionPatterns, narrow: ActionPatterns, name: str) -> bool:
    """Whether patterns have all actions of a pattern of others or, if those negate, all of them."""
    if narrow.negated and not wide.negated:
        return any(map(matches_all, wide.patterns))
    if narrow.negated:
        return all(any(covers(out, other) for out in narrow.patterns) for other in wide.patterns)
    if wide.negated:
        return not any(intersects(out, name) for out in wide.patterns)
    return wide.have(name)
