"""Condition keys that do not exist, or that the actions of their statement do not take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from multitool_lint.aws import condition_keys, patterns
from multitool_lint.aws.condition_operators import Operator
from multitool_lint.diagnostics.finding import Context, Finding, enumerate_briefly, related
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.limits import MAX_LISTED_NAMES
from multitool_lint.policy.action_scope import is_everywhere
from multitool_lint.policy.condition_keys import is_in_sample, is_of_instance, unknown_key
from multitool_lint.policy.document import Condition, Policy, PolicyType, Statement
from multitool_lint.policy.resource_tags import (
    RESOURCE_TAG,
    Untagged,
    without_resource_tag,
)
from multitool_lint.policy.statement_scope import ActionPattern, StatementScope, statement_scopes
from multitool_lint.policy.trust import TAG_SESSION

_UNDOCUMENTED = (
    # https://docs.aws.amazon.com/bedrock/latest/userguide/model-access-permissions.html
    ("aws-marketplace:", "aws-marketplace:productid"),
    # Resource Groups Tagging passes the tags on to the service that owns the resource.
    ("tag:", "aws:requesttag/"),
    ("tag:", "aws:tagkeys"),
)
"""Beginnings of actions, and of keys that they take though the catalog does not have them."""

_UNSUPPORTED = "UNSUPPORTED_ACTION_FOR_CONDITION_KEY"
_COGNITO = "cognito-identity.amazonaws.com:"
_JUDGED_SERVICES = frozenset({"dynamodb", "kms", "s3", "sts"})
"""The services for whose actions Access Analyzer is known to compare the keys that they take."""

_TAG_TYPES = {
    "Deny": frozenset(PolicyType) - {PolicyType.TRUST},
    "Allow": frozenset(PolicyType) - {PolicyType.TRUST, PolicyType.SCP, PolicyType.RCP},
}
_TAG_CODE = "WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE"
_TAG_SEVERITIES = {"Deny": Severity.SECURITY, "Allow": Severity.SUGGESTION}


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every key that is unknown, or that some of the actions do not take."""
    for scope in statement_scopes(policy, context.catalog):
        for condition in scope.statement.conditions:
            found = list(_of_key(policy, scope.statement, condition, context))
            yield from found or _not_taken(scope, condition, context)


def _of_key(
    policy: Policy, statement: Statement, condition: Condition, context: Context
) -> Iterator[Finding]:
    """What is wrong with a key that is unknown, or one that needs a closer look."""
    unknown = unknown_key(context.catalog, condition.key.key, policy.type)
    if unknown:
        severity = Severity.ERROR if unknown.certain else Severity.WARNING
        if not unknown.certain and is_of_instance(condition):
            severity = Severity.SUGGESTION
        yield context.finding(
            condition.key, unknown.message, issue_code=unknown.code, severity=severity
        )
    elif condition.lower_key.startswith(RESOURCE_TAG):
        yield from _resource_tag(policy, statement, condition, context)
    elif condition.lower_key in condition_keys.ENDPOINT_KEYS:
        yield from _endpoint_key(statement, condition, context)
    elif condition.lower_key.startswith(_COGNITO):
        yield from _cognito_key(statement, condition, context)


def _resource_tag(
    policy: Policy, statement: Statement, condition: Condition, context: Context
) -> Iterator[Finding]:
    effect = statement.effect or ""
    if policy.type not in _TAG_TYPES.get(effect, ()) or statement.action is None:
        return
    severity, key = _TAG_SEVERITIES[effect], condition.key.key
    # Null asks whether the tag is there, and Access Analyzer reports a statement once.
    coded = _first_compared(statement) is condition
    if statement.negates_actions:
        yield context.finding(
            condition.key,
            f"NotAction also stands for actions that do not take {key}, and for those the "
            f"condition {_outcome(statement, condition, 'them')}; name the actions under Action",
            related=(related(statement.action, "these, and so all others"),),
            issue_code=f"{effect.upper()}_NOTACTION_{_TAG_CODE}" if coded else "",
            severity=severity,
        )
        return
    by_service: dict[str, list[Untagged]] = {}
    for action in without_resource_tag(statement, context.catalog):
        reported = coded and action.reported
        if reported or not (action.partial or action.documented):
            by_service.setdefault(action.prefix if reported else "", []).append(action)
    if by_service and not _is_for_the_others(statement, condition, by_service):
        for prefix, actions in by_service.items():
            code = f"{effect.upper()}_{_TAG_CODE}" if prefix else ""
            yield _without_tag(statement, condition, actions, context, code)


def _first_compared(statement: Statement) -> Condition | None:
    return next(
        (
            condition
            for condition in statement.conditions
            if condition.lower_key.startswith(RESOURCE_TAG)
            and condition.comparison.family not in ("", "Null")
        ),
        None,
    )


def _without_tag(
    statement: Statement,
    condition: Condition,
    actions: list[Untagged],
    context: Context,
    code: str,
) -> Finding:
    key = condition.key.key
    every = list(dict.fromkeys(name for action in actions for name in action.names))
    names, them = enumerate_briefly(every), "it" if len(every) == 1 else "them"
    if any(action.documented for action in actions):
        severity = Severity.SUGGESTION
        message = (
            f"IAM Access Analyzer reports that {names} cannot be limited by {key}, although AWS "
            "lists the key for its resources; check that the condition works"
        )
    else:
        severity = _TAG_SEVERITIES[statement.effect or ""]
        message = (
            f"{names} {'does' if len(every) == 1 else 'do'} not take the condition key {key}, so "
            f"the condition {_outcome(statement, condition, them)}; put {them} in a statement "
            "without the key"
        )
    return context.finding(
        condition.key,
        message,
        related=tuple(related(action.node, _relation(action)) for action in actions),
        issue_code=code,
        severity=severity,
    )


def _relation(action: Untagged) -> str:
    if action.partial:
        return f"{action.text} includes {enumerate_briefly(action.names, 1)}"
    return f"{action.text} does not take it"


def _is_for_the_others(
    statement: Statement, condition: Condition, by_service: Mapping[str, list[Untagged]]
) -> bool:
    """Whether IfExists says that the key counts only for those actions that take it."""
    without = [action for actions in by_service.values() for action in actions]
    return (
        statement.allows
        and condition.comparison.if_exists
        and (len(without) < len(statement.actions) or any(action.partial for action in without))
    )


def _outcome(statement: Statement, condition: Condition, them: str) -> str:
    done = "allows" if statement.allows else "denies"
    if _holds_without_key(condition):
        return f"always holds and the statement {done} {them} whatever the tags"
    return f"never holds and the statement never {done} {them}"


def _holds_without_key(condition: Condition) -> bool:
    operator = condition.comparison
    if operator.family == "Null" and not operator.qualifier:
        return any(str(node.value).lower() == "true" for node in condition.values)
    return _holds_for_other_actions(operator)


def _endpoint_key(
    statement: Statement, condition: Condition, context: Context
) -> Iterator[Finding]:
    lower = condition.lower_key
    if statement.action is None or any(_requires(other, lower) for other in statement.conditions):
        return
    places = (
        [(statement.action, "NotAction")]
        if statement.negates_actions
        else [
            (node, text)
            for node, text in statement.action_texts
            if not condition_keys.has_endpoint_key(text.lower(), lower)
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
            related=tuple(
                related(place, "not only such") for place, _ in places[:MAX_LISTED_NAMES]
            ),
            issue_code="USE_CONDITION_KEY_ONLY_WITH_SUPPORTED_SERVICES",
            severity=Severity.WARNING,
        )


def _cognito_key(statement: Statement, condition: Condition, context: Context) -> Iterator[Finding]:
    for node, text in statement.action_texts if not statement.negates_actions else ():
        if text.lower() == TAG_SESSION.lower():
            yield context.finding(
                condition.key,
                f"IAM Access Analyzer reports that {condition.key.key} is not evaluated for "
                f"{text}, although Amazon Cognito documents both in one statement",
                related=(related(node, f"{text} does not take it"),),
                issue_code=_UNSUPPORTED,
                severity=Severity.SUGGESTION,
            )


def _requires(condition: Condition, key: str) -> bool:
    """Whether a Null condition keeps the statement to the requests that have the key."""
    return condition.lower_key == key and (
        condition.operator.key.lower() == "null"
        and all(str(node.value).lower() == "false" for node in condition.values)
    )


def _not_taken(scope: StatementScope, condition: Condition, context: Context) -> Iterator[Finding]:
    """A finding about the actions that do not take a key, of those that are known."""
    key = condition.key.key
    operator = condition.comparison
    if operator.family in ("", "Null") or is_everywhere(key):
        return  # Null asks whether the request has the key, which is a question about any
    if scope.scopes.key(key, scope.prefixes) is None:
        return
    takes = scope.scopes.takes
    places = [
        at
        for at, name in enumerate(scope.lower_names)
        if not takes(name, key) and not _is_undocumented(name, key)
    ]
    takers = scope.scopes.takers(key, MAX_LISTED_NAMES) if places else []
    if takers == []:
        return
    holds = _holds_for_other_actions(operator)
    documented = sum(formats.documented for formats in scope.formats)
    if len(places) < documented and holds and not operator.negated:
        return  # written for the actions that have the key, as AWS advises
    without = list(map(scope.pattern, places))
    texts = [action.text for action in without]
    names = enumerate_briefly(texts)
    verb, they = ("does", "it") if len(without) == 1 else ("do", "them")
    done = "allows" if scope.statement.allows else "denies"
    outcome = (
        f"comparison always holds for {they} and limits nothing"
        if holds
        else f"condition never holds for {they} and the statement never {done} {they}"
    )
    yield context.finding(
        condition.key,
        f"{names} {verb} not take the condition key {key}, so the {outcome}"
        + (f"; it is a key of {', '.join(takers)}" if takers else "")
        + f"; put {they} in a statement without the key",
        related=tuple(
            related(action.node, f"{action.text} does not take it")
            for action in without[:MAX_LISTED_NAMES]
        ),
        issue_code=_code(key, without),
        severity=Severity.SUGGESTION if is_in_sample(key, texts) else None,
    )


def _is_undocumented(action: str, key: str) -> bool:
    lower, folded = action.lower(), key.lower()
    return any(lower.startswith(start) and folded.startswith(name) for start, name in _UNDOCUMENTED)


def _holds_for_other_actions(operator: Operator) -> bool:
    """Whether a condition holds in a request that does not have its key."""
    if operator.qualifier == "ForAnyValue":
        return False
    return operator.if_exists or operator.qualifier == "ForAllValues" or operator.negated


def _code(key: str, without: list[ActionPattern]) -> str | None:
    """The check of Access Analyzer, which ignores global keys, wildcards and most services."""
    judged = any(
        not patterns.has_wildcard(action.text)
        and action.text.partition(":")[0].lower() in _JUDGED_SERVICES
        for action in without
    )
    is_global = key.lower().startswith("aws:")
    return _UNSUPPORTED if judged and not is_global else None
