"""ARNs that no resource of their service can have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from multitool_lint.aws import arn, arn_formats, patterns
from multitool_lint.aws.catalog import name_index
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.diagnostics.finding import Context, Finding, Fix, enumerate_briefly, quoted
from multitool_lint.diagnostics.fixes import unsafe
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.syntax.patch.change import set_value
from multitool_lint.syntax.placeholders import as_written
from multitool_lint.syntax.tree import Node

if TYPE_CHECKING:
    from multitool_lint.aws.arn_formats import FormatMismatch
_REGION, _ACCOUNT, _RESOURCE = 3, 4, 5
_KIND = lazy_pattern(r"[^/:$]*")
_NOT_ALLOWED = (arn_formats.REGION_NOT_ALLOWED, arn_formats.ACCOUNT_NOT_ALLOWED)
_VARIABLE = "${"
_AN_ACCOUNT = lazy_pattern(r"\d{12}|\$\{[^{}]*account[^{}]*\}", re.IGNORECASE)
"""An account, or what is filled in with one."""
_DOCUMENTS_OF_AWS = ("document/aws", "document/amazon", "document/amzn")


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each ARN that does not match any format of its service."""
    misfits_of = arn_formats.format_mismatches(context.catalog)
    for statement in policy.statements:
        for at, text in enumerate(statement.resource_names):
            misfits = misfits_of(text) if text[:4] == "arn:" else ()
            if misfits and arn.defect(text) is None:
                for misfit in misfits:
                    node = statement.resource_node(at)
                    if misfit.code == arn_formats.INVALID_RESOURCE:
                        accepted = _accepted(statement, context.catalog)
                        yield _of_resource(node, text, misfit, accepted, context)
                    else:
                        yield _of_field(node, text, misfit, _without(node, text, misfits), context)
            elif not misfits and _is_document_of_aws(text):
                yield _of_document(statement.resource_node(at), text, context)


def _is_document_of_aws(text: str) -> bool:
    """Whether it is a document of Systems Manager that only AWS can have, in an account.

    https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_CreateDocument.html
    """
    if ":ssm:" not in text:
        return False
    *_, account, resource = arn.split(text)
    is_account = _AN_ACCOUNT.fullmatch(as_written(account)) is not None
    return is_account and resource.lower().startswith(_DOCUMENTS_OF_AWS)


def _of_document(node: Node, text: str, context: Context) -> Finding:
    fields = arn.split(text)
    fields[_ACCOUNT] = ""
    whole = ":".join(fields)
    return context.finding(
        node,
        f"{quoted(fields[_RESOURCE])} is a document of AWS, whose ARN has no account",
        label="no document is this one",
        notes=("names that begin so are reserved for AWS",),
        help=f"remove the account: {as_written(whole)}",
        issue_code="",
        fixes=unsafe("Remove the account from the ARN", set_value(node, whole)),
        severity=Severity.WARNING,
    )


def _of_field(
    node: Node, text: str, misfit: FormatMismatch, fixes: tuple[Fix, ...], context: Context
) -> Finding:
    place, what = _field(misfit)
    article = "an" if place == _ACCOUNT else "a"
    missing = misfit.code in (arn_formats.MISSING_REGION, arn_formats.MISSING_ACCOUNT)
    advice = f"remove the {what}"
    if missing:
        advice = f'add the {what} as field {place + 1}, or "*" for any {what}'
    return context.finding(
        node,
        f"{quoted(text)} must have {article} {what}"
        if missing
        else f"{quoted(text)} must not have {article} {what}",
        notes=(f"the format is {misfit.formats[0].text}",),
        help=advice,
        issue_code=_code(text, misfit),
        fixes=() if missing else fixes,
    )


def _code(text: str, misfit: FormatMismatch) -> str:
    """The check of Access Analyzer, which accepts a missing field if the ARN ends in a pattern."""
    if misfit.code in _NOT_ALLOWED:
        return misfit.code
    resource = arn.split(text)[_RESOURCE]
    return misfit.code if resource and not patterns.has_wildcard(resource) else ""


def _accepted(statement: Statement, catalog: Catalog) -> frozenset[str]:
    """The formats of the resources that AWS documents for the actions of the statement."""
    from multitool_lint.aws.catalog.queries import formats_of_action  # saves start-up

    named = {name for text in statement.action_names for name in catalog.names(catalog.match(text))}
    formats = (formats_of_action(catalog, name) or () for name in named)
    return frozenset(chain.from_iterable(formats))


def _of_resource(
    node: Node, text: str, misfit: FormatMismatch, accepted: frozenset[str], context: Context
) -> Finding:
    _, _, service, *_, resource = arn.split(text)
    formats = [format_.text for format_ in misfit.formats]
    formats = [format_ for format_ in formats if format_ in accepted] or formats
    similar = _alike(
        resource,
        tuple(dict.fromkeys(format_.split(":", _RESOURCE)[_RESOURCE] for format_ in formats)),
    )
    advice = f"use {'one of the formats' if len(similar) > 1 else 'the format'} "
    ends_early = resource.endswith("/") and any(
        not arn_formats.format_mismatches(context.catalog)(other)
        for other in (text[:-1], f"{text}*")
    )
    return context.finding(
        node,
        f"{quoted(resource)} is not a valid resource in an ARN of {service}",
        help='remove the "/" at the end, or add what follows it, such as "*"'
        if ends_early
        else advice + enumerate_briefly(similar),
        issue_code=_code(text, misfit),
    )


def _alike(resource: str, known: Sequence[str]) -> list[str]:
    """The formats whose kind is similar to that of a resource, else all, the simplest first."""
    kinds = tuple(_kind(format_) for format_ in known)
    near = name_index.close(_kind(resource), tuple(dict.fromkeys(kinds)))
    names = list(dict.fromkeys(kinds))
    wanted = {names[at] for at in near}
    simplest = sorted(known, key=lambda format_: format_.count(_VARIABLE))
    return [format_ for format_ in simplest if not wanted or _kind(format_) in wanted]


def _kind(resource: str) -> str:
    match = _KIND.match(resource)
    return match[0].lower() if match else ""


def _without(node: Node, text: str, misfits: Sequence[FormatMismatch]) -> tuple[Fix, ...]:
    """Remove all fields that the ARN must not have."""
    fields = arn.split(text)
    unwanted = [_field(misfit) for misfit in misfits if misfit.code in _NOT_ALLOWED]
    for place, _ in unwanted:
        fields[place] = ""
    names = " and the ".join(what for _, what in unwanted)
    return unsafe(f"Remove the {names} from the ARN", set_value(node, ":".join(fields)))


def _field(misfit: FormatMismatch) -> tuple[int, str]:
    """The field that a misfit is about, and its name."""
    return (_REGION, "Region") if "REGION" in misfit.code else (_ACCOUNT, "account")
