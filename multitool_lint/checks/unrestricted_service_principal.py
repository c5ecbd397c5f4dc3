"""Statements that allow a service access on behalf of any account."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws import arn
from multitool_lint.aws.patterns import has_wildcard
from multitool_lint.aws.principals import known_beginning, misspelt
from multitool_lint.aws.service_requests import (
    ALEXA,
    EVENT_SOURCE_TOKEN,
    SOURCE_KEYS,
    WEAK_SOURCE_KEYS,
    may_be_service_principal,
)
from multitool_lint.diagnostics.finding import Context, Finding, enumerate_briefly, quoted, related
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.document import Condition, Policy, Statement
from multitool_lint.policy.log_paths import PathLimit, path_limit
from multitool_lint.policy.principals import (
    PrincipalValue,
    is_about_roles,
    partly_known_principals,
    principal_values,
)
from multitool_lint.policy.resources import has_unknown_condition, restricts_values
from multitool_lint.syntax.placeholders import as_written
from multitool_lint.syntax.tree import Node, UnknownNode

_TELLING_KEYS = SOURCE_KEYS | {EVENT_SOURCE_TOKEN.lower(), "kms:calleraccount"}
"""Those that limit services to the requests of some accounts, be it to none."""


class _Documented(NamedTuple):
    """What AWS's examples allow a service without a condition, and what a finding says of it."""

    actions: frozenset[str]
    whom: str
    note: str
    help: str


_WITHOUT_SOURCE = {
    # A condition blocks the messages to an encrypted topic:
    # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sns-permissions
    # https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
    "events.amazonaws.com": _Documented(
        frozenset({"kms:decrypt", "kms:generatedatakey", "kms:generatedatakey*", "sns:publish"}),
        "rules of any account",
        "AWS documents no condition that EventBridge supports here",
        "give the target of the rule an execution role instead",
    ),
    # https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/access-control-managing-permissions.html#KMS-key-policy-for-DNSSEC
    "dnssec-route53.amazonaws.com": _Documented(
        frozenset({"kms:creategrant"}),
        "hosted zones of any account",
        "the key policy that AWS documents for DNSSEC has no condition on the source here",
        "check that the other statement for the service has a condition on aws:SourceAccount",
    ),
}

_OF_SETTINGS = frozenset({"kms:describekey", "s3:getbucketacl", "s3:getbucketlocation"})
"""What services ask before they deliver logs, for which AWS's examples often have no condition."""

_OF_LOGS = frozenset({"s3:putobject"})

_OF_EVENTS = frozenset({"logs:createlogstream", "logs:putlogevents"})
_TO_LOG_GROUPS = frozenset({"delivery.logs.amazonaws.com", "events.amazonaws.com"})
"""The services that write events into log groups; the policy that AWS makes has no condition.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-cloudwatchlogs-permissions
"""

_RECOMMENDED = "aws:SourceArn, aws:SourceAccount, aws:SourceOrgID or aws:SourceOrgPaths"

_SOURCE_ARN = "aws:sourcearn"

_WHOLE_KIND = lazy_pattern(r"([\w-]+[/:])?[*?/:]+")
"""The last field of an ARN for all resources of a kind, or all of the service."""

_ENCRYPTION_CONTEXT = "kms:encryptioncontext:"


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every Allow statement for services without a condition on their source."""
    found = [(item, services) for item in policy.statements if (services := _services(item))]
    # Next to a statement that lets them do more, reading settings needs the same condition.
    settings = all(_reads_settings(item) or _has_source(item) for item, _ in found)
    for statement, services in found:
        if finding := _source(statement, services, context, settings=settings):
            yield finding


def _services(statement: Statement) -> list[PrincipalValue]:
    """The services of an Allow statement that a condition on their source may limit."""
    principal = statement.principal
    if not statement.allows or principal is None or principal.key == "NotPrincipal":
        return []
    if is_about_roles(statement) or has_unknown_condition(statement):
        return []
    found = [
        service
        for service in principal_values(statement, "Service")
        if _may_be_service(service.text)
    ]
    open_ = partly_known_principals(statement, "Service")
    found += [PrincipalValue("Service", node, node.text) for node in open_ if _name_of(node)]
    return sorted(found, key=lambda service: service.node.span)


def _name_of(node: Node) -> str:
    """A service principal without the Region or domain that is filled in elsewhere."""
    return (
        (known_beginning(node.text) or "") if isinstance(node, UnknownNode) else node.string or ""
    )


def _has_source(statement: Statement) -> bool:
    """Whether something else than the actions limits a statement to some accounts."""
    return _path_limit(statement) is not None or any(
        restricts_values(condition) and _names_source(condition.lower_key)
        for condition in statement.conditions
    )


def _may_be_service(text: str) -> bool:
    """Whether AWS may accept a principal: other rules report a wildcard and what is misspelt."""
    if has_wildcard(text) or not may_be_service_principal(text):
        return False
    return "${" in text or misspelt(text) is None


def _source(
    statement: Statement, services: list[PrincipalValue], context: Context, *, settings: bool
) -> Finding | None:
    """The finding about what a statement asks of the source of requests, if it is too little."""
    restricting = [condition for condition in statement.conditions if restricts_values(condition)]
    telling = [condition for condition in restricting if _names_source(condition.lower_key)]
    of_any_account = [_arns_of_any_account(condition) for condition in telling]
    if telling:
        return (
            _of_any_account(services, of_any_account[0], context) if all(of_any_account) else None
        )
    weak = next((item.key for item in restricting if item.lower_key in WEAK_SOURCE_KEYS), None)
    if weak:
        return context.finding(
            weak,
            f"`{weak.key}` is not a recommended condition key for {_subject(services)}",
            notes=_listed(services),
            help=f"use {_RECOMMENDED} instead",
            issue_code="RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL",
            severity=Severity.SUGGESTION,
        )
    limited = [service for service in services if not _needs_no_source(service, statement)]
    if limited:
        extent = _extent(limited, statement, settings=settings)
        return _unlimited(limited, *extent, context)
    documented = _WITHOUT_SOURCE[_name_of(services[0].node)]
    return context.finding(
        services[0].node,
        f"{_subject(services)} can access this resource on behalf of {documented.whom}",
        label="no condition on the source",
        notes=(documented.note,),
        help=documented.help,
        issue_code="RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL",
        severity=Severity.SUGGESTION,
    )


def _arns_of_any_account(condition: Condition) -> list[Node]:
    """The ARNs of sources that match all resources of a kind in every account."""
    if condition.lower_key != _SOURCE_ARN or not condition.comparison.accepts_wildcards:
        return []
    return [node for node, text in condition.texts if _is_of_any_account(text)]


def _is_of_any_account(text: str) -> bool:
    fields = arn.fields(text)
    return (
        fields is not None
        and fields.account in ("", "*")
        and _WHOLE_KIND.fullmatch(fields.resource) is not None
    )


def _of_any_account(services: list[PrincipalValue], arns: list[Node], context: Context) -> Finding:
    return context.finding(
        arns[0],
        f"{_subject(services)} can access this resource on behalf of any account",
        label="matches resources of any account",
        notes=_listed(services),
        help="specify the account in aws:SourceArn, or add a condition on aws:SourceAccount",
        related=tuple(related(node, "also here", alike=True) for node in arns[1:]),
        issue_code="",
    )


def _unlimited(
    services: list[PrincipalValue], title: str, severity: Severity | None, context: Context
) -> Finding:
    """The finding about services that a condition on the source would limit."""
    return context.finding(
        services[0].node,
        title,
        label="no condition on the source",
        notes=_listed(services),
        help="add a condition on "
        f"{EVENT_SOURCE_TOKEN if services[0].text in ALEXA else _RECOMMENDED}",
        related=tuple(
            related(service.node, "also this service", alike=True) for service in services[1:]
        ),
        issue_code="RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL",
        severity=severity,
    )


def _extent(
    services: list[PrincipalValue], statement: Statement, *, settings: bool
) -> tuple[str, Severity | None]:
    """The title about what services can do for any account, and how severe that is."""
    subject = _subject(services)
    if settings and _reads_settings(statement):
        title = f"{subject} can read settings of this resource for any account"
        return title, Severity.SUGGESTION
    if limit := _path_limit(statement):
        verb = "limits" if limit is PathLimit.LIMITS else "may limit"
        return f"Only the path of the logs {verb} {subject} to an account", Severity.SUGGESTION
    if _TO_LOG_GROUPS.issuperset(_name_of(service.node) for service in services) and _allows_only(
        statement, _OF_EVENTS
    ):
        return f"{subject} can write events of any account to this log group", Severity.SUGGESTION
    return f"{subject} can access this resource on behalf of any account", None


def _reads_settings(statement: Statement) -> bool:
    return _allows_only(statement, _OF_SETTINGS)


def _path_limit(statement: Statement) -> PathLimit | None:
    """Whether logs can be written only where services put those of one account or organization."""
    return path_limit(statement) if _allows_only(statement, _OF_LOGS) else None


def _allows_only(statement: Statement, actions: frozenset[str]) -> bool:
    names = statement.lower_action_names
    known = 0 < len(names) == statement.action_count and not statement.negates_actions
    return known and actions.issuperset(names)


def _names_source(key: str) -> bool:
    # Some services put the ARN on whose behalf they call into the encryption context.
    return key in _TELLING_KEYS or key.startswith(_ENCRYPTION_CONTEXT)


def _needs_no_source(service: PrincipalValue, statement: Statement) -> bool:
    """Whether AWS's examples for all that a statement allows a service have no such condition."""
    documented = _WITHOUT_SOURCE.get(_name_of(service.node))
    actions = statement.lower_action_names
    return documented is not None and bool(actions) and documented.actions.issuperset(actions)


def _subject(services: list[PrincipalValue]) -> str:
    return quoted(services[0].text) if len(services) == 1 else f"{len(services)} services"


def _listed(services: list[PrincipalValue]) -> tuple[str, ...]:
    """A note with the services that the title counts."""
    names = enumerate_briefly([as_written(service.text) for service in services])
    return (f"services: {names}",) if len(services) > 1 else ()
