"""Findings in the shape of the response of ValidatePolicy, IAM Access Analyzer's API call.

AWS: https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ValidatePolicy.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from multitool_lint.aws.catalog.tables import Rows, bundled_table
from multitool_lint.diagnostics.finding import Finding, counted
from multitool_lint.reporters import text
from multitool_lint.reporters.summary import ReportOptions, RunReporter, Summary
from multitool_lint.syntax.printable import json_text
from multitool_lint.syntax.tree import key_of_token

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from multitool_lint.linter.report import Report
    from multitool_lint.syntax.source import Source, Span

_REFERENCE = (
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html"
    "#access-analyzer-reference-policy-checks"
)

_ANCHORS = {
    "ERROR": "error",
    "SECURITY_WARNING": "security-warning",
    "WARNING": "general-warning",
    "SUGGESTION": "suggestion",
}
_OF_ONE_STATEMENT = ("PASS_ROLE_", "CREATE_SLR_")
"""Checks of AWS that show nothing of other statements, such as a Deny that takes access away."""
_ELEMENTS = ("Action", "NotAction", "Resource", "NotResource", "Condition")
# In a policy within a string, the space may be escaped, and all of it URL-encoded.
_COLON = re.compile(r"(?:[ \t\r\n]|\\[nrt]|%20|%0[9AaDd])*+(?::|%3[Aa])")


class Reporter(RunReporter):
    """Answers as AWS does with an object, or for many files with a list of them, with paths."""

    def __init__(self, options: ReportOptions) -> None:
        super().__init__(options)
        self._answers: list[dict[str, Any]] = []
        self._left_out = 0

    def file(self, report: Report) -> Iterator[str]:
        """Report a file that was linted."""
        answered = list(answers(report.findings))
        self._left_out += sum(not finding.issue_codes for finding in report.findings)
        self._answers.append({"path": report.source.path, "findings": answered})
        yield from ()

    def end(self, summary: Summary) -> Iterator[str]:  # noqa: ARG002 - AWS's shape has no place for it
        """Report what the run came to."""
        answer: object = self._answers
        if not self.options.many:
            answer = {"findings": self._answers[0]["findings"] if self._answers else []}
        yield json_text(answer, indent=2) + "\n"

    def remarks(self, summary: Summary) -> Iterator[str]:
        """Say what the answer has no place for."""
        if self._left_out:
            yield f"{counted(self._left_out, 'finding')} without an issue code left out\n"
        yield from super().remarks(summary)


def answers(findings: Iterable[Finding]) -> Iterator[dict[str, Any]]:
    """The findings as AWS answers them: once for each code, and for each place that is alike.

    What two of our rules report at one place under one code, such as resources that one covers and
    parts of it that it covers, is one answer.
    """
    shown: dict[object, Finding] = {}
    for part in (part for finding in findings for part in finding.joined or (finding,)):
        place = part.issue_codes, part.span, part.whole
        first = shown.get(place)
        if first and first.rule != part.rule:
            shown[place] = first._replace(related=(*first.related, *part.related))
        else:
            shown[(*place, len(shown)) if first else place] = part
    for finding in shown.values():
        yield from _answers(finding)


def _answers(finding: Finding) -> Iterator[dict[str, Any]]:
    alike = [(related.span, related.pointer) for related in finding.related if related.alike]
    others = [(related.span, related.pointer) for related in finding.related if not related.alike]
    for code in finding.issue_codes:
        if finding.whole:
            yield _answer(finding, code, [(finding.whole, "")])
            continue
        shown = others
        if code.startswith(_OF_ONE_STATEMENT):
            statement = _statement(finding.pointer)
            shown = [place for place in others if _statement(place[1]) == statement]
        for place in ((finding.span, finding.pointer), *alike):
            yield _answer(finding, code, [place, *shown])


def _statement(pointer: str) -> list[str]:
    """The number of the statement; none where there is only one, outside of an array."""
    return [part for part in pointer.split("/")[2:3] if part.isdecimal()]


@bundled_table("finding_types.tsv")
def _types(rows: Rows) -> dict[str, str]:
    """The type that AWS gives the findings of each check: not the severity of one of our rules.

    What has none is an ERROR.
    """
    return dict(rows)


def _answer(finding: Finding, code: str, places: list[tuple[Span, str]]) -> dict[str, Any]:
    type_ = _types().get(code, "ERROR")
    return {
        "findingDetails": text.guidance(finding),
        "findingType": type_,
        "issueCode": code,
        "learnMoreLink": f"{_REFERENCE}-{_ANCHORS[type_]}-{code.lower().replace('_', '-')}",
        "locations": [
            {
                "path": _path(finding.source, span, pointer),
                "span": {
                    "start": _position(finding.source, span.start),
                    "end": _position(finding.source, span.end),
                },
            }
            for span, pointer in sorted(places, key=_order)
        ],
    }


def _order(place: tuple[Span, str]) -> tuple[int, Span]:
    """AWS lists actions before resources and conditions, and otherwise what comes first."""
    span, pointer = place
    elements = pointer.split("/")[2:4]
    return next((at for at, element in enumerate(_ELEMENTS) if element in elements), 0), span


def _path(source: Source, span: Span, pointer: str) -> list[dict[str, Any]]:
    path: list[dict[str, Any]] = []
    for part in pointer.split("/")[1:]:
        name = key_of_token(part)
        # No element of a policy's grammar has a number for its name.
        path.append({"index": int(name)} if name.isdecimal() else {"value": name})
    if path and "value" in path[-1] and _COLON.match(source.text, span.end):
        path[-1] = {"key": path[-1]["value"]}
    return path


def _position(source: Source, offset: int) -> dict[str, int]:
    line, column = source.position(offset)
    return {"line": line, "column": column - 1, "offset": offset}
