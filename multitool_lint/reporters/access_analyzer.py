"""Findings in the shape of the response of ValidatePolicy, IAM Access Analyzer's API call.

AWS: https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ValidatePolicy.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

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

# AWS gives each check one finding type, which may differ from the severity of a rule of ours that
# answers several checks. What is named nowhere here is an ERROR.
_TYPES = {
    "SECURITY_WARNING": """
        ALLOW_WITH_NOT_PRINCIPAL DENY_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE
        DENY_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE DYNAMODB_ATTRIBUTES_WITHOUT_SELECT
        FORALLVALUES_WITH_SINGLE_VALUED_KEY FORANYVALUE_WITH_AUDIENCE_CLAIM_TYPE
        MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL MISSING_GITHUB_REPO_CONDITION_KEY
        MISSING_PAIRED_CONDITION_KEYS PASS_ROLE_WITH_NOT_ACTION_AND_NOT_RESOURCE
        PASS_ROLE_WITH_NOT_RESOURCE PASS_ROLE_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE
        PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE PASS_ROLE_WITH_STAR_IN_RESOURCE
        PASS_ROLE_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL
        S3_PREFIX_IN_NEGATIVE_CONTEXT STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS
        UNTRUSTWORTHY_CONDITION_KEY
    """,
    "WARNING": """
        CREATE_SLR_WITH_NOT_ACTION_AND_NOT_RESOURCE CREATE_SLR_WITH_NOT_RESOURCE
        CREATE_SLR_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE
        CREATE_SLR_WITH_STAR_IN_RESOURCE CREATE_SLR_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION
        DEPRECATED_GLOBAL_CONDITION_KEY INVALID_DATE_VALUE INVALID_ROLE_REFERENCE
        INVALID_USER_REFERENCE MISSING_VERSION POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA
        POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA
        RCP_MISSING_RELATED_PRINCIPAL_CONDITION_KEY
        RCP_MISSING_RELATED_SERVICE_PRINCIPAL_CONDITION_KEY
        RCP_MISSING_SERVICE_CONDITION_KEY_NULL_CHECK SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED
        TYPE_MISMATCH TYPE_MISMATCH_BOOLEAN TYPE_MISMATCH_DATE TYPE_MISMATCH_NUMBER
        TYPE_MISMATCH_STRING UNIQUE_SIDS_RECOMMENDED USE_CONDITION_KEY_ONLY_WITH_SUPPORTED_SERVICES
        WILDCARD_WITHOUT_LIKE_OPERATOR
    """,
    "SUGGESTION": """
        ALLOW_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE
        ALLOW_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE CONFIRM_AUDIENCE_CLAIM_TYPE
        EMPTY_ARRAY_ACTION EMPTY_ARRAY_CONDITION EMPTY_ARRAY_CONDITION_FORALLVALUES
        EMPTY_ARRAY_CONDITION_FORANYVALUE EMPTY_ARRAY_CONDITION_IFEXISTS EMPTY_ARRAY_PRINCIPAL
        EMPTY_ARRAY_RESOURCE EMPTY_OBJECT_CONDITION EMPTY_OBJECT_PRINCIPAL EMPTY_SID_VALUE
        EQUIVALENT_TO_NULL_FALSE EQUIVALENT_TO_NULL_TRUE IMPROVE_IP_RANGE
        IRRELEVANT_CONDITION_KEY_IN_POLICY NULL_WITH_QUALIFIER PRIVATE_IP_ADDRESS_SUBSET
        PRIVATE_NOT_IP_ADDRESS_SUBSET RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL
        REDUNDANT_ACTION REDUNDANT_CONDITION_VALUE_NUM REDUNDANT_KEY_DUE_TO_WILDCARD_IN_CONDITION
        REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY REDUNDANT_RESOURCE REDUNDANT_STATEMENT
        REDUNDANT_STATEMENT_DUE_TO_WILDCARD_IN_CONDITION WILDCARD_IN_SERVICE_NAME
    """,
}
_TYPE_OF = {code: type_ for type_, codes in _TYPES.items() for code in codes.split()}
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


def _answer(finding: Finding, code: str, places: list[tuple[Span, str]]) -> dict[str, Any]:
    type_ = _TYPE_OF.get(code, "ERROR")
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
