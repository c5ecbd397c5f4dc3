"""Resources that are neither `*` nor an ARN, and values of conditions on ARNs that are none."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from multitool_lint.aws import arn, arn_formats, patterns, regions
from multitool_lint.aws.action_status import is_rejected
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.catalog.queries import formats_of_action
from multitool_lint.diagnostics.finding import Context, Finding, Fix, Safety, enumerate_briefly
from multitool_lint.diagnostics.fixes import write
from multitool_lint.diagnostics.placeholder import to_be_replaced
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.policy.document import Policy, PolicyType, Statement
from multitool_lint.policy.placeholders import in_capitals
from multitool_lint.syntax.patch.change import set_value
from multitool_lint.syntax.tree import Node

_SHAPELESS = frozenset({"INVALID_ARN_PREFIX", "MISSING_ARN_FIELD"})
_OF_COUNT = frozenset({"MISSING_ARN_FIELD", "INVALID_ARN_ACCOUNT"})
"""What is wrong where fields are left out: those after them stand in the wrong place."""


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """Judge what an ARN has whatever its service: its prefix, its fields, the names in them."""
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
    """The service in an ARN that has nothing else to tell of: most have, and are soon done with."""
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
            f'"{text}" is no ARN: only the policy of an API may leave out what comes before '
            f'"execute-api"; write "arn:aws:execute-api:region:account:api-id/..."',
            issue_code="MISSING_ARN_FIELD",
        )
    elif not text.strip("*?"):
        yield context.finding(
            node,
            f'"{text}" matches no ARN; write "*" for all resources',
            issue_code=arn_formats.INVALID_RESOURCE,
        )
    elif (defect := arn.defect(text)) and (whole := _completed(text, defect, context)):
        yield _short(node, text, whole, defect, context)
    elif defect and _is_to_be_replaced(text):
        yield to_be_replaced(context, node, text, defect.code)
    elif defect:
        message = defect.message
        if defect.code in _SHAPELESS:
            message += _form(statement, context.catalog)
        yield context.finding(node, message, issue_code=defect.code)
    else:
        yield from _names_in_fields(node, text, context)


def _is_to_be_replaced(text: str) -> bool:
    known = in_capitals(text)
    return known != text and arn.defect(known) is None


def _completed(text: str, defect: arn.Defect, context: Context) -> str | None:
    """The ARN that AWS reads where fields are left out, if it can be one."""
    if defect.code not in _OF_COUNT:
        return None
    fills_in = context.policy.type.has_identity_grammar
    return arn_formats.completed(context.catalog, text, fills_in=fills_in)


def _short(node: Node, text: str, whole: str, defect: arn.Defect, context: Context) -> Finding:
    return context.finding(
        node,
        f'"{text}" leaves out fields of arn:partition:service:region:account:resource, and AWS '
        f'does not take that everywhere; it is read as "{whole}": write that, or what is meant',
        severity=Severity.WARNING,
        issue_code=defect.code,
        fixes=write(node, whole),
    )


def _form(statement: Statement, catalog: Catalog) -> str:
    """The plainest ARN that the first action of the statement takes, as the end of a message."""
    for text in statement.action_names[:1]:
        if formats := formats_of_action(catalog, text):
            return f"; {text} takes {min(formats, key=len)}"
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
            f'"{fields.region}" is a Region of the partition {other}: write "arn:{other}:..." or '
            f"a Region of {fields.partition}",
            issue_code="INVALID_ARN_REGION",
        )
    if not patterns.has_wildcard(fields.service):
        yield from _service(node, text, fields.service, context)


def _unlisted_region(node: Node, region: str, context: Context) -> Iterator[Finding]:
    if not patterns.has_wildcard(region):
        yield context.finding(
            node,
            f'"{region}" is not a Region that is known here; if it is not a new one: '
            f"{arn.close_region(region)}",
            issue_code="INVALID_ARN_REGION",
            severity=Severity.WARNING,
        )


def _other_partition(fields: arn.Arn) -> str | None:
    """The partition of a Region that is not in the one that an ARN names."""
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
            f'AWS no longer lists the service "{lower}"; {service.retired} had it last: remove the '
            "resource",
            issue_code="INVALID_SERVICE" if is_rejected(context.catalog, lower) else "",
            severity=Severity.WARNING,
        )
        return
    if lower != name and arn_formats.is_service(context.catalog, lower):
        yield context.finding(
            node,
            f'the service in an ARN is written in lower case: "{lower}" instead of "{name}"',
            issue_code="INVALID_ARN_SERVICE_CASE",
            fixes=_with_service(node, text, lower),
        )
        return
    from multitool_lint.aws.catalog.attested import service_evidence

    if used := service_evidence(context.catalog, lower):
        yield context.finding(
            node,
            f'no service "{name}" is known to the catalog of {context.catalog.date}; {used.clause}',
            severity=Severity.WARNING,
            issue_code="",
        )
        return
    near = _close_services(context.catalog, lower)
    yield context.finding(
        node,
        f'AWS has no service "{name}"; the third field of an ARN is a name like {near}',
        issue_code="INVALID_SERVICE",
    )


def _with_service(node: Node, text: str, service: str) -> tuple[Fix, ...]:
    head, partition, _, *rest = arn.split(text)
    new = ":".join((head, partition, service, *rest))
    return (Fix(f'write "{service}"', (set_value(node, new),), Safety.UNSAFE),)


def _close_services(catalog: Catalog, name: str) -> str:
    near = catalog.close_services(name)
    return enumerate_briefly(near) if near else "s3"


def _in_conditions(statement: Statement, context: Context) -> Iterator[Finding]:
    for condition in statement.conditions:
        operator = condition.comparison
        if operator.family != "ARN":
            continue
        for node, text in condition.texts:
            # What few fields with a wildcard match, AWS does not say.
            if patterns.has_wildcard(text) and text.count(":") < arn.FIELDS - 1:
                continue
            if text and (defect := arn.defect(text)):
                if _is_to_be_replaced(text):
                    yield to_be_replaced(context, node, text, defect.code)
                else:
                    yield context.finding(node, f"{defect.message}; {operator.name} compares ARNs")
