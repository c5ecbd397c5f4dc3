"""Statements that allow a service access on behalf of any account."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws.service_requests import (
    ALEXA,
    EVENT_SOURCE_TOKEN,
    SOURCE_KEYS,
    WEAK_SOURCE_KEYS,
)
from multitool_lint.diagnostics.finding import Context, Finding, enumerate_briefly, quoted, related
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.policy.principals import PrincipalValue, is_about_roles, principal_values
from multitool_lint.policy.resources import has_unknown_condition, restricts_values

_TELLING_KEYS = SOURCE_KEYS | {EVENT_SOURCE_TOKEN.lower()}

_OF_MESSAGES = frozenset(
    {"kms:decrypt", "kms:generatedatakey", "kms:generatedatakey*", "sns:publish"}
)
"""The actions that EventBridge needs to publish to an encrypted topic."""

_RECOMMENDED = "aws:SourceArn, aws:SourceAccount, aws:SourceOrgID or aws:SourceOrgPaths"

_ENCRYPTION_CONTEXT = "kms:encryptioncontext:"


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every Allow statement for services without a condition on their source."""
    for statement in policy.statements:
        principal = statement.principal
        if not statement.allows or principal is None or principal.key == "NotPrincipal":
            continue
        services = list(principal_values(statement, "Service"))
        if not services or is_about_roles(statement) or has_unknown_condition(statement):
            continue
        if found := _source(statement, services, context):
            yield found


def _source(
    statement: Statement, services: list[PrincipalValue], context: Context
) -> Finding | None:
    """The finding about what a statement asks of the source of requests, if it is too little."""
    restricting = {
        condition.lower_key: condition.key
        for condition in statement.conditions
        if restricts_values(condition)
    }
    if any(_tells_source(key) for key in restricting):
        return None
    weak = next((restricting[key] for key in WEAK_SOURCE_KEYS if key in restricting), None)
    if weak:
        return context.finding(
            weak,
            f"`{weak.key}` is not a recommended condition key for {_subject(services)}",
            notes=_listed(services),
            help=f"use {_RECOMMENDED} instead",
            issue_code="RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL",
            severity=Severity.SUGGESTION,
        )
    limited = [service for service in services if not _ignores_conditions(service, statement)]
    if limited:
        return _unlimited(limited, context)
    return context.finding(
        services[0].node,
        f"{_subject(services)} can access this resource on behalf of rules of any account",
        label="no condition on the source",
        notes=("AWS documents no condition that EventBridge supports here",),
        help="give the target of the rule an execution role instead",
        issue_code="RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL",
        severity=Severity.SUGGESTION,
    )


def _unlimited(services: list[PrincipalValue], context: Context) -> Finding:
    """The finding about services that a condition on the source would limit."""
    return context.finding(
        services[0].node,
        f"{_subject(services)} can access this resource on behalf of any account",
        label="no condition on the source",
        notes=_listed(services),
        help="add a condition on "
        f"{EVENT_SOURCE_TOKEN if services[0].text in ALEXA else _RECOMMENDED}",
        related=tuple(
            related(service.node, "also this service", alike=True) for service in services[1:]
        ),
        issue_code="RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL",
    )


def _tells_source(key: str) -> bool:
    # Some services put the ARN on whose behalf they call into the encryption context.
    return key in _TELLING_KEYS or key.startswith(_ENCRYPTION_CONTEXT)


def _ignores_conditions(service: PrincipalValue, statement: Statement) -> bool:
    """Whether it is EventBridge, and the statement allows only publishing and use of the key.

    A condition blocks its messages, so AWS's examples for it have none:
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sns-permissions
    https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
    """
    actions = set(statement.lower_action_names)
    return service.text == "events.amazonaws.com" and bool(actions) and actions <= _OF_MESSAGES


def _subject(services: list[PrincipalValue]) -> str:
    return quoted(services[0].text) if len(services) == 1 else f"{len(services)} services"


def _listed(services: list[PrincipalValue]) -> tuple[str, ...]:
    """A note with the services that the title counts."""
    names = enumerate_briefly([service.text for service in services])
    return (f"services: {names}",) if len(services) > 1 else ()
