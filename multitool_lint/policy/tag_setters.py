"""Looks for what sets the tags by which the conditions of a policy tie actions to targets."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache
from itertools import chain

from multitool_lint.aws import arn_overlap, patterns
from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.redundancy import resource_covers
from multitool_lint.aws.tagging import Taggable, is_reserved, resource_tag, taggables
from multitool_lint.limits import MAX_COMPARISONS, MAX_TAG_SETTERS
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.access import Grant, actions_of, granting_nodes, grants
from multitool_lint.policy.document import Condition, Policy, Statement
from multitool_lint.policy.resources import (
    ResourceScope,
    is_everywhere,
    resource_scope,
    restricts_values,
)
from multitool_lint.policy.self_granted_conditions import StatementTarget, TagSetter
from multitool_lint.policy.tag_requests import TagDenial, can_set, tag_of


@lru_cache(maxsize=4)
def search(policy: Policy, catalog: Catalog) -> _Search:
    """The search of a policy, kept for a while because many checks ask."""
    return _Search(policy, catalog)


class _Way(NamedTuple):
    """How tags of what a statement is about are set: on resources of a type, by an action.

    `name` is the type's in the service of that action.
    """

    statement: Statement
    type: Taggable
    action: str
    name: str


class _Search:
    """Looks for what sets tags among the statements of a policy, as long as effort is left."""

    def __init__(self, policy: Policy, catalog: Catalog) -> None:
        self._policy = policy
        self._catalog = catalog
        self._grants = grants(policy, catalog)
        self._left = MAX_COMPARISONS
        self._found: dict[object, tuple[TagSetter, ...]] = {}
        self._granting: dict[str, list[Grant]] = {}
        self._covered: dict[object, bool] = {}

    def setters(
        self, target: StatementTarget, conditions: tuple[Condition, ...]
    ) -> tuple[TagSetter, ...]:
        """What sets the tags of all conditions of a statement, none if one cannot be met so."""
        if not self._sets_tags:
            return ()
        key = target, conditions
        if key not in self._found:
            self._found[key] = tuple(dict.fromkeys(self._of_all(target, conditions, ()) or ()))
        return self._found[key]

    @cached_property
    def _sets_tags(self) -> bool:
        """Whether the policy grants any action that sets tags."""
        return any(self._catalog.at_levels(grant.actions, ("Tagging",)) for grant in self._grants)

    @cached_property
    def _denied(self) -> list[tuple[Statement, ActionSet, bool]]:
        """The Deny statements, the actions that they are about, and whether these are all known."""
        return [
            (
                statement,
                actions_of(statement, self._catalog),
                statement.action_count == len(statement.action_names),
            )
            for statement in self._policy.statements
            if statement.effect == "Deny"
        ]

    def _of_all(
        self, target: StatementTarget, conditions: Sequence[Condition], asked: tuple[Statement, ...]
    ) -> list[TagSetter] | None:
        if len(asked) > MAX_TAG_SETTERS:
            return None if conditions else []
        found = []
        for condition in conditions:
            setters = self._of_condition(target, condition, (*asked, target.statement))
            if setters is None:
                return None
            found += setters
        return found

    def _of_condition(
        self, target: StatementTarget, condition: Condition, asked: tuple[Statement, ...]
    ) -> list[TagSetter] | None:
        tag = resource_tag(condition.lower_key)
        types = self._types(target, tag[0]) if tag and not is_reserved(tag[1]) else []
        found = [self._of_type(target, type_, condition, asked) for type_ in types]
        known = [setters for setters in found if setters is not None]
        if target.types is not None:
            return next(iter(known), None)
        return list(chain.from_iterable(known)) if 0 < len(known) == len(found) else None

    def _types(self, target: StatementTarget, beginning: str) -> list[Taggable]:
        """The resource types whose tags decide about an action."""
        types = taggables(self._catalog, target.action, beginning)
        if target.types is not None:
            return [type_ for type_ in types if type_.name in target.types]
        required = [type_ for type_ in types if type_.required]
        return required or [
            type_
            for type_ in types
            if is_everywhere(target.statement) or _touching(target.statement, type_)
        ]

    def _of_type(
        self,
        target: StatementTarget,
        type_: Taggable,
        condition: Condition,
        asked: tuple[Statement, ...],
    ) -> list[TagSetter] | None:
        """What sets the tag on all resources of a type that the statement is about."""
        for action, name in type_.setters:
            way = _Way(target.statement, type_, action, name)
            wanted = self._catalog.match(action)
            for grant in self._grants_of(action):
                if grant.statement in asked or not self._covers(grant.statement, way):
                    if self._left < 0:
                        return None
                    continue
                denials = self._denials(way, target.action)
                if self._left < 0 or not can_set(
                    grant.statement, target.statement, tag_of(condition), denials
                ):
                    continue
                own = StatementTarget(grant.statement, action, frozenset({name}))
                others = self._of_all(own, _needed_tags(grant.statement), asked)
                if others is not None:
                    node = next(granting_nodes(grant, wanted, self._catalog))
                    return [
                        TagSetter(condition.key.key, action, node, grant.statement),
                        *others,
                    ]
        return None

    def _grants_of(self, action: str) -> list[Grant]:
        if action not in self._granting:
            wanted = self._catalog.match(action)
            prefix = action.partition(":")[0]
            self._granting[action] = [
                grant for grant in self._grants if grant.actions.bits(prefix) & wanted.bits(prefix)
            ]
        return self._granting[action]

    def _covers(self, statement: Statement, way: _Way) -> bool:
        """Whether a statement about the action is on all resources that the other one is about."""
        self._left -= 1
        key = statement, way.statement, way.type.format, way.action
        if key not in self._covered and self._left >= 0:
            self._covered[key] = self._covers_resources(statement, way)
        return self._left >= 0 and self._covered[key]

    def _covers_resources(self, statement: Statement, way: _Way) -> bool:
        scope = resource_scope(statement, way.action, self._catalog, frozenset({way.name}))
        if is_everywhere(way.statement):
            return scope == ResourceScope.ALL
        if scope == ResourceScope.ALL:
            return not statement.negates_resources or self._excepts_none(statement, way)
        touched = _touching(way.statement, way.type)
        self._left -= len(touched) * len(statement.resource_names)
        return bool(touched and self._left >= 0) and all(
            any(resource_covers(wide, name) for wide in statement.resource_names)
            for name in touched
        )

    def _excepts_none(self, statement: Statement, way: _Way) -> bool:
        """Whether a statement excepts no resources that the other one is about."""
        touched = _touching(way.statement, way.type)
        self._left -= len(touched) * len(statement.resource_names)
        return self._left >= 0 and not any(
            patterns.intersects(name, excepted)
            for name in touched
            for excepted in statement.resource_names
        )

    def _denials(self, way: _Way, action: str) -> list[TagDenial]:
        """The Deny statements about the action, on all or most of the resources."""
        wanted, other = self._catalog.match(way.action), self._catalog.match(action)
        found = []
        for statement, denied, known in self._denied:
            if (denied & wanted or not known) and (
                statement.negates_resources
                or statement.resource_count > len(statement.resource_names)
                or self._covers(statement, way)
            ):
                found.append(TagDenial(statement, both=bool(denied & other)))
        return found


def _touching(statement: Statement, type_: Taggable) -> list[str]:
    """The resources that a statement names, of a type; none if it excepts those that it names."""
    if statement.negates_resources:
        return []
    return [name for name in statement.resource_names if arn_overlap.may_name(type_.format, name)]


def _needed_tags(statement: Statement) -> list[Condition]:
    """The conditions that limit a statement to resources with certain tags.

    Not those that hold without the tag: a resource that has it already needs no other.
    """
    return [
        condition
        for condition in statement.conditions
        if tag_of(condition)
        and restricts_values(condition)
        and not condition.comparison.holds_without_key
    ]
