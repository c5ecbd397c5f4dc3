"""Conditions on a key that only some of the resources, or of the actions, have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from multitool_lint.aws import arn
from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.catalog.catalog import Action, ActionResource, Catalog
from multitool_lint.diagnostics.finding import Context, Finding, enumerate_briefly
from multitool_lint.diagnostics.granting import by_service
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.action_scope import action_scopes, is_everywhere
from multitool_lint.policy.document import Condition, Policy, Statement
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.policy.resources import covers_format, has_unknown_condition
from multitool_lint.policy.several_resources import (
    EC2,
    format_of,
    has_key,
    holds_without_key,
    may_allow,
    may_hold,
)

_LAUNCH, _LAUNCHED = f"{EC2}:runinstances", "instance"
"""The action whose resources are documented in full, with a statement for each, and its result."""


_REQUEST_TAGS = ("aws:requesttag/", "aws:tagkeys")
_READING, _CHANGING = ("List", "Read"), ("Write", "Tagging", "Permissions management")


class _Evaluation(NamedTuple):
    """An action with the types of its resources that have a key, and of those that do not."""

    action: Action
    having: list[ActionResource]
    without: list[ActionResource]


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for the first such key of each statement."""
    grants = policy.type is PolicyType.IDENTITY and not policy.merged_by_sid
    for statement in policy.statements:
        if not statement.conditions or statement.negates_actions or statement.negates_resources:
            continue
        if has_unknown_condition(statement):
            continue
        if statement.effect == "Deny":
            found = _denying(statement, context)
        elif statement.allows and grants:
            found = _allowing(statement, policy, context)
        else:
            continue
        if first := next(found, None):
            yield first


def _denying(statement: Statement, context: Context) -> Iterator[Finding]:
    """The findings about a Deny whose condition holds where the key is absent."""
    for condition in statement.conditions:
        if not holds_without_key(condition) or is_everywhere(condition.key.key):
            continue
        yield from _denying_reads(statement, condition, context)
        for text in statement.action_names:
            found = [
                evaluation._replace(without=without)
                for evaluation in _evaluations(statement, condition, text, context.catalog)
                if (without := _holding(statement, evaluation))
            ]
            if found:
                yield _finding(condition, found, context)


def _denying_reads(
    statement: Statement, condition: Condition, context: Context
) -> Iterator[Finding]:
    """A finding about patterns with actions that only read: their requests set no tags."""
    key = condition.key.key
    if (
        not condition.lower_key.startswith(_REQUEST_TAGS)
        or not any(map(arn.matches_all, statement.resource_names))
        or not all(map(_may_always_hold, statement.conditions))
    ):
        return
    catalog = context.catalog
    patterns = (statement.action_names[at] for at in statement.wildcards)
    matched = ActionSet().union(map(catalog.match, patterns))
    reading = catalog.at_levels(matched, _READING) - catalog.at_levels(matched, _CHANGING)
    takes = action_scopes(catalog).takes
    names = [name for name in catalog.names(reading) if not takes(name.lower(), key)]
    if names:
        some = f"{len(names):,} actions" if len(names) > 1 else names[0]
        yield context.finding(
            condition.key,
            f"This statement denies {some} in any case: the requests never have {key}",
            label="absent from their requests",
            notes=by_service(names),
            help="list the actions that are intended, such as those that create resources",
        )


def _holding(statement: Statement, found: _Evaluation) -> list[ActionResource]:
    """The types without the key for which all conditions of the statement may hold."""
    return [
        type_
        for type_ in found.without
        if all(may_hold(condition, found.action, type_) for condition in statement.conditions)
    ]


def _allowing(statement: Statement, policy: Policy, context: Context) -> Iterator[Finding]:
    """The findings about an Allow whose condition does not hold where the key is absent.

    A key of the network or of a tag may limit only what another policy allows, such as one of AWS.
    """
    if _LAUNCH not in statement.lower_action_names:
        return
    for condition in statement.conditions:
        if not condition.comparison.family or holds_without_key(condition):
            continue
        for found in _evaluations(statement, condition, _LAUNCH, context.catalog):
            without = [
                type_
                for type_ in found.without
                if not any(
                    may_allow(other, found.action, type_, context.catalog)
                    for other in policy.statements
                )
            ]
            if without and [type_.name for type_ in found.having] == [_LAUNCHED]:
                yield _never_allowed(condition, found._replace(without=without), context)


def _evaluations(
    statement: Statement, condition: Condition, text: str, catalog: Catalog
) -> list[_Evaluation]:
    """The actions of a name or pattern that are evaluated with the key and without it."""
    return [
        evaluation
        for action in _actions(text, catalog)
        if (evaluation := _evaluation(statement, condition, action, catalog))
    ]


def _actions(text: str, catalog: Catalog) -> Iterator[Action]:
    """The actions of a name or pattern that are about several resources at once."""
    if text.lower().startswith((f"{EC2}:", "*")):
        for name in catalog.names(catalog.match(text)):
            action = catalog.action(name) if name.startswith(f"{EC2}:") else None
            if action and sum(type_.required for type_ in action.resource_types) > 1:
                yield action


def _evaluation(
    statement: Statement, condition: Condition, action: Action, catalog: Catalog
) -> _Evaluation | None:
    key = condition.key.key
    types = action.resource_types
    having = [type_ for type_ in types if has_key(type_.condition_keys, key)]
    if not having or has_key(action.condition_keys, key):
        return None
    without = [
        type_
        for type_ in types
        if type_.required and type_ not in having and _is_covered(statement, type_, catalog)
    ]
    return _Evaluation(action, having, without) if without else None


def _finding(condition: Condition, found: Sequence[_Evaluation], context: Context) -> Finding:
    key = condition.key.key
    action, having, without = found[0]
    if len(found) > 1:
        return context.finding(
            condition.key,
            f"{len(found)} actions are also evaluated for resources without {key}",
            label="absent for some of their resources",
            notes=(
                *by_service(action.name for action, _, _ in found),
                "there the condition holds, so this statement denies these actions in any case",
            ),
            help="list the actions that are intended, with the resources that have the key",
        )
    intended = [format_of(type_, context.catalog) for type_ in having]
    arns = [arn.wildcard_of(text).replace("arn:*:", "arn:aws:", 1) for text in intended if text]
    return context.finding(
        condition.key,
        f"{action.name} is also evaluated for resources without {key}",
        label=f"absent for {enumerate_briefly([type_.name for type_ in without])}",
        notes=(f"there the condition holds, so this statement denies {action.name} in any case",),
        help=f"use Resource {enumerate_briefly(arns)}",
    )


def _never_allowed(condition: Condition, found: _Evaluation, context: Context) -> Finding:
    key = condition.key.key
    name = found.action.name
    absent = enumerate_briefly([type_.name for type_ in found.without])
    return context.finding(
        condition.key,
        f"{name} is also evaluated for resources without {key}",
        label=f"absent for {absent}",
        notes=(f"there the condition does not hold, so this policy never allows {name}",),
        help=f"allow {name} for these resources in another statement, without this condition",
    )


def _may_always_hold(condition: Condition) -> bool:
    return holds_without_key(condition) or is_everywhere(condition.key.key)


def _is_covered(statement: Statement, type_: ActionResource, catalog: Catalog) -> bool:
    text = format_of(type_, catalog)
    return text is not None and any(
        arn.matches_all(resource) or covers_format(resource, text)
        for resource in statement.resource_names
    )
