"""Rules of the configuration mean what IAM means, not what the text looks like."""

from pathlib import Path
from typing import Any

import pytest
from support.extra_rules import allow, but, condition, deny, found, to

from multitool_lint.reporters.text import render

ROLES = "arn:aws:iam::*:role"
PASSING = 'forbid = {actions = "iam:PassRole"}'
PUT = 'forbid = {actions = "s3:Put*", resources = "arn:aws:s3:::prod-*"}'
MFA = """
forbid = {actions = ["iam:DeleteRole", "iam:DeleteUser"]}
unless = {conditions = {"aws:MultiFactorAuthPresent" = true}}
"""
BOUNDARY = """
forbid = {actions = "iam:CreateRole"}
unless = {conditions = {"iam:PermissionsBoundary" = "arn:aws:iam::*:policy/boundary*"}}
"""
ENDPOINT = 'forbid = {actions = "s3:GetObject"}\nunless = {conditions = {"aws:SourceVpce" = "*"}}'
SERVICE = '{conditions = {"iam:PassedToService" = "ec2.amazonaws.com"}}'
ACCOUNTS = 'forbid = {}\nunless = {principals = ["111122223333", "*.amazonaws.com"]}'
EVERYONE = 'forbid = {principals = "*"}'
ON_ALL = 'forbid = {actions = "s3:*", resources = "*"}'
WILDCARDS = 'forbid = {actions = ["iam:*", "kms:*"], written = "wildcard"}'
TAGGED = """
forbid = {actions = "ec2:RunInstances"}
unless = {conditions = {"aws:RequestTag/team" = "*", "aws:RequestTag/env" = ["dev", "prod"]}}
"""
BOUNDARY_ARN = "arn:aws:iam::111122223333:policy/boundary"
ORG = 'forbid = {principals = "*"}\nunless = {conditions = {"aws:PrincipalOrgID" = "o-1"}}'


FIRES: dict[str, tuple[str, list[Any], str]] = {
    "the action by its name, in any case": (PASSING, [allow("IAM:passrole")], "/Action"),
    "a wildcard that grants it": (PASSING, [allow(["s3:*", "iam:Pass*"])], "/Action/1"),
    "the whole service": (PASSING, [allow("iam:*")], "/Action"),
    "everything": (PASSING, [allow("*")], "/Action"),
    "a NotAction that does not exclude it": (PASSING, [but("s3:*")], "/NotAction"),
    "what is denied only on some resources": (
        PASSING,
        [allow("iam:*"), deny("iam:PassRole", "arn:aws:iam::*:role/a")],
        "/Action",
    ),
    "a resource that may be one": (PUT, [allow("s3:PutObject", "*")], "/Action"),
    "a pattern that meets the pattern": (
        PUT,
        [allow("s3:PutObject", ["arn:aws:s3:::dev/*", "arn:aws:s3:::*-x/*"])],
        "/Action",
    ),
    "a variable behind the name": (
        PUT,
        [allow("s3:PutObject", "arn:aws:s3:::prod-${aws:username}/*")],
        "/Action",
    ),
    "a NotResource that does not spare it": (
        PUT,
        [{"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::prod-1*"}],
        "/Action",
    ),
    "all resources": (ON_ALL, [allow("s3:GetObject", "*")], "/Action"),
    "all resources of the service": (ON_ALL, [allow("s3:GetObject", "arn:aws:s3:::*")], "/Action"),
    "all actions": ('forbid = {actions = "*"}', [allow("*")], "/Action"),
    "all actions, of which some are denied": (
        'forbid = {actions = "*"}',
        [allow(["*:*"]), deny("iam:CreateUser")],
        "/Action/0",
    ),
    "no condition": (MFA, [allow("iam:DeleteRole")], "/Action"),
    "a negated condition": (
        MFA,
        [allow("iam:Delete*", **condition("Bool", "aws:MultiFactorAuthPresent", "false"))],
        "/Action",
    ),
    "a condition that holds without the key": (
        MFA,
        [
            allow(
                "iam:DeleteRole", **condition("BoolIfExists", "aws:MultiFactorAuthPresent", "true")
            )
        ],
        "/Action",
    ),
    "a lone Null": (
        ENDPOINT,
        [allow(**condition("Null", "aws:SourceVpce", "false"))],
        "/Action",
    ),
    "a condition on any value": (
        ENDPOINT,
        [allow(**condition("StringLike", "aws:SourceVpce", "*"))],
        "/Action",
    ),
    "a negated operator": (
        ENDPOINT,
        [allow(**condition("StringNotEquals", "aws:SourceVpce", "vpce-1"))],
        "/Action",
    ),
    "ForAllValues, which holds without the key": (
        ENDPOINT,
        [allow(**condition("ForAllValues:StringEquals", "aws:SourceVpce", "vpce-1"))],
        "/Action",
    ),
    "another value": (
        BOUNDARY,
        [allow("iam:*", **condition("ArnLike", "iam:PermissionsBoundary", "arn:aws:iam::*:*"))],
        "/Action",
    ),
    "one value of several": (
        TAGGED,
        [
            allow(
                "ec2:RunInstances",
                Condition={
                    "StringEquals": {
                        "aws:RequestTag/team": "a",
                        "aws:requesttag/env": ["dev", "test"],
                    }
                },
            )
        ],
        "/Action",
    ),
    "a Deny that a request without the key escapes": (
        MFA,
        [
            allow("iam:DeleteRole"),
            deny("*", **condition("Bool", "aws:MultiFactorAuthPresent", "false")),
        ],
        "/Action",
    ),
    "a Deny with a set operator that a request without the key escapes": (
        MFA,
        [
            allow("iam:DeleteRole"),
            deny(
                "*",
                **condition("ForAnyValue:StringNotEquals", "aws:MultiFactorAuthPresent", "true"),
            ),
        ],
        "/Action",
    ),
    "a Deny that leaves some of it": (
        MFA,
        [
            allow("iam:Delete*"),
            deny(
                "iam:DeleteUser", **condition("BoolIfExists", "aws:MultiFactorAuthPresent", "false")
            ),
        ],
        "/Action",
    ),
    "a resource beyond the limit": (
        f'{PASSING}\nunless = {{resources = "{ROLES}/app-*"}}',
        [allow("iam:PassRole", [f"{ROLES}/app-1", f"{ROLES}/a*"])],
        "/Action",
    ),
    "an account that is not listed": (
        ACCOUNTS,
        [to({"AWS": ["arn:aws:iam::111122223333:root", "arn:aws:iam::999999999999:user/x"]})],
        "/Principal/AWS/1",
    ),
    "everyone, where accounts are listed": (ACCOUNTS, [to("*")], "/Principal"),
    "everyone but some": (
        ACCOUNTS,
        [
            {
                "Effect": "Allow",
                "NotPrincipal": {"AWS": "111122223333"},
                "Action": "s3:GetObject",
                "Resource": "arn:aws:s3:::b/*",
            }
        ],
        "/NotPrincipal",
    ),
    "everyone": (EVERYONE, [to({"AWS": "*"})], "/Principal/AWS"),
    "everyone with a condition on no caller": (
        EVERYONE,
        [to("*", **condition("Bool", "aws:SecureTransport", "true"))],
        "/Principal",
    ),
    "an account, by an ARN in it": (
        'forbid = {principals = "999999999999"}',
        [to({"AWS": "arn:aws:iam::999999999999:role/x"})],
        "/Principal/AWS",
    ),
    "NotAction": ('forbid = {written = "NotAction"}', [but("iam:*")], "/NotAction"),
    "NotPrincipal or NotAction": (
        'forbid = {written = ["NotPrincipal", "NotAction"]}',
        [but("iam:*")],
        "/NotAction",
    ),
    "a wildcard in an action of a service": (WILDCARDS, [allow(["s3:*", "iam:Get*"])], "/Action/1"),
    "a condition key": (
        'forbid = {conditions = {"aws:Referer" = "*"}}',
        [allow(**condition("StringLike", "AWS:referer", "https://x/*"))],
        "/Condition/StringLike/AWS:referer",
    ),
    "a value of a condition": (
        'forbid = {conditions = {"aws:PrincipalOrgID" = "o-old*"}}',
        [allow(**condition("StringEquals", "aws:PrincipalOrgID", ["o-new", "o-old1"]))],
        "/Condition/StringEquals/aws:PrincipalOrgID/1",
    ),
    "everyone in another organisation": (
        ORG,
        [to("*", **condition("StringNotEquals", "aws:PrincipalOrgID", "o-1"))],
        "/Principal",
    ),
}

SILENT: dict[str, tuple[str, list[Any]]] = {
    "another action": (PASSING, [allow("iam:GetRole")]),
    "a Deny": (PASSING, [deny("iam:PassRole")]),
    "what is denied everywhere and always": (PASSING, [allow("*"), deny("iam:Pass*")]),
    "a NotAction that excludes it": (PASSING, [but(["iam:*", "s3:*"])]),
    "a template's action": (PASSING, [allow("${var.action}")]),
    "a NotAction of which a part is unknown": (PASSING, [but(["s3:*", "${var.x}"])]),
    "another resource": (PUT, [allow("s3:PutObject", "arn:aws:s3:::dev-*/*")]),
    "a resource that the action cannot act on": (
        PUT,
        [allow(["s3:PutObject", "sqs:*"], ["arn:aws:s3:::prod-1", "arn:aws:s3:::dev/*"])],
    ),
    "a template's resource": (PUT, [allow("s3:PutObject", "${var.bucket}")]),
    "a NotResource that spares it": (
        PUT,
        [{"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::prod-*"}],
    ),
    "some resources": (ON_ALL, [allow("s3:GetObject", "arn:aws:s3:::a/*")]),
    "an action that takes no other resource": (ON_ALL, [allow("s3:ListAllMyBuckets", "*")]),
    "many actions, but not all": ('forbid = {actions = "*"}', [but("iam:*"), allow("s3:*")]),
    "the condition": (
        MFA,
        [allow("iam:*", **condition("Bool", "AWS:multifactorauthpresent", "True"))],
    ),
    "the condition beside others": (
        BOUNDARY,
        [
            allow(
                "iam:CreateRole",
                Condition={
                    "StringEquals": {"iam:PermissionsBoundary": BOUNDARY_ARN},
                    "Null": {"aws:RequestTag/x": "false"},
                },
            )
        ],
    ),
    "a value decided elsewhere": (
        BOUNDARY,
        [allow("iam:*", **condition("StringEquals", "iam:PermissionsBoundary", "${var.b}"))],
    ),
    "IfExists, where Null asks for the key": (
        ENDPOINT,
        [
            allow(
                Condition={
                    "StringEqualsIfExists": {"aws:SourceVpce": "vpce-1"},
                    "Null": {"aws:sourcevpce": False},
                }
            )
        ],
    ),
    "all of several keys": (
        TAGGED,
        [
            allow(
                "ec2:*",
                Condition={
                    "StringLike": {"aws:RequestTag/team": "?*"},
                    "StringEquals": {"aws:RequestTag/env": ["dev"]},
                },
            )
        ],
    ),
    "a Deny of all that lacks the condition": (
        MFA,
        [
            allow("iam:*"),
            {
                "Effect": "Deny",
                "NotAction": "iam:ChangePassword",
                "Resource": "*",
                **condition("BoolIfExists", "aws:MultiFactorAuthPresent", "false"),
            },
        ],
    ),
    "a Deny of other values": (
        BOUNDARY,
        [
            allow("iam:*"),
            deny(
                "iam:CreateRole",
                **condition("StringNotEquals", "iam:PermissionsBoundary", BOUNDARY_ARN),
            ),
        ],
    ),
    "the resources of the limit": (
        f'{PASSING}\nunless = {{resources = "{ROLES}/app-*"}}',
        [allow(["iam:Pass*", "s3:*"], ["arn:aws:iam::*:role/app-1*", "arn:aws:s3:::x"])],
    ),
    "one of two limits": (
        f'{PASSING}\nunless = [{{resources = "{ROLES}/a"}}, {SERVICE}]',
        [allow("iam:*", **condition("StringLike", "iam:PassedToService", "ec2.amazonaws.com"))],
    ),
    "the accounts that are listed": (
        ACCOUNTS,
        [
            to({"AWS": ["111122223333", "arn:aws:sts::111122223333:assumed-role/a/b"]}),
            to({"Service": "cloudtrail.amazonaws.com"}),
            to("*", **condition("StringEquals", "aws:PrincipalAccount", "111122223333")),
        ],
    ),
    "a policy without principals": (ACCOUNTS, [allow("*")]),
    "everyone of an organisation": (
        EVERYONE,
        [to("*", **condition("StringEquals", "aws:PrincipalOrgID", "o-1"))],
    ),
    "an Action": ('forbid = {written = "NotAction"}', [allow("*"), deny("s3:*")]),
    "an element that is not the one": ('forbid = {written = "NotResource"}', [but("iam:*")]),
    "no wildcard in those services": (WILDCARDS, [allow(["s3:*", "iam:GetRole"])]),
}


@pytest.mark.parametrize("name", FIRES)
def test_it_fires_on(name: str, tmp_path: Path) -> None:
    rule, statements, place = FIRES[name]
    findings = found(tmp_path, rule, *statements)
    assert [finding.rule for finding in findings] == ["own"]
    pointer = findings[0].pointer.removeprefix(f"/Statement/{len(statements) - 1}")
    assert pointer.removeprefix("/Statement/0") == place
    assert findings[0].title == "not here"
    assert findings[0].notes[0].startswith("found: ")


@pytest.mark.parametrize("name", SILENT)
def test_it_is_silent_on(name: str, tmp_path: Path) -> None:
    rule, statements = SILENT[name]
    assert not found(tmp_path, rule, *statements)


def test_every_statement_has_one_finding_that_lists_its_values(tmp_path: Path) -> None:
    findings = found(
        tmp_path, PASSING, allow(["iam:Pass*", "iam:*"]), allow("s3:*"), allow("iam:PassRole")
    )
    assert [finding.pointer for finding in findings] == [
        "/Statement/0/Action/0",
        "/Statement/2/Action",
    ]
    assert [related.pointer for related in findings[0].related] == ["/Statement/0/Action/1"]


def test_the_message_says_what_was_found(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, PUT, allow("s3:PutObject?cl", "arn:aws:s3:::*"))
    assert render(finding).splitlines()[0] == "error[own]: not here"
    assert finding.notes == ('found: "s3:PutObject?cl" grants s3:PutObjectAcl on "arn:aws:s3:::*"',)
    weak = condition("BoolIfExists", "aws:MultiFactorAuthPresent", "true")
    (finding,) = found(tmp_path, MFA, allow("iam:DeleteRole", **weak))
    assert finding.notes == (
        'found: "iam:DeleteRole" without a sufficient condition on aws:MultiFactorAuthPresent',
    )
    assert [related.label for related in finding.related] == ["is not sufficient"]


def test_policies_that_grant_nothing_are_left_out_unless_they_are_named(tmp_path: Path) -> None:
    assert not found(tmp_path, PASSING, allow("*"), type_="scp")
    assert found(tmp_path, f'{PASSING}\ntypes = "scp"', allow("*"), type_="scp")
    assert not found(tmp_path, f'{PASSING}\ntypes = ["trust", "resource"]', allow("*"))
