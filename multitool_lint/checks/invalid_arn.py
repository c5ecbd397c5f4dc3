"""Resources that are neither `*` nor an ARN, and values of ARN operators that are not ARNs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from multitool_lint.aws import arn, arn_formats, patterns, regions
from multitool_lint.aws.action_status import is_rejected
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.diagnostics.finding import Context, Finding, Fix, quoted
from multitool_lint.diagnostics.fixes import unsafe, write
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.diagnostics.suggestion import alternatives
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.patch.change import set_value
from multitool_lint.syntax.tree import Node

_ANY_LOGS = lazy_pattern(r"arn:[\w-]+:logs:\*")
_SHAPELESS = frozenset({"INVALID_ARN_PREFIX", "MISSING_ARN_FIELD"})
_OF_COUNT = frozenset({"MISSING_ARN_FIELD", "INVALID_ARN_ACCOUNT"})
"""The defects of an ARN in which fields are left out, so that others are in the wrong place."""


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each resource or condition value whose prefix, fields or names are wrong."""
    for statement in policy.statements:
        for at, text in enumerate(statement.resource_names):
            service = _sound_service(text)
            if service is not None and arn_formats.is_service(context.catalog, service):
                continue
            # API Gateway completes such a resource of the policy of an API itself.
            if policy.type is PolicyType.RESOURCE and text.startswith(arn.API_GATEWAY):
                continue
            if not arn.matches_all(text):
                yield from _resource(statement.resource_node(at), text, statement, context)
        if statement.conditions:
            yield from _in_conditions(statement, context)


@lru_cache(maxsize=8192)
def _sound_service(text: str) -> str | None:
    """The service in an ARN without other defects, which most are: a quick first test."""
    fields = arn.fields(text)
    if (
        fields is not None
        and not patterns.has_wildcard(fields.service)
        and arn.defect(text) is None
        and (
            not fields.region
            or patterns.has_wildcard(fields.region)
            or regions.partition_of(fields.region) is not None
        )
        and _other_partition(fields) is None
    ):
        return fields.service
    return None


def _resource(node: Node, text: str, statement: Statement, context: Context) -> Iterator[Finding]:
    if text.startswith(arn.API_GATEWAY):
        yield context.finding(
            node,
            f"{quoted(text)} is valid only in the policy of an API",
            help="elsewhere, use the form arn:aws:execute-api:region:account:api-id/...",
            issue_code="MISSING_ARN_FIELD",
        )
    elif not text.strip("*?"):
        yield context.finding(
            node,
            f"{quoted(text)} does not match any ARN",
            help='use "*" for all resources',
            issue_code=arn_formats.INVALID_RESOURCE,
        )
    elif (defect := arn.defect(text)) and (whole := _completed(text, defect, context)):
        yield _short(node, text, whole, defect, context, is_usual=_is_usual(text, statement))
    elif defect and (finding := _to_be_replaced(node, text, defect, context)):
        yield finding
    elif defect:
        form = _form(statement, context.catalog) if defect.code in _SHAPELESS else ""
        bare = text.rstrip()
        fixes = write(node, bare) if bare != text and arn.defect(bare) is None else ()
        yield _defective(node, defect, context, form, fixes)
    else:
        yield from _names_in_fields(node, text, context)


def _defective(
    node: Node,
    defect: arn.Defect,
    context: Context,
    note: str,
    fixes: tuple[Fix, ...] = (),
    *,
    issue_code: str | None = None,
) -> Finding:
    return context.finding(
        node,
        f"{quoted(defect.value)} {defect.problem}",
        notes=(note,) if note else (),
        help=defect.help,
        issue_code=defect.code if issue_code is None else issue_code,
        fixes=fixes,
    )


def _to_be_replaced(node: Node, text: str, defect: arn.Defect, context: Context) -> Finding | None:
    """The finding on what is an ARN but for the names of its fields, such as `REGION`."""
    # Saves start-up: few ARNs have a defect.
    from multitool_lint.diagnostics.placeholder import to_be_replaced
    from multitool_lint.policy.placeholders import with_field_names

    known = with_field_names(text)
    if known == text or arn.defect(known) is not None:
        return None
    return to_be_replaced(context, node, text, defect.code)


def _completed(text: str, defect: arn.Defect, context: Context) -> str | None:
    """The ARN as which AWS reads a text without some fields, if there is one."""
    if defect.code not in _OF_COUNT:
        return None
    fills_in = context.policy.type.has_identity_grammar
    return arn_formats.completed(context.catalog, text, fills_in=fills_in)


def _is_usual(text: str, statement: Statement) -> bool:
    """Whether a text means all logs in a statement by which a service may write some.

    https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudwatch_log_resource_policy
    """
    from multitool_lint.policy.principals import principal_values  # saves start-up

    of_services = any(True for _ in principal_values(statement, "Service"))
    return of_services and _ANY_LOGS.fullmatch(text) is not None


def _short(
    node: Node, text: str, whole: str, defect: arn.Defect, context: Context, *, is_usual: bool
) -> Finding:
    return context.finding(
        node,
        f"{quoted(text)} does not have all 6 fields of an ARN",
        notes=(f'where AWS accepts this, it is read as "{whole}"',),
        help="use the form arn:partition:service:region:account:resource",
        severity=Severity.SUGGESTION if is_usual else Severity.WARNING,
        issue_code=defect.code,
        fixes=write(node, whole),
    )


def _form(statement: Statement, catalog: Catalog) -> str:
    """A note with the simplest ARN that the first action of the statement accepts."""
    from multitool_lint.aws.catalog.queries import formats_of_action  # saves start-up

    for text in statement.action_names[:1]:
        if formats := formats_of_action(catalog, text):
            return f"{text} accepts {min(formats, key=len)}"
    return ""


def _names_in_fields(node: Node, text: str, context: Context) -> Iterator[Finding]:
    fields = arn.fields(text)
    if fields is None:
        return
    if fields.region and regions.partition_of(fields.region) is None:
        yield from _unlisted_region(node, fields.region, context)
    elif other := _other_partition(fields):
        yield context.finding(
            node,
            f'"{fields.region}" is not a Region of the partition {fields.partition}',
            help=f"use arn:{other}:... for this Region, or a Region of {fields.partition}",
            issue_code="INVALID_ARN_REGION",
        )
    if not patterns.has_wildcard(fields.service):
        yield from _service(node, text, fields.service, context)


def _unlisted_region(node: Node, region: str, context: Context) -> Iterator[Finding]:
    if not patterns.has_wildcard(region):
        yield context.finding(
            node,
            f"{quoted(region)} is not a known AWS Region; {arn.close_region(region)}",
            notes=(context.catalog_note,),
            issue_code="INVALID_ARN_REGION",
            severity=Severity.WARNING,
        )


def _other_partition(fields: arn.Arn) -> str | None:
    """The partition of the Region of an ARN, if that is not the partition of the ARN."""
    found = regions.partition_of(fields.region) if fields.region else None
    if found is None or patterns.has_wildcard(fields.partition):
        return None
    return None if found.name == fields.partition else found.name


def _service(node: Node, text: str, name: str, context: Context) -> Iterator[Finding]:
    if arn_formats.is_service(context.catalog, name):
        return
    lower = name.lower()
    service = context.catalog.service(lower)
    if service and service.retired:
        yield context.finding(
            node,
            f'The service "{lower}" is no longer in AWS\'s reference',
            notes=(f"last listed by {service.retired}",),
            help="remove the resource",
            issue_code="INVALID_SERVICE" if is_rejected(context.catalog, lower) else "",
            severity=Severity.WARNING,
        )
        return
    if lower != name and arn_formats.is_service(context.catalog, lower):
        yield context.finding(
            node,
            f'The service "{name}" in an ARN must be in lower case',
            help=f'use "{lower}"',
            issue_code="INVALID_ARN_SERVICE_CASE",
            fixes=_with_service(node, text, lower),
        )
        return
    yield _unknown_service(node, name, context)


def _unknown_service(node: Node, name: str, context: Context) -> Finding:
    """A finding about a service that the catalog has not: AWS may use it."""
    from multitool_lint.aws.catalog.attested import service_evidence

    if used := service_evidence(context.catalog, name.lower()):
        return context.finding(
            node,
            f"{quoted(name)} is not a known service",
            notes=(used.clause, context.catalog_note),
            severity=Severity.WARNING,
            issue_code="",
        )
    near = context.catalog.close_services(name.lower()) or ["s3"]
    return context.finding(
        node,
        f"{quoted(name)} is not an AWS service",
        help=f"use the name of a service in the third field, such as {alternatives(near)}",
        issue_code="INVALID_SERVICE",
    )


def _with_service(node: Node, text: str, service: str) -> tuple[Fix, ...]:
    head, partition, _, *rest = arn.split(text)
    new = ":".join((head, partition, service, *rest))
    return unsafe(f'Change the service to "{service}"', set_value(node, new))


def _in_conditions(statement: Statement, context: Context) -> Iterator[Finding]:
    for condition in statement.conditions:
        operator = condition.comparison
        if operator.family != "ARN":
            continue
        for node, text in condition.texts:
            # AWS does not document what a pattern with fewer fields matches.
            if patterns.has_wildcard(text) and text.count(":") < arn.FIELDS - 1:
                continue
            if text and (defect := arn.defect(text)):
                if finding := _to_be_replaced(node, text, defect, context):
                    yield finding
                else:
                    note = f"{operator.name} compares ARNs"
                    yield _defective(node, defect, context, note, issue_code="")
