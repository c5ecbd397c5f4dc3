"""Condition keys that do not exist, or that requests of their statement do not have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from multitool_lint.aws import condition_keys, patterns
from multitool_lint.aws.service_requests import SOURCE_KEYS
from multitool_lint.diagnostics.finding import Context, Finding, enumerate_briefly, quoted, related
from multitool_lint.diagnostics.other_keys import other_keys
from multitool_lint.diagnostics.placeholder import has_placeholder, to_be_replaced
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.limits import MAX_LISTED_NAMES
from multitool_lint.policy.action_scope import action_scopes, is_everywhere
from multitool_lint.policy.condition_keys import (
    is_in_sample,
    is_of_instance,
    is_of_provider,
    is_supported_by,
    unknown_key,
)
from multitool_lint.policy.document import Condition, Policy, Statement
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.policy.principals import users_and_roles
from multitool_lint.policy.resource_tags import RESOURCE_TAG, Untagged, without_resource_tag
from multitool_lint.policy.statement_scope import ActionPattern, StatementScope, statement_scopes
from multitool_lint.policy.trust import TAG_SESSION
from multitool_lint.syntax.tree import Member, Node

_UNSUPPORTED = "UNSUPPORTED_ACTION_FOR_CONDITION_KEY"
_UNSUPPORTED_HERE = "does not support the key"
_DISPUTED = "IAM Access Analyzer reports this, but AWS documents the key for this use"
_TRY = "check that the condition works"
_COGNITO = "cognito-identity.amazonaws.com:"
_CHECKED_SERVICES = frozenset({"dynamodb", "kms", "s3", "sts"})
"""The services for whose actions Access Analyzer is known to check condition keys."""

_TAG_TYPES = {
    "Deny": frozenset(PolicyType) - {PolicyType.TRUST},
    "Allow": frozenset(PolicyType) - {PolicyType.TRUST, PolicyType.SCP, PolicyType.RCP},
}
_ENDPOINT_CODE = "USE_CONDITION_KEY_ONLY_WITH_SUPPORTED_SERVICES"
_TAG_CODE = "WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE"


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
        yield from _resource_tag(policy, statement, condition, context)
    elif condition.lower_key in condition_keys.ENDPOINT_KEYS:
        yield from _endpoint_key(statement, condition, context)
    elif condition.lower_key.startswith(_COGNITO):
        yield from _cognito_key(statement, condition, context)
    elif condition.lower_key in SOURCE_KEYS:
        yield from _source_key(statement, condition, context)


def _resource_tag(
    policy: Policy, statement: Statement, condition: Condition, context: Context
) -> Iterator[Finding]:
    effect, key = statement.effect or "", condition.key.key
    if policy.type not in _TAG_TYPES.get(effect, ()) or statement.action is None:
        return
    # Null tests whether the tag is present, and Access Analyzer reports a statement once.
    coded = _first_compared(statement) is condition
    if statement.negates_actions:
        yield context.finding(
            condition.key,
            f"NotAction also matches actions that do not support {key}",
            label="not supported by some of the actions",
            notes=(f"for these actions, the condition {_outcome(statement, condition)}",),
            help="specify the actions in Action",
            related=(related(statement.action, "matches all other actions"),),
            issue_code=f"{effect.upper()}_NOTACTION_{_TAG_CODE}" if coded else "",
            severity=_tag_severity(statement, condition),
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
    about = (one for one in statement.conditions if one.lower_key.startswith(RESOURCE_TAG))
    return next((one for one in about if one.comparison.family not in ("", "Null")), None)


def _without_tag(
    statement: Statement, condition: Condition, actions: list[Untagged], context: Context, code: str
) -> Finding:
    key = condition.key.key
    every = list(dict.fromkeys(name for action in actions for name in action.names))
    title, listed = _subject(every, key, actions[0].prefix if code else "")
    if any(action.documented for action in actions):
        severity, note, advice = Severity.SUGGESTION, _DISPUTED, _TRY
    else:
        severity = _tag_severity(statement, condition)
        texts = [action.text for action in actions]
        alone = len(texts) == statement.action_count
        advice = other_keys(action_scopes(context.catalog), key, texts, alone=alone)
        note = f"the condition {_outcome(statement, condition, len(every))}"
    return context.finding(
        condition.key,
        title,
        notes=(*listed, note),
        help=advice,
        related=tuple(related(action.node, _relation(action)) for action in actions),
        issue_code=code,
        severity=severity,
    )


def _tag_severity(statement: Statement, condition: Condition) -> Severity:
    """How severe it is that requests lack a tag: whether a Deny denies less than intended, or more.

    AWS advises IfExists for a Deny that is to apply to requests without the key as well.
    """
    if statement.allows:
        return Severity.SUGGESTION
    if not _holds_without_key(condition):
        return Severity.SECURITY
    return Severity.SUGGESTION if condition.comparison.if_exists else Severity.WARNING


def _subject(names: list[str], key: str, service: str = "") -> tuple[str, tuple[str, ...]]:
    """The title, and the note that lists the actions if there are several."""
    if len(names) == 1:
        return f"{names[0]} does not support {key}", ()
    whose = f" of {service}" if service else ""
    title = f"{len(names):,} actions{whose} do not support {key}"
    return title, (f"actions: {enumerate_briefly(names)}",)


def _relation(action: Untagged) -> str:
    return f"includes {enumerate_briefly(action.names, 1)}" if action.partial else _UNSUPPORTED_HERE


def _is_for_the_others(
    statement: Statement, condition: Condition, by_service: Mapping[str, list[Untagged]]
) -> bool:
    """Whether IfExists limits the condition to the actions that support the key."""
    without = [action for actions in by_service.values() for action in actions]
    others = len(without) < len(statement.actions) or any(action.partial for action in without)
    return statement.allows and condition.comparison.if_exists and others


def _outcome(statement: Statement, condition: Condition, actions: int = 2) -> str:
    done, them = "allows" if statement.allows else "denies", "it" if actions == 1 else "them"
    if _holds_without_key(condition):
        return f"always matches, so this statement {done} {them} whatever the tags are"
    return f"never matches, so this statement never {done} {them}"


def _holds_without_key(condition: Condition) -> bool:
    operator = condition.comparison
    if operator.family == "Null" and not operator.qualifier:
        return any(str(node.value).lower() == "true" for node in condition.values)
    return operator.holds_without_key


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
                notes=(_DISPUTED,),
                help=_TRY,
                related=(related(node, _UNSUPPORTED_HERE),),
                issue_code=_UNSUPPORTED,
                severity=Severity.SUGGESTION,
            )


def _source_key(statement: Statement, condition: Condition, context: Context) -> Iterator[Finding]:
    """A finding about a key that only requests of services have, in a grant to users and roles.

    AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sourcearn
    """
    operator = condition.comparison
    if not statement.allows or operator.family in ("", "Null") or operator.holds_without_key:
        return
    callers = users_and_roles(statement)
    first = next(other for other in statement.conditions if other.lower_key in SOURCE_KEYS)
    if callers and condition is first:
        yield context.finding(
            condition.key,
            f"Requests of users and roles never have {quoted(condition.key.key)}",
            label="only services that call by themselves have it",
            notes=("the condition never holds, so this statement never allows anything",),
            help="remove it, or specify the service as the principal",
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
    key, holds = condition.key.key, condition.comparison.holds_without_key
    places = _places_without(scope, condition)
    takers = scope.scopes.takers(key, MAX_LISTED_NAMES) if places else []
    if takers == []:
        return
    without = list(map(scope.pattern, places))
    texts = [action.text for action in without]
    title, listed = _subject(texts, key)
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
            related(action.node, _UNSUPPORTED_HERE) for action in without[:MAX_LISTED_NAMES]
        ),
        issue_code=_code(key, without),
        severity=Severity.SUGGESTION if is_in_sample(key, texts) else None,
    )


def _places_without(scope: StatementScope, condition: Condition) -> list[int]:
    """The numbers of the actions that do not support a known key; none if that is intended."""
    key, operator = condition.key.key, condition.comparison
    if operator.family in ("", "Null") or is_everywhere(key):
        return []  # Null tests whether a request has the key, which is valid for any action
    if scope.scopes.key(key, scope.prefixes) is None:
        return []
    takes = scope.scopes.takes
    places = [
        at
        for at, name in enumerate(scope.lower_names)
        if not takes(name, key) and not is_supported_by(name, key)
    ]
    documented = sum(formats.documented for formats in scope.formats)
    if len(places) < documented and operator.holds_without_key and not operator.negated:
        return []  # intended for the actions that have the key, as AWS advises
    return places


def _code(key: str, without: list[ActionPattern]) -> str | None:
    """The check of Access Analyzer, which ignores global keys, wildcards and most services."""
    checked = any(
        not patterns.has_wildcard(action.text)
        and action.text.partition(":")[0].lower() in _CHECKED_SERVICES
        for action in without
    )
    is_global = key.lower().startswith("aws:")
    return _UNSUPPORTED if checked and not is_global else None
