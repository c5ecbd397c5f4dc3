"""What a policy grants, and where."""

import pytest
from support.dangerous_policies import CATALOG, allow, deny, policy

from multitool_lint.policy.access import allowed, grants, sensitive_grants
from multitool_lint.policy.resources import (
    ResourceScope,
    covers_format,
    resource_scope,
    restricts_target,
)


def test_what_a_policy_grants() -> None:
    granted = policy(
        allow(["s3:GetObject", "sqs:*"]),
        {"Effect": "Allow", "NotAction": ["iam:*"], "Resource": "arn:aws:s3:::a"},
        deny("sqs:*"),
        deny("s3:*", "arn:aws:s3:::a"),
    )
    actions = allowed(granted, CATALOG)
    assert CATALOG.match("s3:*") <= actions
    assert not CATALOG.match("sqs:*") & actions
    assert not CATALOG.match("iam:*") & actions
    assert len(list(grants(granted, CATALOG))) == 2
    assert len(sensitive_grants(policy(allow("s3:GetObject")), CATALOG)) == 0


@pytest.mark.parametrize(
    ("resource", "action", "expected"),
    [
        ("*", "s3:GetObject", ResourceScope.ALL),
        ("arn:aws:s3:::*", "s3:GetObject", ResourceScope.ALL),
        ("arn:aws:s3:::a/*", "s3:GetObject", ResourceScope.SOME),
        ("arn:aws:s3:::a", "s3:GetObject", ResourceScope.NONE),
        ("arn:aws:iam::aws:policy/*", "iam:CreatePolicyVersion", ResourceScope.SOME),
        ("arn:aws:iam::*:policy/*", "iam:CreatePolicyVersion", ResourceScope.ALL),
        ("arn:aws:ecr:*:*:repository/*", "ecr:GetAuthorizationToken", ResourceScope.NONE),
        ("arn:aws:s3:::*", "s3:NoSuchAction", ResourceScope.NONE),
    ],
)
def test_reach(resource: str, action: str, expected: ResourceScope) -> None:
    statement = policy(allow(action, resource)).statements[0]
    assert resource_scope(statement, action, CATALOG) is expected


def test_a_resource_covers_a_format_whatever_the_account_and_region() -> None:
    function = "arn:${Partition}:lambda:${Region}:${Account}:function:${FunctionName}"
    assert covers_format("arn:aws:lambda:eu-west-1:111122223333:function:*", function)
    assert covers_format("arn:*:lambda:*:*:*", function)
    assert covers_format("arn:aws:lambda:*", function)  # a star that ends a field goes on
    assert not covers_format("arn:aws:lambda", function)
    assert not covers_format("BUCKET_ARN/*", "arn:${Partition}:s3:::${BucketName}/${ObjectName}")
    assert covers_format("*", function)
    assert not covers_format("arn:aws:lambda:*:*:function:app-*", function)
    assert not covers_format("arn:aws:lambda:*:*:layer:*", function)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"StringEquals": {"aws:ResourceTag/team": "payments"}}, True),
        ({"StringLike": {"aws:ResourceTag/team": "*"}}, True),
        ({"Null": {"ssm:resourceTag/team": "false"}}, True),
        ({"ArnEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/ReadOnlyAccess"}}, True),
        ({"ForAnyValue:StringEquals": {"aws:CalledVia": "cloudformation.amazonaws.com"}}, True),
        ({"StringEquals": "${var.condition}"}, True),
        ({"Null": {"ssm:resourceTag/team": "true"}}, False),
        ({"ArnNotEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/AdministratorAccess"}}, False),
        ({"StringLike": {"iam:PolicyARN": "*"}}, False),
        ({"StringEquals": {"aws:RequestTag/team": "payments"}}, False),
        ({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}, False),
        ({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, False),
        ({}, False),
    ],
)
def test_conditions_that_tie_an_action_to_targets(condition: object, expected: bool) -> None:  # noqa: FBT001  # expected
    assert restricts_target(policy(allow("ec2:*", Condition=condition)).statements[0]) is expected
