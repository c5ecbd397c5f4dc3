"""What rules found that a policy has one note of is in every report, and counts in none."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from multitool_lint.cli import main

NOTE = "grants all 81 actions of athena on all resources"
POLICY = """{
  "Version": "2012-10-17",
  "Statement": [{"Effect": "Allow", "Action": "athena:*", "Resource": "*"}]
}"""


def report(format_: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["policy.json", f"--format={format_}", "--no-config", "--no-cache"]) == 0
    return capsys.readouterr().out


@pytest.fixture(autouse=True)
def _policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("policy.json").write_text(POLICY, encoding="utf-8")


@pytest.mark.parametrize(
    ("format_", "beginning"),
    [
        ("text", "note[full-service-access]: "),
        ("lines", "policy.json:3:47: note[full-service-access] "),
        ("github", "::notice file=policy.json,line=3,endLine=3,col=47,endColumn=57,title="),
        ("markdown", "* [3:47](policy.json#L3) **note** [`full-service-access`](https://"),
    ],
)
def test_it_is_a_line(format_: str, beginning: str, capsys: pytest.CaptureFixture[str]) -> None:
    [line] = [line for line in report(format_, capsys).splitlines() if NOTE in line]
    assert line.startswith(beginning)


def test_it_is_not_a_result_that_fails_in_sarif(capsys: pytest.CaptureFixture[str]) -> None:
    [result] = json.loads(report("sarif", capsys))["runs"][0]["results"]
    assert NOTE in result["message"]["text"]
    assert (result["kind"], result["level"]) == ("informational", "none")


def test_it_is_not_an_open_alert_of_code_scanning(capsys: pytest.CaptureFixture[str]) -> None:
    assert json.loads(report("code-scanning", capsys))["runs"][0]["results"] == []


def test_it_is_information_for_gitlab(capsys: pytest.CaptureFixture[str]) -> None:
    [issue] = json.loads(report("gitlab", capsys))
    assert NOTE in issue["description"]
    assert issue["severity"] == "info"


def test_it_is_a_test_that_passed_in_junit(capsys: pytest.CaptureFixture[str]) -> None:
    root = ET.fromstring(report("junit", capsys))  # noqa: S314 - it is ours
    assert (root.get("tests"), root.get("failures")) == ("1", "0")
    assert NOTE in (root.findtext("./testsuite/testcase/system-out") or "")


def test_it_is_on_the_page_with_its_policy(capsys: pytest.CaptureFixture[str]) -> None:
    page = report("html", capsys)
    assert NOTE in page
    assert '"note' in page
