"""Condition keys that do not exist, or that requests of their statement do not have."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws import condition_keys, patterns
from multitool_lint.aws.service_requests import SOURCE_KEYS
from multitool_lint.diagnostics.finding import Context, Finding, enumerate_briefly, quoted, related
from multitool_lint.diagnostics.other_keys import other_keys
from multitool_lint.diagnostics.placeholder import has_placeholder, to_be_replaced
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.diagnostics.tag_findings import (
    DISPUTED,
    TRY,
    UNSUPPORTED_HERE,
    resource_tag_findings,
    subject,
)
from multitool_lint.limits import MAX_LISTED_NAMES
from multitool_lint.policy.action_scope import is_everywhere
from multitool_lint.policy.condition_keys import (
    is_in_sample,
    is_of_instance,
    is_of_provider,
    is_supported_by,
    unknown_key,
)
from multitool_lint.policy.contradictions import asks
from multitool_lint.policy.document import Condition, Policy, Statement
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.policy.principals import users_and_roles
from multitool_lint.policy.resource_tags import RESOURCE_TAG
from multitool_lint.policy.statement_scope import ActionPattern, StatementScope, statement_scopes
from multitool_lint.policy.trust import TAG_SESSION
from multitool_lint.syntax.tree import Member, Node

_UNSUPPORTED = "UNSUPPORTED_ACTION_FOR_CONDITION_KEY"
_COGNITO = "cognito-identity.amazonaws.com:"
_CHECKED_SERVICES = frozenset({"dynamodb", "kms", "s3", "sts"})
"""The services for whose actions Access Analyzer is known to check condition keys."""

_ENDPOINT_CODE = "USE_CONDITION_KEY_ONLY_WITH_SUPPORTED_SERVICES"


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each key that is unknown, or that some of the actions do not support."""
    for scope in statement_scopes(policy, context.catalog):
        for condition in scope.statement.conditions:
            found = list(_of_key(policy, scope.statement, condition, context))
            yield from found or _not_taken(scope, condition, context)


def _of_key(
    policy: Policy, statement: Statement, condition: Condition, context: Context
) -> Iterator[Finding]:
    """What is wrong with a key that is unknown, or that only some services have."""
    unknown = unknown_key(context.catalog, condition.key.key, policy.type)
    if unknown and is_of_provider(statement, condition.lower_key):
        if has_placeholder(condition.key.key.rpartition(":")[0]):
            yield to_be_replaced(context, condition.key, condition.key.key)
    elif unknown:
        severity = Severity.ERROR if unknown.certain else Severity.WARNING
        if not unknown.certain and is_of_instance(condition):
            severity = Severity.SUGGESTION
        yield context.finding(
            condition.key,
            f"{quoted(condition.key.key)} {unknown.problem}",
            help=unknown.help,
            issue_code=unknown.code,
            severity=severity,
        )
    elif condition.lower_key.startswith(RESOURCE_TAG):
        yield from resource_tag_findings(policy, statement, condition, context)
    elif condition.lower_key in condition_keys.ENDPOINT_KEYS:
        yield from _endpoint_key(statement, condition, context)
    elif condition.lower_key.startswith(_COGNITO):
        yield from _cognito_key(statement, condition, context)
    elif condition.lower_key in SOURCE_KEYS:
        yield from _source_key(policy, statement, condition, context)


def _endpoint_key(
    statement: Statement, condition: Condition, context: Context
) -> Iterator[Finding]:
    lower = condition.lower_key
    if statement.action is None or any(_requires(other, lower) for other in statement.conditions):
        return
    places: list[tuple[Node | Member, str]] = [
        (node, text)
        for node, text in statement.action_texts
        if not condition_keys.has_endpoint_key(text.lower(), lower)
    ]
    if statement.negates_actions:
        places = [(statement.action, "NotAction")]
    if places:
        names = enumerate_briefly([quoted(text) for _, text in places])
        yield context.finding(
            condition.key,
            f"{condition.key.key} is not in the requests of all services in this statement",
            label="not supported by all services",
            notes=(f"actions of other services: {names}",),
            help="specify only actions of the services for which AWS documents the key",
            related=tuple(
                related(place, "has requests without the key")
                for place, _ in places[:MAX_LISTED_NAMES]
            ),
            issue_code=_ENDPOINT_CODE if lower in condition_keys.OWNER_KEYS else "",
            severity=Severity.WARNING,
        )


def _cognito_key(statement: Statement, condition: Condition, context: Context) -> Iterator[Finding]:
    for node, text in statement.action_texts if not statement.negates_actions else ():
        if text.lower() == TAG_SESSION.lower():
            yield context.finding(
                condition.key,
                f"{text} does not support {condition.key.key}",
                notes=(DISPUTED,),
                help=TRY,
                related=(related(node, UNSUPPORTED_HERE),),
                issue_code=_UNSUPPORTED,
                severity=Severity.SUGGESTION,
            )


def _source_key(
    policy: Policy, statement: Statement, condition: Condition, context: Context
) -> Iterator[Finding]:
    """A finding about a key that only requests of services have, in a grant to users and roles.

    AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sourcearn
    """
    operator = condition.comparison
    if not statement.allows or operator.family in ("", "Null") or operator.holds_without_key:
        return
    callers = users_and_roles(statement)
    is_of_identity = policy.type is PolicyType.IDENTITY and statement.principal is None
    first = next(other for other in statement.conditions if other.lower_key in SOURCE_KEYS)
    if (callers or is_of_identity) and condition is first:
        advice = "remove it, or specify the service as the principal"
        if is_of_identity:
            advice = "remove it; the trust policy of a role limits for whom a service assumes it"
        yield context.finding(
            condition.key,
            f"Requests of users and roles never have {quoted(condition.key.key)}",
            label="only services that call by themselves have it",
            notes=("the condition never holds, so this statement never allows anything",),
            help=advice,
            related=tuple(
                related(caller.node, "does not have the key")
                for caller in callers[:MAX_LISTED_NAMES]
            ),
            issue_code="",
        )


def _requires(condition: Condition, key: str) -> bool:
    """Whether a Null condition limits the statement to requests that have the key."""
    return condition.lower_key == key and (
        condition.operator.key.lower() == "null"
        and all(str(node.value).lower() == "false" for node in condition.values)
    )


def _not_taken(scope: StatementScope, condition: Condition, context: Context) -> Iterator[Finding]:
    """A finding about the known actions that do not support a key."""
    key, holds = condition.key.key, _holds_without_key(condition)
    places = _places_without(scope, condition)
    if places and condition.comparison.family == "Null" and _is_tested_twice(scope, condition):
        return
    takers = scope.scopes.takers(key, MAX_LISTED_NAMES) if places else []
    if takers == []:
        return
    without = list(map(scope.pattern, places))
    texts = [action.text for action in without]
    title, listed = subject(texts, key)
    they = "it" if len(without) == 1 else "them"
    done = "allows" if scope.statement.allows else "denies"
    outcome = (
        f"the condition always matches for {they} and restricts nothing"
        if holds
        else f"the condition never matches, so this statement never {done} {they}"
    )
    supported = (f"{key} is supported by {', '.join(takers)}",) if takers else ()
    yield context.finding(
        condition.key,
        title,
        notes=(*listed, outcome, *supported),
        help=other_keys(scope.scopes, key, texts, alone=len(texts) == len(scope.action_names)),
        related=tuple(
            related(action.node, UNSUPPORTED_HERE) for action in without[:MAX_LISTED_NAMES]
        ),
        issue_code=_code(key, without),
        severity=Severity.SUGGESTION if is_in_sample(key, texts) else None,
    )


def _places_without(scope: StatementScope, condition: Condition) -> list[int]:
    """The numbers of the actions that do not support a known key; none if that is intended."""
    key, operator = condition.key.key, condition.comparison
    if operator.family == "" or is_everywhere(key):
        return []
    is_null = operator.family == "Null"
    if is_null and not asks(condition):
        return []
    if scope.scopes.key(key, scope.prefixes) is None:
        return []
    takes = scope.scopes.takes
    places = [
        at
        for at, name in enumerate(scope.lower_names)
        if not takes(name, key) and not is_supported_by(name, key)
    ]
    documented = sum(formats.documented for formats in scope.formats)
    excepts = operator.negated or (is_null and not scope.statement.allows)
    denies_with_key = is_null and excepts and asks(condition) != "absent"
    is_optional = _holds_without_key(condition) and not excepts
    if len(places) < documented and (is_optional or denies_with_key):
        return []  # intended for the actions that have the key, as AWS advises
    return places


def _holds_without_key(condition: Condition) -> bool:
    """Whether a request without the key meets a condition."""
    operator = condition.comparison
    return asks(condition) == "absent" if operator.family == "Null" else operator.holds_without_key


def _is_tested_twice(scope: StatementScope, condition: Condition) -> bool:
    """Whether another condition than a Null is about the same key, as AWS's examples have it."""
    return any(
        other.lower_key == condition.lower_key and other.comparison.family != "Null"
        for other in scope.statement.conditions
    )


def _code(key: str, without: list[ActionPattern]) -> str | None:
    """The check of Access Analyzer, which ignores global keys, wildcards and most services."""
    checked = any(
        not patterns.has_wildcard(action.text)
        and action.text.partition(":")[0].lower() in _CHECKED_SERVICES
        for action in without
    )
    is_global = key.lower().startswith("aws:")
    return _UNSUPPORTED if checked and not is_global else None
