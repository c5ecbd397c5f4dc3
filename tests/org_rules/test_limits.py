"""What else of a policy decides whether a rule fires: denials, and what the policy is for."""

import time
from pathlib import Path
from typing import Any

import pytest
from support.extra_rules import allow, condition, deny, found, to

PROD = "arn:aws:s3:::prod-*"
PUT = f'forbid = {{actions = "s3:Put*", resources = "{PROD}"}}'
APP = "arn:aws:iam::*:role/app-*"
PASSING = f'forbid = {{actions = "iam:PassRole"}}\nunless = {{resources = "{APP}"}}'
ACCOUNTS = 'forbid = {}\nunless = {principals = ["111122223333", "*.amazonaws.com"]}'
ORG = 'forbid = {}\nunless = {conditions = {"aws:PrincipalOrgID" = "o-1"}}'
KEY = {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "kms:*", "Resource": "*"}


def but_on(resource: object, action: object = "*", **more: object) -> Any:  # noqa: ANN401 - JSON
    return {"Effect": "Deny", "Action": action, "NotResource": resource, **more}


def to_all(effect: str = "Allow", **more: object) -> Any:  # noqa: ANN401 - JSON
    return {**to("*", "s3:*"), "Effect": effect, **more}


@pytest.mark.parametrize(
    ("rule", "statements", "fires"),
    [
        # What is denied on the forbidden resources is not granted there.
        (PUT, [allow("s3:*"), deny("s3:Put*", PROD)], False),
        (PUT, [allow("s3:*"), deny("s3:*", "arn:aws:s3:::*")], False),
        (PUT, [allow("s3:*"), deny("s3:*", "${var.buckets}")], False),
        (PUT, [allow("s3:PutObject", "arn:aws:s3:::prod-1/*"), deny("s3:*", f"{PROD}/*")], False),
        (PUT, [allow("s3:*"), deny("s3:Put*", "arn:aws:s3:::prod-1*")], True),
        (PUT, [allow("s3:*"), deny("s3:PutObject", PROD)], True),
        (PUT, [allow("s3:PutObject"), deny("s3:PutObject", PROD)], False),
        (PUT, [allow("s3:*"), deny("s3:*", PROD, **condition("Null", "aws:x", "true"))], True),
        # A Deny with NotResource spares what is accepted.
        (PASSING, [allow("iam:*"), but_on(APP, "iam:PassRole")], False),
        (PASSING, [allow("iam:*"), but_on("arn:aws:iam::111122223333:role/app-1")], False),
        (PASSING, [allow("iam:*"), but_on([APP, "arn:aws:iam::*:role/x"])], True),
        (PASSING, [allow("iam:*"), but_on(APP, "iam:GetRole")], True),
        (PASSING, [allow("iam:*"), but_on(APP, **condition("Bool", "aws:x", "true"))], True),
        (PASSING, [allow("iam:*"), but_on("${var.roles}")], False),
        # So does one for all principals but some.
        (
            ACCOUNTS,
            [
                to_all(),
                to_all(
                    "Deny", **condition("StringNotEquals", "aws:PrincipalAccount", "111122223333")
                ),
            ],
            False,
        ),
        (
            ACCOUNTS,
            [
                to_all(),
                to_all(
                    "Deny", **condition("StringNotEquals", "aws:PrincipalAccount", "999999999999")
                ),
            ],
            True,
        ),
        (
            ORG,
            [
                to_all(),
                to_all(
                    "Deny",
                    Condition={
                        "StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-1"},
                        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
                    },
                ),
            ],
            False,
        ),
        (
            ORG,
            [
                to_all(),
                to_all(
                    "Deny",
                    Condition={
                        "StringNotEquals": {"aws:PrincipalOrgID": "o-1"},
                        "StringEquals": {"aws:RequestedRegion": "eu-west-1"},
                    },
                ),
            ],
            True,
        ),
        (
            ORG,
            [
                to_all(),
                {
                    **to_all("Deny", **condition("StringNotEquals", "aws:PrincipalOrgID", "o-1")),
                    "Resource": "arn:aws:s3:::b/private/*",
                },
            ],
            True,
        ),
        # In the policy of a key, `*` is that key, whichever it is.
        ('forbid = {actions = "kms:*", resources = "*"}', [KEY], False),
        ('forbid = {actions = "kms:*", resources = "arn:aws:kms:*:*:key/a"}', [KEY], False),
        ('forbid = {}\nunless = {resources = "arn:aws:kms:*:*:key/a"}', [KEY], False),
        ('forbid = {actions = "kms:*"}', [KEY], True),
    ],
)
def test_the_rest_of_the_policy_counts(
    rule: str,
    statements: list[Any],
    fires: bool,  # noqa: FBT001 - a case
    tmp_path: Path,
) -> None:
    assert len(found(tmp_path, rule, *statements)) == fires


@pytest.mark.parametrize(
    ("principal", "fires"),
    [
        ({"AWS": "111122223333"}, False),
        ({"AWS": "arn:aws:iam::111122223333:user/a"}, False),
        ({"Service": "ec2.amazonaws.com", "AWS": []}, False),
        ({"AWS": "${var.account}"}, False),
        ({"AWS": "arn:aws:iam::999999999999:root"}, True),
        ({"AWS": "AIDAQ3EGSEXAMPLEEXAM"}, True),
        (
            {"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"},
            True,
        ),
        ({"Federated": "accounts.google.com"}, True),
    ],
)
def test_an_account_is_all_in_it(
    principal: dict[str, Any],
    fires: bool,  # noqa: FBT001 - a case
    tmp_path: Path,
) -> None:
    assert len(found(tmp_path, ACCOUNTS, to(principal))) == fires


@pytest.mark.parametrize("rule", [PUT, PASSING, ORG])
def test_long_lists_take_no_minutes_and_hide_nothing(rule: str, tmp_path: Path) -> None:
    granted = [f"arn:aws:s3:::prod-{number}-*" for number in range(2000)]
    denied = [f"arn:aws:s3:::*prod-{number}-*x*" for number in range(2000)]
    roles = "arn:aws:iam::*:role/*"
    start = time.monotonic()
    findings = found(
        tmp_path,
        rule,
        {**allow(["s3:*", "iam:*"], [*granted, roles]), "Principal": {"AWS": "1"}},
        deny(["s3:*"], denied, **condition("StringNotEquals", "aws:PrincipalOrgID", "o-1")),
        deny(["s3:*"], denied),
        type_="identity",
    )
    assert len(findings) == 1
    assert time.monotonic() - start < 20
