"""Conditions on tags that the principal can set itself, and those on tags that it cannot."""

import json
from typing import Any

import pytest

import multitool_lint

Statement = dict[str, Any]

TAG = {"StringEquals": {"aws:ResourceTag/developer": "true"}}
ESCALATIONS = ["privilege-escalation", "target-dependent-escalation"]


def allow(actions: object, resource: object = "*", **conditions: object) -> Statement:
    found: Statement = {"Effect": "Allow", "Action": actions, "Resource": resource}
    return {**found, "Condition": conditions} if conditions else found


def deny(actions: object, resource: object = "*", **conditions: object) -> Statement:
    return {**allow(actions, resource, **conditions), "Effect": "Deny"}


def found(*statements: Statement, select: list[str] = ESCALATIONS) -> list[multitool_lint.Finding]:
    return multitool_lint.lint(
        {"Version": "2012-10-17", "Statement": list(statements)}, select=select
    )


KEYS = allow("iam:CreateAccessKey", **TAG)
USERS = "arn:aws:iam::*:user/*"

SET = [
    [allow("iam:TagUser")],
    [allow("iam:Tag*", USERS)],
    [allow("iam:TagUser", "arn:aws:iam::111122223333:user/*")],
    [allow("iam:TagUser", "arn:aws:iam::111122223333:*")],
    [
        {
            "Effect": "Allow",
            "NotAction": "s3:*",
            "Resource": "*",
            "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
        }
    ],
    [{"Effect": "Allow", "Action": "iam:TagUser", "NotResource": "arn:aws:iam::*:user/admin"}],
    [allow("iam:TagUser", StringEquals={"aws:RequestTag/developer": ["false", "true"]})],
    [allow("iam:TagUser", StringLike={"aws:RequestTag/Developer": "t*"})],
    [allow("iam:TagUser", StringNotEquals={"aws:RequestTag/developer": "admin"})],
    [allow("iam:TagUser", StringLike={"aws:RequestTag/owner": "*"})],
    [allow("iam:TagUser", Null={"aws:RequestTag/developer": "false"})],
    [allow("iam:TagUser", **{"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "developer"]}})],
    [allow("iam:TagUser", **{"ForAllValues:StringLike": {"aws:TagKeys": "dev*"}})],
    [allow("iam:TagUser", **{"ForAllValues:StringNotEquals": {"aws:TagKeys": "owner"}})],
    [allow("iam:TagUser", **{"ForAnyValue:StringEquals": {"aws:TagKeys": "owner"}})],
    [allow("iam:TagUser", Bool={"aws:MultiFactorAuthPresent": "true"})],
    [allow("iam:TagUser", StringNotEquals={"aws:ResourceTag/developer": "true"})],
    [allow("iam:TagUser", Null={"aws:ResourceTag/developer": "true"})],
    [allow("iam:TagUser", StringEqualsIfExists={"aws:ResourceTag/developer": "false"})],
    [
        allow("iam:TagUser", StringEquals={"aws:ResourceTag/stage": "dev"}),
        allow("iam:TagUser", **{"ForAllValues:StringEquals": {"aws:TagKeys": "stage"}}),
    ],
    [allow("iam:TagUser"), deny("iam:TagRole")],
    [allow("iam:TagUser"), deny("iam:TagUser", "arn:aws:iam::*:user/admin")],
    [allow("iam:TagUser"), deny("iam:*", Bool={"aws:SecureTransport": "false"})],
    [allow("iam:TagUser"), deny("*", StringNotEquals={"aws:RequestedRegion": "us-east-1"})],
    [allow("iam:TagUser"), deny("iam:*", Bool={"aws:ViaAWSService": "true"})],
    [allow("iam:TagUser", Bool={"aws:ViaAWSService": "false"})],
    [allow("iam:TagUser"), deny("iam:*", BoolIfExists={"aws:MultiFactorAuthPresent": "false"})],
    [
        allow("iam:TagUser"),
        deny("iam:TagUser", **{"ForAnyValue:StringEquals": {"aws:TagKeys": "admin"}}),
    ],
    [allow("iam:TagUser"), deny("iam:TagUser", StringEquals={"aws:RequestTag/developer": "no"})],
    [allow("iam:TagUser"), deny("iam:TagUser", StringEquals={"aws:ResourceTag/admin": "yes"})],
    [
        allow("iam:TagUser"),
        deny("iam:TagUser", DateLessThan={"aws:CurrentTime": "2020-01-01T00:00:00Z"}),
    ],
]
"""What lets the principal give any user the tag `developer` with the value `true`."""

NOT_SET = [
    [],
    [allow("iam:UntagUser")],
    [allow("iam:TagRole")],
    [allow("iam:TagUser", "arn:aws:iam::*:role/*")],
    [allow("iam:TagUser", "arn:aws:iam::*:user/dev/*")],
    [allow("iam:TagUser", "arn:aws:iam::*:user/${aws:username}")],
    [allow("iam:TagUser", **TAG)],
    [allow("iam:TagUser", StringEquals={"iam:ResourceTag/developer": "true"})],
    [allow("iam:TagUser", StringEquals={"aws:ResourceTag/stage": "dev"})],
    [
        allow("iam:TagUser", StringEquals={"aws:ResourceTag/stage": "dev"}),
        allow(
            "iam:TagUser",
            StringEquals={"aws:RequestTag/stage": "test"},
            **{"ForAllValues:StringEquals": {"aws:TagKeys": "stage"}},
        ),
    ],
    [
        allow("iam:TagUser", StringEquals={"aws:ResourceTag/stage": "dev"}),
        allow(
            "iam:TagUser",
            StringEquals={"aws:ResourceTag/team": "a"},
            **{"ForAllValues:StringEquals": {"aws:TagKeys": "stage"}},
        ),
        allow(
            "iam:TagUser",
            StringEquals={"aws:ResourceTag/stage": "dev"},
            **{"ForAllValues:StringEquals": {"aws:TagKeys": "team"}},
        ),
    ],
    [allow("iam:TagUser", StringEquals={"aws:RequestTag/developer": "false"})],
    [allow("iam:TagUser", StringLike={"aws:RequestTag/developer": "f*"})],
    [allow("iam:TagUser", StringNotEquals={"aws:RequestTag/developer": ["true", "admin"]})],
    [allow("iam:TagUser", StringNotLike={"aws:RequestTag/developer": "t*"})],
    [allow("iam:TagUser", StringEquals={"aws:RequestTag/developer": "${aws:username}"})],
    [allow("iam:TagUser", StringNotEquals={"aws:RequestTag/developer": "${aws:username}"})],
    [allow("iam:TagUser", Null={"aws:RequestTag/developer": "true"})],
    [allow("iam:TagUser", **{"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}})],
    [allow("iam:TagUser", **{"ForAllValues:StringLike": {"aws:TagKeys": "a*"}})],
    [allow("iam:TagUser", **{"ForAllValues:StringNotEquals": {"aws:TagKeys": "developer"}})],
    [allow("iam:TagUser", StringEquals={"aws:TagKeys": "owner"})],
    [allow("iam:TagUser", Null={"aws:TagKeys": "true"})],
    [allow("iam:TagUser", StringEquals={"aws:PrincipalTag/role": "admin"})],
    [allow("iam:TagUser", ArnLike={"aws:PrincipalArn": "arn:aws:iam::*:role/admin"})],
    [allow("iam:TagUser", StringEquals={"aws:CalledViaLast": "ssm.amazonaws.com"})],
    [allow("iam:TagUser", Null={"iam:Unknown": "false"})],
    [allow("iam:TagUser", Bool={"aws:ViaAWSService": "true"})],
    [{**allow("iam:TagUser"), "Condition": "${var.condition}"}],
    [allow("iam:TagUser", DateLessThan={"aws:CurrentTime": "2020-01-01T00:00:00Z"})],
    [allow("tag:TagResources")],
    [allow("iam:TagUser"), deny("iam:TagUser")],
    [allow("iam:TagUser"), deny("iam:Tag*", USERS)],
    [allow("iam:TagUser"), deny("${var.actions}", "${var.resources}")],
    [
        allow("iam:TagUser"),
        {"Effect": "Deny", "Action": "iam:TagUser", "NotResource": "arn:aws:iam::*:user/test"},
    ],
    [
        allow("iam:TagUser"),
        deny("iam:TagUser", **{"ForAnyValue:StringEquals": {"aws:TagKeys": "developer"}}),
    ],
    [allow("iam:TagUser"), deny("iam:TagUser", Null={"aws:RequestTag/developer": "false"})],
    [allow("iam:TagUser"), deny("iam:TagUser", StringEquals={"aws:RequestTag/developer": "true"})],
    [
        allow("iam:TagUser"),
        deny("iam:TagUser", StringNotEquals={"aws:RequestTag/developer": "false"}),
    ],
    [
        allow("iam:TagUser", StringLike={"aws:RequestTag/owner": "*"}),
        deny("iam:TagUser", StringLike={"aws:RequestTag/owner": "*"}),
    ],
    [
        allow("iam:TagUser"),
        deny("iam:TagUser", StringNotEquals={"aws:ResourceTag/developer": "true"}),
    ],
    [allow("iam:TagUser"), deny("iam:TagUser", Null={"aws:ResourceTag/developer": "true"})],
    [
        allow("iam:TagUser"),
        deny("iam:TagUser", StringNotEquals={"aws:PrincipalTag/role": "admin"}),
    ],
]


@pytest.mark.parametrize("others", SET, ids=json.dumps)
def test_a_tag_that_the_principal_can_set_does_not_protect(others: list[Statement]) -> None:
    [finding] = [
        finding
        for finding in found(KEYS, *others)
        if "acting as another user or role" in finding.title
    ]
    [note] = [note for note in finding.notes if "aws:ResourceTag/developer" in note]
    assert note.endswith("the principal can set the tag on the same resources with iam:TagUser")
    assert any("sets the tag" in place.label for place in finding.related)


@pytest.mark.parametrize("others", NOT_SET, ids=json.dumps)
def test_a_tag_that_the_principal_cannot_set_protects(others: list[Statement]) -> None:
    assert found(KEYS, *others) == []


@pytest.mark.parametrize(
    ("condition", "setting", "is_set"),
    [
        ({"StringEquals": {"iam:ResourceTag/a": "b"}}, {}, True),
        ({"StringLike": {"aws:ResourceTag/a": "b-*"}}, {}, True),
        ({"StringLike": {"aws:ResourceTag/a": "b-*"}}, {"aws:RequestTag/a": "b-1"}, True),
        ({"StringLike": {"aws:ResourceTag/a": "b-*"}}, {"aws:RequestTag/a": "c-*"}, False),
        ({"StringEqualsIgnoreCase": {"aws:ResourceTag/a": "B"}}, {"aws:RequestTag/a": "b"}, True),
        ({"StringEquals": {"aws:ResourceTag/a": "B"}}, {"aws:RequestTag/a": "b"}, False),
        ({"Null": {"aws:ResourceTag/a": "false"}}, {"aws:RequestTag/a": "b"}, True),
        ({"Bool": {"aws:ResourceTag/a": "true"}}, {"aws:RequestTag/a": "true"}, True),
        ({"NumericLessThan": {"aws:ResourceTag/a": "5"}}, {}, True),
        ({"NumericLessThan": {"aws:ResourceTag/a": "5"}}, {"aws:RequestTag/a": "7"}, False),
        ({"StringEquals": {"aws:ResourceTag/a": "${aws:username}"}}, {}, True),
        (
            {"StringEquals": {"aws:ResourceTag/a": "${aws:username}"}},
            {"aws:RequestTag/a": "${aws:username}"},
            True,
        ),
        (
            {"StringEquals": {"aws:ResourceTag/a": "${aws:username}"}},
            {"aws:RequestTag/a": "${aws:PrincipalTag/a}"},
            False,
        ),
        ({"StringEquals": {"aws:ResourceTag/a": ["b", "c"]}}, {"aws:RequestTag/a": "c"}, True),
        (
            {
                "StringLike": {"aws:ResourceTag/a": "b*"},
                "StringNotEquals": {"aws:ResourceTag/a": "bc"},
            },
            {"aws:RequestTag/a": "bc"},
            False,
        ),
        ({"StringEquals": {"aws:ResourceTag/a": "b", "aws:ResourceTag/c": "d"}}, {}, True),
        (
            {"StringEquals": {"aws:ResourceTag/a": "b", "aws:ResourceTag/c": "d"}},
            {"aws:RequestTag/c": "e"},
            False,
        ),
        ({"StringEqualsIfExists": {"aws:ResourceTag/a": "b"}}, {}, True),
        ({"ForAnyValue:StringEquals": {"aws:ResourceTag/a": "b"}}, {}, True),
        ({"StringEquals": {"ec2:ResourceTag/a": "b"}}, {}, False),
        ({"StringEquals": {"aws:ResourceTag/aws:cloudformation:stack-name": "b"}}, {}, False),
        (
            {
                "StringEquals": {"aws:ResourceTag/a": "b"},
                "ArnEquals": {"iam:PermissionsBoundary": "arn:aws:iam::111122223333:policy/b"},
            },
            {},
            False,
        ),
    ],
)
def test_what_a_condition_requires(
    condition: dict[str, object],
    setting: dict[str, str],
    is_set: bool,  # noqa: FBT001 - a case
) -> None:
    tag = allow("iam:TagUser", **({"StringLike": setting} if setting else {}))
    assert bool(found(allow("iam:CreateAccessKey", **condition), tag)) is is_set


def on_tagged(actions: object, key: str = "aws:ResourceTag/env", **more: object) -> Statement:
    return allow(actions, StringEquals={key: "dev"}, **more)


@pytest.mark.parametrize(
    ("statements", "select", "rules"),
    [
        ([on_tagged("iam:AttachRolePolicy"), allow("iam:TagRole")], ESCALATIONS, 1),
        ([on_tagged("iam:AttachRolePolicy"), allow("iam:TagUser")], ESCALATIONS, 0),
        ([on_tagged("iam:CreatePolicyVersion"), allow("iam:TagPolicy")], ESCALATIONS, 1),
        (
            [on_tagged("iam:CreatePolicyVersion", "iam:ResourceTag/env"), allow("iam:TagPolicy")],
            ESCALATIONS,
            0,
        ),
        ([on_tagged("iam:AddUserToGroup"), allow("iam:TagUser")], ESCALATIONS, 0),
        ([on_tagged("lambda:UpdateFunctionCode"), allow("lambda:TagResource")], ESCALATIONS, 1),
        ([on_tagged("lambda:UpdateFunctionCode"), allow("lambda:UntagResource")], ESCALATIONS, 0),
        (
            [
                on_tagged("lambda:UpdateFunctionCode"),
                allow("lambda:TagResource", "arn:aws:lambda:*:*:layer:*"),
            ],
            ESCALATIONS,
            0,
        ),
        ([on_tagged("ssm:StartSession"), allow("ec2:CreateTags")], ESCALATIONS, 1),
        (
            [on_tagged("ssm:StartSession", "ssm:resourceTag/env"), allow("ec2:CreateTags")],
            ESCALATIONS,
            1,
        ),
        (
            [
                on_tagged("ssm:StartSession"),
                allow("ec2:CreateTags", StringEquals={"ec2:CreateAction": "RunInstances"}),
            ],
            ESCALATIONS,
            0,
        ),
        (
            [
                on_tagged("ssm:SendCommand"),
                allow("ssm:SendCommand", "arn:aws:ssm:*::document/AWS-RunShellScript"),
                allow("ec2:CreateTags", "arn:aws:ec2:*:*:instance/*"),
            ],
            ESCALATIONS,
            1,
        ),
        (
            [
                on_tagged("ssm:SendCommand"),
                allow("ssm:SendCommand", "arn:aws:ssm:*::document/AWS-RunShellScript"),
                allow("ec2:CreateTags", "arn:aws:ec2:*:*:volume/*"),
            ],
            ESCALATIONS,
            0,
        ),
        (
            [
                on_tagged("iam:PassRole", "iam:ResourceTag/env"),
                allow(["lambda:CreateFunction", "lambda:InvokeFunction", "iam:TagRole"]),
            ],
            ["privilege-escalation"],
            1,
        ),
        (
            [
                on_tagged("iam:PassRole", "iam:ResourceTag/env"),
                allow(["lambda:CreateFunction", "lambda:InvokeFunction", "iam:TagUser"]),
            ],
            ["privilege-escalation"],
            0,
        ),
        (
            [
                allow(["iam:CreateRole", "iam:TagRole"], "arn:aws:iam::*:role/app-*"),
                {**on_tagged("iam:PutRolePolicy"), "Resource": "arn:aws:iam::*:role/app-*"},
            ],
            ESCALATIONS,
            1,
        ),
        (
            [
                allow("iam:CreateRole", "arn:aws:iam::*:role/app-*"),
                {**on_tagged("iam:PutRolePolicy"), "Resource": "arn:aws:iam::*:role/app-*"},
            ],
            ESCALATIONS,
            0,
        ),
        (
            [on_tagged("secretsmanager:GetSecretValue"), allow("secretsmanager:TagResource")],
            ["credentials-exposure"],
            1,
        ),
        (
            [
                on_tagged("secretsmanager:GetSecretValue", "secretsmanager:ResourceTag/env"),
                allow("secretsmanager:TagResource", StringEquals={"aws:RequestTag/env": "prod"}),
            ],
            ["credentials-exposure"],
            0,
        ),
        (
            [on_tagged("s3:GetObject", "s3:ExistingObjectTag/env"), allow("s3:PutObjectTagging")],
            ["data-exposure"],
            1,
        ),
        (
            [
                on_tagged("s3:GetObject", "s3:ExistingObjectTag/env"),
                allow("s3:PutObjectTagging", StringEquals={"s3:RequestObjectTag/env": "prod"}),
            ],
            ["data-exposure"],
            0,
        ),
        ([on_tagged("s3:GetObject"), allow("s3:PutObjectTagging")], ["data-exposure"], 0),
        (
            [on_tagged("ec2:StopInstances"), allow("ec2:CreateTags", "arn:aws:ec2:*:*:instance/*")],
            ["unscoped-resource"],
            1,
        ),
        ([on_tagged(["ec2:StopInstances", "ec2:CreateTags"])], ["unscoped-resource"], 0),
        (
            [
                on_tagged("rds:ModifyDBInstance", "rds:db-tag/env"),
                allow("rds:AddTagsToResource", StringEquals={"rds:req-tag/env": "prod"}),
            ],
            ["unscoped-resource"],
            0,
        ),
        ([on_tagged("iam:PutGroupPolicy"), allow("iam:Tag*")], ["access", "escalation"], 0),
    ],
    ids=repr,
)
def test_every_rule_about_targets(
    statements: list[Statement], select: list[str], rules: int
) -> None:
    places = found(*statements, select=select)
    noted = [finding for finding in places if "can set the tag" in " ".join(finding.notes)]
    assert len(noted) == rules


def test_a_boundary_and_a_resource_policy_are_as_before() -> None:
    document = {"Version": "2012-10-17", "Statement": [KEYS, allow("iam:TagUser")]}
    assert multitool_lint.lint(document, type="boundary", select=ESCALATIONS) == []


def test_a_principal_tag_never_protects() -> None:
    own = allow("iam:TagUser", "arn:aws:iam::*:user/${aws:username}")
    tagged = allow("iam:CreateAccessKey", StringEquals={"aws:PrincipalTag/admin": "true"})
    assert [finding.rule for finding in found(tagged, own)] == ["privilege-escalation"]


def test_many_statements_are_searched_in_bounded_time() -> None:
    tags = [
        allow("iam:TagUser", StringEquals={f"aws:ResourceTag/t{number}": "x"})
        for number in range(60)
    ]
    assert found(KEYS, *tags) == []
