"""Messages say what to write instead: what was intended by a slip, and the form that is needed."""

import json
from typing import Any

import pytest

from multitool_lint.aws.principals import misspelt, service_principals
from multitool_lint.linter.engine import lint_source
from multitool_lint.syntax.source import Source

STATEMENT = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::example/*"}


def messages(statement: dict[str, Any], **more: object) -> str:
    text = json.dumps({"Version": "2012-10-17", **more, "Statement": [statement]})
    return "\n".join(
        part
        for finding in lint_source(Source("policy.json", text)).findings
        for part in (finding.title, *finding.notes, finding.help)
    )


@pytest.mark.parametrize(
    ("written", "intended"),
    [
        ("s3:GetObjet", "s3:GetObject"),
        ("ec2:DescribeInstance", "ec2:DescribeInstances"),
        ("iam:PassRoles", "iam:PassRole"),
        ("kms:Decript", "kms:Decrypt"),
        ("sqs:SendMesage", "sqs:SendMessage"),
        ("secretsmanager:GetSecret", "secretsmanager:GetSecretValue"),
        # another word for what the action does
        ("s3:WriteObject", "s3:PutObject"),
        ("s3:RemoveObject", "s3:DeleteObject"),
        ("ec2:LaunchInstances", "ec2:RunInstances"),
        ("sqs:GetMessage", "sqs:ReceiveMessage"),
        ("iam:DestroyUser", "iam:DeleteUser"),
        ("dynamodb:ReadItem", "dynamodb:GetItem"),
        # operations of the API
        ("s3:ListObjectsV2", "s3:ListBucket"),
        ("s3:ListBuckets", "s3:ListAllMyBuckets"),
        ("s3:HeadObject", "s3:GetObject"),
        ("s3:GetBucketEncryption", "s3:GetEncryptionConfiguration"),
        ("lambda:Invoke", "lambda:InvokeFunction"),
        ("sqs:DeleteMessageBatch", "sqs:DeleteMessage"),
        # services
        ("lamda:InvokeFunction", "lambda"),
        ("dynamo:GetItem", "dynamodb"),
        ("elbv2:DescribeLoadBalancers", "elasticloadbalancing"),
        ("stepfunctions:StartExecution", "states"),
        ("eventbridge:PutEvents", "events"),
        ("cloudwatchlogs:PutLogEvents", "logs"),
    ],
)
def test_actions_and_services(written: str, intended: str) -> None:
    assert f'"{intended}"' in messages({**STATEMENT, "Action": written, "Resource": "*"})


@pytest.mark.parametrize(
    ("written", "not_meant"),
    [
        ("s3:WriteObject", "s3:DeleteObject"),
        ("ec2:RemoveVolume", "ec2:CreateVolume"),
        ("sqs:GetMessage", "sqs:DeleteMessage"),
        ("ec2:RunInstance", "ec2:BundleInstance"),
        ("backup:DescribeRecoveryPoint,", "backup:DeleteRecoveryPoint"),
    ],
)
def test_nobody_means_what_does_something_else(written: str, not_meant: str) -> None:
    titles = messages({**STATEMENT, "Action": written, "Resource": "*"})
    assert "did you mean" in titles
    assert not_meant not in titles


@pytest.mark.parametrize(
    ("written", "intended"),
    [
        ("StringEqual", "StringEquals"),
        ("IpAdress", "IpAddress"),
        ("Boolean", "Bool"),
        ("BoolIfExist", "BoolIfExists"),
        ("ForAnyValues:StringEquals", "ForAnyValue:StringEquals"),
        ("NumericLessThen", "NumericLessThan"),
    ],
)
def test_operators(written: str, intended: str) -> None:
    condition = {written: {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
    assert f'did you mean "{intended}"?' in messages({**STATEMENT, "Condition": condition})


@pytest.mark.parametrize(
    ("written", "intended"),
    [
        ("aws:PrincpalArn", "aws:PrincipalArn"),
        ("aws:RequestRegion", "aws:RequestedRegion"),
        ("s3:prefixx", "s3:prefix"),
        ("ec2:InstanceTyp", "ec2:InstanceType"),
        ("SourceIp", "aws:SourceIp"),
        ("aws.sourceip", "aws:SourceIp"),
        # of a tag, the key is kept
        ("aws:PrincipalTags/team", "aws:PrincipalTag/team"),
        ("aws:ResourceTags/Team", "aws:ResourceTag/Team"),
    ],
)
def test_condition_keys(written: str, intended: str) -> None:
    condition = {"StringEquals": {written: "a"}}
    assert f'did you mean "{intended}"?' in messages({**STATEMENT, "Condition": condition})


@pytest.mark.parametrize(
    ("written", "intended"),
    [("Principle", "Principal"), ("NotActions", "NotAction"), ("Conditions", "Condition")],
)
def test_elements(written: str, intended: str) -> None:
    assert f'did you mean "{intended}"?' in messages({**STATEMENT, written: "a"})


@pytest.mark.parametrize(
    ("written", "intended"), [("eu-wst-1", "eu-west-1"), ("us-est-1", "us-east-1")]
)
def test_regions(written: str, intended: str) -> None:
    queue = f"arn:aws:sqs:{written}:111122223333:orders"
    titles = messages({**STATEMENT, "Action": "sqs:SendMessage", "Resource": queue})
    assert f'did you mean "{intended}"?' in titles
    condition = {"StringEquals": {"aws:RequestedRegion": written}}
    assert f'did you mean "{intended}"?' in messages({**STATEMENT, "Condition": condition})


@pytest.mark.parametrize(
    ("action", "resource", "form"),
    [
        ("s3:GetObject", "reports/*", "arn:${Partition}:s3:::${BucketName}/${ObjectName}"),
        ("s3:ListBucket", "arn:aws:s3::reports", "arn:${Partition}:s3:::${BucketName}"),
        (
            "s3:GetObject",
            "arn:aws:s3:::reports",
            "arn:${Partition}:s3:::${BucketName}/${ObjectName}",
        ),
        ("sqs:SendMessage", "orders", "arn:${Partition}:sqs:${Region}:${Account}:${QueueName}"),
        ("dynamodb:GetItem", "arn:aws:dynamodb:eu-west-1:111122223333:t", "table/${TableName}"),
    ],
)
def test_forms_of_arns(action: str, resource: str, form: str) -> None:
    assert form in messages({**STATEMENT, "Action": action, "Resource": resource})


@pytest.mark.parametrize(
    ("written", "intended"),
    [
        ("lamda", "lambda"),
        ("labmda", "lambda"),
        ("ecs-task", "ecs-tasks"),
        ("apigatway", "apigateway"),
        ("cloudfromation", "cloudformation"),
        ("evnets", "events"),
        ("codebuildd", "codebuild"),
    ],
)
def test_service_principals(written: str, intended: str) -> None:
    principal = {"Service": f"{written}.amazonaws.com"}
    trust = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    assert f'did you mean "{intended}.amazonaws.com"?' in messages(trust)


def test_service_principals_that_are_only_like_others_are_not_taken_for_slips() -> None:
    # What AWS adds is not on the list: each known one is tried as if it were not.
    known = service_principals()
    stems = {name.removesuffix(".amazonaws.com") for name in known}
    taken = {
        f"{stem}{end}"
        for stem in stems
        for end in ("2", "-v2", "-classic", ".eu-west-1", "-runtime")
        if misspelt(f"{stem}{end}.amazonaws.com")
    }
    assert taken == set()
    assert not [name for name in known if misspelt(name)]
