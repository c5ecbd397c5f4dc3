"""Roles and users that a principal creates and gives permissions, and what keeps it from that."""

import json
from typing import Any

import pytest

from multitool_lint import lint

MAKING = ["iam:CreateRole", "iam:AttachRolePolicy", "iam:PutRolePolicy"]
PREFIX = "arn:aws:iam::*:role/builds-*"
BOUNDARY = {"iam:PermissionsBoundary": "arn:aws:iam::111122223333:policy/boundary"}


def allow(actions: object, resource: object = PREFIX, **more: object) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resource, **more}


def deny(actions: object, **more: object) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": actions, "Resource": "*", **more}


def messages(*statements: dict[str, Any]) -> list[str]:
    """The titles, each with what to do."""
    text = json.dumps({"Version": "2012-10-17", "Statement": statements})
    found = lint(text, select=["privilege-escalation"])
    return [f"{finding.title}; {finding.help}" for finding in found]


@pytest.mark.parametrize(
    "statements",
    [
        [allow(MAKING)],
        [allow(MAKING[:1], "*"), allow(MAKING[1:])],
        [allow(MAKING[0], "arn:aws:iam::111122223333:role/*"), allow(MAKING[2])],
        [allow(MAKING[0], "arn:aws:iam::*:role/ci/*"), allow(MAKING[1], "arn:*:iam::*:role/c*")],
        [allow(MAKING), deny("iam:DeleteRole", Condition={"StringNotEquals": BOUNDARY})],
        [allow(MAKING, Condition={"StringEquals": {"aws:RequestTag/team": "builds"}})],
    ],
)
def test_roles_under_a_prefix_do_not_limit(statements: list[dict[str, Any]]) -> None:
    [message] = messages(*statements)
    assert message.startswith("`iam:CreateRole` with ")
    assert "iam:PermissionsBoundary" in message


@pytest.mark.parametrize(
    "statements",
    [
        [allow(MAKING, Condition={"StringEquals": BOUNDARY})],
        [allow(MAKING[:1], Condition={"ArnLike": BOUNDARY}), allow(MAKING[1:])],
        [allow(MAKING), deny("iam:CreateRole", Condition={"StringNotEquals": BOUNDARY})],
        [allow(MAKING), deny("iam:*", Condition={"StringNotLike": BOUNDARY})],
        [allow(MAKING), deny("iam:CreateRole")],
        [allow(MAKING, "arn:aws:iam::111122223333:role/deployment")],
        [allow(MAKING[0], PREFIX), allow(MAKING[1:], "arn:aws:iam::*:role/reports-*")],
        [allow(MAKING[0]), allow(MAKING[1], Condition={"ArnEquals": {"iam:PolicyARN": "arn:x"}})],
        [allow(MAKING[1:])],
        [allow(MAKING[0])],
    ],
)
def test_what_limits_them(statements: list[dict[str, Any]]) -> None:
    assert messages(*statements) == []


def test_what_passes_by_itself_has_no_further_finding() -> None:
    [message] = messages(allow(MAKING[0]), allow(MAKING[1], "*"))
    assert message.startswith("`iam:AttachRolePolicy` allows ")


TRUST = "iam:UpdateAssumeRolePolicy"
APP_ROLE, OTHER_ROLE = (f"arn:aws:iam::111122223333:role/{name}" for name in ("app", "other"))


@pytest.mark.parametrize(
    ("statements", "fires"),
    [
        ([allow([MAKING[1], TRUST], APP_ROLE)], True),
        ([allow([MAKING[2], TRUST], APP_ROLE)], True),
        ([allow("iam:*Role*")], True),
        ([allow(MAKING[1], "*", Condition={"ArnEquals": {"iam:PolicyARN": "arn:x"}})], False),
        ([allow(MAKING[1], APP_ROLE), allow(TRUST, "arn:aws:iam::*:role/a*")], True),
        ([allow(MAKING[1], APP_ROLE), allow(TRUST, OTHER_ROLE)], False),
        ([allow([MAKING[1], TRUST], APP_ROLE, Condition={"StringEquals": BOUNDARY})], False),
        ([allow([MAKING[1], TRUST], APP_ROLE), deny(TRUST)], False),
        ([allow([MAKING[1], TRUST], "arn:aws:iam::*:role/aws-service-role/a/b")], False),
    ],
)
def test_one_role_that_trusts_and_may_what_the_principal_wants(
    statements: list[dict[str, Any]], *, fires: bool
) -> None:
    found = messages(*statements)
    assert [TRUST in message for message in found] == [True] * fires


USERS = ["iam:CreateUser", "iam:AttachUserPolicy", "iam:PutUserPolicy", "iam:CreateAccessKey"]
APP = "arn:aws:iam::*:user/app-*"


@pytest.mark.parametrize(
    ("statements", "is_found"),
    [
        ([allow(USERS, APP)], True),
        ([allow("iam:*", [APP, "arn:aws:iam::*:group/app"])], True),
        ([allow([USERS[0], USERS[2], "iam:CreateLoginProfile"], APP)], True),
        ([allow(USERS[:2], APP), allow(USERS[3], "arn:aws:iam::*:user/a*")], True),
        ([allow(USERS[:2], APP), allow(USERS[3], "arn:aws:iam::*:user/b*")], False),
        ([allow(USERS[:3], APP)], False),
        ([allow(USERS[1:], APP)], False),
        ([allow(USERS, "arn:aws:iam::*:user/app")], False),
        (
            [allow(USERS, APP), deny("iam:CreateUser", Condition={"StringNotEquals": BOUNDARY})],
            False,
        ),
    ],
)
def test_users_under_a_prefix(statements: list[dict[str, Any]], *, is_found: bool) -> None:
    found = messages(*statements)
    assert len(found) == is_found
    assert all("creating a user with any permissions" in message for message in found)
