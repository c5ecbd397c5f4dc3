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
from multitool_lint.reporters.summary import PLAIN, ReportOptions, RunReporter, Summary
from multitool_lint.syntax.printable import MARK, escaped, escaped_lines, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.diagnostics.finding import Finding
    from multitool_lint.linter.report import Report

# Most of what is not printable cannot be written in XML 1.0: https://www.w3.org/TR/xml/#charsets
_UNFIT = re.compile(rf"[^\t\n\r\x20-\x7e]|{MARK}")


class Suites:
    """Collects suites of tests; the counts precede them."""

    def __init__(self) -> None:
        self._suites: list[str] = []
        self._tests = self._failures = self._errors = 0

    def add(
        self, path: str, cases: list[str], *, failures: int = 0, errors: int = 0, skipped: int = 0
    ) -> None:
        """Add the suite of a file."""
        self._tests += len(cases)
        self._failures += failures
        self._errors += errors
        counts = {"failures": failures, "errors": errors, "skipped": skipped}
        attributes = _attributes(name=path, tests=len(cases), **counts, file=path)
        self._suites.append(f"<testsuite{attributes}>\n{''.join(cases)}</testsuite>\n")

    def parts(self) -> Iterator[str]:
        """The whole document."""
        counts = _attributes(
            name="multitool-lint",
            tests=self._tests,
            failures=self._failures,
            errors=self._errors,
        )
        yield f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites{counts}>\n'
        yield "".join(self._suites)
        yield "</testsuites>\n"


class Reporter(RunReporter):
    """Collects what is found as tests."""

    def __init__(self, options: ReportOptions = PLAIN) -> None:
        super().__init__(options)
        self._suites = Suites()

    def file(self, report: Report) -> Iterator[str]:
        """Report a file that was linted."""
        path = relative_path(report.source.path)
        names: dict[str, int] = {}
        cases = []
        previews = 0
        for finding in report.findings:
            shown, title = escaped_lines(text.render(finding)), finding.title
            if is_preview(finding.rule):
                outcome = element("skipped", shown, message=f"preview rule: {title}")
                previews += 1
            else:
                outcome = element("failure", shown, message=title, type=finding.severity.value)
            cases.append(case_element(_name(finding, names), path, outcome))
        for suppressed in report.suppressed:
            why = f"suppressed by {suppressed.by}: {suppressed.reason}"
            skipped = element("skipped", text.headline(suppressed.finding), message=why)
            cases.append(case_element(_name(suppressed.finding, names), path, skipped))
        for note in report.notes:
            remark = element("system-out", text.headline(note, severity="note"))
            cases.append(case_element(_name(note, names), path, remark))
        if not cases and report.policy_count:
            cases = [case_element("no findings", path)]
        if cases:
            failures = len(report.findings) - previews
            self._suites.add(
                path, cases, failures=failures, skipped=len(report.suppressed) + previews
            )
        yield from ()

    def end(self, summary: Summary) -> Iterator[str]:
        """Report what the run came to."""
        for path, message in summary.errors:
            shown = relative_path(path)
            error = element(
                "error", printable(f"{path}: {message}"), message=message, type="not-linted"
            )
            self._suites.add(shown, [case_element("not linted", shown, error)], errors=1)
        for path, line, column, why in summary.unknown():
            shown = relative_path(path)
            outcome = element(
                "error" if summary.strict else "skipped",
                printable(f"{path}:{line}:{column}: {why}"),
                message=why,
                **({"type": "not-read"} if summary.strict else {}),
            )
            case = case_element(f"not read {line}:{column}", shown, outcome)
            self._suites.add(shown, [case], **{"errors" if summary.strict else "skipped": 1})
        yield from self._suites.parts()


def _name(finding: Finding, names: dict[str, int]) -> str:
    """A name that distinguishes a finding from the others of its file in every run.

    Of tests with the same name GitLab keeps one.
    """
    name = f"{finding.rule} {finding.policy_name or ''}{finding.pointer}".rstrip()
    number = names[name] = names.get(name, 0) + 1
    return name if number == 1 else f"{name} ({number})"


def case_element(name: str, path: str, outcome: str = "") -> str:
    """A test that passed, or has another outcome."""
    return f"<testcase{_attributes(name=name, classname=path)}>{outcome}</testcase>\n"


def element(tag: str, content: str, **attributes: str) -> str:
    """An element with text."""
    shown = escape(_allowed(content), {"\r": "&#13;"})
    return f"<{tag}{_attributes(**attributes)}>{shown}</{tag}>"


def _attributes(**attributes: str | int) -> str:
    return "".join(f" {key}={quoteattr(_allowed(str(value)))}" for key, value in attributes.items())


def _allowed(content: str) -> str:
    return _UNFIT.sub(lambda match: r"\x23#" if match[0] == "##" else escaped(match[0]), content)
