"""Conditions of resource control policies that apply to services by mistake, or the reverse."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.service_requests import NETWORK_KEYS, SOURCE_KEYS
from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.access import actions_of
from multitool_lint.policy.document import Condition, Policy, Statement
from multitool_lint.policy.resources import has_unknown_condition
from multitool_lint.syntax.tree import UNKNOWN, Member

_PRINCIPAL_KEYS = frozenset(
    {"aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths"}
)
_ORGANIZATION_KEYS = frozenset({"aws:sourceorgid", "aws:sourceorgpaths"})
_IS_SERVICE = "aws:principalisawsservice"
_ALWAYS_SENT = frozenset({"aws:sourceaccount", "aws:sourcearn"})


_BY_SERVICES = {
    # https://docs.aws.amazon.com/kms/latest/developerguide/service-integration.html
    "kms": ("CreateGrant", "Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey*", "ReEncrypt*"),
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
    "s3": ("GetBucketAcl", "GetBucketLocation", "GetObject*", "List*", "PutObject", "Replicate*"),
    "secretsmanager": ("DescribeSecret", "GetSecretValue"),
    "sqs": ("*Message", "GetQueue*"),
}
"""The actions that services call as themselves, of services with actions that they do not call."""


class _Compared(NamedTuple):
    """The first key of each kind that a statement compares, and its conditions on services."""

    principal: Member | None
    network: Member | None
    source: Member | None
    organization: Member | None
    of_services: bool
    of_others: bool
    asks_for_source: bool
    is_called: bool


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each key that needs another condition that the statement lacks."""
    for statement in policy.statements:
        if statement.effect != "Deny" or not statement.conditions:
            continue
        if not has_unknown_condition(statement):
            yield from _missing(_read(statement, context.catalog), context)


def _missing(found: _Compared, context: Context) -> Iterator[Finding]:
    of_caller = found.principal or found.network
    separately = " in a separate statement" if of_caller and found.source else ""
    if of_caller and not found.of_others and not found.of_services:
        yield context.finding(
            of_caller,
            f"This Deny also applies to AWS services, whose requests lack {of_caller.key}",
            help='add the condition BoolIfExists with "false" for '
            f"aws:PrincipalIsAWSService{separately}",
            issue_code="RCP_MISSING_RELATED_PRINCIPAL_CONDITION_KEY" if found.principal else "",
            severity=None if found.is_called else Severity.SUGGESTION,
        )
    if found.source and found.of_others and not found.of_services:
        yield context.finding(
            found.source,
            f"This Deny excludes AWS services, but only their requests have {found.source.key}",
            help="compare keys of the principal, such as aws:PrincipalOrgID, "
            'or require "true" for aws:PrincipalIsAWSService',
            issue_code="RCP_MISSING_RELATED_SERVICE_PRINCIPAL_CONDITION_KEY",
        )
    elif found.source and not found.of_services:
        yield context.finding(
            found.source,
            f"This Deny may also apply to users and roles, whose requests lack {found.source.key}",
            help=f'add the condition Bool with "true" for aws:PrincipalIsAWSService{separately}',
            issue_code="RCP_MISSING_RELATED_SERVICE_PRINCIPAL_CONDITION_KEY",
        )
    elif found.organization and not found.asks_for_source:
        yield context.finding(
            found.organization,
            f"This Deny also applies to AWS services whose requests lack {found.organization.key}",
            help='add the condition Null with "false" for aws:SourceAccount',
            issue_code="RCP_MISSING_SERVICE_CONDITION_KEY_NULL_CHECK",
        )


def _is_called(statement: Statement, catalog: Catalog) -> bool:
    """Whether services call some of the actions as themselves; unknown ones may be such."""
    if statement.negates_actions or statement.action_count > len(statement.action_names):
        return True
    actions = actions_of(statement, catalog)
    return any(
        prefix not in _BY_SERVICES
        or any(actions & catalog.match(f"{prefix}:{name}") for name in _BY_SERVICES[prefix])
        for prefix in actions.prefixes
    )


def _read(statement: Statement, catalog: Catalog) -> _Compared:
    compared: list[Member] = []
    of_services = of_others = asks_for_source = False
    for condition in statement.conditions:
        key, operator = condition.lower_key, condition.comparison
        if key == _IS_SERVICE:
            of_services = of_services or _may_be(condition, "true")
            of_others = of_others or _may_be(condition, "false")
        elif operator.family not in ("", "Null"):
            compared.append(condition.key)
        elif key in _ALWAYS_SENT and not operator.qualifier:
            asks_for_source = asks_for_source or _may_be(condition, "false")
    about_networks = (
        condition.key
        for condition in statement.conditions
        if condition.lower_key in NETWORK_KEYS and condition.comparison.holds_without_key
    )
    return _Compared(
        next((key for key in compared if _is_principal_key(key.key.lower())), None),
        next(about_networks, None),
        next((key for key in compared if key.key.lower() in SOURCE_KEYS), None),
        next((key for key in compared if key.key.lower() in _ORGANIZATION_KEYS), None),
        of_services,
        of_others,
        asks_for_source,
        _is_called(statement, catalog),
    )


def _is_principal_key(key: str) -> bool:
    return key in _PRINCIPAL_KEYS or key.startswith("aws:principaltag/")


def _may_be(condition: Condition, value: str) -> bool:
    return any(
        node.value is UNKNOWN or str(node.value).lower() == value for node in condition.values
    )
