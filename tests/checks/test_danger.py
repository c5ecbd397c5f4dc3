"""Rules about dangerous grants, beyond the examples on their pages."""

import json
import re

import pytest
from support.dangerous_policies import (
    NOT_ACTION,
    NOT_ADMIN,
    Statement,
    allow,
    codes,
    deny,
    findings,
    found,
)


def test_what_follows_from_full_access_is_not_reported_as_well() -> None:
    assert found(allow(["s3:*", "*"])) == {"full-admin-access"}
    everything = allow("*:*", "arn:aws:*:*:*:*")
    assert found(everything, allow(["sts:*", "ec2:*"])) == {"full-admin-access"}


def test_full_access_allows_what_access_analyzer_asks_about() -> None:
    for statement, form in (
        (allow("*"), "STAR_IN_ACTION_AND_RESOURCE"),
        ({"Effect": "Allow", "NotAction": "iamm:*", "Resource": "*"}, NOT_ACTION),
    ):
        (finding,) = findings(statement, enabled=("full-admin-access",))
        assert set(finding.issue_codes) == {f"PASS_ROLE_WITH_{form}", f"CREATE_SLR_WITH_{form}"}


def test_roles_are_reported_in_each_statement_next_to_full_access() -> None:
    joined = {"pass-role-any-resource", "create-service-linked-role-any-resource"}
    assert found(allow("*"), allow("iam:*")) == {"full-admin-access", *joined}
    assert codes(allow("iam:PassRole"), allow("*")) >= {"PASS_ROLE_WITH_STAR_IN_RESOURCE"}


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEqualsIfExists": {"iam:PassedToService": "ec2.amazonaws.com"}},
        {"ForAllValues:StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}},
        {"StringLike": {"iam:PassedToService": ["ec2.amazonaws.com", "*.amazonaws.eu"]}},
    ],
)
def test_a_condition_that_does_not_limit_the_service(condition: Statement) -> None:
    assert "PASS_ROLE_WITH_STAR_IN_RESOURCE" in codes(allow("iam:PassRole", Condition=condition))
    linked = json.loads(json.dumps(condition).replace("PassedToService", "AWSServiceName"))
    statement = allow("iam:CreateServiceLinkedRole", Condition=linked)
    assert "CREATE_SLR_WITH_STAR_IN_RESOURCE" in codes(statement)


@pytest.mark.parametrize(
    "statements",
    [
        [allow("*", "arn:aws:s3:::reports-archive/*")],
        [allow("*", "${var.resource}")],
        [allow("${var.action}")],
        [allow("?*:Get*")],
        [allow("*"), deny("*")],
        [allow("*"), {"Effect": "Deny", "NotAction": ["s3:*"], "Resource": "*"}],
        [{"Effect": "Allow", "NotAction": "s3:*", "Resource": "arn:aws:s3:::*"}],
        [{"Effect": "Allow", "NotAction": "*", "Resource": "*"}],
    ],
)
def test_what_is_not_full_access(statements: list[Statement]) -> None:
    assert not found(*statements) & {"full-admin-access", "allow-not-action"}


def test_other_rules_take_over_where_access_is_nearly_full() -> None:
    assert found({"Effect": "Allow", "NotAction": ["iam:*", "sts:*"], "Resource": "*"}) == {
        "allow-not-action"
    }
    condition = {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}
    assert found(allow("*", Condition=condition)) == {
        "create-service-linked-role-any-resource",
        "pass-role-any-resource",
        "privilege-escalation",
    }


@pytest.mark.parametrize("type_", ["scp", "rcp", "boundary", "session"])
def test_policies_that_are_a_bound_grant_nothing(type_: str) -> None:
    expected = {"full-admin-access"} if type_ in ("boundary", "session") else set()
    assert found(allow("*"), allow(["iam:PassRole", "ec2:*"]), NOT_ADMIN, type=type_) == expected
    assert not found(allow(["iam:PassRole", "ec2:*"]), NOT_ADMIN, type=type_)


def test_sensitive_actions_on_named_resources_are_left_alone() -> None:
    bucket = "arn:aws:s3:::reports-archive"
    actions = ["s3:*", "secretsmanager:GetSecretValue", "rds-db:connect", "kms:*"]
    assert not found(
        allow(actions, [bucket, f"{bucket}/*", "arn:aws:secretsmanager:*:*:secret:app/*"])
    )
    assert found(allow(actions, ["arn:aws:secretsmanager:*:*:secret:*", bucket])) == {
        "credentials-exposure"
    }
    assert found(allow("s3:Put*", "arn:aws:s3:::*")) == {"permissions-management-actions"}


def test_one_finding_for_a_statement_with_a_short_list() -> None:
    reported = findings(
        allow(["s3:*", "sns:*", "sqs:*", "iam:Get*", "lambda:*"]),
        allow("s3:PutBucketPolicy"),
        enabled=("permissions-management-actions",),
    )
    assert [finding.pointer for finding in reported] == [
        "/Statement/0/Action/0",
        "/Statement/1/Action",
    ]
    assert re.match(r"\d+ permissions-management actions are allowed on all", reported[0].title)
    assert re.match(r"s3 \(\d\d\): (\w+, ){9}\w+ and \d+ more$", reported[0].notes[0])
    assert len(reported[0].related) == 3


@pytest.mark.parametrize(
    ("principal", "fires"),
    [
        ({"Principal": "*"}, True),
        ({"NotPrincipal": {"AWS": "arn:aws:iam::111122223333:root"}}, True),
        ({}, False),
    ],
)
def test_a_statement_without_principal_is_not_for_everyone(
    principal: dict[str, object],
    fires: bool,  # noqa: FBT001  # expected
) -> None:
    queue = "arn:aws:sqs:eu-west-1:111122223333:orders"
    rule = "permissions-management-actions"
    assert (rule in found(allow("sqs:*", queue, **principal), type="resource")) is fires


@pytest.mark.parametrize(
    ("key", "fires"),
    [
        ("aws:PrincipalOrgID", True),
        ("AWS:principaltag/team", True),
        ("s3:x-amz-acl", True),
        ("token.actions.githubusercontent.com:sub", True),
        ("oidc.eks.eu-west-1.amazonaws.com/id/ABCDEF:aud", True),
        ("aws:TagKeys", False),
        ("aws:PrincipalOrgPaths", False),
        ("dynamodb:LeadingKeys", False),
        ("cognito-identity.amazonaws.com:amr", False),
        ("aws:NoSuchKey", False),
        ("nosuchservice:Key", False),
    ],
)
def test_single_valued_keys(key: str, fires: bool) -> None:  # noqa: FBT001  # expected
    condition = {"ForAllValues:StringEquals": {key: "a"}}
    rule = "for-all-values-single-valued-key"
    assert (rule in found(allow("s3:GetObject", Condition=condition))) is fires
    assert not found(deny("s3:GetObject", Condition=condition))
    required = {**condition, "Null": {key: False}}
    assert not found(allow("s3:GetObject", Condition=required))
    any_value = {"ForAnyValue:StringEquals": {key: "a"}}
    assert not found(allow("s3:GetObject", Condition=any_value))


def test_no_fix_that_would_write_a_key_twice() -> None:
    both = {
        "ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"},
        "StringEquals": {"aws:PrincipalType": "User"},
    }
    (reported,) = findings(allow("s3:GetObject", "arn:aws:s3:::a/*", Condition=both))
    assert not reported.fixes
