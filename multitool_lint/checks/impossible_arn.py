"""ARNs that no resource of their service can have."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain

from multitool_lint.aws import arn, arn_formats, patterns
from multitool_lint.aws.catalog import name_index
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.catalog.queries import formats_of_action
from multitool_lint.diagnostics.finding import Context, Finding, Fix, enumerate_briefly, quoted
from multitool_lint.diagnostics.fixes import unsafe
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.policy.kms_key_ids import key_name
from multitool_lint.syntax.patch.change import set_value
from multitool_lint.syntax.placeholders import as_written
from multitool_lint.syntax.tree import Node

TYPE_CHECKING = False
if TYPE_CHECKING:
    from multitool_lint.aws.arn_formats import Format, FormatMismatch
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
                node, accepted = statement.resource_node(at), _accepted(statement, context.catalog)
                if misfits[0].code == arn_formats.INVALID_RESOURCE:
                    yield _of_resource(node, text, misfits[0], accepted, context)
                else:
                    yield from _of_fields(node, text, misfits, accepted, context)
            elif not misfits and _is_document_of_aws(text):
                yield _of_document(statement.resource_node(at), text, context)
            elif not misfits and (name := key_name(text)):
                yield _of_key(statement.resource_node(at), name, context)


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


def _of_key(node: Node, name: str, context: Context) -> Finding:
    return context.finding(
        node,
        f"{quoted(name)} is not the ID of a KMS key, which AWS assigns",
        label="no key has this ARN",
        help="specify the ID, such as 1234abcd-12ab-34cd-56ef-1234567890ab; to use an alias, "
        'specify "*" with a condition on kms:ResourceAliases',
        issue_code="",
    )


def _of_fields(
    node: Node,
    text: str,
    misfits: Sequence[FormatMismatch],
    accepted: Counter[str],
    context: Context,
) -> Iterator[Finding]:
    """A finding for each field that an ARN lacks, or must not have, with advice about all."""
    format_ = _intended(text, misfits, accepted, context.catalog)
    advice = _advice(text, format_)
    fixes = _without(node, text, misfits)
    for misfit in misfits:
        place, what = _field(misfit.code)
        article = "an" if place == _ACCOUNT else "a"
        missing = misfit.code not in _NOT_ALLOWED
        yield context.finding(
            node,
            f"{quoted(text)} must have {article} {what}"
            if missing
            else f"{quoted(text)} must not have {article} {what}",
            notes=(f"the format is {format_.text}",),
            help=advice,
            issue_code=_code(text, misfit),
            fixes=() if missing else fixes,
        )


def _intended(
    text: str, misfits: Sequence[FormatMismatch], accepted: Counter[str], catalog: Catalog
) -> Format:
    """The format that an ARN is to have: if it shows no type, that of most actions."""
    closest = misfits[0].formats[0]
    fields = arn.fields(text)
    if fields is None or patterns.literal_prefix(arn.pattern(fields.resource)):
        return closest
    codes = {misfit.code for misfit in misfits}
    formats = [
        format_
        for format_ in (closest, *arn_formats.intended_formats(catalog, text))
        if codes.issubset(arn_formats.field_mismatches(fields, format_))
    ]
    return max(formats, key=lambda format_: accepted[format_.text], default=closest)


def _advice(text: str, format_: Format) -> str:
    """What to do so that an ARN has a format."""
    fields = arn.fields(text)
    if fields is None:
        return ""
    steps = _steps(arn_formats.field_mismatches(fields, format_), format_)
    if head := arn_formats.missing_head(format_, arn.split(text)[_RESOURCE]):
        steps += f'; begin field {_RESOURCE + 1} with "{head}" if its value does not'
    return steps


def _steps(codes: Sequence[str], format_: Format) -> str:
    """What to remove from the fields of an ARN, and what to add, so that it has a format."""
    removed = " and the ".join(_field(code)[1] for code in codes if code in _NOT_ALLOWED)
    missing = [_field(code) for code in codes if code not in _NOT_ALLOWED]
    values = {_REGION: format_.region, _ACCOUNT: format_.account}
    open_ = [what for place, what in missing if patterns.has_wildcard(values[place])]
    fixed = [
        f'"{values[place]}" as field {place + 1}' for place, what in missing if what not in open_
    ]
    steps = [f"remove the {removed}"] if removed else []
    if fixed:
        steps.append(f"use {' and '.join(fixed)}")
    if open_:
        added = [f"the {what} as field {place + 1}" for place, what in missing if what in open_]
        which = "any" if len(open_) > 1 else f"any {open_[0]}"
        steps.append(f'add {" and ".join(added)}, or "*" for {which}')
    return ", and ".join(steps)


def _code(text: str, misfit: FormatMismatch) -> str:
    """The check of Access Analyzer, which accepts a missing field if the ARN ends in a pattern."""
    if misfit.code in _NOT_ALLOWED:
        return misfit.code
    resource = arn.split(text)[_RESOURCE]
    return misfit.code if resource and not patterns.has_wildcard(resource) else ""


@lru_cache(maxsize=4)
def _accepted(statement: Statement, catalog: Catalog) -> Counter[str]:
    """The formats that AWS documents for the actions of the statement, by how many have them."""
    found: Counter[str] = Counter()
    for name in statement.lower_action_names:
        found.update(_accepted_by(name, catalog))
    return found


@lru_cache(maxsize=1024)  # many statements have the same ones, which may be all that there are
def _accepted_by(pattern: str, catalog: Catalog) -> Counter[str]:
    names = catalog.names(catalog.match(pattern))
    return Counter(chain.from_iterable(formats_of_action(catalog, name) or () for name in names))


def _of_resource(
    node: Node, text: str, misfit: FormatMismatch, accepted: Counter[str], context: Context
) -> Finding:
    _, _, service, *_, resource = arn.split(text)
    formats = [format_ for format_ in misfit.formats if format_.text in accepted]
    steps, similar = _similar(text, formats or list(misfit.formats), accepted)
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
        else advice + enumerate_briefly(similar) + (f", and {steps}" if steps else ""),
        issue_code=_code(text, misfit),
    )


def _similar(text: str, formats: Sequence[Format], accepted: Counter[str]) -> tuple[str, list[str]]:
    """What else to change for formats that are similar to a resource, and how they write it.

    Of formats that need different changes, those with that of most actions are chosen.
    """
    fields = arn.fields(text)
    by_resource = {_resource_of(format_): format_ for format_ in reversed(formats)}
    similar = _alike(arn.split(text)[_RESOURCE], tuple(dict.fromkeys(map(_resource_of, formats))))
    if fields is None or not similar:
        return "", similar
    codes = {
        resource: arn_formats.field_mismatches(fields, by_resource[resource])
        for resource in similar
    }
    best = max(similar, key=lambda name: (accepted[by_resource[name].text], -len(codes[name])))
    return _steps(codes[best], by_resource[best]), [
        name for name in similar if codes[name] == codes[best]
    ]


def _resource_of(format_: Format) -> str:
    """The last field of a format as AWS documents it."""
    return format_.text.split(":", _RESOURCE)[_RESOURCE]


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
    unwanted = [_field(misfit.code) for misfit in misfits if misfit.code in _NOT_ALLOWED]
    for place, _ in unwanted:
        fields[place] = ""
    names = " and the ".join(what for _, what in unwanted)
    return unsafe(f"Remove the {names} from the ARN", set_value(node, ":".join(fields)))


def _field(code: str) -> tuple[int, str]:
    """The field that a misfit is about, and its name."""
    return (_REGION, "Region") if "REGION" in code else (_ACCOUNT, "account")
