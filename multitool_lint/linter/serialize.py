"""Reports as text: how they come from other processes, and how the cache keeps them.

A record is JSON, so that reading one can do no more than that: not even a record that somebody
else has written. It holds neither the source, which its reader has, nor policies and comments.
"""

from __future__ import annotations

import json
import os
from operator import attrgetter
from typing import Any

from multitool_lint.diagnostics.finding import Finding, Fix, Related, Safety
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.formats.result import NamedFile, Skipped
from multitool_lint.linter.report import Report, Suppressed, Unresolved
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.reasons import Reason, Why
from multitool_lint.syntax.source import Edit, Source, Span


def record(report: Report) -> str:
    """The record of a report.

    Raises:
        ValueError: a finding is in another source than the report is of.
    """
    source = report.source
    fields = report._asdict() | {
        "source": None,
        "policies": (),
        "findings": [_of_finding(finding, source) for finding in report.findings],
        "suppressed": [
            (_of_finding(entry.finding, source), entry.by, entry.reason)
            for entry in report.suppressed
        ],
        "comments": (),
        "used_ignores": sorted(report.used_ignores),
        "notes": [_of_finding(note, source) for note in report.notes],
    }
    values = [*fields.values()]
    return json.dumps(values, separators=(",", ":"), default=attrgetter("value"))


def restored(source: Source, text: str) -> Report:
    """The report of a source that was recorded, without its policies.

    Raises:
        ValueError: the text is not a record.
    """
    try:
        fields = dict(zip(Report._fields, json.loads(text), strict=True))
        findings, suppressed, notes = fields["findings"], fields["suppressed"], fields["notes"]
        fields |= {
            "source": source,
            "policies": (),
            "skipped": tuple(map(_skipped, fields["skipped"])),
            "findings": tuple(_finding(source, values) for values in findings),
            "suppressed": tuple(Suppressed(_finding(source, of), *by) for of, *by in suppressed),
            "comments": (),
            "used_ignores": frozenset((str(file), int(at)) for file, at in fields["used_ignores"]),
            "unresolved": tuple(Unresolved(Span(*at), what) for at, what in fields["unresolved"]),
            "notes": tuple(_finding(source, values) for values in notes),
            "former_ids": tuple(map(str, fields["former_ids"])),
        }
        return Report(**fields)
    except TypeError as error:
        raise ValueError("no record of a report") from error


def _skipped(values: list[Any]) -> Skipped:
    span, why, unread, file = values
    if file:
        name, address, parameters, is_policy = file
        given = tuple((key, value) for key, value in parameters)
        file = NamedFile(name, address, given, is_policy)
    return Skipped(Span(*span), _why(*why), unread, file)


def _why(reason: str, details: list[str | list[Any]]) -> Why:
    return Why(Reason(reason), tuple(d if isinstance(d, str) else _why(*d) for d in details))


def _of_finding(finding: Finding, source: Source) -> list[Any]:
    if finding.source is not source and finding.source != source:
        raise ValueError("a finding in another source")
    fields = finding._asdict() | {
        "source": None,
        "related": [_of_related(location, source) for location in finding.related],
        "joined": [_of_finding(part, source) for part in finding.joined],
        "with_others": (),
    }
    return [*fields.values()]


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


def _finding(source: Source, values: list[Any]) -> Finding:
    fields = dict(zip(Finding._fields, values, strict=True))
    type_, whole = fields["policy_type"], fields["whole"]
    fields |= {
        "severity": Severity(fields["severity"]),
        "source": source,
        "span": Span(*fields["span"]),
        "related": tuple(_related(source, *location) for location in fields["related"]),
        "notes": tuple(fields["notes"]),
        "issue_codes": tuple(fields["issue_codes"]),
        "fixes": tuple(_fix(*fix) for fix in fields["fixes"]),
        "policy_type": type_ and PolicyType(type_),
        "confirmed_by": tuple(fields["confirmed_by"]),
        "whole": whole and Span(*whole),
        "joined": tuple(_finding(source, part) for part in fields["joined"]),
        "with_others": (),
    }
    return Finding(**fields)


def _fix(title: str, _changes: object, safety: str, edits: list[Any], *keeps: bool) -> Fix:
    return Fix(title, (), Safety(safety), tuple(Edit(Span(*at), new) for at, new in edits), *keeps)
