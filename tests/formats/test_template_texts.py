"""A template in a text of another document, as CloudFormation returns one, is read there."""

import json
from textwrap import indent

import pytest

from multitool_lint.formats import read_source
from multitool_lint.formats.endings import may_hold_policies
from multitool_lint.limits import MAX_STRING_LAYERS
from multitool_lint.linter.engine import lint_source
from multitool_lint.rewrite.expand import expand
from multitool_lint.rewrite.fix import fix
from multitool_lint.syntax.source import Source

PERMISSION = """\
Resources:
  P:
    Type: AWS::Lambda::Permission
    Properties:
      Action: lambda:InvokeFunction
      FunctionName: f
      Principal: "*"
"""
ROLE = """\
Resources:
  R:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - {Effect: Allow, Action: [iam:PassRole, "*", "*"], Resource: "*"}
"""
AS_JSON = json.dumps({"Resources": {"P": {"Type": "AWS::Lambda::Permission", "Properties": {
    "Action": "lambda:InvokeFunction", "FunctionName": "f", "Principal": "*"}}}})  # fmt: skip


def output(template: str) -> str:
    """What the AWS CLI prints of a template."""
    return json.dumps({"TemplateBody": template, "StagesAvailable": ["Original"]}, indent=4)


def config_map(template: str) -> str:
    lines = "".join(f"    {line}\n" for line in template.splitlines())
    return f"kind: ConfigMap\ndata:\n  template.yaml: |\n{lines}"


@pytest.mark.parametrize("template", [PERMISSION, AS_JSON], ids=["yaml", "json"])
@pytest.mark.parametrize(("path", "document"), [("a.json", output), ("a.yaml", config_map)])
def test_a_template_is_linted_in_its_text(path: str, document: object, template: str) -> None:
    assert callable(document)
    text = document(template)
    assert may_hold_policies(path, text)
    (finding,) = lint_source(Source(path, text)).findings
    assert finding.rule == "public-access"
    assert text[slice(*finding.span)].strip('\\"') == "*"


def test_a_policy_in_such_a_template_is_not_changed() -> None:
    for path, text in (("a.json", output(ROLE)), ("a.yaml", config_map(ROLE))):
        assert len(read_source(Source(path, text)).policies) == 1
        assert fix(Source(path, text), unsafe=True).text == text


def test_a_broken_template_is_not_read_and_other_texts_are_none() -> None:
    broken = config_map(ROLE.replace("[iam", "[[iam"))
    (skipped,) = read_source(Source("a.yaml", broken)).skipped
    assert skipped.unread
    note = config_map('Write\nResources: as "AWS::S3::Bucket": [\n')
    found = read_source(Source("a.yaml", note))
    assert not found.problems
    assert not any(skipped.unread for skipped in found.skipped)


@pytest.mark.parametrize("layers", [MAX_STRING_LAYERS + 2, 90])
def test_texts_in_texts_end(layers: int) -> None:
    text = "AWS::\n"
    for _ in range(layers):
        text = f"Resources: |\n{indent(text, '  ')}"
    (skipped,) = read_source(Source("a.yaml", f"a: 1\n{text}")).skipped
    assert skipped.unread


@pytest.mark.parametrize(
    ("head", "resource", "expected"),
    [
        ("AWSTemplateFormatVersion: '2010-09-09'", "${AWS::AccountId}", 1),
        ("AWSTemplateFormatVersion: 2010-09-09", "${Queue.QueueName}", 1),
        ("AWSTemplateFormatVersion: '2010-09-09'", "${aws:username}", 0),
        ("AWSTemplateFormatVersion: '2010-09-09'", "${AWS::Region}-${stage}", 0),
        ("AWSTemplateFormatVersion: '2010-09-09'", "${!AWS::Region}-${AWS::Region}", 0),
        ("AWSTemplateFormatVersion: '2010-09-09-OC'", "${AWS::AccountId}", 0),
        ("AWSTemplateFormatVersion: '2010-09-09'\nTransform: Own", "${AWS::AccountId}", 0),
        ("Description: a part", "${AWS::AccountId}", 0),
    ],
)
def test_a_name_is_replaced_in_sub_only(head: str, resource: str, expected: int) -> None:
    document = (
        "{Version: '2012-10-17', Statement: [{Effect: Allow, Action: 'sqs:SendMessage', "
        f"Resource: 'arn:aws:sqs:eu-west-1:111122223333:{resource}'}}]}}"
    )
    text = (
        f"{head}\nResources:\n  Queue: {{Type: AWS::SQS::Queue}}\n  P:\n"
        "    Type: AWS::IAM::ManagedPolicy\n    Properties:\n"
        f"      PolicyDocument: {document}\n"
    )
    found = [one.rule for one in lint_source(Source("t.yaml", text)).findings]
    assert found.count("malformed-variable") == expected


def test_what_fills_in_a_template_may_replace_names() -> None:
    text = (
        "AWSTemplateFormatVersion: '2010-09-09'\nResources:\n  P:\n"
        "    Type: AWS::IAM::ManagedPolicy\n    Properties:\n      PolicyDocument:\n"
        "        Version: '2012-10-17'\n        Statement:\n        - Effect: Allow\n"
        "          Action: ['sqs:Send*', 'sqs:SendMessage']\n"
        "          Resource: 'arn:aws:sqs:eu-west-1:${AWS::AccountId}:x'\n"
    )
    rules = {one.rule for one in lint_source(Source("t.yaml", text)).findings}
    assert rules == {"malformed-variable", "redundant-action"}
    assert not expand(Source("t.yaml", text)).problems
    report = lint_source(Source("t.yaml.j2", text))
    assert {one.rule for one in report.findings} == {"redundant-action"}
    assert not report.skipped
