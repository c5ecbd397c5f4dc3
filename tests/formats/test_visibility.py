"""How severe public access is, by what a template says of the resource of a policy."""

import json
from pathlib import Path
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
        ({"PublicAccessBlockConfiguration": {"BlockPublicPolicy": True}}, ["warning"]),
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
        ("public_access_block_configuration {\n block_public_policy = true\n}", ["warning"]),
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


BUCKET = 'resource "aws_s3_bucket" "reports" {\n  bucket = "reports-1"\n}\n'


def bucket_policy(bucket: str = "aws_s3_bucket.reports.id", **changes: str) -> str:
    document = json.dumps(policy({**OBJECTS, **changes}))
    return f"""
resource "aws_s3_bucket_policy" "reports" {{
  bucket = {bucket}
  policy = jsonencode({document})
}}
"""


def website(bucket: str) -> str:
    return f"""
resource "aws_s3_bucket_website_configuration" "reports" {{
  bucket = {bucket}
  index_document {{
    suffix = "index.html"
  }}
}}
"""


@pytest.mark.parametrize(
    ("bucket", "other", "expected"),
    [
        ('"reports-1"', "aws_s3_bucket.reports.id", "suggestion"),
        ("aws_s3_bucket.reports.id", '"reports-1"', "suggestion"),
        ("local.bucket", "aws_s3_bucket.reports.id", "suggestion"),
        ("var.bucket", "var.bucket", "suggestion"),
        ("var.bucket", "aws_s3_bucket.reports.id", "security"),
        ('"reports-2"', '"reports-1"', "security"),
    ],
)
def test_a_bucket_by_its_name(bucket: str, other: str, expected: str) -> None:
    local = "locals {\n  bucket = aws_s3_bucket.reports.id\n}\n"
    assert in_module(local + BUCKET + bucket_policy(bucket) + website(other)) == [expected]


@pytest.mark.parametrize(("count", "expected"), [("var.n", "suggestion"), ("var.m", "security")])
def test_a_web_site_that_is_made_with_its_bucket(count: str, expected: str) -> None:
    bucket = BUCKET.replace("{", "{\n  count = var.n", 1)
    site = website("aws_s3_bucket.reports[0].id").replace("{", f"{{\n  count = {count}", 1)
    assert in_module(bucket + site + bucket_policy("aws_s3_bucket.reports[0].id")) == [expected]


def test_a_web_site_in_another_file(tmp_path: Path) -> None:
    (tmp_path / "site.tf").write_text(website("aws_s3_bucket.reports.id"))
    path = tmp_path / "main.tf"
    path.write_text(BUCKET + bucket_policy())
    assert severities(path.read_text(), str(path)) == ["suggestion"]


@pytest.mark.parametrize(
    ("domain", "further", "expected"),
    [
        ("aws_s3_bucket.reports.bucket_regional_domain_name", "", "suggestion"),
        ('"reports-1.s3.eu-west-1.amazonaws.com"', "", "suggestion"),
        ('"reports-10.s3.eu-west-1.amazonaws.com"', "", "security"),
        ("var.domain", "", "security"),
        (
            "aws_s3_bucket.reports.bucket_regional_domain_name",
            "origin_access_control_id = aws_cloudfront_origin_access_control.reports.id",
            "security",
        ),
        (
            "aws_s3_bucket.reports.bucket_regional_domain_name",
            "s3_origin_config {\n origin_access_identity = var.identity\n}",
            "security",
        ),
    ],
)
def test_the_origin_of_a_distribution(domain: str, further: str, expected: str) -> None:
    text = f"""
resource "aws_cloudfront_distribution" "reports" {{
  origin {{
    domain_name = {domain}
    {further}
  }}
}}
"""
    assert in_module(text + BUCKET + bucket_policy()) == [expected]


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ('website = { index_document = "index.html" }', "suggestion"),
        ("static_website = true", "suggestion"),
        ("block_public_policy = false", "suggestion"),
        ("block_public_policy = true", "warning"),
        ("website = var.website", "security"),
        ("website = {}", "security"),
        ('source = "./website"', "security"),
    ],
)
@pytest.mark.parametrize("given", [True, False])
def test_the_arguments_of_a_module(argument: str, expected: str, *, given: bool) -> None:
    document = f"document = jsonencode({json.dumps(policy(OBJECTS))})"
    text = f"""
module "reports" {{
  {argument}
  {document if given else ""}
}}
"""
    text += "" if given else bucket_policy("module.reports.s3_bucket_id")
    assert in_module(text) == [expected]


def test_a_block_of_the_account_is_not_about_other_services() -> None:
    queue = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}
    text = f"""
resource "aws_s3_account_public_access_block" "all" {{
  block_public_policy = true
}}
module "queue" {{
  policy = jsonencode({json.dumps(policy(queue))})
}}
"""
    source = Source("main.tf", text)
    titles = [found.title for found in lint_source(source, enabled=default_rules()).findings]
    assert titles == ["Anyone can access this resource"]


def test_a_bucket_that_is_made_elsewhere_has_another_address() -> None:
    text = bucket_policy() + BUCKET + website("data.aws_s3_bucket.reports.id")
    assert in_module(text) == ["security"]


@pytest.mark.parametrize("provider", [True, False])
def test_a_block_of_the_account(*, provider: bool) -> None:
    text = f"""
resource "aws_s3_account_public_access_block" "all" {{
  {"provider = aws.other" if provider else ""}
  block_public_policy = true
}}
"""
    assert in_module(text + BUCKET + bucket_policy()) == ["security" if provider else "warning"]


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("BlockPublicPolicy", "Amazon S3 rejects this public policy"),
        ("RestrictPublicBuckets", "This has no effect for anonymous requests"),
    ],
)
def test_what_becomes_of_a_public_policy_is_the_title(setting: str, expected: str) -> None:
    everything = policy({**OBJECTS, "Action": "s3:*"})
    resources = {
        "Site": {
            "Type": "AWS::S3::Bucket",
            "Properties": {
                "WebsiteConfiguration": {"IndexDocument": "index.html"},
                "PublicAccessBlockConfiguration": {setting: True},
            },
        },
        "Policy": {
            "Type": "AWS::S3::BucketPolicy",
            "Properties": {"Bucket": {"Ref": "Site"}, "PolicyDocument": everything},
        },
    }
    source = Source("template.json", json.dumps({"Resources": resources}))
    (finding,) = lint_source(source, enabled=default_rules()).findings
    assert (finding.rule, finding.severity.value) == ("public-access", "warning")
    assert finding.title.startswith(expected)


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ({"DomainName": {"Fn::GetAtt": ["Reports", "RegionalDomainName"]}}, "suggestion"),
        ({"DomainName": {"Fn::Sub": "${Reports}.s3.amazonaws.com"}}, "suggestion"),
        ({"DomainName": "reports.s3-website-eu-west-1.amazonaws.com"}, "suggestion"),
        ({"DomainName": {"Fn::GetAtt": ["ReportsLog", "DomainName"]}}, "security"),
        ({"DomainName": {"Ref": "Domain"}}, "security"),
        (
            {
                "DomainName": {"Fn::GetAtt": ["Reports", "DomainName"]},
                "OriginAccessControlId": {"Ref": "Control"},
            },
            "security",
        ),
    ],
)
def test_the_origin_of_a_distribution_of_a_template(origin: object, expected: str) -> None:
    attached = {"Bucket": {"Ref": "Reports"}, "PolicyDocument": policy(OBJECTS)}
    config = {"DistributionConfig": {"Origins": [origin]}}
    resources = {
        "Reports": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "reports"}},
        "Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": attached},
        "Distribution": {"Type": "AWS::CloudFront::Distribution", "Properties": config},
    }
    assert in_template(resources) == [expected]


@pytest.mark.parametrize(("plugin", "expected"), [("finch", "suggestion"), ("s3-sync", "security")])
def test_a_plugin_that_makes_a_bucket_a_web_site(plugin: str, expected: str) -> None:
    attached = {"Bucket": "reports", "PolicyDocument": policy(OBJECTS)}
    resources = {"Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": attached}}
    configuration = {
        "service": "reports",
        "provider": {"name": "aws"},
        "plugins": [f"serverless-{plugin}"],
        "custom": {"client": {"bucketName": "reports"}},
        "resources": {"Resources": resources},
    }
    assert severities(json.dumps(configuration), "serverless.yml") == [expected]


def test_everyone_in_the_vpc_of_a_domain_may_do_everything() -> None:
    properties = {
        "VPCOptions": {"SubnetIds": ["subnet-1"]},
        "AccessPolicies": policy({**DOMAIN, "Action": "es:*"}),
    }
    resources = {"Logs": {"Type": "AWS::OpenSearchService::Domain", "Properties": properties}}
    source = Source("template.json", json.dumps({"Resources": resources}))
    (finding,) = lint_source(source, enabled=default_rules()).findings
    assert finding.rule == "public-access"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"Sid": "AllowPublicRead"}, "warning"),
        ({"Sid": "publicread"}, "warning"),
        ({"Resource": "arn:aws:s3:::my-static-site/*"}, "warning"),
        ({"Resource": "arn:aws:s3:::www.example.com/*"}, "warning"),
        ({"Resource": "arn:aws:s3:::example-assets/img/*"}, "warning"),
        ({"Resource": "arn:aws:s3:::nonpublic/*"}, "security"),
        ({"Resource": "arn:aws:s3:::publications/*"}, "security"),
        ({"Sid": "PublicRead", "Resource": "arn:aws:s3:::*/*"}, "security"),
        ({"Sid": "PublicRead", "Action": "s3:Get*"}, "security"),
        ({"Sid": "PublicRead", "Action": "s3:GetObjectAcl"}, "security"),
        ({"Sid": "PublicRead", "Action": ["s3:GetObject", "s3:PutObject"]}, "security"),
        ({"Sid": "PublicList", "Action": "s3:ListBucket"}, "security"),
    ],
)
def test_a_name_asks_to_confirm_what_only_reads(changes: dict[str, Any], expected: str) -> None:
    text = json.dumps(policy({**OBJECTS, **changes}))
    assert severities(text, "bucket-policy.json") == [expected]


@pytest.mark.parametrize(
    ("of_bucket", "expected"), [("HasSite", "suggestion"), ("HasReports", "security")]
)
def test_a_distribution_that_is_made_with_its_bucket(of_bucket: str, expected: str) -> None:
    attached = {"Bucket": {"Ref": "Reports"}, "PolicyDocument": policy(OBJECTS)}
    origin = {"DomainName": {"Fn::GetAtt": ["Reports", "DomainName"]}}
    resources = {
        "Reports": {"Type": "AWS::S3::Bucket", "Condition": of_bucket, "Properties": {}},
        "Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": attached},
        "Distribution": {
            "Type": "AWS::CloudFront::Distribution",
            "Condition": "HasSite",
            "Properties": {"DistributionConfig": {"Origins": [origin]}},
        },
    }
    assert in_template(resources) == [expected]
