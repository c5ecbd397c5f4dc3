"""Which statements of a policy together cover another one: are about all of its requests."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from operator import eq
from typing import TYPE_CHECKING

from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.arn import API_GATEWAY, FIELDS, matches_all
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.patterns import covers, matches
from multitool_lint.limits import MAX_COMPARISONS
from multitool_lint.named_tuple import NamedTuple
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
        self._actions_by_names: dict[tuple[bool, frozenset[str]], ActionSet] = {}
        self._examples: dict[Statement, _Request] = {}

    def by_one(self, statement: Statement, near: Sequence[Statement]) -> Covered | None:
        """A statement with another one that covers it, if one is known to do so."""
        lasting = _has_new_actions(near, statement)
        alone = [
            other
            for other, has in zip(near, lasting, strict=True)
            if has and self._may_cover_alone(other, statement)
        ]
        return self._proofs.by_one(statement, alone) if alone else None

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
        requests = list(_examples(narrow))
        if not self._may("near", len(others) * len(requests)):
            return []
        others = [other for other in others if _may_overlap(other, narrow)]
        if not any(_has_new_actions(others, narrow)):
            return []
        if not all(
            self._have_actions([other for other in others if _is_about(other, request)], narrow)
            for request in requests
        ):
            return []
        actions = self._actions_of(narrow)
        return [
            other
            for other in others
            # To compare the actions of all services would take longer than it saves.
            if other.open_ended or not actions or self._actions_of(other) & actions
        ]

    def _have_actions(self, statements: Collection[Statement], narrow: Statement) -> bool:
        """Whether each of the actions of a statement is one of others, of which there are some."""
        if not statements:
            return False
        actions = self._actions_of(narrow)
        for statement in statements:
            actions -= self._actions_of(statement)
            if not actions:
                return True
        return not actions

    @property
    def may_compare(self) -> bool:
        """Whether there is an effort left to look for candidates."""
        return self._left["candidates"] > 0

    def may_cover(self, other: Statement, narrow: Statement) -> bool:
        """Whether a statement may be about an example of a request that another one is about."""
        return (
            self._may("candidates", 1 + len(other.resource_names) + len(other.wildcards))
            and _may_overlap(other, narrow)
            and _is_about(other, self._example_of(narrow))
            and _has_first_action(other, narrow)
        )

    def _may_cover_alone(self, other: Statement, narrow: Statement) -> bool:
        return _has_examples(other, narrow) and (
            self._actions_of(narrow) <= self._actions_of(other)
        )

    def _may(self, purpose: str, comparisons: int) -> bool:
        """Use some comparisons, if they are left."""
        self._left[purpose] -= comparisons
        return self._left[purpose] >= 0

    def _example_of(self, statement: Statement) -> _Request:
        if statement not in self._examples:
            self._examples[statement] = next(_examples(statement))
        return self._examples[statement]

    def _actions_of(self, statement: Statement) -> ActionSet:
        """The actions of a statement; of statements with the same names, the same object."""
        if statement not in self._actions:
            names = statement.negates_actions, frozenset(statement.lower_action_names)
            if names not in self._actions_by_names:
                self._actions_by_names[names] = actions_of(statement, self._catalog)
            self._actions[statement] = self._actions_by_names[names]
        return self._actions[statement]


class _Request(NamedTuple):
    """An example of a request: a resource, and the values of keys; None is what may be anything."""

    resource: str | None
    values: Mapping[str, str | None]


def _examples(statement: Statement) -> Iterator[_Request]:
    """Requests for each resource, and for each of the other values of a condition."""
    values = _values_of_keys(statement)
    usual = {key: _example(names[0]) for key, names in values.items()}
    texts: Sequence[str | None] = () if statement.negates_resources else statement.resource_names
    if not statement.negates_resources and len(texts) < statement.resource_count:
        texts = (*texts, "*")  # what is unknown may be anything
    texts = texts or (None,)
    for text in texts:
        yield _Request(_example(text), usual)
    for key, names in values.items():
        for name in names[1:]:
            yield _Request(_example(texts[0]), {**usual, key: _example(name)})


def may_have_requests(wide: Statement, narrow: Statement) -> bool:
    """Whether a statement may be about all requests of another one, actions apart."""
    return _may_overlap(wide, narrow) and _has_examples(wide, narrow)


def _has_examples(wide: Statement, narrow: Statement) -> bool:
    return all(_is_about(wide, request) for request in _examples(narrow))


def _example(pattern: str | None) -> str | None:
    """A text that only what covers a pattern matches."""
    return pattern and pattern.replace("*", _WILDCARD).replace("?", _WILDCARD)


def _is_about(statement: Statement, request: _Request) -> bool:
    """Whether a statement may be about a resource and values."""
    return all(
        _may_hold(condition, request.values) for condition in statement.conditions
    ) and _has_resource(statement, request.resource)


def _has_resource(statement: Statement, example: str | None) -> bool:
    """Whether an example may be a resource of a statement; None may be anything."""
    names = statement.resource_names
    if example is None or not names:
        return True
    if statement.negates_resources:
        return not any(matches(text, example) for text in names)
    return "*" in names or any(matches(text, example) or _is_short(text) for text in names)


def _is_short(resource: str) -> bool:
    """Whether AWS completes a resource; what else is not an ARN only covers the same text."""
    return resource.startswith(_COMPLETED) and resource.count(":") < FIELDS - 1


def _has_first_action(other: Statement, narrow: Statement) -> bool:
    if narrow.open_ended or other.open_ended:
        return True
    first, names = narrow.lower_action_names[0], other.lower_action_names
    return first in names or any(covers(names[at], first) for at in other.wildcards)


def _may_overlap(one: Statement, other: Statement) -> bool:
    """Whether they may have an action in common, and both have resources or none."""
    return (one.resource is None) is (other.resource is None) and (
        one.open_ended or other.open_ended or not one.services.isdisjoint(other.services)
    )


def _has_new_actions(others: Iterable[Statement], narrow: Statement) -> Iterator[bool]:
    """Whether each of the others has the actions that AWS will add to those of a NotAction.

    Their names decide that, without the actions of all services.
    """
    names = frozenset(narrow.lower_action_names)
    wildcards = [narrow.lower_action_names[at] for at in narrow.wildcards]
    for other in others:
        excepted = other.lower_action_names
        if not narrow.negates_actions:
            yield True
        elif not other.negates_actions:
            yield any(map(matches_all, excepted))
        else:
            yield names.issuperset(excepted) or (
                bool(wildcards)
                and all(
                    name in names or any(covers(wildcard, name) for wildcard in wildcards)
                    for name in excepted
                )
            )


def _values_of_keys(statement: Statement) -> dict[str, tuple[str | None, ...]]:
    """The values for which the condition on a key holds; None where that may be anything."""
    found: dict[str, tuple[str | None, ...]] = {}
    for condition in statement.conditions:
        key, names = condition.lower_key, condition.names
        is_text = condition.comparison.name in _TEXTS and 0 < len(names) == condition.value_count
        known = is_text and key not in found
        found[key] = names if known else (None,)
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
    if value is None:
        return True
    if operator.family == "Null":
        return _asks_for_a_value(condition)
    compare = _TEXTS.get(operator.name.replace("Not", ""))
    if compare is None or len(condition.names) != condition.value_count:
        return True
    return any(compare(text, value) for text in condition.names) != operator.negated


_TEXTS = {"StringEquals": eq, "StringLike": matches, "ArnEquals": matches, "ArnLike": matches}
_COMPLETED = ("arn:", API_GATEWAY)
_WILDCARD = "\ue001"
"""Replaces wildcards: what matches the result matches all that they match."""
