"""What parliament confirms comes out in every report, and nothing else of it does."""

import json
from pathlib import Path

import pytest
from support.parliament_findings import UNKNOWN_ACTION, document

from multitool_lint.cli import main
from multitool_lint.linter.engine import lint_source
from multitool_lint.syntax.source import Source


def test_reports_have_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("policy.json").write_text(document(UNKNOWN_ACTION), encoding="utf-8")

    def report(*options: str) -> str:
        assert main(["check", "policy.json", "--no-config", "--no-cache", *options]) == 1
        return capsys.readouterr().out

    [finding] = json.loads(report("--format=json"))["findings"]
    assert finding["confirmed_by"] == ["parliament"]
    assert json.loads(report("--format=jsonl")) == finding
    [result] = json.loads(report("--format=sarif"))["runs"][0]["results"]
    assert result["properties"]["confirmedBy"] == ["parliament"]
    assert json.dumps(result).count("also reported by parliament") == 1
    for format_ in ("text", "lines", "github", "gitlab", "junit", "markdown", "html"):
        assert report(f"--format={format_}").count("also reported by parliament") == 1
    assert report("-v").count("parliament") == 1


MISMATCH = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports"}


def test_other_findings_are_labelled_where_a_report_has_a_place_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for at in range(9):  # as many as the cache is used for
        Path(f"{at}.json").write_text(document({**MISMATCH, "Sid": f"A{at}"}), encoding="utf-8")
    # The cache keeps both answers apart, in whatever order they are asked for.
    for options, labelled in (
        ([], False),
        (["--verbose"], True),
        (["--format=markdown"], False),
        (["--format=json"], True),
        (["--output=jsonl=report.jsonl", "--format=github"], True),
        (["--format=code-scanning"], True),
        ([], False),
    ):
        paths = [f"{at}.json" for at in range(9)]
        assert main(["check", *paths, "--no-config", "--cache-dir=cache", *options]) == 1
        assert ("parliament" in capsys.readouterr().out) == labelled, options


def test_it_survives_the_cache_and_other_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MULTITOOL_LINT_CACHE_DIR", str(tmp_path / "cache"))
    for at in range(3):
        statement = {**UNKNOWN_ACTION, "Action": f"s3:No{at}"}
        Path(f"{at}.json").write_text(document(statement), encoding="utf-8")
    outputs = []
    for options in (["--no-cache", "--jobs=1"], ["--jobs=2"], ["--jobs=2"], ["--jobs=1"]):
        assert main(["check", ".", "--no-config", "--format=json", *options]) == 1
        outputs.append(capsys.readouterr().out)
    assert len(set(outputs)) == 1
    labels = [finding["confirmed_by"] for finding in json.loads(outputs[0])["findings"]]
    assert labels == [["parliament"]] * 3


YAML = """
Resources:
  Policy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Action: s3:GetObjekt
            Resource: !Sub "arn:aws:s3:::${Bucket}/*"
"""
TERRAFORM = """
data "aws_iam_policy_document" "read" {
  statement {
    actions   = ["s3:GetObjekt"]
    resources = ["${aws_s3_bucket.reports.arn}/*"]
  }
}
"""


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("template.yaml", YAML),
        ("main.tf", TERRAFORM),
        ("page.md", f"```json\n{document(UNKNOWN_ACTION)}\n```\n"),
    ],
)
def test_policies_in_other_formats(path: str, text: str) -> None:
    findings = lint_source(Source(path, text)).findings
    [finding] = [finding for finding in findings if finding.rule == "unknown-action"]
    assert finding.confirmed_by == ("parliament",)
