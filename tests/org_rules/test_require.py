"""Rules of the configuration that require policies to deny something."""

from pathlib import Path
from typing import Any

import pytest
from support.extra_rules import allow, condition, deny, found

ROLES = "arn:aws:iam::*:role"
LEAVE = 'types = ["scp"]\nrequire = {deny = "organizations:LeaveOrganization"}'
TLS = """
types = "resource"
require = {deny = "s3:*", conditions = {"aws:SecureTransport" = "false"}}
"""


@pytest.mark.parametrize(
    ("statements", "missing"),
    [
        ([allow("*")], True),
        ([deny("organizations:LeaveOrganization")], False),
        ([allow("*"), deny(["organizations:Leave*", "s3:*"])], False),
        ([deny("*")], False),
        ([{"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"}], False),
        ([{"Effect": "Deny", "NotAction": "organizations:*", "Resource": "*"}], True),
        ([deny("organizations:LeaveOrganization", "arn:aws:organizations::1:account/*")], True),
        (
            [
                deny(
                    "organizations:*",
                    **condition("ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::*:role/admin"),
                )
            ],
            True,
        ),
        ([deny(["organizations:CloseAccount", "${var.more}"])], False),
        ([deny("organizations:DescribeAccount")], True),
    ],
)
def test_a_deny_is_required(statements: list[Any], missing: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a case
    findings = found(tmp_path, LEAVE, *statements, type_="scp")
    assert [(finding.title, finding.notes) for finding in findings] == [
        ("not here", ("no statement denies organizations:LeaveOrganization",))
    ] * missing
    assert not found(tmp_path, LEAVE, *statements, type_="rcp")


def test_a_deny_is_required_under_a_condition_in_a_policy_on_a_resource(tmp_path: Path) -> None:
    bucket = ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]
    tls = condition("Bool", "aws:SecureTransport", "false")
    right = deny("s3:*", bucket, Principal="*", **tls)
    assert not found(tmp_path, TLS, right)
    assert not found(tmp_path, TLS, {**right, "Principal": {"AWS": "*"}})
    for wrong in (
        {**right, "Principal": {"AWS": "111122223333"}},
        {**right, "Condition": {"Bool": {"aws:SecureTransport": "true"}}},
        {**right, "Condition": {**tls["Condition"], "StringLike": {"aws:PrincipalArn": "*x*"}}},
        {**right, "Action": "s3:GetObject"},
    ):
        (finding,) = found(tmp_path, TLS, wrong)
        assert finding.notes == ("no statement denies s3:*",)
        assert finding.pointer == "/Statement"


def test_one_of_several_denials_is_enough(tmp_path: Path) -> None:
    rule = f"""
    types = "scp"
    require = [
      {{deny = ["iam:CreateUser", "iam:CreateAccessKey"]}},
      {{deny = "iam:*", conditions = {{"aws:PrincipalArn" = "{ROLES}/admin"}}}},
    ]
    """
    spared = condition("ArnNotLike", "aws:PrincipalArn", f"{ROLES}/admin")
    assert not found(tmp_path, rule, deny("iam:Create*"), type_="scp")
    assert not found(
        tmp_path, rule, deny("iam:CreateUser"), deny("iam:CreateAccessKey"), type_="scp"
    )
    assert not found(tmp_path, rule, deny("iam:*", **spared), type_="scp")
    (finding,) = found(tmp_path, rule, deny("iam:CreateUser", **spared), type_="scp")
    assert finding.title == "not here"
