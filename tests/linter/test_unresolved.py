"""An unknown Effect or Action is counted, and fails a strict run."""

import json
from pathlib import Path

import pytest

from multitool_lint.cli import main

STATEMENT = """\
data "aws_iam_policy_document" "x" {
  statement {
    effect    = %s
    actions   = %s
    resources = %s
  }
}
"""
TEMPLATE = """\
Parameters:
  Effect: {Type: String}
Resources:
  P:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
        - Effect: !Ref Effect
          Action: ["s3:GetObject", !Ref Action]
          Resource: !GetAtt Bucket.Arn
"""


@pytest.mark.parametrize(
    ("name", "text", "places"),
    [
        ("x.tf", STATEMENT % ("var.e", '["s3:GetObject"]', '["*"]'), [(3, 17, "Effect")]),
        ("x.tf", STATEMENT % ('"Allow"', "var.a", '["*"]'), [(4, 17, "Action")]),
        ("x.tf", STATEMENT % ('"Allow"', '["s3:${var.a}"]', '["*"]'), [(4, 18, "Action")]),
        ("x.yaml", TEMPLATE, [(10, 19, "Effect"), (11, 36, "Action")]),
        (
            "x.json",
            (
                '{"Version": "2012-10-17", "Statement":\n'
                '{"Effect": "Allow", "NotAction": "{{ a }}", "Resource": "*"}}'
            ),
            [(2, 34, "NotAction")],
        ),
    ],
)
def test_an_unresolved_value_is_reported_at_its_place(
    name: str,
    text: str,
    places: list[tuple[int, int, str]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    arguments = ["check", "--no-cache", "--select", "full-admin-access", str(path)]
    assert main(arguments) == 0
    count = f"{len(places)} value{'s' * (len(places) > 1)} not resolved"
    shown = capsys.readouterr().out
    assert count in shown
    assert "Action could" not in shown
    for option, code in (("--strict", 2), ("--verbose", 0)):
        assert main([*arguments, option]) == code
        shown = capsys.readouterr().out
        for line, column, element in places:
            assert f"{path}:{line}:{column}: {element} could not be resolved" in shown
    main([*arguments, "--format", "json"])
    listed = json.loads(capsys.readouterr().out)["summary"]["unresolved"]
    assert [(value["line"], value["column"], value["element"]) for value in listed] == places


@pytest.mark.parametrize(
    "resources",
    ["var.arns", "[module.b.arn]", '["${aws_s3_bucket.b.arn}/*"]', '["arn:aws:s3:::${var.b}/*"]'],
)
def test_a_resource_may_be_made_at_deployment(
    resources: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.tf"
    text = STATEMENT % ('"Allow"', '["s3:GetObject"]', resources)
    path.write_text(text, encoding="utf-8")
    assert main(["check", "--no-cache", "--strict", str(path)]) == 0
    assert "resolved" not in capsys.readouterr().out


def test_reports_of_the_cache_and_of_processes_have_the_count(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "policies"
    folder.mkdir()
    for number in range(12):
        (folder / f"p{number}.yaml").write_text(TEMPLATE, encoding="utf-8")
    arguments = ["check", "--cache-dir", str(tmp_path / "cache"), "--jobs", "2", str(folder)]
    for _ in range(2):
        main(arguments)
        assert "24 values not resolved" in capsys.readouterr().out
