"""The rules about ARNs and Regions, beyond the examples on their pages."""

import json
import re
from collections.abc import Mapping

import pytest

from multitool_lint.aws import arn_formats
from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.aws.catalog.tables import BUNDLED, read_rows
from multitool_lint.aws.condition_keys import kms_key_keys, region_keys
from multitool_lint.aws.regions import partitions
from multitool_lint.diagnostics.finding import Finding
from multitool_lint.diagnostics.rule import Severity, rules
from multitool_lint.linter.engine import lint_source
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.source import Source

ABOUT_RESOURCES = ("invalid-arn", "impossible-arn", "secret-without-suffix", "kms-alias-as-key")
ABOUT_CONDITIONS = ("invalid-arn", "unknown-region", "invalid-kms-key")


def lint(statement: Mapping[str, object], ids: tuple[str, ...]) -> tuple[Finding, ...]:
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}
    return lint_source(
        Source("policy.json", json.dumps(policy)),
        type=PolicyType.IDENTITY,
        enabled={id_: rules()[id_] for id_ in ids},
    ).findings


def codes(resource: str, action: str = "s3:GetObject") -> set[str | None]:
    found = lint({"Action": action, "Resource": resource}, ABOUT_RESOURCES)
    return {finding.issue_code for finding in found}


def condition(operator: str, key: str, value: object) -> tuple[Finding, ...]:
    return lint(
        {"Action": "s3:*", "Resource": "*", "Condition": {operator: {key: value}}},
        ABOUT_CONDITIONS,
    )


@pytest.mark.parametrize(
    ("resource", "code"),
    [
        ("orders", "MISSING_ARN_FIELD"),
        ("ARN:aws:s3:::reports", "INVALID_ARN_PREFIX"),
        (" arn:aws:s3:::reports", "INVALID_ARN_PREFIX"),
        ("s3:::reports", "MISSING_ARN_FIELD"),
        ("urn:aws:s3:::reports", "INVALID_ARN_PREFIX"),
        ("???", "INVALID_ARN_RESOURCE"),
        ("arn", "MISSING_ARN_FIELD"),
        ("arn:aws:*", "MISSING_ARN_FIELD"),
        ("arn:aws:s3:::${aws:username}", None),
        ("arn:aws:iam:111122223333:role/app", "MISSING_ARN_FIELD"),
        ("arn::s3:::reports", "INVALID_PARTITION"),
        ("arn:AWS:s3:::reports", "INVALID_PARTITION"),
        ("arn:aws-china:s3:::reports", "INVALID_PARTITION"),
        ("arn:aws:DynamoDB:eu-west-1:111122223333:table/orders", "INVALID_ARN_SERVICE_CASE"),
        ("arn:aws:Catalog:eu-west-1:111122223333:product/p", "INVALID_ARN_SERVICE_CASE"),
        ("arn:aws:dynamo:eu-west-1:111122223333:table/orders", "INVALID_SERVICE"),
        ("arn:aws::eu-west-1:111122223333:table/orders", "INVALID_SERVICE"),
        ("arn:aws:Qwzx:eu-west-1:111122223333:table/orders", "INVALID_SERVICE"),
        ("arn:aws:sqs:eu_west_1:111122223333:orders", "INVALID_ARN_REGION"),
        ("arn:aws:sqs:EU-WEST-1:111122223333:orders", "INVALID_ARN_REGION"),
        ("arn:aws:sqs:us-gov-west-1:111122223333:orders", "INVALID_ARN_REGION"),
        ("arn:aws-us-gov:sqs:us-gov-west-1:111122223333:orders", None),
        ("arn:*:sqs:us-gov-west-1:111122223333:orders", None),
        ("arn:aws:sqs:eu-west-1:1111-2222-3333:orders", "INVALID_ARN_ACCOUNT"),
        ("arn:aws:sqs:eu-west-1:1111222233334:orders", "INVALID_ARN_ACCOUNT"),
        ("arn:aws:sqs:eu-west-1:ACCOUNT_ID:orders", "INVALID_ARN_ACCOUNT"),
        ("arn:aws:sqs:eu-west-1:${aws:PrincipalAccount}:orders", None),
        ("arn:${aws:PrincipalTag/partition}:s3:::reports", None),
        ("${aws:PrincipalTag/arn}", None),
        ("*", None),
        ("**", None),
    ],
)
def test_fields_of_an_arn(resource: str, code: str | None) -> None:
    assert codes(resource) == ({code} if code else set())


@pytest.mark.parametrize(
    ("resource", "code"),
    [
        ("arn:aws:s3:::", ""),
        ("arn:aws:ec2:*::vpc-endpoint/vpce-*", ""),
        ("arn:aws:quicksight:*:*:vpcconnection/*", ""),
        ("arn:aws:s3:::/reports", "INVALID_ARN_RESOURCE"),
        ("arn:aws:s3:us-*::reports", "ARN_REGION_NOT_ALLOWED"),
        ("arn:aws:s3:eu-west-1::accesspoint/reports", "MISSING_ARN_ACCOUNT"),
        ("arn:aws:iam:*:111122223333:role/app", None),
        ("arn:aws:iam:us-east-1:111122223333:*", "ARN_REGION_NOT_ALLOWED"),
        ("arn:aws:iam::111122223333:roles/app", "INVALID_ARN_RESOURCE"),
        ("arn:aws:iam::111122223333:role", "INVALID_ARN_RESOURCE"),
        ("arn:aws:iam::111122223333:root", None),
        ("arn:aws:iam::111122223333:user/*/${aws:username}", None),
        ("arn:aws:sts::111122223333:assumed-role/app/*", None),
        ("arn:aws:route53:::hostedzone/*", None),
        ("arn:aws:route53:us-east-1::hostedzone/Z1", "ARN_REGION_NOT_ALLOWED"),
        ("arn:aws:cloudfront:us-east-1:111122223333:distribution/E1", "ARN_REGION_NOT_ALLOWED"),
        ("arn:aws:cloudfront::111122223333:distribution/E1", None),
        ("arn:aws:apigateway:eu-west-1:111122223333:/restapis/a", "ARN_ACCOUNT_NOT_ALLOWED"),
        ("arn:aws:apigateway:eu-west-1::/restapis/a", None),
        ("arn:aws:sns::111122223333:alarms", "MISSING_ARN_REGION"),
        ("arn:aws:sns:eu-west-1::alarms", "MISSING_ARN_ACCOUNT"),
        ("arn:aws:lambda:eu-west-1:111122223333:deploy", "INVALID_ARN_RESOURCE"),
        ("arn:aws:lambda:eu-west-1:111122223333:function:", "INVALID_ARN_RESOURCE"),
        ("arn:aws:lambda:eu-west-1:111122223333:func*", None),
        ("arn:aws:ec2:eu-west-1::snapshot/snap-1", None),
        ("arn:aws:ec2:eu-west-1::instance/i-1", "MISSING_ARN_ACCOUNT"),
        ("arn:aws:rds:eu-west-1:111122223333:db/orders", "INVALID_ARN_RESOURCE"),
        ("arn:aws:rds:eu-west-1:111122223333:db:orders", None),
        ("arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/a:*", None),
        ("arn:aws:ssm:eu-west-1:111122223333:parameters/a", "INVALID_ARN_RESOURCE"),
        ("arn:aws:ssm:eu-west-1::parameter/a", "MISSING_ARN_ACCOUNT"),
        ("arn:aws:ssm:eu-west-1::parameter/aws/service/a", None),
        ("arn:aws:ecs:eu-west-1:111122223333:task-definition/web", "INVALID_ARN_RESOURCE"),
        ("arn:aws:codeartifact:eu-west-1:111122223333:package/d/r/npm//p", None),
        ("arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess", None),
        ("arn:aws:s3:us-west-2:111122223333:async-request/mrap/a/b", None),
        ("arn:aws:iam::111122223333:contextProvider/a", "INVALID_ARN_RESOURCE"),
        ("arn:aws:gamelift:eu-west-1::build/build-1", None),
        ("arn:aws:securityhub:eu-west-1::product/aws/guardduty", None),
        ("arn:aws:swf:*:111122223333:/domain/orders", None),
        ("arn:aws:swf:eu-west-1:111122223333:/domain/orders", None),
        ("arn:aws:cloudformation:eu-west-1:111122223333:stack/orders", "INVALID_ARN_RESOURCE"),
        ("arn:aws:cloudformation:eu-west-1:111122223333:stack/orders/*", None),
        ("arn:aws:ec2:eu-west-1:111122223333:image/ami-1", "ARN_ACCOUNT_NOT_ALLOWED"),
        ("arn:aws:events:eu-west-1::event-source/aws.partner/a/*", None),
        ("arn:aws:emr-serverless:eu-west-1:111122223333:/applications/a", None),
        ("arn:aws:*:eu-west-1:111122223333:anything", None),
        ("arn:aws:tag:eu-west-1:111122223333:anything", None),
        ("arn:aws:catalog:eu-west-1:111122223333:wrong/a", "INVALID_ARN_RESOURCE"),
    ],
)
def test_forms_of_an_arn(resource: str, code: str | None) -> None:
    """Of those with "", the finding has no issue code."""
    assert codes(resource) == (set() if code is None else {code or None})


def test_an_arn_may_have_two_mistakes() -> None:
    both = {"MISSING_ARN_REGION", "MISSING_ARN_ACCOUNT"}
    assert codes("arn:aws:dynamodb:::table/orders") == both


def test_the_forms_are_those_that_the_actions_take() -> None:
    statement = {
        "Action": ["ec2:StartInstances", "ec2:Nonsense", "s3:ListAllMyBuckets"],
        "Resource": "arn:aws:ec2:eu-west-1:111122223333:i-1",
    }
    (finding,) = lint(statement, ("impossible-arn",))
    assert finding.help.endswith("use the format instance/${InstanceId}")


def test_variables_stay_what_they_are() -> None:
    resource = "arn:aws:s3:eu-west-1:${aws:PrincipalAccount, '1:1'}:reports-${aws:username}"
    statement = {"Action": "s3:*", "Resource": resource}
    (finding,) = lint(statement, ("impossible-arn",))
    (edit,) = finding.fixes[0].edits
    assert edit.text == json.dumps(resource.replace("eu-west-1", ""))
    statement["Resource"] = (
        "arn:aws:kms:${aws:RequestedRegion}:${aws:PrincipalAccount}:k/${aws:userid}"
    )
    (finding,) = lint(statement, ("impossible-arn",))
    assert '"k/${aws:userid}"' in finding.title
    statement = {
        "Action": "s3:ListBucket",
        "Resource": "arn:${aws:PrincipalTag/partition}:S3:::reports",
    }
    (finding,) = lint(statement, ("invalid-arn",))
    (edit,) = finding.fixes[0].edits
    assert edit.text == '"arn:${aws:PrincipalTag/partition}:s3:::reports"'


def test_a_region_that_may_be_new_is_a_warning() -> None:
    statement = {"Action": "sqs:*", "Resource": "arn:aws:sqs:us-east-9:111122223333:orders"}
    assert [finding.severity for finding in lint(statement, ABOUT_RESOURCES)] == [Severity.WARNING]
    found = condition("StringEquals", "aws:RequestedRegion", ["us-east-9", "nowhere"])
    assert [finding.severity for finding in found] == [Severity.WARNING, Severity.ERROR]


@pytest.mark.parametrize(
    ("operator", "key", "value", "found"),
    [
        ("StringNotEqualsIfExists", "aws:RequestedRegion", "eu-west-11", 1),
        ("ForAnyValue:StringEquals", "cloudformation:TargetRegion", ["eu-west-1", "paris"], 1),
        ("StringEqualsIgnoreCase", "aws:requestedregion", "EU-WEST-1", 0),
        ("StringEquals", "aws:RequestedRegion", "*", 0),
        ("StringEquals", "aws:RequestedRegion", "<region>", 0),
        ("NoSuchOperator", "aws:RequestedRegion", "paris", 0),
        ("Null", "aws:RequestedRegion", "true", 0),
        ("StringEquals", "aws:PrincipalTag/Region", "paris", 0),
        ("ArnEquals", "aws:SourceArn", "reports", 1),
        ("ArnNotLike", "aws:PrincipalArn", "arn:aws:iam:111122223333:role/app", 1),
        ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::1111:role/*", 1),
        ("ArnLike", "aws:PrincipalArn", "arn:aws:*", 0),
        ("ArnLike", "aws:PrincipalArn", ["", "*", "${aws:PrincipalArn}"], 0),
        ("StringLike", "aws:PrincipalArn", "reports", 0),
        ("StringLike", "s3:x-amz-server-side-encryption-aws-kms-key-id", "alias/*", 1),
        ("StringLike", "s3:x-amz-server-side-encryption-aws-kms-key-id", "arn:aws:kms:*", 0),
        ("ArnLike", "s3express:x-amz-server-side-encryption-aws-kms-key-id", "", 0),
        ("Null", "s3:x-amz-server-side-encryption-aws-kms-key-id", "true", 0),
        ("Bool", "secretsmanager:KmsKeyArn", "true", 0),
        ("StringEquals", "kms:ViaService", "s3.eu-west-1.amazonaws.com", 0),
        ("NoSuchOperator", "secretsmanager:KmsKeyArn", "alias/a", 0),
        (
            "ArnEquals",
            "secretsmanager:kmskeyarn",
            "arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/1",
            0,
        ),
        ("ArnEquals", "secretsmanager:KmsKeyArn", "arn:aws:kms:eu-wst-1:111122223333:key/1", 1),
    ],
)
def test_values_of_conditions(operator: str, key: str, value: object, found: int) -> None:
    rule = {finding.rule for finding in condition(operator, key, value)}
    assert bool(rule) == bool(found), rule


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("db", True),
        ("db1234", True),
        ("db-12345", True),
        ("db-1234567", True),
        ("db-12345_", True),
        ("a*/password", True),
        ("db-123456", False),
        ("db-12345?", False),
        ("db?123456", False),
        ("db*", False),
        ("db*456", False),
        ("db*-??????", False),
        ("", False),
    ],
)
def test_suffix_of_a_secret(name: str, found: bool) -> None:  # noqa: FBT001  # a table
    resource = f"arn:aws:secretsmanager:eu-west-1:111122223333:secret:{name}"
    statement = {"Action": "secretsmanager:GetSecretValue", "Resource": resource}
    assert bool(lint(statement, ("secret-without-suffix",))) == found


@pytest.mark.parametrize(
    ("actions", "found"),
    [
        (["kms:Decrypt", "s3:GetObject"], True),
        (["kms:*crypt"], True),
        (["kms:Create*"], False),
        (["*"], False),
        (["s3:GetObject"], False),
        (["kms:Decrypt", "${var.action}"], False),
    ],
)
def test_alias_of_a_key(actions: list[str], found: bool) -> None:  # noqa: FBT001  # a table
    resource = "arn:aws:kms:eu-west-1:111122223333:alias/reports"
    statement = {"Action": actions, "Resource": resource}
    assert bool(lint(statement, ("kms-alias-as-key",))) == found


def test_every_documented_form_is_one() -> None:
    catalog = bundled()
    formats = {
        format_
        for prefix in catalog.prefixes
        if (service := catalog.service(prefix))
        for type_ in service.resource_types.values()
        for format_ in type_.arn_formats
    }
    formats |= {row[0] for row in read_rows(BUNDLED, "arn_formats.tsv")}
    for format_ in formats:
        *head, region, account, resource = format_.split(":", 5)
        for name in ("x", "*", "a/b", "a:b", "${aws:username}"):
            text = ":".join(
                (
                    *("aws" if field == "${Partition}" else field for field in head),
                    re.sub(r"\$\{\w+\}", "us-east-1", region),
                    re.sub(r"\$\{\w+\}", "111122223333", account),
                    name.join(re.split(r"\$\{\w+\}", resource)),
                )
            )
            assert not arn_formats.format_mismatches(catalog)(text), text


def test_facts_are_in_order_and_have_a_source() -> None:
    rows = read_rows(BUNDLED, "arn_formats.tsv")
    assert rows == sorted(rows)
    for format_, source in rows:
        assert format_.startswith("arn:${Partition}:")
        assert format_.count(":") >= 5
        assert source.startswith("https://docs.aws.amazon.com/")
    for *_, sources in read_rows(BUNDLED, "region_keys.tsv"):
        assert all(
            address.startswith("https://docs.aws.amazon.com/") for address in sources.split()
        )


def test_condition_keys_are_known_to_the_catalog() -> None:
    catalog = bundled()
    for key in {*region_keys(), *kms_key_keys()} - {"aws:requestedregion"}:
        service = catalog.service(key.partition(":")[0])
        assert service is not None
        assert service.condition_key(key) is not None, key


def test_every_region_is_one() -> None:
    for partition in partitions().values():
        for region in partition.regions:
            assert not codes(f"arn:{partition.name}:sqs:{region}:111122223333:orders")


def followed(resource: str, help: str) -> str:
    """The ARN to which the advice of a finding leads."""
    fields = resource.split(":", 5)
    for field in re.findall(r"remove the .*?(Region|account)(?= and the (Region|account))?", help):
        for name in filter(None, field):
            fields[3 if name == "Region" else 4] = ""
    for number, value in (("4", "us-east-1"), ("5", "111122223333")):
        if added := re.search(rf'(?:"([^"]+)"|\w+) as field {number}', help):
            fields[int(number) - 1] = added[1] or value
    if head := re.search(r'begin field 6 with "([^"]+)"', help):
        fields[5] = f"{head[1]}some-name"
    if wanted := re.search(r"use (?:the format|one of the formats) ([^ ]+?)(?:,|$| and )", help):
        fields[5] = re.sub(r"\$\{\w+\}", "some-name", wanted[1])
    return ":".join(fields)


def damaged(format_: str) -> list[str]:
    """ARNs of a format with fewer or more fields than it has, and without its type."""
    *_, service, region, account, name = re.sub(r"\$\{\w+\}", "some-name", format_).split(":", 5)
    region, account = region and "us-east-1", account and "111122223333"
    names = (name, re.split("[/:]", name)[-1], "{{ x }}", "{{ x }}-{{ y }}")
    return [
        f"arn:aws:{service}:{other_region}:{other_account}:{other_name}"
        for other_region in {"", region, "us-east-1"}
        for other_account in {"", account, "111122223333"}
        for other_name in names
    ]


@pytest.mark.parametrize(
    "service",
    ["dynamodb", "ec2", "elasticloadbalancing", "iam", "lambda", "logs", "route53", "s3", "sqs"],
)
def test_what_the_advice_leads_to_is_possible(service: str) -> None:
    found = bundled().service(service)
    formats = {text for type_ in found.resource_types.values() for text in type_.arn_formats}  # type: ignore[union-attr]
    resources = sorted({text for format_ in formats for text in damaged(format_)})
    tried = 0
    for resource in resources[:: len(resources) // 80 + 1]:
        statement = {"Action": f"{service}:*", "Resource": resource}
        for finding in lint(statement, ("impossible-arn",)):
            other = followed(resource, finding.help)
            sample = other.replace("{{ x }}", "some").replace("{{ y }}", "name")
            assert other != resource, finding.help
            assert lint({**statement, "Resource": sample}, ("impossible-arn",)) == (), (
                resource,
                finding.help,
            )
            tried += 1
    assert tried


def test_the_type_is_that_of_the_actions() -> None:
    statement = {
        "Action": ["dynamodb:CreateTable", "dynamodb:Describe*"],
        "Resource": "arn:aws:dynamodb:::{{ org }}-{{ table }}",
    }
    (finding,) = lint(statement, ("impossible-arn",))
    assert finding.notes == (
        "the format is arn:${Partition}:dynamodb:${Region}:${Account}:table/${TableName}",
    )
    assert finding.help == (
        'add the Region as field 4 and the account as field 5, or "*" for any; '
        'begin field 6 with "table/" if its value does not'
    )
    statement["Resource"] = "arn:aws:dynamodb:::orders"
    (finding,) = lint(statement, ("impossible-arn",))
    assert finding.help.startswith("use one of the formats table/${TableName}, ")
    assert finding.help.endswith(
        ', and add the Region as field 4 and the account as field 5, or "*" for any'
    )
