"""What CI servers read: workflow commands, Code Quality, JUnit; each by a reader not of ours."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from support.interop import interop
from support.report_samples import (
    NASTY,
    NASTY_PATH,
    NASTY_TEXT,
    TEXT,
    finding,
    many,
    nasty,
    report_of,
    span,
    written,
)

from multitool_lint.cli import main
from multitool_lint.diagnostics.rule import Severity, page_url
from multitool_lint.linter.report import Suppressed
from multitool_lint.reporters import github, gitlab, junit
from multitool_lint.syntax.source import Source, Span

if TYPE_CHECKING:
    from multitool_lint.reporters.summary import RunReporter

ERRORS = ((NASTY_PATH, NASTY),)


def command(line: str) -> tuple[str, dict[str, str], str]:
    """A workflow command as the runner of GitHub Actions parses it.

    https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
    """
    head, separator, data = line.lstrip().removeprefix("::").partition("::")
    assert separator
    assert line.lstrip().startswith("::")
    name, _, rest = head.partition(" ")
    pairs = [pair.split("=", 1) for pair in rest.strip().split(",") if pair]
    escapes = {"%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ","}

    def unescaped(value: str, codes: dict[str, str]) -> str:
        for code, character in codes.items():
            value = value.replace(code, character)
        return value.replace("%25", "%")

    properties = {key: unescaped(value, escapes) for key, value in pairs}
    return name, properties, unescaped(data, {"%0D": "\r", "%0A": "\n"})


class TestGithub:
    def test_a_finding(self) -> None:
        assert written(github.Reporter(), report_of(finding())).splitlines() == [
            (
                "::notice file=policy.json,line=5,endLine=5,col=16,endColumn=25,"
                "title=redundant-action (suggestion)::policy.json:5:16: one covers the other"
                "%0Anote: it grants 178 others%0Ahelp: run: multitool-lint fix policy.json"
                f"%0Adocs: {page_url('redundant-action')}"
            ),
            "1 suggestion in 1 policy of 1 file; 1 fixable with --fix.",
        ]

    @pytest.mark.parametrize(
        ("severity", "name"),
        [
            (Severity.ERROR, "error"),
            (Severity.SECURITY, "error"),
            (Severity.WARNING, "warning"),
            (Severity.SUGGESTION, "notice"),
        ],
    )
    def test_each_severity_has_its_command(self, severity: Severity, name: str) -> None:
        line, _ = written(github.Reporter(), report_of(finding(severity=severity))).splitlines()
        assert command(line)[0] == name

    def test_nothing_that_a_file_says_becomes_a_command_or_a_property(self) -> None:
        text = written(github.Reporter(), report_of(nasty()), errors=ERRORS)
        found, error, *closing = re.split("\r\n|\r|\n", text.removesuffix("\n"))
        name, properties, message = command(found)
        assert name == "notice"
        assert properties == {
            "file": NASTY_PATH,
            "line": "3",
            "endLine": "3",
            "col": "2",
            "endColumn": "8",
            "title": "redundant-action (suggestion)",
        }
        assert message.startswith(f"{NASTY_PATH}:3:2: ]]> <script>")
        assert "%0A" in message  # as the policy has it, not a line ending
        _, note, help_, docs = message.split("\n")
        assert message.replace("\n", "").isprintable()
        assert note.startswith("note: ]]> <script>")
        assert help_.startswith(f"help: run: multitool-lint fix '{NASTY_PATH}' ")
        assert docs == f"docs: {page_url('redundant-action')}"
        assert command(error)[1]["file"] == NASTY_PATH
        assert not any(line.startswith("::") for line in closing)

    def test_columns_are_utf_16_code_units(self) -> None:
        place = nasty(span=span('"é"', NASTY_TEXT))
        line, _ = written(github.Reporter(), report_of(place)).splitlines()
        assert command(line)[1]["col"] == str(1 + len('{"": ') + 3 * 2)

    def test_a_place_on_several_lines_has_no_columns(self) -> None:
        """The runner drops them, and says so in the log."""
        line, _ = written(github.Reporter(), report_of(finding(span=Span(0, 30)))).splitlines()
        properties = command(line)[1]
        assert (properties["line"], properties["endLine"]) == ("1", "3")
        assert "col" not in properties


# As https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format has it; what GitLab
# itself checks, app/validators/json_schemas/codeclimate.json, lets pass more than it then shows.
GITLAB_SCHEMA = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{32,}$"},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    # Relative to the repository, without ./
                    "path": {"type": "string", "pattern": "^[^./]"},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}


def issues(text: str) -> Any:  # noqa: ANN401 - it is JSON
    found = json.loads(text)
    jsonschema.validate(found, GITLAB_SCHEMA)
    fingerprints = [issue["fingerprint"] for issue in found]
    assert len(set(fingerprints)) == len(fingerprints)
    return found


class TestGitlab:
    def test_a_finding(self) -> None:
        [issue] = issues(written(gitlab.Reporter(), report_of(finding())))
        del issue["fingerprint"]
        assert issue == {
            "description": "one covers the other. Run: multitool-lint fix policy.json",
            "check_name": "redundant-action",
            "severity": "info",
            "location": {"path": "policy.json", "lines": {"begin": 5}},
        }

    def test_no_two_issues_have_one_fingerprint(self) -> None:
        """GitLab shows only one of them."""
        same = report_of(finding(), finding(), finding(fingerprint="a"), finding(fingerprint="a"))
        elsewhere = report_of(finding(source=Source("other.json", TEXT), fingerprint="a"))
        assert len(issues(written(gitlab.Reporter(), same, elsewhere))) == 5

    def test_a_fingerprint_does_not_move_with_the_lines(self) -> None:
        moved = Source("policy.json", f"\n\n{TEXT}")
        place = Span(*(offset + 2 for offset in finding().span))
        before, after = (
            issues(written(gitlab.Reporter(), report_of(reported)))
            for reported in (finding(), finding(source=moved, span=place))
        )
        assert before[0]["fingerprint"] == after[0]["fingerprint"]
        assert before[0]["location"]["lines"] != after[0]["location"]["lines"]

    def test_odd_content_and_files_that_could_not_be_linted(self) -> None:
        text = written(gitlab.Reporter(), report_of(nasty()), errors=ERRORS)
        found, error = issues(text)
        assert found["description"].startswith(NASTY.replace("\ud800", r"\ud800"))
        assert found["location"]["path"] == error["location"]["path"] == NASTY_PATH
        assert (error["check_name"], error["severity"]) == ("not-linted", "blocker")

    def test_nothing_found_is_an_empty_list(self) -> None:
        assert issues(written(gitlab.Reporter(), report_of())) == []

    def test_a_path_in_the_current_folder_is_relative(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.chdir(tmp_path)
        Path("a").mkdir()
        (tmp_path / "a" / "policy.json").write_text(TEXT, encoding="utf-8")
        for path in ("./a/policy.json", f"{tmp_path}/a/policy.json", "a/../a/policy.json"):
            assert main([path, "--format=gitlab"]) == 1
            found = issues(capsys.readouterr().out)
            assert {issue["location"]["path"] for issue in found} == {"a/policy.json"}


JUNIT_SCHEMA = Path(__file__).parents[1] / "data/junit-10.xsd"


def suites(text: str, folder: Path) -> Any:  # noqa: ANN401 - a JUnitXml
    """The report as junitparser reads it from a file, after the schema of Jenkins accepted it."""
    path = folder / "report.xml"
    path.write_bytes(text.encode())
    interop("xmlschema").XMLSchema(JUNIT_SCHEMA).validate(path)
    return interop("junitparser").JUnitXml.fromfile(str(path))


class TestJunit:
    def test_a_file_is_a_suite_and_a_finding_a_failure(self, tmp_path: Path) -> None:
        clean = report_of()._replace(source=Source("clean.json", "{}"))
        report = suites(
            written(
                junit.Reporter(),
                report_of(
                    finding(),
                    finding(title="again"),
                    suppressed=(Suppressed(finding(rule="old-version"), "comment", "a test"),),
                ),
                clean,
                errors=(("gone.json", "no such file"),),
            ),
            tmp_path,
        )
        assert (report.tests, report.failures, report.errors) == (5, 2, 1)
        policy, other, gone = report
        assert [suite.name for suite in report] == ["policy.json", "clean.json", "gone.json"]
        cases = list(policy)
        assert [case.name for case in cases] == [
            "redundant-action /Statement/Action/0",
            "redundant-action /Statement/Action/0 (2)",
            "old-version /Statement/Action/0",
        ]
        assert {case.classname for case in cases} == {"policy.json"}
        [failure] = cases[0].result
        assert (failure.message, failure.type) == ("one covers the other", "suggestion")
        assert "\n  |                ^^^^^^^^^ covers more\n" in failure.text
        assert cases[2].is_skipped
        assert cases[2].result[0].message == "suppressed by comment: a test"
        [passed] = other
        assert passed.is_passed
        [error] = next(iter(gone)).result
        assert isinstance(error, interop("junitparser").Error)
        assert error.message == "no such file"

    def test_odd_content_is_content(self, tmp_path: Path) -> None:
        reports = [report_of(nasty(), suppressed=(Suppressed(nasty(), "baseline", NASTY),))]
        report = suites(written(junit.Reporter(), *reports, errors=ERRORS), tmp_path)
        found, error = report
        assert found.name == error.name == NASTY_PATH
        failed, suppressed = found
        legal = re.sub("[\x00\x1b\ud800\ufffe\u202e]", lambda match: ascii(match[0])[1:-1], NASTY)
        assert failed.result[0].message == legal
        assert suppressed.result[0].message == f"suppressed by baseline: {legal}"
        assert "<script>alert('1')</script>" in failed.result[0].text

    @pytest.mark.parametrize("reports", [[], [report_of()]])
    def test_nothing_found(self, reports: list[Any], tmp_path: Path) -> None:
        report = suites(written(junit.Reporter(), *reports), tmp_path)
        assert (report.failures, report.errors, report.tests) == (0, 0, len(reports))


@pytest.mark.parametrize("reporter", [github.Reporter(), gitlab.Reporter(), junit.Reporter()])
@pytest.mark.slow
def test_ten_thousand_findings_take_seconds_at_most(reporter: RunReporter) -> None:
    reports = many(10_000)
    start = time.process_time()
    text = written(reporter, *reports)
    assert time.process_time() - start < 10
    assert text.count("one covers the other") >= 10_000
