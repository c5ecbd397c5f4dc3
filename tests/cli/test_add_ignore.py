"""Entries that `--add-ignore` writes: for what is found now, and nothing that comes later."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from multitool_lint.cli import main
from multitool_lint.config import read_config

STATEMENT = {"Sid": "A", "Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"}
REASON = "the boundary of the account"
TEMPLATE = """\
Resources:
  P:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Action: iam:PassRole
            Resource: '*'
"""
TERRAFORM = """\
data "aws_iam_policy_document" "x" {
  statement {
    sid       = "B"
    actions   = ["iam:PassRole", "s3:*"]
    resources = ["*"]
  }
}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    (tmp_path / "a[1].json").write_text(policy(STATEMENT), encoding="utf-8")
    (tmp_path / "t.yaml").write_text(TEMPLATE, encoding="utf-8")
    (tmp_path / "main.tf").write_text(TERRAFORM, encoding="utf-8")
    return tmp_path


def policy(*statements: Mapping[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=1)


@pytest.mark.parametrize(
    ("name", "before"),
    [
        ("multitool-lint.toml", None),
        ("multitool-lint.toml", "# nothing"),
        ("multitool-lint.toml", 'ignore = ["missing-sid"]\nfail-on = "warning"\n'),
        ("multitool-lint.toml", 'fail-on = "warning"\nignore = [\n  "missing-sid", # note\n]\n'),
        ("multitool-lint.toml", 'ignore = []\n[severity]\nmissing-sid = "error"\n'),
        ("multitool-lint.toml", '[[ignore]]\nrule = "old-version"\nreason = "é"\npath = "x"\n'),
        ("pyproject.toml", '[tool.multitool-lint]\nfail-on = "warning"\n[tool.x]\ny = 1\n'),
        ("pyproject.toml", '[tool.multitool-lint]\nignore = ["missing-sid"]\n\n[project]\n'),
    ],
)
def test_what_is_found_is_not_reported_again(
    name: str, before: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    if before is not None:
        Path(name).write_text(before, encoding="utf-8")
    assert main(["--ignore=unused-ignore"]) == 1
    assert main(["--ignore=unused-ignore", "--add-ignore", f"{REASON}\n"]) == 0
    captured = capsys.readouterr()
    assert f"{name}: " in captured.err
    assert " added\n" in captured.err
    assert main(["--ignore=unused-ignore"]) == 0
    assert "No findings" in capsys.readouterr().out
    config = read_config(name)
    assert {entry.reason for entry in config.ignores} <= {REASON, "é"}
    after = Path(name).read_text(encoding="utf-8")
    assert [line for line in (before or "").splitlines() if line.rstrip("]") not in after] == []


def test_another_place_of_the_same_rule_is_still_reported(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rule = "--select=pass-role-any-resource,full-service-access"
    assert main([rule, "--add-ignore", REASON]) == 0
    other = {**STATEMENT, "Sid": "Other"}
    (folder / "a[1].json").write_text(policy(STATEMENT, other), encoding="utf-8")
    (folder / "a1.json").write_text(policy(STATEMENT), encoding="utf-8")
    (folder / "main.tf").write_text(TERRAFORM.replace('"s3:*"', '"s3:*", "sqs:*"'), "utf-8")
    capsys.readouterr()
    assert main([rule, "-q", "-f", "lines"]) == 1
    places = {line.partition(":")[0] for line in capsys.readouterr().out.splitlines()}
    assert places == {"a[1].json", "a1.json", "main.tf"}


def test_what_was_not_checked_is_still_reported(capsys: pytest.CaptureFixture[str]) -> None:
    Path("broken.json").write_text(policy(STATEMENT)[:-3], encoding="utf-8")
    assert main(["broken.json", "--add-ignore", REASON]) == 2
    assert "[json-syntax-error]" in capsys.readouterr().out
    assert not Path("multitool-lint.toml").exists()


def test_a_configuration_that_cannot_be_extended_stays_as_it_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = '# note\n"ignore" = ["missing-sid" # no comma\n]\n'
    Path("multitool-lint.toml").write_text(text, encoding="utf-8")
    main(["a[1].json"])
    expected = capsys.readouterr().out
    assert main(["a[1].json", "--add-ignore", REASON]) == 2
    out = capsys.readouterr()
    assert "error: multitool-lint.toml: not written: " in out.err
    assert out.out == expected, "what is not suppressed is reported"
    assert Path("multitool-lint.toml").read_text(encoding="utf-8") == text


def test_a_file_outside_the_folder_of_the_configuration_is_still_reported(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "inner").mkdir()
    monkeypatch.chdir(folder / "inner")
    assert main(["../a[1].json", "--add-ignore", REASON]) == 1
    assert not Path("multitool-lint.toml").exists()
