"""Findings as a SARIF 2.1.0 log, for programs that show findings next to the code.

OASIS: https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os.html
What GitHub code scanning takes of it:
https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from multitool_lint.diagnostics.finding import Finding, Fix, counted
from multitool_lint.diagnostics.rule import UNCHECKED
from multitool_lint.limits import MAX_SARIF_RELATED, MAX_SARIF_RESULTS
from multitool_lint.reporters import text
from multitool_lint.reporters.positions import region, relative_path
from multitool_lint.reporters.sarif_rules import descriptor, level
from multitool_lint.reporters.summary import PLAIN, ReportOptions, RunReporter, Summary
from multitool_lint.syntax.printable import json_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.linter.report import Report, Suppressed
    from multitool_lint.syntax.source import Source, Span

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)

ROOT = "%SRCROOT%"
"""The name by which SARIF's readers know the folder that relative paths start from."""

FINGERPRINT = "multitoolLint/v1"


class Reporter(RunReporter):
    """Collects results, each as the line of JSON that it will be.

    For GitHub code scanning the log is cut to what that takes: no suppressed findings, which it
    shows as open alerts, and not more results and places than it allows. Rules that are not ours
    are described if they find something.
    """

    def __init__(self, options: ReportOptions = PLAIN) -> None:
        super().__init__(options)
        self._code_scanning = options.format == "code-scanning"
        self._results: list[tuple[int, str]] = []
        self._rules: dict[str, int] = {}
        self._unchecked = False
        self._left_out = 0

    def file(self, report: Report) -> Iterator[str]:
        """Report a file that was linted."""
        if report.findings or report.suppressed or report.notes:
            file = _artifact(report.source.path)
            for finding in report.findings:
                self._unchecked |= finding.rule in UNCHECKED
                self._add(finding, self._result(finding, file))
            for suppressed in () if self._code_scanning else report.suppressed:
                result = self._result(suppressed.finding, file)
                self._add(suppressed.finding, result | {"suppressions": [_suppression(suppressed)]})
            # Code scanning shows whatever is in the log as an open alert.
            for note in () if self._code_scanning else report.notes:
                about = {"kind": "informational", "level": "none"}
                self._add(note, self._result(note, file) | about)
        yield from ()

    def end(self, summary: Summary) -> Iterator[str]:
        """Report what the run came to."""
        yield f'{{\n"$schema": {json_text(SCHEMA)},\n"version": "2.1.0",\n"runs": [{{\n'
        yield f'"tool": {{"driver": {json_text(self._driver())}}},\n'
        yield f'"invocations": [{json_text(self._invocation(summary))}],\n'
        yield f'"originalUriBaseIds": {json_text(_BASES)},\n'
        # A lone carriage return ends a line for us, which SARIF has to know.
        yield '"columnKind": "utf16CodeUnits",\n"newlineSequences": ["\\r\\n", "\\n", "\\r"],\n'
        lines = [line for _, line in self._kept()]
        yield '"results": [' + "".join(f"\n{line}," for line in lines)[:-1] + "\n]\n}]\n}\n"

    def remarks(self, summary: Summary) -> Iterator[str]:
        """Say what the report has no place for."""
        if self._left_out:
            left_out = counted(self._left_out, "finding")
            yield f"{left_out} left out, the least severe: GitHub accepts {MAX_SARIF_RESULTS:,}\n"
        yield from super().remarks(summary)

    def _add(self, finding: Finding, result: dict[str, Any]) -> None:
        self._results.append((text.RANKS[finding.severity], json_text(result)))

    def _kept(self) -> list[tuple[int, str]]:
        """The results that are written: all, or as many as GitHub takes, the most severe first."""
        if not self._code_scanning or len(self._results) <= MAX_SARIF_RESULTS:
            return self._results
        self._left_out = len(self._results) - MAX_SARIF_RESULTS
        return sorted(self._results, key=lambda result: result[0])[:MAX_SARIF_RESULTS]

    def _driver(self) -> dict[str, Any]:
        return {
            "name": "multitool-lint",
            "version": self.options.version,
            "semanticVersion": self.options.version,
            "rules": [descriptor(rule, self.options.others) for rule in self._rules],
            "notifications": [_NOT_LINTED, _NOT_READ],
        }

    def _invocation(self, summary: Summary) -> dict[str, Any]:
        unknown = list(summary.unknown())
        failing = unknown if summary.strict else []
        return {
            "executionSuccessful": not (summary.errors or self._unchecked or failing),
            "toolExecutionNotifications": [
                *(
                    _notification(0, "error", message, {"artifactLocation": _artifact(path)})
                    for path, message in summary.errors
                ),
                *(
                    _notification(
                        1,
                        "error" if summary.strict else "note",
                        why,
                        {"artifactLocation": _artifact(path), "region": {"startLine": line}},
                    )
                    for path, line, _, why in unknown
                ),
            ],
        }

    def _result(self, finding: Finding, file: dict[str, str]) -> dict[str, Any]:
        source = finding.source
        related = finding.related[: MAX_SARIF_RELATED if self._code_scanning else None]
        fixes = [_fix(fix, source, file) for fix in finding.fixes if _applicable(fix)]
        place: dict[str, Any] = {"physicalLocation": _physical(source, finding.span, file)}
        if finding.label:
            place["message"] = _message(finding.label)
        result: dict[str, Any] = {
            "ruleId": finding.rule,
            "ruleIndex": self._rules.setdefault(finding.rule, len(self._rules)),
            "level": level(finding.rule, finding.severity),
            "message": _message("\n\n".join((finding.title, *text.advice(finding)))),
            "locations": [place | _logical(finding.policy_name, finding.pointer)],
        }
        if related:
            result["relatedLocations"] = [
                {
                    "id": number,
                    "physicalLocation": _physical(
                        place.source or source,
                        place.span,
                        _artifact(place.source.path) if place.source else file,
                    ),
                    **_logical(None if place.source else finding.policy_name, place.pointer),
                    "message": _message(place.label),
                }
                for number, place in enumerate(related)
            ]
        if fixes:
            result["fixes"] = fixes
        if finding.fingerprint:
            result["partialFingerprints"] = {FINGERPRINT: finding.fingerprint}
        return result | {"properties": _properties(finding)}


_NOT_LINTED = {
    "id": "not-linted",
    "shortDescription": {"text": "A file that could not be linted."},
    "fullDescription": {"text": "Whether there are mistakes in the file is not known."},
    "help": {
        "text": "The message says why: the file is not readable, not text, or contains no policy."
    },
}
_NOT_READ = {
    "id": "not-read",
    "shortDescription": {"text": "A policy that could not be read."},
    "fullDescription": {"text": "Whether there are mistakes in the policy is not known."},
    "help": {"text": "With --strict, the run fails. The message says why it was not read."},
}
_BASES = {ROOT: {"description": {"text": "The folder in which multitool-lint was run."}}}


def _notification(
    index: int, level: str, message: str, place: dict[str, object]
) -> dict[str, object]:
    return {
        "descriptor": {"id": (_NOT_LINTED, _NOT_READ)[index]["id"], "index": index},
        "level": level,
        "message": _message(message),
        "locations": [{"physicalLocation": place}],
    }


def _artifact(path: str) -> dict[str, str]:
    """A file, by its path from where the run started if it is in that folder."""
    path = relative_path(path)
    try:
        name = path.encode("utf-8", sys.getfilesystemencodeerrors())
    except UnicodeEncodeError:  # no name that a file could have
        name = path.encode("utf-8", "replace")
    if path.startswith("/") or Path(path).is_absolute():
        return {"uri": f"file:///{quote(name, safe='/:').lstrip('/')}"}
    return {"uri": quote(name), "uriBaseId": ROOT}


def _message(text: str) -> dict[str, str]:
    """A text in which nothing is read as a link to a place or a page, `[text](target)`.

    Braces are not doubled as they are in templates: no reader undoes that without arguments.
    """
    return {"text": text.replace("](", "] (")}


def _physical(source: Source, span: Span, file: dict[str, str]) -> dict[str, Any]:
    return {"artifactLocation": file, "region": _region(source, span)}


def _region(source: Source, span: Span) -> dict[str, int]:
    keys = ("startLine", "startColumn", "endLine", "endColumn")
    return dict(zip(keys, region(source, span), strict=True))


def _logical(policy_name: str | None, pointer: str) -> dict[str, Any]:
    """The place within the policy, by the policy's name, if it has one, and the JSON pointer."""
    name = f"{policy_name or ''}{pointer}"
    return {"logicalLocations": [{"fullyQualifiedName": name}]} if name else {}


def _applicable(fix: Fix) -> bool:
    """Whether a fix changes something, with edits that do not overlap."""
    spans = sorted(edit.span for edit in fix.edits)
    return bool(spans) and all(first.end <= second.start for first, second in pairwise(spans))


def _fix(fix: Fix, source: Source, file: dict[str, str]) -> dict[str, Any]:
    replacements = [
        {
            "deletedRegion": _region(source, edit.span),
            **({"insertedContent": {"text": edit.text}} if edit.text else {}),
        }
        for edit in fix.edits
    ]
    return {
        "description": _message(fix.title),
        "artifactChanges": [{"artifactLocation": file, "replacements": replacements}],
        "properties": {"safety": fix.safety.value},
    }


def _properties(finding: Finding) -> dict[str, str | list[str]]:
    properties: dict[str, str | list[str]] = {"severity": finding.severity.value}
    if finding.issue_code:
        properties["issueCode"] = finding.issue_code
        properties["issueCodes"] = list(finding.issue_codes)
    if finding.policy_type:
        properties["policyType"] = finding.policy_type.value
    if finding.confirmed_by:
        properties["confirmedBy"] = list(finding.confirmed_by)
    return properties


def _suppression(suppressed: Suppressed) -> dict[str, str]:
    suppression = {
        "kind": "inSource" if suppressed.by == "comment" else "external",
        "status": "accepted",
    }
    if suppressed.reason:
        suppression["justification"] = suppressed.reason
    return suppression
