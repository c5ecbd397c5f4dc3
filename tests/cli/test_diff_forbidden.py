"""`diff --forbid` fails where an action is granted, and where that is not known."""

import json

import pytest
from support.compared_files import code, resource

Output = pytest.CaptureFixture[str]


pytestmark = pytest.mark.usefixtures("folder")


PASS_ROLE = "iam:PassRole"  # noqa: S105 - an action


@pytest.mark.parametrize(
    "statements",
    [
        '[{Effect = "Allow", Action = var.a, Resource = "*"}]',
        '[{Effect = "Allow", Action = ["s3:Get*", var.a], Resource = "*"}]',
        '[{Effect = "Allow", Action = "${var.service}:PassRole", Resource = "*"}]',
        '[{Effect = "Allow", NotAction = [var.a], Resource = "*"}]',
        '[{Effect = var.effect, Action = "iam:PassRole", Resource = "*"}]',
        '[{Effect = "Allow", Action = "s3:Get*", Resource = "*"}, var.statement]',
        "var.statements",
        *(
            f'[{{Effect = "Allow", Action = "*", Resource = "*"}}, {{Effect = "Deny", {deny}}}]'
            for deny in (
                'Action = var.a, Resource = "*"',
                'NotAction = [var.a], Resource = "*"',
                'Action = "iam:PassRole", Resource = var.r',
                'Action = "iam:PassRole", NotResource = var.r',
                'Action = "iam:PassRole", Resource = "*", Condition = var.c',
            )
        ),
    ],
)
def test_what_is_unknown_may_be_forbidden(statements: str) -> None:
    text = resource(f'jsonencode({{Version = "2012-10-17", Statement = {statements}}})')
    assert code("main.tf", text, text, "--forbid", PASS_ROLE) == 1


def policy(*statements: dict[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def allow(
    action: str | list[str], resource: str | list[str] = "*", **more: object
) -> dict[str, object]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


@pytest.mark.parametrize(
    ("forbidden", "granted", "expected"),
    [
        ("iam:PassRole@arn:aws:iam::*:role/admin", "arn:aws:iam::111122223333:role/*", 1),
        ("iam:PassRole@arn:aws:iam::*:role/admin", "arn:aws:iam::111122223333:role/app", 0),
        ("iam:PassRole@arn:aws:iam::*:role/admin", "arn:aws:iam", 1),
        ("iam:*@arn:aws:iam::111122223333:role/a?min", "*", 1),
    ],
)
def test_forbidden_on_some_resources(forbidden: str, granted: str, expected: int) -> None:
    text = policy(allow(PASS_ROLE, granted))
    assert code("policy.json", text, text, "--forbid", forbidden) == expected
    pattern = forbidden.partition("@")[2]
    denied = policy(allow(PASS_ROLE, granted), {**allow("iam:*", pattern), "Effect": "Deny"})
    assert code("policy.json", denied, denied, "--forbid", forbidden) == 0


def deny(action: str, resource: str = "*", **more: object) -> dict[str, object]:
    return {**allow(action, resource, **more), "Effect": "Deny"}


GET, OBJECTS, OTHERS = "s3:GetObject", "arn:aws:s3:::b/*", "arn:aws:s3:::c/*"
ASSUME = "sts:AssumeRole"
ELSEWHERE = {"Effect": "Deny", "Action": "s3:*", "NotResource": OBJECTS}
IN_REGION = {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}
OUT_OF_REGION = {"StringNotEquals": {"aws:RequestedRegion": "us-east-1"}}
TRUST = {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": ASSUME}
GIVEN = {"Principal": {"AWS": "444455556666"}}
SERVICE = {"Principal": {"Service": "ses.amazonaws.com"}}


@pytest.mark.parametrize(
    ("forbidden", "statements"),
    [
        (GET, [allow("s3:*", OBJECTS), deny(GET, OBJECTS)]),
        (GET, [allow(GET, [OBJECTS, OTHERS]), deny(GET, OBJECTS), deny(GET, OTHERS)]),
        (GET, [allow(GET, OTHERS), ELSEWHERE]),
        (f"{GET}@{OTHERS}", [allow(GET), ELSEWHERE]),
        (f"*@{OTHERS}", [allow(GET), ELSEWHERE]),
        (GET, [allow(GET, Condition=IN_REGION), deny(GET, Condition=IN_REGION)]),
        (GET, [allow(GET), deny(GET, Condition=IN_REGION), deny(GET, Condition=OUT_OF_REGION)]),
        (ASSUME, [TRUST, {**TRUST, "Effect": "Deny"}]),
        (ASSUME, [TRUST, {**TRUST, "Effect": "Deny", "Principal": "*"}]),
        (GET, [allow(GET, OBJECTS, **GIVEN), deny("s3:*", OBJECTS, Principal="*")]),
        (GET, [allow(GET, OBJECTS, **SERVICE), deny("s3:*", OBJECTS, Principal="*")]),
        (GET, [allow("s3:*", OBJECTS), allow("newservice:Do"), deny(GET, OBJECTS)]),
    ],
)
def test_denied_access_is_not_granted(forbidden: str, statements: list[dict[str, object]]) -> None:
    text = policy(*statements)
    assert code("policy.json", text, text, "--forbid", forbidden) == 0
    without = policy(*statements[:-1])
    assert code("policy.json", without, without, "--forbid", forbidden) == 1


@pytest.mark.parametrize(
    ("forbidden", "statements"),
    [
        (GET, [allow(GET), deny(GET, OBJECTS)]),
        (f"{GET}@{OBJECTS}", [allow(GET), ELSEWHERE]),
        (f"*@{OBJECTS}", [allow(GET), ELSEWHERE]),
        (GET, [allow(GET), deny(GET, Condition=IN_REGION)]),
        (GET, [allow(GET, OBJECTS), deny("s3:Put*", OBJECTS)]),
        (ASSUME, [TRUST, {**TRUST, "Effect": "Deny", **GIVEN}]),
        (f"{ASSUME}@arn:aws:iam::111122223333:role/app", [TRUST]),
        (GET, [allow(GET, OBJECTS, Principal="*"), deny(GET, OBJECTS, **GIVEN)]),
        # Whom such a principal denies is not known.
        (GET, [allow(GET, OBJECTS, **GIVEN), deny(GET, OBJECTS, Principal={"Other": "x"})]),
        ("newservice:Do", [allow("newservice:*", OBJECTS), deny("s3:*", OBJECTS)]),
        # One statement cancels its part, another one grants the rest.
        ("s3:*Object", [allow("s3:*", OBJECTS), deny(GET, OBJECTS)]),
    ],
)
def test_access_that_is_denied_in_part_is_granted(
    forbidden: str, statements: list[dict[str, object]]
) -> None:
    text = policy(*statements)
    assert code("policy.json", text, text, "--forbid", forbidden) == 1


def test_only_what_is_left_of_forbidden_access_is_listed(capsys: Output) -> None:
    text = policy(allow(["s3:GetObject", "s3:PutObject"], OBJECTS), deny(GET, OBJECTS))
    assert code("policy.json", text, text, "--forbid", "s3:*") == 1
    assert "grants forbidden access: s3:PutObject\n" in capsys.readouterr().out


def test_an_unknown_statement_may_grant_what_another_one_does_not() -> None:
    statements = ", ".join(
        (
            '{Effect = "Allow", Action = var.a, Resource = "*"}',
            f'{{Effect = "Allow", Action = "{GET}", Resource = "{OBJECTS}"}}',
            f'{{Effect = "Deny", Action = "{GET}", Resource = "{OBJECTS}"}}',
        )
    )
    text = resource(f'jsonencode({{Version = "2012-10-17", Statement = [{statements}]}})')
    assert code("main.tf", text, text, "--forbid", GET) == 1


@pytest.mark.parametrize(
    ("forbidden", "message"),
    [
        ("iam:PasRole", '"iam" has no action "PasRole"; did you mean "iam:PassRole"'),
        ("iam:Pas?Rle*", 'no action matches "iam:Pas?Rle*"'),
        ("PassRole", '"PassRole" is not an action'),
        ("iam:PassRole@", "is not a pattern of ARNs"),
        ("iam:PassRole@arn:aws:s3:::b", '"iam:PassRole" does not act on "arn:aws:s3:::b"'),
        ("iam:PassRole@role/admin", '"role/admin" is not a pattern of ARNs'),
    ],
)
def test_forbidden_actions_that_do_not_exist(forbidden: str, message: str, capsys: Output) -> None:
    assert code("policy.json", policy(), policy(), "--forbid", forbidden) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (allow("newservice:Do"), 1),
        (allow("newservice:*"), 1),
        (allow("*"), 1),
        (allow("n*:D?"), 1),
        ({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, 1),
        ({"Effect": "Allow", "NotAction": "newservice:*", "Resource": "*"}, 0),
        (allow("newservice:Other"), 0),
        (allow("s3:*"), 0),
    ],
)
def test_actions_that_are_newer_than_the_catalog(
    statement: dict[str, object], expected: int, capsys: Output
) -> None:
    text = policy(statement)
    assert code("policy.json", text, text, "--forbid", "newservice:Do") == expected
    assert (
        "note: --forbid newservice:Do: this action is not in the catalog" in capsys.readouterr().err
    )
    denied = policy(statement, {**allow("newservice:*"), "Effect": "Deny"})
    assert code("policy.json", denied, denied, "--forbid", "newservice:Do") == 0


def test_everything_forbidden_includes_actions_of_unknown_services() -> None:
    text = policy(allow("newservice:Do"))
    assert code("policy.json", text, text, "--forbid", "*") == 1
