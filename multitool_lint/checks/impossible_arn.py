"""ARNs that no resource of their service can have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from multitool_lint.aws import arn, arn_formats, patterns
from multitool_lint.aws.catalog import name_index
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.catalog.queries import formats_of_action
from multitool_lint.diagnostics.finding import Context, Finding, Fix, Safety, enumerate_briefly
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.syntax.patch.change import set_value
from multitool_lint.syntax.tree import Node

if TYPE_CHECKING:
    from multitool_lint.aws.arn_formats import FormatMismatch
_REGION, _ACCOUNT, _RESOURCE = 3, 4, 5
_BEGINNING = "arn:${Partition}:"
_KIND = re.compile(r"[^/:$]*")
_VARIABLE = "${"


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """Every resource that is an ARN, but of no format that its service has."""
    misfits_of = arn_formats.format_mismatches(context.catalog)
    for statement in policy.statements:
        for at, text in enumerate(statement.resource_names):
            misfits = misfits_of(text) if text[:4] == "arn:" else ()
            if misfits and arn.defect(text) is None:
                for misfit in misfits:
                    if misfit.code == arn_formats.INVALID_RESOURCE:
                        message = _unlike(text, misfit, _taken(statement, context.catalog))
                        yield context.finding(
                            statement.resource_node(at), message, issue_code=_code(text, misfit)
                        )
                    else:
                        yield _of_field(statement.resource_node(at), text, misfit, context)


def _of_field(node: Node, text: str, misfit: FormatMismatch, context: Context) -> Finding:
    place = _REGION if "REGION" in misfit.code else _ACCOUNT
    what = "Region" if place == _REGION else "account"
    format_ = misfit.formats[0].text.removeprefix(_BEGINNING)
    code = _code(text, misfit)
    if misfit.code in (arn_formats.MISSING_REGION, arn_formats.MISSING_ACCOUNT):
        message = (
            f'"{text}" has no {what}, and ARNs of {format_} have one: write it, or "*" for any, '
            f"as field {place + 1}"
        )
        return context.finding(node, message, issue_code=code)
    message = f'"{text}" names a{"n" * (what[0] == "a")} {what}, and ARNs of {format_} have none'
    return context.finding(node, message, issue_code=code, fixes=_without(node, text, place, what))


def _code(text: str, misfit: FormatMismatch) -> str:
    """The check of Access Analyzer, which accepts what misses a field if it ends in a pattern."""
    if misfit.code in (arn_formats.REGION_NOT_ALLOWED, arn_formats.ACCOUNT_NOT_ALLOWED):
        return misfit.code
    resource = arn.split(text)[_RESOURCE]
    return misfit.code if resource and not patterns.has_wildcard(resource) else ""


def _taken(statement: Statement, catalog: Catalog) -> frozenset[str]:
    """The formats of the resources that the statement's actions are documented to act on."""
    named = {name for text in statement.action_names for name in catalog.names(catalog.match(text))}
    formats = (formats_of_action(catalog, name) or () for name in named)
    return frozenset(chain.from_iterable(formats))


def _unlike(text: str, misfit: FormatMismatch, taken: frozenset[str]) -> str:
    _, _, service, *_, resource = arn.split(text)
    formats = [format_.text for format_ in misfit.formats]
    formats = [format_ for format_ in formats if format_ in taken] or formats
    meant = _alike(
        resource,
        tuple(dict.fromkeys(format_.split(":", _RESOURCE)[_RESOURCE] for format_ in formats)),
    )
    return (
        f'no ARN of {service} ends in "{resource}": write '
        f"{'one of the forms' if len(meant) > 1 else 'the form'} {enumerate_briefly(meant)}"
    )


def _alike(resource: str, known: Sequence[str]) -> list[str]:
    """The forms whose kind is like what a resource begins with; else all, the simplest first."""
    kinds = tuple(_kind(format_) for format_ in known)
    near = name_index.close(_kind(resource), tuple(dict.fromkeys(kinds)))
    names = list(dict.fromkeys(kinds))
    wanted = {names[at] for at in near}
    simplest = sorted(known, key=lambda format_: format_.count(_VARIABLE))
    return [format_ for format_ in simplest if not wanted or _kind(format_) in wanted]


def _kind(resource: str) -> str:
    match = _KIND.match(resource)
    return match[0].lower() if match else ""


def _without(node: Node, text: str, place: int, what: str) -> tuple[Fix, ...]:
    fields = arn.split(text)
    fields[place] = ""
    new = ":".join(fields)
    return (Fix(f"remove the {what}", (set_value(node, new),), Safety.UNSAFE),)
