"""Conditions: what the rules about keys, operators and values decide beyond their pages."""

import json

import pytest

from multitool_lint.aws import condition_keys
from multitool_lint.aws.catalog.catalog import Catalog, bundled
from multitool_lint.aws.catalog.extensions import ExtendedCatalog, Extras
from multitool_lint.aws.catalog.queries import known_key, value_types
from multitool_lint.diagnostics.finding import Finding
from multitool_lint.diagnostics.rule import rules
from multitool_lint.linter.engine import lint_source
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.source import Source, apply_edits

RULES = (
    "bypassable-prefix-check",
    "condition-type-mismatch",
    "imprecise-ip-range",
    "invalid-condition-value",
    "missing-paired-condition-key",
    "missing-set-operator",
    "modified-null-operator",
    "private-source-ip",
    "string-operator-on-arn-key",
    "unsupported-condition-key",
    "untrustworthy-condition-key",
    "wildcard-presence-test",
    "wildcard-without-like-operator",
)

ABSENT = "absent"


def lint(
    condition: object,
    type_: str = "identity",
    catalog: Catalog | None = None,
    /,
    **statement: object,
) -> tuple[Finding, ...]:
    entry = {
        "Effect": "Allow",
        "Action": "s3:GetObject",
        "Resource": "*",
        "Condition": condition,
        **statement,
    }
    entry = {key: value for key, value in entry.items() if value != ABSENT}
    text = json.dumps({"Version": "2012-10-17", "Statement": [entry]})
    return lint_source(
        Source("policy.json", text),
        type=PolicyType(type_),
        enabled={name: rules()[name] for name in RULES},
        catalog=catalog,
    ).findings


def codes(condition: object, type_: str = "identity", /, **statement: object) -> set[str | None]:
    return {finding.issue_code for finding in lint(condition, type_, **statement)}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"Bool": {"aws:SecureTransport": [True, False]}}, "INVALID_CONDITION_MULTIPLE_BOOLEAN"),
        ({"StringEquals": {"aws:PrincipalTag/a": ["1", True]}}, "INVALID_CONDITION_DATA_TYPE"),
        ({"DateLessThan": {"aws:CurrentTime": -1798761599}}, "INVALID_DATE_VALUE"),
        ({"StringLike": {"aws:SourceVpc": "vpc-0a1b2c3d4"}}, "INVALID_VPC_FORMAT"),
        ({"StringEquals": {"aws:SourceVpce": "vpce_0a1b2c3d"}}, "INVALID_VPCE_FORMAT"),
        ({"IpAddress": {"aws:SourceIp": "172.16.0.1"}}, "PRIVATE_IP_ADDRESS"),
        ({"NotIpAddress": {"aws:SourceIp": ["192.168.0.0/17"]}}, "PRIVATE_NOT_IP_ADDRESS"),
        ({"IpAddress": {"aws:SourceIp": ["8.8.8.8", "10.1.1.1"]}}, "PRIVATE_IP_ADDRESS_SUBSET"),
        (
            {"NotIpAddress": {"aws:SourceIp": ["8.8.8.8", "10.1.1.1"]}},
            "PRIVATE_NOT_IP_ADDRESS_SUBSET",
        ),
        (
            {
                "IpAddress": {"aws:VpcSourceIp": "203.0.113.1/31"},
                "Null": {"aws:SourceVpc": "false"},
            },
            "IMPROVE_IP_RANGE",
        ),
        ({"StringLike": {"aws:PrincipalOrgPaths": "o-a/r-b/*"}}, "MISSING_QUALIFIER"),
        ({"nullIfExists": {"aws:SourceVpc": "true"}}, "NULL_WITH_IF_EXISTS"),
        ({"ForAllValues:Null": {"aws:TagKeys": "true"}}, "NULL_WITH_QUALIFIER"),
        ({"StringEquals": {"aws:username": "?"}}, "WILDCARD_WITHOUT_LIKE_OPERATOR"),
        ({"StringNotEquals": {"aws:username": "a${*}*"}}, "WILDCARD_WITHOUT_LIKE_OPERATOR"),
        ({"StringLike": {"aws:username": ["*", "**"]}}, "EQUIVALENT_TO_NULL_FALSE"),
        ({"ArnNotLike": {"aws:SourceArn": "*"}}, "EQUIVALENT_TO_NULL_TRUE"),
        ({"StringLike": {"aws:referer": "https://a/*"}}, "UNTRUSTWORTHY_CONDITION_KEY"),
        ({"Null": {"aws:VpcSourceIp": "false"}}, "MISSING_PAIRED_CONDITION_KEYS"),
        ({"StringNotLike": {"s3:prefix": "a/*"}}, "S3_PREFIX_IN_NEGATIVE_CONTEXT"),
        ({"NumericEquals": {"aws:CurrentTime": 5}}, "TYPE_MISMATCH"),
        ({"DateEquals": {"aws:SecureTransport": "2026"}}, "TYPE_MISMATCH"),
        ({"ArnLike": {"aws:SourceIp": "arn:aws:s3:::a"}}, "TYPE_MISMATCH"),
        ({"Null": {"aws:username": 1}}, "TYPE_MISMATCH_BOOLEAN"),
        ({"NumericEquals": {"s3:max-keys": "1,5"}}, "TYPE_MISMATCH_NUMBER"),
        ({"IpAddress": {"aws:SourceIp": "300.1.1.1"}}, "TYPE_MISMATCH_IP_RANGE"),
        (
            {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/a"}},
            "STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS",
        ),
        ({"StringEquals": {"aws:": "a"}}, "INVALID_CONDITION_KEY_FORMAT"),
        ({"StringEquals": {"": "a"}}, "INVALID_CONDITION_KEY_FORMAT"),
        ({"StringEquals": {"aws:SourceVpcs": "a"}}, "INVALID_GLOBAL_CONDITION_KEY"),
        ({"StringEquals": {"kms:ViaServices": "a"}}, "INVALID_SERVICE_CONDITION_KEY"),
        ({"StringEquals": {"ec2:ResourceTag/": "a"}}, "MISSING_TAG_KEY_IN_CONDITION"),
        ({"StringEquals": {"secretsmanager:ResourceTag/": "a"}}, "MISSING_TAG_KEY_IN_CONDITION"),
        ({"StringEquals": {"AWS:arn": "a"}}, "DEPRECATED_GLOBAL_CONDITION_KEY"),
    ],
    ids=lambda value: value if isinstance(value, str) else json.dumps(value),
)
def test_the_code_and_no_other(condition: object, expected: str) -> None:
    assert codes(condition, Action="*") == {expected}


@pytest.mark.parametrize(
    "condition",
    [
        {},
        [],
        "a",
        {"StringEquals": []},
        {"NoOperator": {"aws:username": "*"}},
        {"StringEquals": {"aws:username": []}},
        {"StringEquals": {"aws:username": None}},
        {"StringEquals": {"aws:username": {"a": "*"}}},
        {"Bool": {"aws:SecureTransport": "{{ secure }}"}},
        {"NumericEquals": {"s3:max-keys": "${var.keys}"}},
        {"StringEquals": {"aws:SourceVpc": ["${aws:PrincipalTag/vpc}", "<my-vpc>"]}},
        {"StringEquals": {"aws:PrincipalTag/a": [1, 2.5]}},
        {"IpAddress": {"aws:SourceIp": ["<my-network>", "10.0.0.0/8"]}},
        {"IpAddress": {"aws:SourceIp": ["100.64.0.0/10", "169.254.0.1", "127.0.0.1", "fe80::1"]}},
        {"DateLessThan": {"aws:CurrentTime": ["1999", "2026-01"]}},
        {"DateLessThan": {"aws:EpochTime": "2026-12-31"}, "NumericLessThan": {"aws:EpochTime": 5}},
        {"ForAnyValue:StringLike": {"aws:CalledVia": ["*.amazonaws.com"]}},
        {"StringLike": {"{{ provider }}:sub": "a", "${var.oidc}:sub": "a"}},
        {"StringEquals": {"oidc.example.com:sub": "a", "idp.example.com/a/b:x": "a"}},
        {"StringEquals": {"ssm:resourceTag/team": "a", "secretsmanager:ResourceTag/b": "a"}},
        {"StringEquals": {"kms:EncryptionContext:app": "a", "KMS:ViaService": "a"}},
        {"ArnEquals": {"ec2:SourceInstanceArn": "arn:aws:ec2:*:*:instance/i-1"}},
        {"StringEquals": {"aws:PrincipalOrgMasterAccountId": "111122223333"}},
    ],
    ids=json.dumps,
)
def test_suppress(condition: object) -> None:
    assert not lint(condition, Action="*")


@pytest.mark.parametrize("type_", ["identity", "trust", "scp", "rcp", "boundary", "session"])
def test_the_old_arn_key_is_deprecated(type_: str) -> None:
    assert codes({"ArnLike": {"aws:ARN": "arn:aws:iam::*:user/a"}}, type_) == {
        "DEPRECATED_GLOBAL_CONDITION_KEY"
    }


def test_the_old_arn_key_is_unsupported_in_resource_policies() -> None:
    found = codes({"ArnLike": {"aws:ARN": "arn:aws:iam::*:user/a"}}, "resource")
    assert found == {"UNSUPPORTED_GLOBAL_CONDITION_KEY"}


TAGGED = {"StringEquals": {"aws:ResourceTag/team": "red"}}


@pytest.mark.parametrize(
    ("type_", "statement", "expected"),
    [
        ("identity", {"Action": "ec2:DescribeVpcs"}, "ALLOW_WITH"),
        ("identity", {"Action": ["ec2:StartInstances", "ec2:DescribeImages*"]}, "ALLOW_WITH"),
        ("identity", {"Action": "sts:GetCallerIdentity"}, "ALLOW_WITH"),
        ("identity", {"Action": "sns:GetTopicAttributes"}, "ALLOW_WITH"),
        ("identity", {"Action": "sagemaker:*Feature*"}, "ALLOW_WITH"),
        ("resource", {"NotAction": "ec2:*"}, "ALLOW_NOTACTION_WITH"),
        ("identity", {"Effect": "Deny", "Action": "ec2:DescribeVpcs"}, "DENY_WITH"),
        ("boundary", {"Action": "ec2:DescribeVpcs"}, "ALLOW_WITH"),
        ("session", {"Effect": "Deny", "Action": "ec2:DescribeVpcs"}, "DENY_WITH"),
        ("scp", {"Effect": "Deny", "Action": "sts:Get*Identity"}, "DENY_WITH"),
        ("rcp", {"Effect": "Deny", "Action": "sts:GetCallerIdentity"}, "DENY_WITH"),
        ("scp", {"Effect": "Deny", "NotAction": "iam:*"}, "DENY_NOTACTION_WITH"),
    ],
)
def test_tags_of_resources_that_actions_do_not_take(
    type_: str, statement: dict[str, object], expected: str
) -> None:
    found = codes(TAGGED, type_, **({"Action": ABSENT} | statement))
    assert found == {f"{expected}_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE"}


@pytest.mark.parametrize(
    "action",
    [
        "*",
        "sagemaker:*Record",
        "ec2:StartInstances",
        "ec2:Terminate*",
        "*:StartInstances",
        "ec2:NoSuchAction",
    ],
)
def test_tags_of_resources_that_actions_may_take(action: str) -> None:
    assert not lint(TAGGED, "scp", Action=action, Effect="Deny")


@pytest.mark.parametrize(
    ("action", "operator"),
    [
        ("ssm:CreateOpsItem", "StringEquals"),  # takes aws:RequestTag
        ("redshift:GetClusterCredentialsWithIAM", "StringEquals"),  # has a resource type
        ("ec2:DescribeVpcs", "Null"),
        ("sns:TagResource", "StringEquals"),
    ],
)
def test_tags_that_access_analyzer_does_not_check(action: str, operator: str) -> None:
    condition = {operator: {"aws:ResourceTag/team": "true"}}
    assert codes(condition, Action=action) <= {None}


def test_one_finding_of_tags_for_each_service() -> None:
    actions = ["ec2:DescribeVpcs", "ec2:*", "ssm:CreateOpsItem", "logs:PutResourcePolicy"]
    found = lint(TAGGED, Action=actions)
    assert [(bool(finding.issue_code), len(finding.related)) for finding in found] == [
        (True, 2),
        (False, 1),
        (True, 1),
    ]
    twice = {"StringEquals": {"aws:ResourceTag/a": "b", "aws:ResourceTag/c": "d"}}
    assert [finding.issue_code is None for finding in lint(twice, Action="ec2:DescribeVpcs")] == [
        False,
        True,
    ]


def test_tags_of_resources_in_trust_policies_and_scp_allows_are_not_checked() -> None:
    assert not codes(TAGGED, "scp", Action="sts:GetCallerIdentity") - {None}
    assert not codes(TAGGED, "trust", Action="sts:GetCallerIdentity") - {None}


@pytest.mark.parametrize("key", ["aws:VpceAccount", "aws:VpceOrgID"])
@pytest.mark.parametrize(
    ("action", "found"),
    [
        ("s3:*", False),
        ("KMS:Decrypt", False),
        ("iam:GetRole", False),
        ("iam:PassRole", True),
        ("*", True),
        ("s*:*", True),
        ("sns:Publish", True),
    ],
)
def test_keys_of_endpoints(key: str, action: str, found: bool) -> None:  # noqa: FBT001
    got = codes(
        {"StringNotEqualsIfExists": {key: "${aws:PrincipalTag/a}"}}, Action=["s3:GetObject", action]
    )
    assert got == ({"USE_CONDITION_KEY_ONLY_WITH_SUPPORTED_SERVICES"} if found else set())


def test_the_services_of_endpoint_keys_are_in_the_catalog() -> None:
    assert set(condition_keys.endpoint_key_services()) == condition_keys.ENDPOINT_KEYS
    for prefixes in condition_keys.endpoint_key_services().values():
        assert not prefixes - set(bundled().prefixes)


def test_keys_and_services_that_a_user_adds_are_known() -> None:
    extras = Extras(services=("acme",), condition_keys=("aws:SourceFloor", "s3:Shelf"), actions=())
    catalog = ExtendedCatalog(bundled().directory, extras)
    condition = {"StringEquals": {"aws:SourceFloor": "1", "s3:Shelf": "a", "acme:any": "b"}}
    assert not lint(condition, "identity", catalog)
    assert codes({"StringEquals": {"aws:SourceFloor": "1"}}) == {"INVALID_GLOBAL_CONDITION_KEY"}


@pytest.mark.parametrize("prefix", ["acme", "elastic-inference"])
def test_a_key_of_no_known_service_is_a_warning(prefix: str) -> None:
    found = lint({"StringEquals": {f"{prefix}:team": "red"}})
    assert {(finding.issue_code, finding.severity.value) for finding in found} == {
        ("INVALID_SERVICE", "warning")
    }
    assert codes({"StringEquals": {"iot1click:team": "red"}}) == {None}


def test_tag_keys_are_found_however_the_service_spells_them() -> None:
    for name in ("ssm:resourceTag/a", "sagemaker:ResourceTag/a", "aws:ResourceTag/a"):
        assert known_key(bundled(), name)
        assert value_types(bundled(), name) == {"String"}
    assert known_key(bundled(), "ssm:resourceTags/a") is None


@pytest.mark.parametrize(
    ("action", "found"),
    [("dynamodb:Get*", True), ("*", True), ("dynamodb:PutItem", False), ("s3:*", False)],
)
def test_attributes_without_select(action: str, found: bool) -> None:  # noqa: FBT001
    condition = {"ForAllValues:StringEquals": {"dynamodb:Attributes": ["a"]}}
    got = "DYNAMODB_ATTRIBUTES_WITHOUT_SELECT" in codes(condition, Action=action)
    assert got is found
    negated = codes(condition, Action=ABSENT, NotAction=action)
    assert ("DYNAMODB_ATTRIBUTES_WITHOUT_SELECT" in negated) is (action != "*")


@pytest.mark.parametrize(
    ("operator", "value", "message"),
    [
        ("ForAnyValue:Null", "false", "ForAnyValue:Null is always false"),
        ("ForAllValues:Null", True, "ForAllValues:Null is always true"),
        ("ForAnyValue:Null", "true", "ForAnyValue:Null is always false"),
        ("ForAllValues:Null", "false", "ForAllValues:Null is always true"),
        ("NullIfExists", "true", "does not support IfExists"),
    ],
)
def test_the_fix_of_a_modified_null_changes_access(
    operator: str, value: object, message: str
) -> None:
    (finding,) = lint({operator: {"aws:username": value}})
    assert message in finding.title
    (fix,) = finding.fixes
    assert fix.safety.value == "unsafe"
    fixed = json.loads(apply_edits(finding.source.text, fix.edits))
    assert fixed["Statement"][0]["Condition"] == {"Null": {"aws:username": value}}


@pytest.mark.parametrize(
    "condition",
    [
        {"StringLike": {"aws:username": "*", "aws:userid": "a"}},
        {"StringLike": {"aws:username": "*"}, "null": {"aws:userid": "false"}},
    ],
)
def test_no_fix_where_an_operator_is_shared_or_there(condition: object) -> None:
    (finding,) = lint(condition)
    assert not finding.fixes


@pytest.mark.parametrize(
    ("operator", "value", "found"),
    [
        ("StringEquals", "arn:aws:cloudtrail:${region}:111122223333:trail/*", True),
        ("StringNotEquals", ["${name}", "{{ name }}-*"], True),
        ("StringLike", "${name}-*", False),
        ("StringEquals", "${one ? two : '*'}", False),
        ("StringEquals", "{{ names | join('*') }}-x", False),
        ("StringEquals", "${name}-${*}", False),
    ],
)
def test_a_wildcard_is_literal_next_to_what_a_template_fills_in(
    operator: str, value: object, *, found: bool
) -> None:
    findings = lint({operator: {"aws:PrincipalArn": value}})
    assert ("wildcard-without-like-operator" in {one.rule for one in findings}) is found


@pytest.mark.parametrize(
    ("key", "found"),
    [
        ("aws:RequestTag/kubernetes.io/cluster/*", True),
        ("ec2:ResourceTag/team?", True),
        ("aws:RequestTag/team", False),
        ("aws:RequestTag/${tag}*", False),
    ],
)
def test_the_key_of_a_tag_is_not_a_pattern(key: str, *, found: bool) -> None:
    findings = lint({"StringLike": {key: "owned"}}, Action="ec2:CreateVolume")
    assert any("compared literally" in one.title for one in findings) is found
