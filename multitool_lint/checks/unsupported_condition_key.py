"""Condition keys that do not exist, or that the actions of their statement do not take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.aws import endpoint_keys, patterns
from multitool_lint.diagnostics.finding import LISTED_AT_MOST, enumerate_briefly, related
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.policy.condition_keys import unknown_key
from multitool_lint.policy.document import PolicyType
from multitool_lint.policy.resource_tags import RESOURCE_TAG, without_resource_tag

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.diagnostics.finding import Context, Finding
    from multitool_lint.policy.document import Condition, Policy, Statement
_TAG_TYPES = {
    "Deny": (PolicyType.IDENTITY, PolicyType.RESOURCE, PolicyType.SCP, PolicyType.RCP),
    "Allow": (PolicyType.IDENTITY, PolicyType.RESOURCE),
}
_TAG_SEVERITIES = {"Deny": Severity.SECURITY, "Allow": Severity.SUGGESTION}


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every key that is unknown, or that some of the actions do not take.

    Which actions take a key other than the tags of the resource is for parliament to say.
    """
    for statement in policy.statements:
        for condition in statement.conditions:
            key = condition.key.key
            unknown = unknown_key(context.catalog, key, policy.type)
            if unknown:
                yield context.finding(
                    condition.key,
                    unknown.message,
                    issue_code=unknown.code,
                    severity=unknown.severity,
                )
                continue
            lower = key.lower()
            if lower.startswith(RESOURCE_TAG):
                yield from _resource_tag(policy, statement, condition, context)
            elif lower in endpoint_keys.NAMES:
                yield from _endpoint_key(statement, condition, context)


def _resource_tag(
    policy: Policy, statement: Statement, condition: Condition, context: Context
) -> Iterator[Finding]:
    effect = statement.effect or ""
    if policy.type not in _TAG_TYPES.get(effect, ()) or statement.action is None:
        return
    severity, key = _TAG_SEVERITIES[effect], condition.key.key
    if statement.negates_actions:
        yield context.finding(
            condition.key,
            f"NotAction also stands for actions that do not take {key}, and for those the "
            f"condition {_outcome(statement, condition, 'them')}; name the actions under Action",
            related=(related(statement.action, "these, and so all others"),),
            issue_code=f"{effect.upper()}_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
            severity=severity,
        )
        return
    without = without_resource_tag(statement, context.catalog)
    if not without or _is_for_the_others(statement, condition, len(without)):
        return
    names = enumerate_briefly([text for _, text in without])
    verb, them = ("does", "it") if len(without) == 1 else ("do", "them")
    yield context.finding(
        condition.key,
        f"{names} {verb} not take the condition key {key}, so the condition "
        f"{_outcome(statement, condition, them)}; put {them} in a statement without the key",
        related=tuple(
            related(node, f"{text} does not take it") for node, text in without[:LISTED_AT_MOST]
        ),
        issue_code=f"{effect.upper()}_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
        severity=severity,
    )


def _is_for_the_others(statement: Statement, condition: Condition, without: int) -> bool:
    """Whether IfExists says that the key counts only for those actions that take it."""
    operator = condition.comparison
    return (
        statement.allows
        and operator is not None
        and operator.if_exists
        and without < len(statement.actions)
    )


def _outcome(statement: Statement, condition: Condition, them: str) -> str:
    done = "allows" if statement.allows else "denies"
    if _holds_without_key(condition):
        return f"always holds and the statement {done} {them} whatever the tags"
    return f"never holds and the statement never {done} {them}"


def _holds_without_key(condition: Condition) -> bool:
    operator = condition.comparison
    if operator is None or operator.qualifier == "ForAnyValue":
        return False
    if operator.family == "Null":
        return any(str(node.value).lower() == "true" for node in condition.values)
    return operator.if_exists or operator.qualifier == "ForAllValues" or operator.negated


def _endpoint_key(
    statement: Statement, condition: Condition, context: Context
) -> Iterator[Finding]:
    lower = condition.lower_key
    if statement.action is None or any(_requires(each, lower) for each in statement.conditions):
        return
    places = (
        [(statement.action, "NotAction")]
        if statement.negates_actions
        else [
            (node, text)
            for node, text in statement.action_texts
            if not endpoint_keys.has_endpoint_key(text.lower(), lower)
        ]
    )
    if places:
        names = enumerate_briefly([text if text != "*" else '"*"' for _, text in places])
        verb = "stand" if len(places) > 1 else "stands"
        what = (
            f"{names} {verb} for services whose requests have no {condition.key.key}"
            if statement.negates_actions or any(patterns.has_wildcard(text) for _, text in places)
            else f"requests for {names} have no {condition.key.key}"
        )
        yield context.finding(
            condition.key,
            f"{what}: name only actions of the services for which AWS documents the key",
            related=tuple(related(place, "not only such") for place, _ in places[:LISTED_AT_MOST]),
            issue_code="USE_CONDITION_KEY_ONLY_WITH_SUPPORTED_SERVICES",
            severity=Severity.WARNING,
        )


def _requires(condition: Condition, key: str) -> bool:
    """Whether a Null condition keeps the statement to the requests that have the key."""
    return condition.lower_key == key and (
        condition.operator.key.lower() == "null"
        and all(str(node.value).lower() == "false" for node in condition.values)
    )
