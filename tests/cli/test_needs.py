"""`needs` lists what applying a plan or a template takes."""

import json
from pathlib import Path

import pytest

from multitool_lint import lint
from multitool_lint.cli import main

Output = pytest.CaptureFixture[str]
EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "needs"
TEMPLATE = "Resources: {Q: {Type: AWS::SQS::Queue, Properties: {QueueName: q}}}"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "t.yaml").write_text(TEMPLATE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)


def policy(*actions: str, resource: str = "arn:aws:sqs:*:*:q") -> None:
    statement = {"Effect": "Allow", "Action": [*actions], "Resource": resource}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    Path("p.json").write_text(json.dumps(document), encoding="utf-8")


def test_the_policy_that_is_printed_allows_all(capsys: Output) -> None:
    assert main(["needs", "t.yaml", "--format", "policy"]) == 0
    printed = capsys.readouterr().out
    assert not [found for found in lint(printed) if found.severity.value == "error"]
    Path("p.json").write_text(printed, encoding="utf-8")
    assert main(["needs", "t.yaml", "--can", "p.json"]) == 0
    assert capsys.readouterr().out == ""


def test_what_a_policy_lacks_is_at_the_resource(capsys: Output) -> None:
    policy("sqs:Get*", "sqs:List*")
    assert main(["needs", "t.yaml", "--can", "p.json"]) == 1
    assert capsys.readouterr().out == (
        "t.yaml:1:16: Q: implicitly denied on arn:aws:sqs:*:*:q\n  sqs:CreateQueue, sqs:TagQueue\n"
    )
    assert main(["needs", "t.yaml", "--can", "p.json", "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert {lack["action"] for lack in found["lacking"]} == {
        "sqs:CreateQueue",
        "sqs:TagQueue",
    }


def test_what_is_not_known_never_passes(capsys: Output) -> None:
    policy("*", resource="*")
    plan = str(EXAMPLE / "plan.json")
    assert main(["needs", plan]) == 0
    assert main(["needs", plan, "--can", "p.json"]) == 1
    assert "not known what aws_elastictranscoder_preset.clip takes" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}", "not a plan"),
        ("{", "2.json:1:1: "),
        ('{"Resources": {"X": {"Type": "AWS::QLDB::Ledger"}}}', "0 of 1 resources"),
    ],
)
def test_nothing_is_known(text: str, message: str, capsys: Output) -> None:
    Path("2.json").write_text(text, encoding="utf-8")
    assert main(["needs", "2.json"]) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ["t.yaml", "--operation", "destroy"],
        ["t.yaml", "--can", "p.json", "--format", "policy"],
        ["t.yaml", "--can", "t.yaml"],
        ["no.json"],
    ],
)
def test_mistakes_are_reported(words: list[str], capsys: Output) -> None:
    policy("sqs:*")
    assert main(["needs", *words]) == 2
    assert capsys.readouterr().err.startswith("error: ")


def test_tighten_keeps_what_a_plan_takes(capsys: Output) -> None:
    wide = (EXAMPLE / "policy.json").read_text(encoding="utf-8")
    Path("p.json").write_text(wide, encoding="utf-8")
    plan = str(EXAMPLE / "plan.json")
    assert main(["tighten", "p.json", "--used", plan, "--write"]) == 0
    kept = json.loads(Path("p.json").read_text(encoding="utf-8"))
    actions = {action for statement in kept["Statement"] for action in statement["Action"]}
    assert {"lambda:CreateFunction", "iam:CreateRole"} <= actions
    assert not {"iam:DeleteRole", "s3:ListAllMyBuckets"} & actions
    assert "what these take is not known, and not kept" in capsys.readouterr().err


ROLES = """Resources:
  Deployer:
    Type: AWS::IAM::Role
    Properties:
      RoleName: deployer
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          Effect: Allow
          Action: sts:AssumeRole
          Principal: {Service: codebuild.amazonaws.com}
      ManagedPolicyArns: [arn:aws:iam::aws:policy/ReadOnlyAccess]
      Policies:
        - PolicyName: a
          PolicyDocument:
            Version: "2012-10-17"
            Statement: {Effect: Allow, Action: "sqs:Create*", Resource: "*"}
"""


def test_an_identity_of_files_has_all_of_its_policies(capsys: Output) -> None:
    Path("roles.yaml").write_text(ROLES, encoding="utf-8")
    assert main(["needs", "t.yaml", "roles.yaml", "--can", "deployer"]) == 1
    assert capsys.readouterr().out == (
        "t.yaml:1:16: Q: implicitly denied on arn:aws:sqs:*:*:q\n  sqs:TagQueue\n"
    )
    assert main(["needs", "t.yaml", "roles.yaml", "--can", "deployr"]) == 2
    assert 'did you mean "deployer"?' in capsys.readouterr().err
