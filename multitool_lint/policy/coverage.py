"""Which statements of a policy together cover another one: are about all of its requests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from operator import eq
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.arn import FIELDS
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.patterns import covers, matches
from multitool_lint.limits import MAX_COMPARISONS
from multitool_lint.policy.access import actions_of
from multitool_lint.policy.document import Condition, Policy, Statement

if TYPE_CHECKING:
    from multitool_lint.policy.coverage_proof import Covered, Proof


class Coverage:
    """The statements of a policy, compared as long as there is an effort left."""

    def __init__(self, policy: Policy, catalog: Catalog) -> None:
        self._policy = policy
        self._catalog = catalog
        self._left = {"candidates": MAX_COMPARISONS, "near": MAX_COMPARISONS}
        self._actions: dict[Statement, ActionSet] = {}
        self._examples: dict[Statement, _Example] = {}

    def by_one(self, statement: Statement, near: Sequence[Statement]) -> Covered | None:
        """A statement with another one that covers it, if one is known to do so."""
        return self._proofs.by_one(statement, near) if near else None

    def by_several(self, statement: Statement, near: Sequence[Statement]) -> Covered | None:
        """A statement with others that cover it together, if they are known to do so."""
        return self._proofs.by_several(statement, near) if len(near) > 1 else None

    @cached_property
    def _proofs(self) -> Proof:
        # Most statements are decided without the comparison, which takes time to import.
        from multitool_lint.policy.coverage_proof import Proof

        return Proof(self._policy, self._catalog)

    def near(self, narrow: Statement, others: Sequence[Statement]) -> list[Statement]:
        """Those of the others that may cover something; none if they certainly leave some."""
        example = self._example_of(narrow)
        if not self._may("near", len(others) * len(example.resources)):
            return []
        holding = [other for other in others if _may_have(other, narrow, example.values)]
        groups = [
            [other for other in holding if _has_resource(other, resource)]
            for resource in example.resources
        ]
        if not all(groups):
            return []
        actions = self._actions_of(narrow)
        if not all(self._have_all(group, actions) for group in groups):
            return []
        return [
            other
            for other in others
            if _may_overlap(other, narrow)
            # To compare the actions of all services would take longer than it saves.
            and (other.open_ended or not actions or self._actions_of(other) & actions)
        ]

    def _have_all(self, statements: Iterable[Statement], actions: ActionSet) -> bool:
        """Whether each of some actions is one of a statement."""
        for statement in statements:
            actions -= self._actions_of(statement)
            if not actions:
                return True
        return not actions

    def may_cover(self, other: Statement, narrow: Statement) -> bool:
        """Whether a statement may be about an example of a request that another one is about."""
        example = self._example_of(narrow)
        return (
            self._may("candidates", 1 + len(other.resource_names) + len(other.wildcards))
            and _has_resource(other, example.resources[0])
            and _may_have(other, narrow, example.values)
            and _has_first_action(other, narrow)
        )

    def _may(self, purpose: str, comparisons: int) -> bool:
        """Use some comparisons, if they are left."""
        self._left[purpose] -= comparisons
        return self._left[purpose] >= 0

    def _example_of(self, statement: Statement) -> _Example:
        if statement not in self._examples:
            self._examples[statement] = _Example(
                _example_resources(statement), _example_values(statement)
            )
        return self._examples[statement]

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


def _has_resource(statement: Statement, example: str | None) -> bool:
    """Whether an example may be a resource of a statement; None may be anything."""
    names = statement.resource_names
    if example is None or not names:
        return True
    if statement.negates_resources:
        return not any(matches(text, example) for text in names)
    return any(matches(text, example) or text.count(":") < FIELDS - 1 for text in names)


def _has_first_action(other: Statement, narrow: Statement) -> bool:
    if narrow.open_ended or other.open_ended:
        return True
    first, names = narrow.lower_action_names[0], other.lower_action_names
    return first in names or any(covers(names[at], first) for at in other.wildcards)


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
        if operator.family == "Null":
            return not _asks_for_a_value(condition)
        return operator.holds_without_key
    value = values[condition.lower_key]
    compare = _TEXTS.get(operator.name.replace("Not", ""))
    if value is None or compare is None or len(condition.names) != condition.value_count:
        return True
    return any(compare(text, value) for text in condition.names) != operator.negated


_TEXTS = {"StringEquals": eq, "StringLike": matches, "ArnEquals": matches, "ArnLike": matches}
_WILDCARDS = str.maketrans("*?", "\ue001\ue001")
"""Replaces the wildcards of a pattern: what matches the result matches all that they match."""
