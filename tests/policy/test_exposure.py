"""Which conditions restrict a statement for everyone, and which do not.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

import json
from typing import Any

import pytest

from multitool_lint.diagnostics.rule import rules
from multitool_lint.linter.engine import lint_source
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.source import Source

RULE = rules()["public-access"]
ORG = {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}


def is_public(condition: dict[str, Any] | None, *, role: bool = False) -> bool:
    statement: dict[str, Any] = {"Effect": "Allow", "Principal": "*"}
    if role:
        statement |= {"Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    else:
        statement |= {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::example/*"}
    if condition:
        statement["Condition"] = condition
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    found = lint_source(
        Source("policy.json", text),
        type=PolicyType.TRUST if role else PolicyType.RESOURCE,
        resource_type=None if role else "AWS::S3::Bucket",
        enabled={RULE.id: RULE},
    ).findings
    return bool(found)


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": ORG},
        {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"}},
        {"StringEquals": {"aws:SourceVpce": "vpce-0a1b2c3d"}},
        {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:111122223333:*"}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:s3:*:*:example-logs"}},
        {"StringEquals": {"aws:SourceAccount": "111122223333"}},
        {"StringEquals": ORG, "StringNotEquals": {"aws:SourceVpce": "vpce-0a1b2c3d"}},
        {"StringEquals": ORG, "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}},
    ],
)
def test_it_is_restricted(condition: dict[str, Any]) -> None:
    assert not is_public(condition)


@pytest.mark.parametrize(
    "condition",
    [
        None,
        {"StringNotEquals": ORG},
        {"Null": {"aws:PrincipalOrgID": "false"}},
        {"Bool": {"aws:SecureTransport": "true"}},
        {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "0.0.0.0/0"]}},
        {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
        {"StringLike": {"aws:PrincipalArn": "*"}},
        {"StringEquals": {"aws:UserAgent": "backup"}},
        # A caller who is in no organization, or is nobody, or uses a VPC endpoint, has no such key.
        {"IpAddressIfExists": {"aws:SourceIp": "203.0.113.0/24"}},
        {"StringEqualsIfExists": ORG},
        {"ArnLikeIfExists": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/app"}},
        # Everybody may have a topic, a role.
        {"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:*"}},
        {
            "ArnLike": {
                "aws:PrincipalArn": ["arn:aws:iam::111122223333:role/*", "arn:aws:iam::*:role/*"]
            }
        },
        {"ArnLike": {"aws:SourceArn": "arn:aws:cloudfront::*:distribution/*"}},
    ],
)
def test_it_is_open_to_everyone(condition: dict[str, Any] | None) -> None:
    assert is_public(condition)


def test_nobody_without_a_name_assumes_a_role() -> None:
    role = {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/app"}
    assert not is_public({"ArnLikeIfExists": role}, role=True)
    assert is_public({"StringEqualsIfExists": ORG}, role=True)
