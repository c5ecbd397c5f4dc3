"""Whether policies allow what is expected of them, for every request of a scope."""

from __future__ import annotations

from enum import Enum
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.patterns import has_wildcard, intersects
from multitool_lint.aws.sensitive_actions import most_feared_first
from multitool_lint.limits import MAX_UNEXPECTED_ACTIONS
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.access import all_actions
from multitool_lint.policy.compare.conditions import UNKNOWN_MARK
from multitool_lint.policy.compare.reference import may_act_on
from multitool_lint.policy.compare.statement import StatementSemantics, UndecidableError
from multitool_lint.policy.evaluation.exceptions import NEEDS_NO_PERMISSION
from multitool_lint.policy.evaluation.scopes import Counterexample, ScopeSearch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.policy.evaluation.asked_request import AskedRequest
    from multitool_lint.policy.evaluation.decision import ApplicablePolicies
    from multitool_lint.policy.policy_set import PolicySet

    Ways = Callable[[str], Iterable[tuple[AskedRequest, ApplicablePolicies]]]


_ANY_ACTION = "iam:GetUser"
"""The action for which the policies that apply are asked for: they name the actions of others."""


class Expected(Enum):
    """What is expected: all requests of a scope are allowed, none is, or some are."""

    CAN = "can"
    CANNOT = "cannot"
    MAY = "may"


class Outcome(NamedTuple):
    """The first actions of a scope that are not as expected, and what is decided about one."""

    actions: tuple[str, ...] = ()
    counterexample: Counterexample | None = None

    @property
    def is_as_expected(self) -> bool:
        """Whether all actions are."""
        return not self.actions


class Expectations:
    """Compares what may be decided about requests with what is expected.

    `ways` has the ways in which an action, by its name, may be decided: the question, and the
    policies that apply. Those of the `allowing` ones may allow something; None if others may, too.
    """

    def __init__(self, ways: Ways, allowing: Sequence[PolicySet] | None, catalog: Catalog) -> None:
        self._ways = ways
        self._allowing = allowing
        self._catalog = catalog
        self._searches: dict[int, ScopeSearch] = {}

    def outcome(self, expected: Expected, action: str, resource: str) -> Outcome:
        """What came of an expectation of an action pattern on a resource pattern."""
        self._searches.clear()
        if expected is Expected.MAY:
            return self._outcome_of_may(action, resource)
        failing: list[str] = []
        shown: Counterexample | None = None
        for name in self._actions(action, resource, expected):
            found = self._unexpected(expected, name, show=shown is None)
            if found:
                failing.append(name)
                shown = shown or found
            if len(failing) == MAX_UNEXPECTED_ACTIONS:
                break
        return Outcome(tuple(failing), shown)

    def _outcome_of_may(self, pattern: str, resource: str) -> Outcome:
        found = None
        for name in self._actions(pattern, resource, Expected.MAY):
            for asked, given in self._ways(name):
                found = self._search(given).allowed(asked) or found
                if found and found.may_be_allowed:
                    return Outcome()
        return Outcome((pattern,), found)

    def _unexpected(self, expected: Expected, name: str, *, show: bool) -> Counterexample | None:
        """Why an action is not as expected, in the first of the ways in which it is not."""
        for asked, given in self._ways(name):
            search = self._search(given)
            why_not = search.allowed if expected is Expected.CANNOT else search.not_allowed
            if found := why_not(asked, show=show):
                return found
        return None

    def _search(self, given: ApplicablePolicies) -> ScopeSearch:
        return self._searches.setdefault(id(given), ScopeSearch(given))

    def _actions(self, pattern: str, resource: str, expected: Expected) -> Iterator[str]:
        """The actions that a pattern matches, of those that act on a resource, and that matter.

        Where something is not allowed, only those matter that a statement may allow. Others matter
        if a statement names them.
        """
        if not has_wildcard(pattern):
            yield pattern
            return
        known = self._catalog.match(pattern) & all_actions(self._catalog)
        is_new = not known
        if expected is not Expected.CAN and self._granted is not None:
            known &= self._granted
        names = most_feared_first(self._catalog.names(known), self._catalog)
        for name in names:
            if name.lower() not in NEEDS_NO_PERMISSION and may_act_on(
                self._catalog, name, resource
            ):
                yield name
        yield from (
            _instance(text) for text in sorted(self._named) if intersects(text, pattern.lower())
        )
        if is_new:
            yield _instance(pattern)

    @cached_property
    def _granted(self) -> ActionSet | None:
        """The actions that some statement may allow; None if these may be any."""
        if self._allowing is None or any(found.unknown for found in self._allowing):
            return None
        found = ActionSet()
        for meaning in self._meanings(self._allowing):
            if meaning is None:
                return None
            if meaning.allows:
                found |= meaning.actions
        return found

    @cached_property
    def _named(self) -> frozenset[str]:
        """The actions and patterns of statements of which the catalog has none."""
        applying = (given.sets for _, given in self._ways(_ANY_ACTION))
        every = chain(self._allowing or (), *applying)
        sets = {id(found): found for found in every}
        return frozenset(
            text
            for meaning in self._meanings(sets.values())
            if meaning
            for text in meaning.foreign
            if not text.startswith(UNKNOWN_MARK)
        )

    def _meanings(self, sets: Iterable[PolicySet]) -> Iterator[StatementSemantics | None]:
        """The meaning of each statement; None if it may allow any action."""
        for member in (member for found in sets for member in found.policies):
            policy = member.policy
            if policy.fragment or policy.merged_by_sid:
                yield None
            for statement in policy.statements:
                try:
                    meaning = StatementSemantics(statement, policy, self._catalog)
                except UndecidableError:
                    yield None
                    continue
                is_open = any(text.startswith(UNKNOWN_MARK) for text in meaning.names.patterns)
                yield None if is_open and meaning.allows else meaning


def _instance(pattern: str) -> str:
    """An action that a pattern matches."""
    return pattern.replace("*", "x").replace("?", "x")
