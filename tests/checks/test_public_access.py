"""What is public access to AWS, by the elements of a statement and of a Deny next to it.

AWS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from multitool_lint.diagnostics.rule import Severity, rules
from multitool_lint.linter.engine import lint_source
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.source import Source

RULE = rules()["public-access"]
ACCOUNT = "111122223333"
ORG = {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
VPCE = {"StringNotEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}}
Document = dict[str, Any]

TYPES = {
    "AWS::ApiGateway::RestApi": ("execute-api:Invoke", "execute-api:/*"),
    "AWS::Backup::BackupVault": ("backup:CopyIntoBackupVault", "*"),
    "AWS::CloudTrail::Dashboard": (
        "cloudtrail:GetDashboard",
        f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:dashboard/sales",
    ),
    "AWS::CloudTrail::EventDataStore": (
        "cloudtrail:GetEventDataStore",
        f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:eventdatastore/EXAMPLE",
    ),
    "AWS::CodeArtifact::Domain": ("codeartifact:GetAuthorizationToken", "*"),
    "AWS::DynamoDB::Stream": (
        "dynamodb:GetRecords",
        f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/music/stream/2026-01-01T00:00:00.000",
    ),
    "AWS::DynamoDB::Table": (
        "dynamodb:GetItem",
        f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/music",
    ),
    "AWS::EFS::FileSystem": ("elasticfilesystem:ClientMount", None),
    "AWS::KMS::Key": ("kms:Decrypt", "*"),
    "AWS::Kinesis::Stream": (
        "kinesis:GetRecords",
        f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/clicks",
    ),
    "AWS::Kinesis::StreamConsumer": (
        "kinesis:SubscribeToShard",
        f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/clicks/consumer/app:1",
    ),
    "AWS::Lambda::Function": (
        "lambda:InvokeFunction",
        f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:resize",
    ),
    "AWS::OpenSearchService::Domain": (
        "es:ESHttpGet",
        f"arn:aws:es:us-east-1:{ACCOUNT}:domain/logs/*",
    ),
    "AWS::S3::AccessPoint": (
        "s3:GetObject",
        f"arn:aws:s3:us-east-1:{ACCOUNT}:accesspoint/app/object/*",
    ),
    "AWS::S3::Bucket": ("s3:PutObject", "*"),
    "AWS::S3::Glacier": (
        "glacier:GetJobOutput",
        f"arn:aws:glacier:us-east-1:{ACCOUNT}:vaults/old",
    ),
    "AWS::S3Express::AccessPoint": (
        "s3express:CreateSession",
        f"arn:aws:s3express:us-east-1:{ACCOUNT}:accesspoint/app--use1-az4--xa-s3",
    ),
    "AWS::S3Express::DirectoryBucket": (
        "s3express:CreateSession",
        f"arn:aws:s3express:us-east-1:{ACCOUNT}:bucket/data--use1-az4--x-s3",
    ),
    "AWS::S3Outposts::AccessPoint": (
        "s3-outposts:GetObject",
        f"arn:aws:s3-outposts:us-east-1:{ACCOUNT}:outpost/op-1/accesspoint/app/object/*",
    ),
    "AWS::S3Outposts::Bucket": (
        "s3-outposts:GetObject",
        f"arn:aws:s3-outposts:us-east-1:{ACCOUNT}:outpost/op-1/bucket/data/object/*",
    ),
    "AWS::S3Tables::Table": ("s3tables:GetTableData", "*"),
    "AWS::S3Tables::TableBucket": ("s3tables:GetTableData", "*"),
    "AWS::SNS::Topic": ("sns:Publish", f"arn:aws:sns:us-east-1:{ACCOUNT}:alerts"),
    "AWS::SQS::Queue": ("sqs:SendMessage", f"arn:aws:sqs:us-east-1:{ACCOUNT}:orders"),
    "AWS::SecretsManager::Secret": ("secretsmanager:GetSecretValue", "*"),
}
"""What a policy of each resource type that CheckNoPublicAccess supports may allow, on what."""


def statement(type_: str = "AWS::S3::Bucket", **elements: object) -> Document:
    action, resource = TYPES[type_]
    document: Document = {"Effect": "Allow", "Principal": "*", "Action": action}
    if resource is not None:
        document["Resource"] = resource
    document |= elements
    if "NotPrincipal" in elements:
        del document["Principal"]
    return document


def is_public(*statements: Document, type_: str | None = "AWS::S3::Bucket") -> bool:
    text = json.dumps({"Version": "2012-10-17", "Statement": statements})
    return bool(
        lint_source(
            Source("policy.json", text),
            type=PolicyType.RESOURCE if type_ else PolicyType.TRUST,
            resource_type=type_,
            enabled={RULE.id: RULE},
        ).findings
    )


@pytest.mark.parametrize("type_", TYPES)
def test_each_resource_type(type_: str) -> None:
    assert is_public(statement(type_), type_=type_)
    assert is_public(statement(type_, Principal={"AWS": ["*"]}), type_=type_)
    assert not is_public(statement(type_, Condition=ORG), type_=type_)
    assert not is_public(statement(type_, Principal={"AWS": ACCOUNT}), type_=type_)


@pytest.mark.parametrize(
    "condition",
    [
        {"IpAddress": {"aws:SourceIp": "8.0.0.0/8"}},
        {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
        {"IpAddress": {"aws:SourceIp": "203.0.113.5"}},
        {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:db8::/32"]}},
        {"StringEquals": {"aws:SourceVpc": "vpc-91237329"}},
        {"StringLike": {"aws:SourceVpc": "vpc-91237329"}},
        {"StringEqualsIgnoreCase": {"aws:sourcevpce": "VPCE-1a2b3c4d"}},
        # Without Like, a star is a character.
        {"StringEquals": {"aws:SourceVpc": "vpc-*"}},
        {"StringEquals": {"aws:SourceOwner": ACCOUNT}},
        {"StringEquals": {"aws:SourceAccount": [ACCOUNT, "444455556666"]}},
        {"StringEquals": {"aws:SourceAccount": 111122223333}},
        {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}},
        {"StringEquals": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/app"}},
        {"StringLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/app-*"}},
        {"ArnLike": {"aws:PrincipalArn": f"arn:aws:sts::{ACCOUNT}:assumed-role/app/*"}},
        {"ArnEquals": {"aws:SourceArn": "arn:aws:s3:::example-logs"}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:s3:*:*:example-logs"}},
        {"ArnLike": {"aws:SourceArn": f"arn:aws:events:*:{ACCOUNT}:rule/*"}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:sns:us-east-1:${AWS::AccountId}:*"}},
        {"StringLike": {"aws:userid": "AROAEXAMPLEID:*"}},
        {"StringEquals": {"aws:userid": "AIDAEXAMPLEID"}},
        {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/r-ab12/ou-ab12-*/*"}},
        {"StringLike": {"s3:DataAccessPointArn": f"arn:aws:s3:us-west-2:{ACCOUNT}:accesspoint/*"}},
        {"StringEquals": {"s3:DataAccessPointAccount": ACCOUNT}},
        {"StringEquals": {"aws:PrincipalServiceName": "cloudtrail.amazonaws.com"}},
        {"Bool": {"aws:PrincipalIsAWSService": True}},
        {
            "StringEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"},
            "Null": {"aws:PrincipalOrgID": "false"},
        },
        {
            "ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"},
            "Null": {"aws:PrincipalOrgID": False},
        },
        # All conditions must hold: one that restricts is enough.
        {"StringEquals": {"aws:SourceVpc": "vpc-1"}, "IpAddress": {"aws:SourceIp": "0.0.0.0/0"}},
        {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/app"}, **ORG},
    ],
)
def test_fixed_values_are_not_public(condition: Document) -> None:
    assert not is_public(statement(Condition=condition))


@pytest.mark.parametrize(
    "condition",
    [
        {"IpAddress": {"aws:SourceIp": "0.0.0.0/1"}},
        {"IpAddress": {"aws:SourceIp": "10.0.0.0/7"}},
        {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "128.0.0.0/2"]}},
        {"IpAddress": {"aws:SourceIp": "2000::/3"}},
        {"IpAddress": {"aws:SourceIp": "2001:db8::/31"}},
        {"IpAddress": {"aws:SourceIp": "0.0.0.0/00"}},
        {"IpAddress": {"aws:SourceIp": "${aws:SourceIp}"}},
        # Everyone has a VPC, in which addresses are chosen freely, and endpoints.
        {"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/16"}},
        {"IpAddressIfExists": {"aws:SourceIp": "203.0.113.0/24"}},
        {"StringLike": {"aws:SourceVpc": "vpc-*"}},
        {"StringLike": {"aws:SourceVpc": ["vpc-91237329", "vpc-?"]}},
        {"StringEquals": {"aws:SourceVpc": "${aws:SourceVpc}"}},
        {"StringEquals": {"aws:SourceVpce": "${aws:PrincipalTag/endpoint}"}},
        {"StringLike": {"aws:SourceAccount": "1111*"}},
        {"StringLike": {"aws:PrincipalOrgID": "o-*"}},
        {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/app"}},
        {"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::1111????3333:role/app"}},
        {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::${aws:PrincipalAccount}:role/app"}},
        {"StringLike": {"aws:PrincipalArn": "*role/app"}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:alerts"}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::example-*"}},
        {"StringLike": {"aws:userid": "*:session"}},
        {"StringLike": {"aws:userid": "AROA*"}},
        {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-*/r-ab12/*"}},
        {"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*"}},
        {"ForAllValues:StringEquals": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/app"}},
        {"StringLike": {"s3:DataAccessPointArn": "arn:aws:s3:us-west-2:*:accesspoint/app"}},
        {"StringLike": {"aws:PrincipalServiceName": "*.amazonaws.com"}},
        {"Bool": {"aws:PrincipalIsAWSService": "false"}},
        {"StringNotEquals": {"aws:PrincipalAccount": ACCOUNT}},
        {"Null": {"aws:SourceVpce": "false"}},
        {"Null": {"aws:PrincipalArn": "true"}},
        # Every account gives its users and roles names and tags as it likes.
        {"StringEquals": {"aws:username": "admin"}},
        {"StringEquals": {"aws:PrincipalTag/team": "payments"}},
        {"StringEquals": {"aws:PrincipalType": "AssumedRole"}},
        {"Bool": {"aws:SecureTransport": "true"}, "StringEquals": {"aws:UserAgent": "app"}},
    ],
)
def test_other_conditions_are_public(condition: Document) -> None:
    assert is_public(statement(Condition=condition))


def test_an_access_point_is_public_to_everyone_who_uses_it() -> None:
    type_ = "AWS::S3::AccessPoint"
    points = f"arn:aws:s3:us-east-1:{ACCOUNT}:accesspoint/*"
    condition = {"ArnLike": {"s3:DataAccessPointArn": points}}
    assert is_public(statement(type_, Condition=condition), type_=type_)


def test_mount_targets() -> None:
    type_ = "AWS::EFS::FileSystem"
    for value, expected in (("true", False), ("false", True)):
        condition = {"Bool": {"elasticfilesystem:AccessedViaMountTarget": value}}
        assert is_public(statement(type_, Condition=condition), type_=type_) is expected


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        ({"AWS": [ACCOUNT, "*"]}, True),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, False),
        ({"Service": "cloudtrail.amazonaws.com"}, False),
        (
            {"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"},
            False,
        ),
        ({"Federated": f"arn:aws:iam::{ACCOUNT}:saml-provider/corp"}, False),
    ],
)
def test_principals(principal: Document, *, expected: bool) -> None:
    assert is_public(statement(Principal=principal)) is expected


def test_all_but_some_principals_are_public() -> None:
    others = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    assert is_public(statement(NotPrincipal=others))
    assert not is_public(statement(NotPrincipal=others, Condition=ORG))
    assert not is_public(statement(NotPrincipal={"AWS": "*"}))


@pytest.mark.parametrize(
    ("denial", "expected"),
    [
        ({"Condition": VPCE}, False),
        (
            {"Condition": {"StringNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:*"}}},
            False,
        ),
        ({"Condition": {"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}, **VPCE}}, False),
        ({"Condition": {"BoolIfExists": {"aws:ViaAWSService": "false"}, **VPCE}}, False),
        ({"NotPrincipal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}, False),
        ({}, False),
        # It leaves out too many.
        ({"Condition": {"StringNotLike": {"aws:SourceVpc": "vpc-*"}}}, True),
        ({"Condition": {"NotIpAddress": {"aws:SourceIp": ["203.0.113.0/24", "0.0.0.0/1"]}}}, True),
        ({"Condition": {"StringNotEquals": {"aws:SourceVpc": "${aws:SourceVpc}"}}}, True),
        ({"Condition": {"StringNotEquals": {"aws:PrincipalTag/team": "payments"}}}, True),
        # The key is absent from the requests of strangers.
        ({"Condition": {"ForAnyValue:StringNotEquals": ORG["StringEquals"]}}, True),
        ({"Condition": {"Bool": {"aws:PrincipalIsAWSService": "false"}}}, True),
        # It is about some requests only.
        ({"Condition": {"Bool": {"aws:SecureTransport": "false"}}}, True),
        ({"Condition": {"Bool": {"aws:SecureTransport": "false"}, **VPCE}}, True),
        ({"Condition": {"BoolIfExists": {"aws:ViaAWSService": "false"}}}, True),
        ({"Condition": {"BoolIfExists": {"aws:PrincipalIsAWSService": "true"}}}, True),
        (
            {
                "NotPrincipal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
            True,
        ),
        ({"NotPrincipal": {"AWS": "*"}}, True),
        ({"Principal": {"AWS": "444455556666"}}, True),
        ({"Action": "s3:GetObject", "Condition": VPCE}, True),
    ],
)
def test_denials(denial: Document, *, expected: bool) -> None:
    assert is_public(statement(), statement(Effect="Deny", **denial)) is expected


def test_one_public_statement_makes_a_policy_public() -> None:
    service = statement(Principal={"Service": "cloudtrail.amazonaws.com"})
    assert not is_public(service, statement(Condition=ORG))
    assert is_public(service, statement(Condition=ORG), statement())


def test_trust_policies() -> None:
    role = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    arn = {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/app"}
    assert is_public(role, type_=None)
    assert is_public({**role, "Condition": {"StringEquals": {"sts:ExternalId": "x"}}}, type_=None)
    assert not is_public({**role, "Condition": {"ArnLikeIfExists": arn}}, type_=None)
    assert is_public(
        {**role, "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/app"}}},
        type_=None,
    )


@pytest.mark.parametrize(
    ("path", "actions", "severity"),
    [
        ("policies/website.json", "s3:GetObject", Severity.WARNING),
        ("public-read-policy.json", "s3:GetObject", Severity.WARNING),
        ("public/policy.json", "s3:GetObject", Severity.SECURITY),
        ("non-public.json", "s3:GetObject", Severity.SECURITY),
        ("website.json", ["s3:GetObject", "s3:PutObject"], Severity.SECURITY),
    ],
)
def test_the_name_of_a_file_suggests_that_reading_is_intended(
    path: str, actions: str | list[str], severity: Severity
) -> None:
    objects = statement(Action=actions, Resource="arn:aws:s3:::reports/*")
    text = json.dumps({"Version": "2012-10-17", "Statement": objects})
    found = [f for f in lint_source(Source(path, text)).findings if f.rule == RULE.id]
    assert [finding.severity for finding in found] == [severity]
