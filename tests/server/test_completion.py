from __future__ import annotations

import pytest

pytest.importorskip("pygls")

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.server.completion import completions
from multitool_lint.server.texts import OpenDocument

JSON = '{"Version": "2012-10-17", "Statement": [\n{"Effect": "Allow",\n %s}]}'
YAML = """\
Resources:
  Logs:
    Type: AWS::S3::Bucket
  Role:
    Type: AWS::IAM::Role
    Properties:
      ManagedPolicyArns:
        - %s
      Policies:
        - PolicyDocument:
            Statement:
              - Effect: Allow
                Action:
                  - s3:ListBucket
                %s
"""
HCL = """\
resource "aws_s3_bucket" "logs" {}
data "aws_iam_policy_document" "a" {
  statement {
    actions = ["s3:ListBucket"]
    %s
  }
}
"""
ENCODED = """\
resource "aws_iam_policy" "a" {
  policy = jsonencode({
    Statement = [{
      Effect = "Allow"
      %s
    }]
  })
}
"""
CASES = {
    # a service, then an action, also where nothing is closed
    "service": ("a.json", JSON % '"Action": "s|"', "s3:", "s3:"),
    "action": ("a.json", JSON % '"Action": ["s3:getobj|"]', "s3:GetObject", "s3:GetObject"),
    "open text": ("a.json", JSON % '"Action": ["s3:GetObj|\n ]', "s3:GetObject", "s3:GetObject"),
    "end": ("a.json", (JSON % '"Action": "s3:|').split("|")[0] + "|", "s3:*", "s3:*"),
    "whole": ("a.json", JSON % '"Action": "s3:Get|Object"', "s3:GetObject", "s3:GetObject"),
    "key": ("a.json", JSON % "|", "Resource", '"Resource": '),
    "quoted key": ("a.json", JSON % '"|"', "Resource", "Resource"),
    "key before": ("a.json", JSON % '|\n "Resource": "*"', "Action", '"Action": '),
    "effect": ("a.json", JSON.replace('"Allow"', "|"), "Deny", '"Deny"'),
    "version": ("a.json", '{"Version": "|"}', "2012-10-17", "2012-10-17"),
    "policy": ("a.json", "{|}", "Statement", '"Statement": '),
    "policy of a template": (
        *("a.json", '{"Resources": {"R": {"Properties": {"PolicyDocument": {"|"'),
        *("Version", "Version"),
    ),
    "YAML policy": ("a.yaml", "Ver|", "Version", "Version: "),
    "YAML policy of a template": (
        *("a.yaml", YAML.partition("Statement")[0] % "x" + "|"),
        *("Version", "Version: "),
    ),
    "HCL policy": ("a.tf", ENCODED.partition("Statement")[0] + "|", "Version", '"Version": '),
    "operator": ("a.json", JSON % '"Condition": {"|"}', "StringLike", "StringLike"),
    "set operator": (
        *("a.json", JSON % '"Condition": {"ForAny|"}'),
        *("ForAnyValue:StringLike", "ForAnyValue:StringLike"),
    ),
    "key of action": (
        *("a.json", JSON % '"Action": "s3:ListBucket", "Condition": {"StringEquals": {"s3:pre|"'),
        *("s3:prefix", "s3:prefix"),
    ),
    "global key": (
        *("a.json", JSON % '"Condition": {"StringEquals": {"aws:SourceAcc|": ""}}'),
        *("aws:SourceAccount", "aws:SourceAccount"),
    ),
    "value": (
        *("a.json", JSON % '"Condition": {"Bool": {"aws:SecureTransport": "|"}}'),
        *("false", "false"),
    ),
    "region": (
        *("a.json", JSON % '"Condition": {"StringEquals": {"aws:RequestedRegion": "eu-c|"}}'),
        *("eu-central-1", "eu-central-1"),
    ),
    "principal type": ("a.json", JSON % '"Principal": {"|"}', "Service", "Service"),
    "service principal": (
        *("a.json", JSON % '"Principal": {"Service": "lambda|"}'),
        *("lambda.amazonaws.com", "lambda.amazonaws.com"),
    ),
    "format": (
        *("a.json", JSON % '"Action": "s3:ListBucket", "Resource": "|"'),
        *("arn:aws:s3:::${BucketName}", "arn:aws:s3:::*"),
    ),
    "partition": ("a.json", JSON % '"Resource": "arn:|"', "arn:aws-cn:", "arn:aws-cn:"),
    "region of ARN": (
        *("a.json", JSON % '"Action": "sqs:*", "Resource": "arn:aws:sqs:eu-central|"'),
        *("arn:aws:sqs:eu-central-1:", "arn:aws:sqs:eu-central-1:"),
    ),
    "formats after an account": (
        *("a.json", JSON % '"Action": "sqs:*", "Resource": "arn:aws:sqs:eu-west-1:111122223333:|"'),
        *(
            "arn:aws:sqs:eu-west-1:111122223333:${QueueName}",
            "arn:aws:sqs:eu-west-1:111122223333:*",
        ),
    ),
    "formats after a variable": (
        *("a.tf", HCL % 'resources = ["arn:aws:s3:${var.region}:${local.account}:job|"]'),
        "arn:aws:s3:${var.region}:${local.account}:job/${JobId}",
        "arn:aws:s3:${var.region}:${local.account}:job/*",
    ),
    "role": (
        *("a.json", JSON % '"Principal": {"AWS": "arn:aws-cn:iam::111122223333:r|"}'),
        "arn:aws-cn:iam::111122223333:role/${RoleName}",
        "arn:aws-cn:iam::111122223333:role/RoleName",
    ),
    "identity provider": (
        *("a.json", JSON % '"Principal": {"Federated": "acc|"}'),
        *("accounts.google.com", "accounts.google.com"),
    ),
    "YAML first key": ("a.yaml", YAML % ("x", "Sid: a\n              - |"), "Effect", "Effect: "),
    "YAML action": ("a.yaml", YAML % ("x", "  - s3:GetObj|"), "s3:GetObject", "s3:GetObject"),
    "YAML key": ("a.yaml", YAML % ("x", "Res|"), "Resource", "Resource: "),
    "YAML object": ("a.yaml", YAML % ("x", "|"), "Condition", "Condition:"),
    "YAML star": ("a.yaml", YAML % ("x", "Resource: |"), "*", '"*"'),
    "YAML resource": (
        "a.yaml",
        YAML % ("x", "Resource: |"),
        "!GetAtt Logs.Arn",
        "!GetAtt Logs.Arn",
    ),
    "YAML operator": (
        *("a.yaml", YAML % ("x", "Condition:\n                  StringL|")),
        *("StringLike", "StringLike: "),
    ),
    "YAML condition key": (
        *("a.yaml", YAML % ("x", "Condition:\n                  Bool:\n                    aws:|")),
        *("aws:SecureTransport", "aws:SecureTransport: "),
    ),
    "managed policy": (
        *("a.yaml", YAML % ("ReadOnly|", "")),
        *("arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
    ),
    "HCL argument": ("a.tf", HCL % "|", "resources", "resources = "),
    "HCL block": ("a.tf", HCL % "cond|", "condition", "condition {"),
    "HCL action": ("a.tf", HCL % 'not_actions = ["s3:GetObj|', "s3:GetObject", "s3:GetObject"),
    "HCL reference": (
        *("a.tf", HCL % "resources = [|]"),
        *("aws_s3_bucket.logs.arn", "aws_s3_bucket.logs.arn"),
    ),
    "HCL template": (
        *("a.tf", HCL % 'resources = ["|"]'),
        *("${aws_s3_bucket.logs.arn}", "${aws_s3_bucket.logs.arn}"),
    ),
    "HCL test": ("a.tf", HCL % 'condition {\n test = "|"\n }', "StringEquals", "StringEquals"),
    "HCL variable": (
        *("a.tf", HCL % 'condition {\n variable = "s3:pre|"\n }'),
        *("s3:prefix", "s3:prefix"),
    ),
    "HCL values": (
        *("a.tf", HCL % 'condition {\n variable = "aws:SecureTransport"\n values = [|]\n }'),
        *("true", '"true"'),
    ),
    "HCL principal": (
        *("a.tf", HCL % 'principals {\n type = "Service"\n identifiers = ["ec2.|"]\n }'),
        *("ec2.amazonaws.com", "ec2.amazonaws.com"),
    ),
    "HCL object": ("a.tf", ENCODED % 'Action = ["s3:GetObj|"]', "s3:GetObject", "s3:GetObject"),
    "page": (
        *("a.md", "It's\n\n```json\n" + JSON % '"Action": "s3:GetObj|"' + "\n```\n"),
        *("s3:GetObject", "s3:GetObject"),
    ),
    "key in a page": ("a.md", '```json\n{"Statement": [\n {"|', "Effect", "Effect"),
}


@pytest.mark.parametrize("case", CASES)
def test_what_can_be_written_is_offered(case: str) -> None:
    path, marked, label, written = CASES[case]
    offset = marked.index("|")
    text = OpenDocument(f"file:///{path}", marked.replace("|", "", 1), 1)
    found = {item.label: item for item in completions(text, offset, bundled()).items}
    edit = found[label].text_edit
    assert edit.new_text == written
    assert edit.range.start.line == edit.range.end.line
    assert text.offset(edit.range.start) <= offset <= text.offset(edit.range.end)


@pytest.mark.parametrize(
    ("path", "marked"),
    [
        ("package.json", '{"name": "a", "|": 1}'),
        ("a.tf", 'resource "aws_s3_bucket" "b" {\n  bu|\n}\n'),
        ("a.yaml", "services:\n  web:\n    |\n"),
        ("a.json", JSON % '"Sid": "|"'),
        ("a.json", JSON % '"Action": "s3:GetObject"|'),
        ("a.json", '["|"]'),
    ],
)
def test_nothing_is_offered_elsewhere(path: str, marked: str) -> None:
    text = OpenDocument(f"file:///{path}", marked.replace("|", "", 1), 1)
    assert not completions(text, marked.index("|"), bundled()).items


@pytest.mark.parametrize(
    ("path", "marked", "there"),
    [
        ("a.json", JSON % '"Action": "s3:GetObject", |', {"Effect", "Action", "NotAction"}),
        ("a.json", JSON % '"Principal": {"AWS": "*", |}', {"AWS"}),
        ("a.json", JSON % '"Condition": {"Bool": {}, |}', {"Bool"}),
        ("a.tf", HCL % 'condition {\n test = "Bool"\n |\n }', {"test"}),
    ],
)
def test_what_is_there_is_not_offered_again(path: str, marked: str, there: set[str]) -> None:
    text = OpenDocument(f"file:///{path}", marked.replace("|", ""), 1)
    found = {item.label for item in completions(text, marked.index("|"), bundled()).items}
    assert found
    assert not there & found


def test_an_editor_fills_in_the_variables_of_a_format() -> None:
    marked = JSON % '"Action": "s3:ListBucket", "Resource": "|"'
    text = OpenDocument("file:///a.json", marked.replace("|", ""), 1)
    found = completions(text, marked.index("|"), bundled(), snippets=True).items
    written = {item.label: item.text_edit.new_text for item in found}
    assert written["arn:aws:s3:::${BucketName}"] == "arn:aws:s3:::${1:BucketName}"
