"""Findings as one JSON object, whose JSON Schema is rules/schemas/output.json, or as JSON Lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from multitool_lint.reporters.summary import PLAIN, ReportOptions, RunReporter, Summary
from multitool_lint.syntax.printable import json_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.diagnostics.finding import Finding
    from multitool_lint.linter.report import Report, Suppressed
    from multitool_lint.syntax.source import Source, Span

VERSION = 1
"""The version of the object's shape: changed when readers of the old one could misread it."""


class Reporter(RunReporter):
    """Collects the findings of all files for one object."""

    says_all = True

    def __init__(self, options: ReportOptions = PLAIN) -> None:
        super().__init__(options)
        self._findings: list[dict[str, Any]] = []
        self._suppressed: list[dict[str, Any]] = []
        self._notes: list[dict[str, Any]] = []

    def file(self, report: Report) -> Iterator[str]:
        """Report a file that was linted."""
        self._findings += map(as_dict, report.findings)
        self._suppressed += map(_suppressed, report.suppressed)
        self._notes += map(as_dict, report.notes)
        yield from ()

    def end(self, summary: Summary) -> Iterator[str]:
        """Report what the run came to."""
        report = {
            "version": VERSION,
            "summary": _summary(summary),
            "findings": self._findings,
            # A list of its own: a reader of the findings need not know that some do not count.
            "suppressed": self._suppressed,
            "notes": self._notes,
        }
        yield json_text(report, indent=2) + "\n"


class LinesReporter(RunReporter):
    """Prints what the object has for a finding as a line of its own, and nothing else.

    So whatever reads rows can read the findings: without summary, and without what is suppressed.
    rules/schemas/output.json describes a line under `$defs/finding`.
    """

    def file(self, report: Report) -> Iterator[str]:
        """Report a file that was linted."""
        for finding in report.findings:
            yield json_text(as_dict(finding)) + "\n"


def as_dict(finding: Finding) -> dict[str, Any]:
    """A finding as JSON knows it."""
    source = finding.source
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "issue_code": finding.issue_code,
        "issue_codes": list(finding.issue_codes),
        "title": finding.title,
        "label": finding.label,
        "notes": list(finding.notes),
        "help": finding.help,
        "docs": finding.docs or None,
        "fingerprint": finding.fingerprint or None,
        "confirmed_by": list(finding.confirmed_by),
        "path": source.path,
        "policy": {
            "name": finding.policy_name,
            "type": finding.policy_type.value if finding.policy_type else None,
        },
        "pointer": finding.pointer,
        **_place(source, finding.span),
        "related": [
            {
                "label": related.label,
                "pointer": related.pointer,
                **({"path": related.source.path} if related.source else {}),
                **_place(related.source or source, related.span),
            }
            for related in finding.related
        ],
        "fixes": [
            {
                "title": fix.title,
                "safety": fix.safety.value,
                "edits": [{**_place(source, edit.span), "text": edit.text} for edit in fix.edits],
            }
            for fix in finding.fixes
        ],
    }


def _suppressed(suppressed: Suppressed) -> dict[str, Any]:
    why = {"by": suppressed.by, "reason": suppressed.reason}
    return {**as_dict(suppressed.finding), "suppressed": why}


def _place(source: Source, span: Span) -> dict[str, Any]:
    return {"start": _position(source, span.start), "end": _position(source, span.end)}


def _position(source: Source, offset: int) -> dict[str, int]:
    line, column = source.position(offset)
    return {"line": line, "column": column, "offset": offset}


def _summary(summary: Summary) -> dict[str, Any]:
    return {
        "files": summary.files,
        "policies": summary.policies,
        "formats": [
            {"format": name, "policies": counts.read, "unread": counts.unread}
            for name, counts in sorted(summary.formats.items())
        ],
        "skipped": [
            {"reason": reason, "files": count} for reason, count in sorted(summary.skipped.items())
        ],
        "skipped_blocks": [
            {"reason": reason, "blocks": count}
            for reason, count in sorted(summary.skipped_blocks.items())
        ],
        "unread": [place._asdict() for place in summary.unread],
        "unresolved": [place._asdict() for place in summary.unresolved],
        "errors": [{"path": path, "message": message} for path, message in summary.errors],
        "findings": {severity.value: count for severity, count in summary.findings.items()},
        "suppressed": summary.suppressed,
        "fixed": summary.fixed,
        "fixable": summary.fixable,
        "unsafely_fixable": summary.unsafely_fixable,
    }
