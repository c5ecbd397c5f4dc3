"""Denials by a condition on a key that only some of the resources of an action have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.aws import arn
from multitool_lint.diagnostics.finding import Context, Finding, enumerate_briefly
from multitool_lint.diagnostics.granting import by_service
from multitool_lint.policy.action_scope import is_everywhere
from multitool_lint.policy.document import Condition, Policy, Statement
from multitool_lint.policy.resources import covers_format, has_unknown_condition

if TYPE_CHECKING:
    from multitool_lint.aws.catalog.catalog import Action, ActionResource, Catalog

_SERVICE = "ec2"
"""The service that is known to evaluate a request for each resource, with the keys of that one.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ExamplePolicies_EC2.html#iam-example-runinstances
"""


class _Evaluation(NamedTuple):
    """An action with the types of its resources that have a key, and of those that do not."""

    action: Action
    having: list[ActionResource]
    without: list[ActionResource]


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for the first such key of each Deny statement."""
    for statement in policy.statements:
        if statement.effect != "Deny" or statement.negates_actions or statement.negates_resources:
            continue
        if not statement.conditions or has_unknown_condition(statement):
            continue
        found = (
            _finding(condition, evaluations, context)
            for condition in statement.conditions
            if _holds_without_key(condition) and not is_everywhere(condition.key.key)
            for text in statement.action_names
            if (evaluations := _evaluations(statement, condition, text, context.catalog))
        )
        if first := next(found, None):
            yield first


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
    if text.lower().startswith((f"{_SERVICE}:", "*")):
        for name in catalog.names(catalog.match(text)):
            action = catalog.action(name) if name.startswith(f"{_SERVICE}:") else None
            if action and sum(type_.required for type_ in action.resource_types) > 1:
                yield action


def _evaluation(
    statement: Statement, condition: Condition, action: Action, catalog: Catalog
) -> _Evaluation | None:
    key = condition.key.key
    types = action.resource_types
    having = [type_ for type_ in types if _has(type_.condition_keys, key)]
    if not having or _has(action.condition_keys, key):
        return None
    without = [
        type_
        for type_ in types
        if type_.required
        and type_ not in having
        and _is_covered(statement, type_, catalog)
        and all(_may_hold(other, action, type_) for other in statement.conditions)
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
    intended = [_format(type_, context.catalog) for type_ in having]
    arns = [arn.wildcard_of(text).replace("arn:*:", "arn:aws:", 1) for text in intended if text]
    return context.finding(
        condition.key,
        f"{action.name} is also evaluated for resources without {key}",
        label=f"absent for {enumerate_briefly([type_.name for type_ in without])}",
        notes=(f"there the condition holds, so this statement denies {action.name} in any case",),
        help=f"use Resource {enumerate_briefly(arns)}",
    )


def _has(keys: Sequence[str], key: str) -> bool:
    """Whether a key is one of those that are documented, be it with the name of a tag."""
    lower = key.lower()
    return any(
        lower == known or (slash and lower.startswith(f"{family}/"))
        for known in map(str.lower, keys)
        for family, slash, _ in [known.partition("/")]
    )


def _may_hold(condition: Condition, action: Action, type_: ActionResource) -> bool:
    """Whether a condition may hold in the evaluation for a resource of a type."""
    key = condition.key.key
    return (
        _holds_without_key(condition)
        or is_everywhere(key)
        or not key.lower().startswith((f"{_SERVICE}:", "aws:"))
        or _has((*action.condition_keys, *type_.condition_keys), key)
    )


def _holds_without_key(condition: Condition) -> bool:
    operator = condition.comparison
    if operator.family == "Null":
        return any(str(node.value).lower() == "true" for node in condition.values)
    return bool(operator.family) and operator.holds_without_key


def _is_covered(statement: Statement, type_: ActionResource, catalog: Catalog) -> bool:
    text = _format(type_, catalog)
    return text is not None and any(
        arn.matches_all(resource) or covers_format(resource, text)
        for resource in statement.resource_names
    )


def _format(type_: ActionResource, catalog: Catalog) -> str | None:
    service = catalog.service(_SERVICE)
    resource = service.resource_types.get(type_.name) if service else None
    return resource.arn_formats[0] if resource and resource.arn_formats else None
