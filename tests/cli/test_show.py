"""Managed policies of AWS by name: printed, explained, queried and compared."""

import json
from pathlib import Path

import pytest

from multitool_lint.cli import main

Output = pytest.CaptureFixture[str]
ARN = "arn:aws:iam::aws:policy/"


@pytest.mark.parametrize("name", ["AdministratorAccess", f"{ARN}AdministratorAccess@v1"])
def test_the_document_alone_is_printed(name: str, capsys: Output) -> None:
    assert main(["show", name]) == 0
    out, err = capsys.readouterr()
    (statement,) = json.loads(out)["Statement"]
    assert statement == {"Effect": "Allow", "Action": "*", "Resource": "*"}
    assert err == f"{ARN}AdministratorAccess\nversion v1 of 2015-02-06 (newest)\n"


def test_what_is_known_of_versions_is_json(capsys: Output) -> None:
    assert main(["show", "AWSCodePipelineFullAccess", "--format", "json"]) == 1
    facts = json.loads(capsys.readouterr().out)
    assert facts["removed"] == "2022-11-17"
    assert (facts["versions"], facts["document"]) == ([], None)
    assert main(["show", "AmazonS3FullAccess@v1", "--format", "json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["shown"] == "v1"
    assert facts["versions"][-1] == {"id": "v1", "date": "2015-02-06"}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("AmazonS3FulAccess", "did you mean AmazonS3FullAccess?"),
        ("Nothing@v2", "is not among the managed policies"),
        ("AmazonS3FullAccess@v99", "no such version"),
        ("AWSLambdaFullAccess", "AWS has removed this policy"),
    ],
)
def test_what_cannot_be_printed(name: str, message: str, capsys: Output) -> None:
    assert main(["show", name]) == 1
    out, err = capsys.readouterr()
    assert not out
    assert message in err


def test_explain_says_how_much_is_allowed(capsys: Output) -> None:
    assert main(["explain", "AWSLambda_ReadOnlyAccess"]) == 0
    out = capsys.readouterr().out
    assert f"{ARN}AWSLambda_ReadOnlyAccess" in out
    assert "  Read: " in out


def test_query_lists_what_is_allowed(capsys: Output) -> None:
    assert main(["query", f"{ARN}AmazonSQSReadOnlyAccess", "--format", "json"]) == 0
    names = {action["name"] for action in json.loads(capsys.readouterr().out)["actions"]}
    assert "sqs:ListQueues" in names
    assert all(name.startswith("sqs:") for name in names)


def test_versions_are_compared(capsys: Output) -> None:
    assert main(["diff", "AmazonEKS_CNI_Policy@v5", f"{ARN}AmazonEKS_CNI_Policy@v6"]) == 0
    assert "1 new permission" in capsys.readouterr().out
    assert main(["diff", "AmazonEKS_CNI_Policy@v5", "AmazonEKS_CNI_Policy@v99"]) == 2
    assert "no document of this version is known" in capsys.readouterr().err


def test_a_file_of_the_name_of_a_policy_is_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    monkeypatch.chdir(tmp_path)
    allow = '{"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}'
    Path("AmazonS3FullAccess").write_text(allow, encoding="utf-8")
    assert main(["diff", "AmazonS3FullAccess", f"{ARN}AmazonS3FullAccess"]) == 0
    assert "new permissions" in capsys.readouterr().out


def test_a_file_with_references_alone_is_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    monkeypatch.chdir(tmp_path)
    listed = {"AttachedPolicies": [{"PolicyName": "A", "PolicyArn": f"{ARN}ReadOnlyAccess"}]}
    Path("attached.json").write_text(json.dumps(listed), encoding="utf-8")
    assert main(["attached.json"]) == 0
    out, err = capsys.readouterr()
    assert "No findings" in out
    assert "no policy found" not in err
