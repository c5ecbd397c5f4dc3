"""What was not read or resolved is named in every report that people and servers decide by."""

from pathlib import Path

import pytest

from multitool_lint.cli import main

READ = """
data "aws_iam_policy_document" "a" {
  statement {
    sid       = "Read"
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::data/*"]
  }
}
"""
UNREAD = """
resource "aws_iam_policy" "b" {
  policy = var.policy
}
"""
UNRESOLVED = READ.replace('"s3:GetObject"', "var.action")
WHY = "not read: an unresolved policy: var.policy"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


REPORTED = {
    "text": [f"b.tf:3:12: {WHY}\n"],
    "lines": [f"b.tf:3:12: {WHY}\n"],
    "json": ['"reason": "an unresolved policy: var.policy"'],
    "github": [f"::notice file=b.tf,line=3,title=multitool-lint::b.tf:3:12: {WHY}\n"],
    "gitlab": [f'"description": "{WHY}"', '"severity": "info"', '"lines": {"begin": 3}'],
    "junit": [
        '<testcase name="no findings" classname="a.tf">',
        '<testsuite name="b.tf" tests="1" failures="0" errors="0" skipped="1" file="b.tf">',
        f'<skipped message="{WHY}">b.tf:3:12: {WHY}</skipped>',
    ],
    "markdown": [f"#### Not read\n\n* `b.tf:3:12`: `{WHY}`\n"],
    "sarif": [f'"level": "note", "message": {{"text": "{WHY}"}}', '"executionSuccessful": true'],
    "code-scanning": [f'"level": "note", "message": {{"text": "{WHY}"}}'],
    "html": ["<dt>Not read</dt><dd>1 policy</dd>", "an unresolved policy: var.policy"],
}


@pytest.mark.parametrize("format_", REPORTED)
def test_a_policy_that_was_not_read(format_: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.tf").write_text(READ, encoding="utf-8")
    Path("b.tf").write_text(UNREAD, encoding="utf-8")
    assert main(["--format", format_, "--no-cache", "."]) == 0
    out = capsys.readouterr().out
    assert [part for part in REPORTED[format_] if part not in out] == []
    if format_ == "junit":
        assert 'name="no findings" classname="b.tf"' not in out, "nothing of it was checked"


FAILING = {
    "text": ["a.tf:5:18: Action could not be resolved\n"],
    "github": ["::error file=a.tf,line=5,title=multitool-lint::a.tf:5:18: Action could not be"],
    "gitlab": ['"severity": "blocker"', "Action could not be resolved"],
    "junit": ['errors="1">', '<error message="Action could not be resolved" type="not-read">'],
    "markdown": ["* `a.tf:5:18`: `Action could not be resolved`\n"],
    "sarif": ['"executionSuccessful": false', '"level": "error", "message": {"text": "Action'],
}


@pytest.mark.parametrize("format_", FAILING)
def test_what_fails_a_strict_run(format_: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.tf").write_text(UNRESOLVED, encoding="utf-8")
    assert main(["--format", format_, "--no-cache", "--strict", "."]) == 2
    out = capsys.readouterr().out
    assert [part for part in FAILING[format_] if part not in out] == []


def test_findings_have_room_before_what_was_not_read(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.tf").write_text(READ.replace("GetObject", "GetObjects"), encoding="utf-8")
    Path("b.tf").write_text(
        "".join(UNREAD.replace('"b"', f'"b{number}"') for number in range(2000)), encoding="utf-8"
    )
    assert main(["--format", "markdown", "--no-cache", "."]) == 1
    out = capsys.readouterr().out
    assert "[`unknown-action`]" in out
    assert "more policies\n" in out
    assert len(out) < 65_536


def test_a_run_that_read_no_policy_does_not_say_that_there_are_no_findings(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("b.tf").write_text(UNREAD, encoding="utf-8")
    assert main(["--no-cache", "b.tf"]) == 0
    closing = capsys.readouterr().out.splitlines()[-1]
    assert closing == "Not checked: 1 policy not read."
