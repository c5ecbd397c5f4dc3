"""Statements that let a service act whatever it was asked by."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws.service_requests import (
    ALEXA,
    EVENT_SOURCE_TOKEN,
    SOURCE_KEYS,
    WEAK_SOURCE_KEYS,
)
from multitool_lint.diagnostics.finding import Context, Finding, enumerate_briefly, related
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.policy.principals import PrincipalValue, is_about_roles, principal_values
from multitool_lint.policy.resources import has_unknown_condition, restricts_values

_TELLING_KEYS = SOURCE_KEYS | {EVENT_SOURCE_TOKEN.lower()}

_OF_MESSAGES = frozenset(
    {"kms:decrypt", "kms:generatedatakey", "kms:generatedatakey*", "sns:publish"}
)
"""What EventBridge needs to publish to a topic that is encrypted."""

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
        restricting = {
            condition.lower_key: condition.key
            for condition in statement.conditions
            if restricts_values(condition)
        }
        if any(_tells_source(key) for key in restricting):
            continue
        weak = next((restricting[key] for key in WEAK_SOURCE_KEYS if key in restricting), None)
        if weak:
            yield context.finding(
                weak,
                f"restrict {_names(services)} by aws:SourceArn, aws:SourceAccount, aws:SourceOrgID "
                f"or aws:SourceOrgPaths instead of {weak.key}",
                issue_code="RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL",
                severity=Severity.SUGGESTION,
            )
            continue
        limited = [service for service in services if not _ignores_conditions(service, statement)]
        if not limited:
            yield context.finding(
                services[0].node,
                f"{_names(services)} may do this on behalf of anyone's rules, and AWS documents no "
                "condition for it; give the target of the rule an execution role instead",
                issue_code="RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL",
                severity=Severity.SUGGESTION,
            )
            continue
        yield context.finding(
            limited[0].node,
            f"{_names(limited)} may do this on behalf of anyone's resources: add a condition on "
            + (
                EVENT_SOURCE_TOKEN
                if limited[0].text in ALEXA
                else "aws:SourceArn, aws:SourceAccount, aws:SourceOrgID or aws:SourceOrgPaths"
            ),
            related=tuple(
                related(service.node, "and this service", alike=True) for service in limited[1:]
            ),
            issue_code="RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL",
        )


def _tells_source(key: str) -> bool:
    # Some services put the ARN that they act for into the encryption context.
    return key in _TELLING_KEYS or key.startswith(_ENCRYPTION_CONTEXT)


def _ignores_conditions(service: PrincipalValue, statement: Statement) -> bool:
    """Whether it is EventBridge, which only publishes to a topic, or uses its key.

    A condition stops its messages, so AWS's statements for it have none:
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sns-permissions
    https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
    """
    actions = set(statement.lower_action_names)
    return service.text == "events.amazonaws.com" and bool(actions) and actions <= _OF_MESSAGES


def _names(services: list[PrincipalValue]) -> str:
    return enumerate_briefly([service.text for service in services])
