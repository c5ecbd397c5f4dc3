"""Files that checked files name are checked too."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from multitool_lint.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., tuple[int, str]]

CHILD = """\
Parameters: {Who: {Type: String}}
Resources:
  P:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: b
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
        - {Effect: Allow, Principal: !Ref Who, Action: "s3:GetObjekt", Resource: "arn:aws:s3:::b/*"}
"""
STACK = """\
Resources:
  Child:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: ./child.yaml, Parameters: {Who: WHO}}
"""
APPLICATION = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Child:
    Type: AWS::Serverless::Application
    Properties: {Location: ./child.yaml, Parameters: {Who: WHO}}
"""
RULES = "unknown-action,public-access"


@pytest.fixture
def check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    monkeypatch.chdir(tmp_path)
    write("child.yaml", CHILD)

    def run(*arguments: str) -> tuple[int, str]:
        code = main(["check", f"--select={RULES}", "--no-config", *arguments])
        return code, capsys.readouterr().out

    return run


def write(name: str, text: str) -> None:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("template", [STACK, APPLICATION])
@pytest.mark.parametrize(
    "names", [["template.yaml"], ["."], ["template.yaml", "child.yaml"], ["child.yaml", "."]]
)
@pytest.mark.parametrize("options", [["--no-cache"], ["--no-cache", "--jobs=2"]])
def test_a_nested_stack_is_checked_once_with_its_parameters(
    template: str, names: list[str], options: list[str], check: Run
) -> None:
    write("template.yaml", template.replace("WHO", '"*"'))
    if "." in names:
        for number in range(9):  # too many for one process alone
            write(f"more/{number}.yaml", CHILD)
    code, out = check("--strict", *names, *options)
    assert code == 1
    others = 9 if "." in names else 0
    assert out.count("error[unknown-action]") == 1 + others
    assert out.count("--> child.yaml:10:") == 2
    assert out.count("security[public-access]") == 1
    assert f" of {2 + others} files" in out


@pytest.mark.parametrize("value", ["!Ref Other", '"arn:aws:iam::111122223333:root"'])
def test_a_parameter_that_is_unknown_or_right_has_no_finding(value: str, check: Run) -> None:
    write("template.yaml", STACK.replace("WHO", value))
    _, out = check("template.yaml")
    assert "public-access" not in out
    assert out.count("--> child.yaml:10:") == 1


def test_stacks_that_name_each_other_are_checked_once(check: Run) -> None:
    nested = STACK.replace("WHO", "x").replace("Resources:\n", "")
    write("child.yaml", CHILD + nested.replace("child.yaml", "a.yaml"))
    write("a.yaml", STACK.replace("WHO", '"*"'))
    code, out = check("a.yaml")
    assert code == 1
    assert out.count("unknown-action") == 2  # the finding and the address of its page
    assert out.count("--> child.yaml:10:") == 2


def test_a_file_that_terraform_reads_is_checked(check: Run) -> None:
    statement = '{"Effect": "Allow", "Action": "s3:GetObjekt", "Resource": "arn:aws:s3:::b/*"}'
    write("p.json", f'{{"Version": "2012-10-17", "Statement": [{statement}]}}')
    write("a.tf", 'resource "aws_iam_policy" "p" {\n  policy = file("${path.module}/p.json")\n}\n')
    code, out = check("a.tf")
    assert (code, out.count("--> p.json:1:")) == (1, 1)


def test_what_is_excluded_or_outside_is_not_checked(check: Run, tmp_path: Path) -> None:
    write("template.yaml", STACK.replace("WHO", '"*"'))
    assert "child.yaml:" not in check(".", "--exclude=child.yaml")[1]
    write("in/template.yaml", STACK.replace("WHO", '"*"').replace("./child", "./made/child"))
    write("in/made/child.yaml", CHILD)
    for name in ("in", "in/template.yaml"):
        code, out = check(name, "--exclude=in/made/")
        assert (code, "child.yaml:" in out) == (0, False)
        assert "1 file skipped: excluded" in out
    write("below/template.yaml", STACK.replace("./child", "../child"))
    code, out = check("--strict", "below/template.yaml")
    assert (code, "child.yaml:" in out) == (2, False)
    assert "below/template.yaml:3:5: not read: a nested stack in a file of its own" in out
    assert check("--strict", "below/template.yaml", "child.yaml")[0] == 1
    write(".git/HEAD", "")
    assert "child.yaml:10:" in check("below/template.yaml")[1]
    (tmp_path / "below" / ".git").mkdir()
    code, out = check("--strict", "below/template.yaml")
    assert (code, "child.yaml:" in out) == (2, False)


def test_parameters_of_a_changed_stack_are_checked_in_an_unchanged_one(check: Run) -> None:
    write("template.yaml", STACK.replace("WHO", "!Ref Other"))
    for command in ("init -q", "add .", "-c user.name=a -c user.email=a@example.com commit -qm x"):
        subprocess.run(["git", *command.split()], check=True)
    write("template.yaml", STACK.replace("WHO", '"*"'))
    code, out = check(".", "--changed-since=HEAD")
    assert (code, "public-access" in out, "unknown-action" in out) == (1, True, False)
    excluded = check(".", "--changed-since=HEAD", "--exclude=child.yaml")
    assert (excluded[0], "public-access" in excluded[1]) == (0, False)


def test_the_path_of_a_named_file_is_as_short_as_in_a_folder(check: Run) -> None:
    write("below/template.yaml", STACK.replace("./child", "../child"))
    write(".git/HEAD", "")
    assert "--> child.yaml:10:" in check("below")[1]


def test_only_files_that_are_named_are_fixed(check: Run) -> None:
    write("template.yaml", STACK.replace("WHO", "x"))
    assert "child.yaml:10:" in check("template.yaml", "--fix", "--unsafe-fixes")[1]
    assert Path("child.yaml").read_text(encoding="utf-8") == CHILD


@pytest.mark.parametrize("text", ['{"a": 1}', "${policy}", "#!/bin/sh\n", ""])
@pytest.mark.parametrize("names", [["."], ["a.tf"], ["a.tf", "."]])
def test_a_file_that_must_be_a_policy_and_has_none_is_not_read(
    text: str, names: list[str], check: Run
) -> None:
    write("p.tpl", text)
    write("a.tf", 'resource "aws_iam_policy" "p" {\n  policy = file("${path.module}/p.tpl")\n}\n')
    reason = 'not read: a policy in a file of its own: "p.tpl", in which no policy was found'
    code, out = check("--strict", "--no-cache", *names)
    assert (code, out.count(f"a.tf:2:12: {reason}")) == (2, 1)


def test_a_template_that_is_named_needs_no_policy(check: Run) -> None:
    write("template.yaml", STACK.replace("WHO", "x"))
    write("child.yaml", "Resources: {T: {Type: AWS::SNS::Topic}}\n")
    assert check("--strict", "template.yaml")[0] == 0
