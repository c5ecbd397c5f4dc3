"""Findings as a Code Quality report of GitLab.

GitLab: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from multitool_lint.diagnostics.rule import Severity
from multitool_lint.reporters import text
from multitool_lint.reporters.positions import relative_path
from multitool_lint.reporters.summary import PLAIN, ReportOptions, RunReporter, Summary
from multitool_lint.syntax.printable import json_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.linter.report import Report

_SEVERITIES = {
    Severity.ERROR: "major",
    Severity.SECURITY: "critical",
    Severity.WARNING: "minor",
    Severity.SUGGESTION: "info",
}


class Reporter(RunReporter):
    """Collects issues, each as the line of JSON that it will be."""

    def __init__(self, options: ReportOptions = PLAIN) -> None:
        super().__init__(options)
        self._issues: list[str] = []
        self._seen: dict[str, int] = {}

    def file(self, report: Report) -> Iterator[str]:
        """Report a file that was linted."""
        if report.findings or report.notes:
            path = relative_path(report.source.path)
            for finding in (*report.findings, *report.notes):
                line, _ = finding.source.position(finding.span.start)
                content = f"{finding.policy_name}\0{finding.pointer}\0{finding.title}"
                identity = f"{path}\0{finding.rule}\0{finding.fingerprint or content}"
                severity = _SEVERITIES[finding.severity]
                also = f" ({text.agreement(finding)})" if finding.confirmed_by else ""
                description = f"{text.guidance(finding)}{also}"
                self._add(finding.rule, description, severity, identity, (path, line))
        yield from ()

    def end(self, summary: Summary) -> Iterator[str]:
        """Report what the run came to."""
        for path, message in summary.errors:
            place = (relative_path(path), 1)
            description = f"not linted: {message}"
            self._add("not-linted", description, "blocker", f"{path}\0{message}", place)
        severity = "blocker" if summary.strict else "info"
        for path, line, _, why in summary.unknown():
            self._add("not-read", why, severity, f"{path}\0{why}", (relative_path(path), line))
        yield "[" + "".join(f"\n{issue}," for issue in self._issues)[:-1] + "\n]\n"

    def _add(
        self, check: str, description: str, severity: str, identity: str, place: tuple[str, int]
    ) -> None:
        path, line = place
        issue = {
            "description": description,
            "check_name": check,
            "fingerprint": self._fingerprint(identity),
            "severity": severity,
            "location": {"path": path, "lines": {"begin": line}},
        }
        self._issues.append(json_text(issue))

    def _fingerprint(self, identity: str) -> str:
        """A fingerprint that no other issue has: of those with the same, GitLab keeps one."""
        number = self._seen[identity] = self._seen.get(identity, 0) + 1
        content = f"{identity}\0{number}".encode("utf-8", "surrogatepass")
        return sha256(content).hexdigest()
