"""Policy templates of SAM: what AWS has published for their names."""

import json
from pathlib import Path
from typing import Any

import pytest

from multitool_lint.cli import main
from multitool_lint.formats import ReadResult, read_source
from multitool_lint.formats.identities import all_identities
from multitool_lint.linter.engine import lint_source
from multitool_lint.rewrite.fix import fix
from multitool_lint.syntax.placeholders import as_written
from multitool_lint.syntax.source import Source


def template(*policies: object) -> Source:
    function = {"Type": "AWS::Serverless::Function", "Properties": {"Policies": [*policies]}}
    resources = {"F": function, "Table": {"Type": "AWS::DynamoDB::Table"}}
    text = {"Transform": "AWS::Serverless-2016-10-31", "Resources": resources}
    return Source("template.json", json.dumps(text, indent=1))


def documents(loaded: ReadResult) -> dict[str | None, Any]:
    return {
        entry.policy.name: json.loads(entry.policy.source.text)["Statement"]
        for entry in loaded.policies
    }


@pytest.mark.parametrize(
    ("bucket", "resource"),
    [
        ("reports", "arn:${AWS::Partition}:s3:::reports"),
        ({"Fn::Sub": "a-${AWS::Region}"}, "arn:${AWS::Partition}:s3:::a-${AWS::Region}"),
    ],
)
def test_parameters_are_filled_in(bucket: object, resource: str) -> None:
    loaded = read_source(template({"S3ReadPolicy": {"BucketName": bucket}}))
    [(name, [statement])] = documents(loaded).items()
    assert name == "F/Policies/0/S3ReadPolicy"
    assert "s3:GetObject" in statement["Action"]
    assert [as_written(text) for text in statement["Resource"]] == [resource, f"{resource}/*"]
    assert not loaded.skipped


def test_a_parameter_that_is_missing_or_unknown_leaves_the_rest_known() -> None:
    for given in ({}, {"TableName": {"Fn::ImportValue": "x"}}, {"Other": "x"}):
        [statements] = documents(read_source(template({"DynamoDBReadPolicy": given}))).values()
        assert "dynamodb:GetItem" in statements[0]["Action"]


def test_a_template_that_is_not_known_is_not_a_pass() -> None:
    [skipped] = read_source(template({"NewServiceCrudPolicy": {}})).skipped
    assert skipped.unread


def test_words_of_aws_are_not_reported_and_not_changed() -> None:
    source = template(
        {"SQSPollerPolicy": {"QueueName": "q"}}, {"CodeCommitReadPolicy": {"RepositoryName": "r"}}
    )
    assert lint_source(source).findings == ()
    assert lint_source(source).policy_count == 2
    assert fix(source, unsafe=True).text == source.text


def test_what_a_template_grants_is_reported_at_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("multitool-lint.toml").write_text(
        '[[rules]]\nid = "no-scan"\nmessage = "no scans"\n'
        'forbid = { actions = ["dynamodb:Scan"] }\n'
    )
    Path("t.json").write_text(
        template({"DynamoDBCrudPolicy": {"TableName": {"Ref": "Table"}}}).text
    )
    assert main(["--no-cache", "--format=lines", "t.json"]) == 1
    out = capsys.readouterr().out
    line = [*Path("t.json").read_text().splitlines()].index('      "DynamoDBCrudPolicy": {') + 1
    assert f"t.json:{line}:7: " in out
    assert "no scans" in out


SHARED = """
Metadata: {shared: &policies [{SQSPollerPolicy: {QueueName: q}}, {Statement: []}]}
Resources:
  A: {Type: AWS::Serverless::Function, Properties: {Policies: *policies}}
  B: {Type: AWS::Serverless::Function, Properties: {Policies: *policies}}
"""


def test_functions_with_the_same_alias_have_their_own_policies_only() -> None:
    source = Source("template.yaml", SHARED)
    identities = [found.read()[0] for found in all_identities(source, read_source(source))]
    names = [
        [applied.policy.name for applied in identity.policies if applied.policy]
        for identity in identities
    ]
    assert names == [
        ["A/Policies/0/SQSPollerPolicy", "A/Policies/1"],
        ["B/Policies/0/SQSPollerPolicy", "B/Policies/1"],
    ]
