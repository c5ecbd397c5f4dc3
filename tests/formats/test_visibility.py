"""How severe public access is, by what a template says of the resource of a policy."""

import json
from typing import Any

import pytest

from multitool_lint.linter.engine import default_rules, lint_source
from multitool_lint.syntax.source import Source

DOMAIN = {"Effect": "Allow", "Principal": "*", "Action": "es:ESHttp*", "Resource": "*"}
OBJECTS = {
    "Effect": "Allow",
    "Principal": "*",
    "Action": "s3:GetObject",
    "Resource": "arn:aws:s3:::reports/*",
}


def severities(text: str, path: str) -> list[str]:
    found = lint_source(Source(path, text), enabled=default_rules()).findings
    return [finding.severity.value for finding in found if finding.rule == "public-access"]


def policy(statement: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [statement]}


def in_template(resources: dict[str, Any]) -> list[str]:
    return severities(json.dumps({"Resources": resources}), "template.json")


def in_module(text: str) -> list[str]:
    return severities(text, "main.tf")


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({}, "security"),
        ({"VPCOptions": {"SubnetIds": ["subnet-1"]}}, "suggestion"),
        ({"VPCOptions": {"Fn::If": ["Private", {}, {"Ref": "AWS::NoValue"}]}}, "warning"),
        ({"AdvancedSecurityOptions": {"Enabled": True}}, "warning"),
        ({"Fn::Transform": {"Name": "Network"}}, "warning"),
    ],
)
def test_a_domain_of_a_template(properties: dict[str, Any], expected: str) -> None:
    properties["AccessPolicies"] = policy(DOMAIN)
    domain = {"Type": "AWS::OpenSearchService::Domain", "Properties": properties}
    assert in_template({"Logs": domain}) == [expected]


POINT = {**OBJECTS, "Resource": "arn:aws:s3:us-east-1:111122223333:accesspoint/app/object/*"}


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({}, ["security"]),
        ({"VpcConfiguration": {"VpcId": {"Ref": "Vpc"}}}, []),
        ({"VpcConfiguration": {"Fn::If": ["InVpc", {}, {"Ref": "AWS::NoValue"}]}}, ["security"]),
    ],
)
def test_an_access_point_of_a_template(properties: dict[str, Any], expected: list[str]) -> None:
    properties |= {"Bucket": "reports", "Policy": policy(POINT)}
    point = {"Type": "AWS::S3::AccessPoint", "Properties": properties}
    assert in_template({"Point": point}) == expected


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        ("", ["security"]),
        ('vpc_configuration {\n vpc_id = "vpc-1"\n}', []),
        ('dynamic "vpc_configuration" {\n for_each = var.vpcs\n content {}\n}', ["security"]),
    ],
)
@pytest.mark.parametrize("apart", [True, False])
def test_an_access_point_of_a_module(inner: str, expected: list[str], *, apart: bool) -> None:
    document = f"policy = jsonencode({json.dumps(policy(POINT))})"
    own = "" if apart else document
    text = f"""
resource "aws_s3_access_point" "app" {{
  bucket = aws_s3_bucket.reports.id
  {inner}
  {own}
}}
"""
    if apart:
        text += f"""
resource "aws_s3control_access_point_policy" "app" {{
  access_point_arn = aws_s3_access_point.app.arn
  {document}
}}
"""
    assert in_module(text) == expected


@pytest.mark.parametrize(
    ("properties", "bucket", "expected"),
    [
        ({}, {"Ref": "Reports"}, "security"),
        ({"WebsiteConfiguration": {"IndexDocument": "i"}}, {"Ref": "Reports"}, "suggestion"),
        ({"WebsiteConfiguration": {"IndexDocument": "i"}}, {"Ref": "Others"}, "security"),
        ({"BucketName": "reports", "AccessControl": "PublicRead"}, "reports", "suggestion"),
        ({"BucketName": "reports", "AccessControl": "PublicRead"}, "others", "security"),
        ({"AccessControl": "Private"}, {"Ref": "Reports"}, "security"),
        (
            {"PublicAccessBlockConfiguration": {"BlockPublicPolicy": False}},
            {"Ref": "Reports"},
            "suggestion",
        ),
        (
            {"PublicAccessBlockConfiguration": {"RestrictPublicBuckets": True}},
            {"Ref": "Reports"},
            "warning",
        ),
        (
            {"WebsiteConfiguration": {"Fn::If": ["Site", {}, {"Ref": "AWS::NoValue"}]}},
            {"Ref": "Reports"},
            "security",
        ),
    ],
)
def test_a_bucket_of_a_template(properties: dict[str, Any], bucket: object, expected: str) -> None:
    attached = {"Bucket": bucket, "PolicyDocument": policy(OBJECTS)}
    resources = {
        "Reports": {"Type": "AWS::S3::Bucket", "Properties": properties},
        "Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": attached},
    }
    assert in_template(resources) == [expected]


def test_writing_to_a_web_site_is_as_severe_as_anywhere() -> None:
    site = {"WebsiteConfiguration": {"IndexDocument": "index.html"}}
    writing = policy({**OBJECTS, "Action": ["s3:GetObject", "s3:PutObject"]})
    resources = {
        "Site": {"Type": "AWS::S3::Bucket", "Properties": site},
        "Policy": {
            "Type": "AWS::S3::BucketPolicy",
            "Properties": {"Bucket": {"Ref": "Site"}, "PolicyDocument": writing},
        },
    }
    assert in_template(resources) == ["security"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("", "security"),
        ('vpc_options {\n subnet_ids = ["subnet-1"]\n}', "suggestion"),
        ("advanced_security_options {\n enabled = true\n}", "warning"),
        ('dynamic "vpc_options" {\n for_each = var.subnets\n content {}\n}', "warning"),
    ],
)
@pytest.mark.parametrize("apart", [True, False])
def test_a_domain_of_a_module(options: str, expected: str, *, apart: bool) -> None:
    document = f"jsonencode({json.dumps(policy(DOMAIN))})"
    inner = "" if apart else f"access_policies = {document}"
    text = f'resource "aws_opensearch_domain" "logs" {{\n{options}\n{inner}\n}}\n'
    if apart:
        text += f"""
resource "aws_opensearch_domain_policy" "logs" {{
  domain_name     = aws_opensearch_domain.logs.domain_name
  access_policies = {document}
}}
"""
    assert in_module(text) == [expected]


@pytest.mark.parametrize(
    ("resource", "body", "expected"),
    [
        ("aws_s3_bucket_website_configuration", "", "suggestion"),
        ("aws_s3_bucket_website_configuration", "count = var.is_site ? 1 : 0", "security"),
        ("aws_s3_bucket_acl", 'acl = "public-read"', "suggestion"),
        ("aws_s3_bucket_acl", 'acl = "private"', "security"),
        ("aws_s3_bucket_public_access_block", "block_public_policy = false", "suggestion"),
        ("aws_s3_bucket_public_access_block", "block_public_policy = var.block", "security"),
        ("aws_s3_bucket_public_access_block", "restrict_public_buckets = true", "warning"),
    ],
)
@pytest.mark.parametrize("bucket", ["reports", "others"])
def test_a_bucket_of_a_module(resource: str, body: str, expected: str, bucket: str) -> None:
    text = f"""
resource "aws_s3_bucket" "reports" {{
}}
resource "{resource}" "reports" {{
  bucket = aws_s3_bucket.{bucket}.id
  {body}
}}
data "aws_iam_policy_document" "reports" {{
  statement {{
    actions   = ["s3:GetObject"]
    resources = ["${{aws_s3_bucket.reports.arn}}/*"]
    principals {{
      type        = "*"
      identifiers = ["*"]
    }}
  }}
}}
resource "aws_s3_bucket_policy" "reports" {{
  bucket = aws_s3_bucket.reports.id
  policy = data.aws_iam_policy_document.reports.json
}}
"""
    assert in_module(text) == [expected if bucket == "reports" else "security"]


def test_a_web_site_in_the_block_of_its_bucket() -> None:
    text = f"""
resource "aws_s3_bucket" "site" {{
  website {{
    index_document = "index.html"
  }}
  policy = jsonencode({json.dumps(policy(OBJECTS))})
}}
"""
    assert in_module(text) == ["suggestion"]
