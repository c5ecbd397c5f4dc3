"""Findings as failed tests in the XML of JUnit, which every CI server shows.

A file is a test suite and a finding in it a failed test, one of a preview rule a skipped test; a
file without findings has one test, which passed. A policy that was not read is a skipped test, or
an error if the run is strict. The elements are those that the schema of Jenkins' xUnit plugin
allows.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from multitool_lint.diagnostics.rule import is_preview
from multitool_lint.reporters import text
from multitool_lint.reporters.positions import relative_path
from multitool_lint.reporters.summary import closing
from multitool_lint.syntax.printable import MARK, escaped, escaped_lines, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.diagnostics.finding import Finding
    from multitool_lint.linter.report import Report
    from multitool_lint.reporters.summary import Summary

# Most of what is not printable cannot be written in XML 1.0: https://www.w3.org/TR/xml/#charsets
_UNFIT = re.compile(rf"[^\t\n\r\x20-\x7e]|{MARK}")


class Reporter:
    """Collects the suites; the counts precede them."""

    def __init__(self) -> None:
        self._suites: list[str] = []
        self._tests = self._failures = self._errors = 0

    def file(self, report: Report) -> Iterator[str]:
        """Report a file that was linted."""
        path = relative_path(report.source.path)
        names: dict[str, int] = {}
        cases = []
        previews = 0
        for finding in report.findings:
            shown, title = escaped_lines(text.render(finding)), finding.title
            if is_preview(finding.rule):
                outcome = _element("skipped", shown, message=f"preview rule: {title}")
                previews += 1
            else:
                outcome = _element("failure", shown, message=title, type=finding.severity.value)
            cases.append(_case(_name(finding, names), path, outcome))
        for suppressed in report.suppressed:
            why = f"suppressed by {suppressed.by}: {suppressed.reason}"
            skipped = _element("skipped", text.headline(suppressed.finding), message=why)
            cases.append(_case(_name(suppressed.finding, names), path, skipped))
        for note in report.notes:
            remark = _element("system-out", text.headline(note, severity="note"))
            cases.append(_case(_name(note, names), path, remark))
        if not cases and report.policy_count:
            cases = [_case("no findings", path)]
        if cases:
            failures = len(report.findings) - previews
            self._add(path, cases, failures=failures, skipped=len(report.suppressed) + previews)
        yield from ()

    def end(self, summary: Summary) -> Iterator[str]:
        """Report what the run came to."""
        for path, message in summary.errors:
            shown = relative_path(path)
            error = _element(
                "error", printable(f"{path}: {message}"), message=message, type="not-linted"
            )
            self._add(shown, [_case("not linted", shown, error)], errors=1)
        for path, line, column, why in summary.unknown():
            shown = relative_path(path)
            outcome = _element(
                "error" if summary.strict else "skipped",
                printable(f"{path}:{line}:{column}: {why}"),
                message=why,
                **({"type": "not-read"} if summary.strict else {}),
            )
            case = _case(f"not read {line}:{column}", shown, outcome)
            self._add(shown, [case], **{"errors" if summary.strict else "skipped": 1})
        counts = _attributes(
            name="multitool-lint",
            tests=self._tests,
            failures=self._failures,
            errors=self._errors,
        )
        yield f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites{counts}>\n'
        yield "".join(self._suites)
        yield "</testsuites>\n"

    def remarks(self, summary: Summary) -> Iterator[str]:
        """Say what the report has no place for."""
        yield closing(summary) + "\n"

    def _add(
        self, path: str, cases: list[str], *, failures: int = 0, errors: int = 0, skipped: int = 0
    ) -> None:
        self._tests += len(cases)
        self._failures += failures
        self._errors += errors
        counts = {"failures": failures, "errors": errors, "skipped": skipped}
        attributes = _attributes(name=path, tests=len(cases), **counts, file=path)
        self._suites.append(f"<testsuite{attributes}>\n{''.join(cases)}</testsuite>\n")


def _name(finding: Finding, names: dict[str, int]) -> str:
    """A name that distinguishes a finding from the others of its file in every run.

    Of tests with the same name GitLab keeps one.
    """
    name = f"{finding.rule} {finding.policy_name or ''}{finding.pointer}".rstrip()
    number = names[name] = names.get(name, 0) + 1
    return name if number == 1 else f"{name} ({number})"


def _case(name: str, path: str, outcome: str = "") -> str:
    return f"<testcase{_attributes(name=name, classname=path)}>{outcome}</testcase>\n"


def _element(tag: str, content: str, **attributes: str) -> str:
    shown = escape(_allowed(content), {"\r": "&#13;"})
    return f"<{tag}{_attributes(**attributes)}>{shown}</{tag}>"


def _attributes(**attributes: str | int) -> str:
    return "".join(f" {key}={quoteattr(_allowed(str(value)))}" for key, value in attributes.items())


def _allowed(content: str) -> str:
    return _UNFIT.sub(lambda match: r"\x23#" if match[0] == "##" else escaped(match[0]), content)
