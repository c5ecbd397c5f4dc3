"""Reports as text: how they come from other processes, and how the cache keeps them.

A record is JSON, so that reading one can do no more than that: not even a record that somebody
else has written. It holds neither the source, which its reader has, nor policies and comments.
"""

from __future__ import annotations

import json
import os
from typing import Any

from multitool_lint.diagnostics.finding import Finding, Fix, Related, Safety
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.formats.result import NamedFile, Skipped
from multitool_lint.linter.report import Report, Suppressed, Unresolved
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.reasons import Reason, Why
from multitool_lint.syntax.source import Edit, Source, Span

_SEVERITIES = {severity.value: severity for severity in Severity}
_TYPES: dict[str | None, PolicyType | None] = {
    None: None,
    **{type_.value: type_ for type_ in PolicyType},
}
_SAFETIES = {safety.value: safety for safety in Safety}


def record(report: Report) -> str:
    """The record of a report.

    Raises:
        ValueError: a finding is in another source than the report is of.
    """
    source = report.source
    content = [
        report.policy_count,
        [_of_skipped(block) for block in report.skipped],
        [_of_finding(finding, source) for finding in report.findings],
        [
            (_of_finding(entry.finding, source), entry.by, entry.reason)
            for entry in report.suppressed
        ],
        sorted(report.used_ignores),
        report.format,
        report.unresolved,
        [_of_finding(note, source) for note in report.notes],
        report.former_ids,
        report.reference_count,
    ]
    return json.dumps(content, separators=(",", ":"))


def restored(source: Source, text: str) -> Report:
    """The report of a source that was recorded, without its policies.

    Raises:
        ValueError: the text is not a record.
    """
    try:
        fields = json.loads(text)
        count, skipped, findings, suppressed, used, format_, unresolved, notes, *more = fields
        former, references = more
        return Report(
            source,
            (),
            tuple(map(_skipped, skipped)),
            tuple(_finding(source, finding) for finding in findings),
            count,
            tuple(Suppressed(_finding(source, fields), by, why) for fields, by, why in suppressed),
            used_ignores=frozenset((str(file), int(number)) for file, number in used),
            format=str(format_),
            unresolved=tuple(Unresolved(Span(*span), element) for span, element in unresolved),
            notes=tuple(_finding(source, fields) for fields in notes),
            former_ids=tuple(map(str, former)),
            reference_count=int(references),
        )
    except (KeyError, TypeError) as error:
        raise ValueError("no record of a report") from error


def _skipped(fields: list[Any]) -> Skipped:
    span, why, unread, file = fields
    if file:
        name, address, parameters, is_policy = file
        given = tuple((key, value) for key, value in parameters)
        file = NamedFile(name, address, given, is_policy)
    return Skipped(Span(*span), _why(*why), unread, file)


def _of_skipped(block: Skipped) -> list[Any]:
    return [block.span, _of_why(block.why), block.unread, block.file]


def _of_why(why: Why) -> list[Any]:
    details = (detail if isinstance(detail, str) else _of_why(detail) for detail in why.details)
    return [why.reason.value, *details]


def _why(reason: str, *details: str | list[Any]) -> Why:
    try:
        known = Reason(reason)
    except ValueError as error:
        raise KeyError(reason) from error
    return Why(known, tuple(d if isinstance(d, str) else _why(*d) for d in details))


def _of_finding(finding: Finding, source: Source) -> list[Any]:
    if finding.source is not source and finding.source != source:
        raise ValueError("a finding in another source")
    return [
        finding.rule,
        finding.severity.value,
        finding.span,
        finding.pointer,
        finding.title,
        finding.label,
        [_of_related(location, source) for location in finding.related],
        finding.notes,
        finding.help_template,
        finding.issue_codes,
        [
            (
                fix.title,
                [(edit.span, edit.text) for edit in fix.edits],
                fix.safety.value,
                fix.keeps_everything,
            )
            for fix in finding.fixes
        ],
        finding.policy_name,
        finding.policy_type and finding.policy_type.value,
        finding.fingerprint,
        finding.confirmed_by,
        finding.whole,
        finding.explains,
        [_of_finding(part, source) for part in finding.joined],
        finding.counted,
    ]


def _of_related(location: Related, source: Source) -> list[Any]:
    """A place; of one in another file, with the path from this one, since that may move."""
    fields: list[Any] = [*location[: Related._fields.index("source")]]
    if other := location.source:
        around = os.path.dirname(source.path)  # noqa: PTH120 - as it is written
        line = other.line(other.position(location.span.start)[0])
        before = other.text.count("\n")
        blank = len(other.text) - len(line) - before
        fields += [os.path.relpath(other.path, around or "."), blank, before, line]
    return fields


def _related(source: Source, span: list[int], *fields: Any) -> Related:  # noqa: ANN401 - of JSON
    pointer, label, alike, part, *elsewhere = fields
    if not elsewhere:
        return Related(Span(*span), pointer, label, alike, part)
    path, blank, before, line = elsewhere
    around = os.path.dirname(source.path)  # noqa: PTH120 - as it is written
    path = os.path.normpath(os.path.join(around, path))  # noqa: PTH118 - as above
    other = Source(path, f"{' ' * blank}{chr(10) * before}{line}")
    return Related(Span(*span), pointer, label, alike, part, other)


def _finding(source: Source, fields: list[Any]) -> Finding:
    rule, severity, span, pointer, title, label, related, notes, help_template, *rest = fields
    issue_codes, fixes, policy_name, policy_type, *rest = rest
    fingerprint, confirmed_by, whole, explains, joined, counted = rest
    return Finding(
        rule,
        _SEVERITIES[severity],
        source,
        Span(*span),
        pointer,
        title,
        label,
        tuple(_related(source, *fields) for fields in related),
        tuple(notes),
        help_template,
        tuple(issue_codes),
        tuple(_fix(*fields) for fields in fixes),
        policy_name,
        _TYPES[policy_type],
        fingerprint,
        tuple(confirmed_by),
        Span(*whole) if whole else None,
        explains,
        joined=tuple(_finding(source, fields) for fields in joined),
        counted=counted,
    )


def _fix(title: str, edits: list[Any], safety: str, keeps_everything: bool) -> Fix:  # noqa: FBT001
    found = tuple(Edit(Span(*place), new) for place, new in edits)
    return Fix(title, (), _SAFETIES[safety], found, keeps_everything)
