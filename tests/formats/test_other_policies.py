"""Policies of other providers and other languages are skipped, and those of IAM are not."""

from __future__ import annotations

import json

import pytest

from multitool_lint.diagnostics.rule import rules
from multitool_lint.formats import read_source
from multitool_lint.linter.engine import lint_source
from multitool_lint.reasons import Reason, Why
from multitool_lint.syntax.source import Source


def of_version(version: str | None, action: str, resource: str, **more: object) -> str:
    statement = {"Effect": "Allow", "Action": [action], "Resource": [resource], **more}
    head = {"Version": version} if version else {}
    return json.dumps({**head, "Statement": [statement]})


@pytest.mark.parametrize(
    "text",
    [
        of_version("1", "ecs:Describe*", "acs:ecs:*:*:instance/*"),
        of_version("1", "oss:*", "*"),
        of_version("2.0", "name/cos:GetObject", "qcs::cos:ap-x:uid/1:b-1/*"),
        of_version(None, "name/cos:GetObject", "qcs::cos:ap-x:uid/1:b-1/*"),
        of_version(None, "iam:DeleteGroup", "trn:iam::2000000001:group/a"),
        of_version("1.1", "obs:bucket:HeadBucket", "obs:*:*:bucket:*"),
        of_version("1.1", "obs:object:GetObject", "*"),
        of_version("2012-10-17", "admin:ServerInfo", "arn:aws:s3:::*"),
        of_version("2012-10-17", "admin:*", "*"),
        of_version(None, "GetObject", "bucket/*", Principal={"ID": ["*"]}),
        of_version("1", "sts:AssumeRole", "*", Principal={"RAM": ["acs:ram::1:root"]}),
        of_version("2023-04-17", "s3:*", "bucket/*", Principal={"SCW": "user_id:1"}),
    ],
)
def test_a_policy_of_another_provider_is_skipped(text: str) -> None:
    (skipped,) = read_source(Source("policy.json", text)).skipped
    assert (skipped.why.in_words(), skipped.unread) == ("not an AWS policy", False)


@pytest.mark.parametrize(
    "statement",
    [
        {"Action": "Update:*", "Resource": "*"},
        {"NotAction": ["Update:Replace", "Update:Delete"], "Resource": "*"},
        {"Action": "*", "Resource": "LogicalResourceId/Database"},
    ],
)
def test_a_policy_of_a_stack_is_skipped(statement: dict[str, object]) -> None:
    policy = {"Statement": [{"Effect": "Deny", "Principal": "*", **statement}]}
    text = json.dumps(policy)
    for path, written in (
        ("policy.json", text),
        ("stack.yaml", f"stackPolicy: {text}\n"),
        ("page.md", f"```json\n{text}\n```\n"),
    ):
        found = read_source(Source(path, written))
        assert [skipped.why for skipped in found.skipped] == [Why(Reason.OTHER_LANGUAGE)]
        assert not found.policies


@pytest.mark.parametrize(
    "policy",
    [
        {"Version": "2012-10-17", "Statement": [{"Action": "Update:*"}]},
        {"Statement": [{"Action": ["Update:*", "s3:*"]}]},
        {
            "Statement": [
                {"Action": "Update:*"},
                {"Action": "*", "Resource": "*"},
                {"Action": "a:b"},
            ]
        },
    ],
)
def test_what_is_like_a_policy_of_a_stack_is_linted(policy: dict[str, object]) -> None:
    findings = lint_source(Source("policy.json", json.dumps(policy)), enabled=rules()).findings
    assert "unknown-service" in {finding.rule for finding in findings}


@pytest.mark.parametrize(
    "text",
    [
        of_version("1", "s3:GetObject", "*"),
        of_version("1", "oss:Get*", "arn:aws:s3:::b/*"),
        of_version("1.1", "s3:GetObject", "*"),
        of_version("1.1", "s3:object:GetObject", "arn:aws:s3:::b/*"),
    ],
)
def test_a_wrong_version_in_a_policy_of_iam_is_an_error(text: str) -> None:
    findings = lint_source(Source("policy.json", text), enabled=rules()).findings
    assert "invalid-version" in {finding.rule for finding in findings}


def test_the_service_admin_in_a_policy_of_aws_is_unknown() -> None:
    statement = {"Effect": "Allow", "Action": ["admin:*", "ec2:*"], "Resource": "*"}
    mixed = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    elsewhere = of_version("2012-10-17", "admin:*", "arn:aws:ec2:*:*:instance/*")
    document = json.loads(of_version("2012-10-17", "admin:*", "*"))
    properties = {"PolicyDocument": document, "PolicyName": "p"}
    role_policy = {"Type": "AWS::IAM::RolePolicy", "Properties": properties}
    attached = json.dumps({"Resources": {"Policy": role_policy}})
    for text in (mixed, elsewhere, attached):
        findings = lint_source(Source("policy.json", text), enabled=rules()).findings
        assert "unknown-service" in {finding.rule for finding in findings}


@pytest.mark.parametrize("resource", ["minio_iam_policy", "alicloud_ram_policy"])
def test_the_policies_of_other_providers_of_terraform_are_skipped(resource: str) -> None:
    document = of_version("2012-10-17", "s3:*", "arn:aws:s3:::*")
    text = f'resource "{resource}" "p" {{\n  policy = jsonencode({document})\n}}\n'
    found = read_source(Source("main.tf", text))
    assert [skipped.why.in_words() for skipped in found.skipped] == ["not an AWS policy"]
    assert not found.policies


def test_the_resource_of_another_cloud_in_a_policy_of_iam_is_an_error() -> None:
    text = of_version("2012-10-17", "s3:GetObject", "qcs::cos:ap-x:uid/1:b-1/*")
    findings = lint_source(Source("policy.json", text), enabled=rules()).findings
    assert "invalid-arn" in {finding.rule for finding in findings}


RULE = {"Name": "a", "Priority": 0, "Action": {"Block": {}}}
OTHERS = [
    {**RULE, "Statement": {"XssMatchStatement": {"FieldToMatch": {"Body": {}}}}},
    {**RULE, "Statement": {"NotStatement": {"Statement": {"GeoMatchStatement": {}}}}},
    {"Version": "2021-06-01", "Statement": [{"Sid": "a", "DataIdentifier": [], "Operation": {}}]},
]


@pytest.mark.parametrize("policy", OTHERS)
def test_a_rule_of_a_firewall_and_a_policy_of_data_protection_are_skipped(
    policy: dict[str, object],
) -> None:
    text = json.dumps(policy)
    (skipped,) = read_source(Source("rule.json", text)).skipped
    assert (skipped.why.reason, skipped.unread) == (Reason.OTHER_LANGUAGE, False)
    for path, written in (("rule.json", text), ("page.md", f"```json\n{text}\n```\n")):
        found = read_source(Source(path, written))
        assert not [*found.policies, *found.problems]


@pytest.mark.parametrize(
    "policy",
    [
        {"Version": "2012-10-17", "Statement": [{"XssMatchStatement": {}}]},
        {"Statement": [{"Effcet": "Allow", "Actions": "s3:*", "Resource": "*"}]},
        {"Statement": [{"effect": "Allow", "Operation": "s3:*"}]},
        {"Statement": [{"Sid": "a"}]},
    ],
)
def test_what_is_like_a_policy_of_others_is_linted(policy: dict[str, object]) -> None:
    assert lint_source(Source("policy.json", json.dumps(policy)), enabled=rules()).findings


@pytest.mark.parametrize(
    ("text", "is_problem"),
    [
        ('{"Statement": {"RateBasedStatement": {"Limit": 1,}}, "Action": {"Block": {}}}', False),
        ('{"Statement": [{"Effect": "Deny", "Action": "Update:*", "Principal": "*",}]}', False),
        ('{"Statement": [{"Effect": "Deny", "Action": "s3:*",}]}', True),
        ('{"Version": "2012-10-17", "Statement": [{"Action": "Update:*",}]}', True),
    ],
)
def test_a_broken_policy_of_others_is_not_read(text: str, is_problem: bool) -> None:  # noqa: FBT001
    for path, written in (("policy.json", text), ("page.md", f"```json\n{text}\n```\n")):
        found = read_source(Source(path, written))
        unread = [skipped for skipped in found.skipped if skipped.unread]
        assert (len(found.problems), len(unread)) == (int(is_problem), int(not is_problem))
