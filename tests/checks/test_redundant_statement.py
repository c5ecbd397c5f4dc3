import json
from itertools import islice, permutations
from random import Random
from typing import Any

import pytest
from support.evaluator import decide
from support.random_policies import KINDS, Policies
from support.random_requests import requests
from support.statement_samples import after, statements
from support.work import calls

from multitool_lint.diagnostics.finding import Finding
from multitool_lint.diagnostics.rule import rules
from multitool_lint.linter.engine import lint_source
from multitool_lint.policy.coverage_proof import Proof
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.source import Source


def lint(document: dict[str, Any], type: PolicyType = PolicyType.IDENTITY) -> tuple[Finding, ...]:
    return lint_source(
        Source("policy.json", json.dumps(document)),
        type=type,
        enabled={"redundant-statement": rules()["redundant-statement"]},
    ).findings


@pytest.mark.parametrize(
    ("narrow", "wide", "expected"),
    [
        ({"Sid": "A"}, {"Sid": "B"}, "REDUNDANT_STATEMENT"),
        ({"Action": ["s3:getobject"]}, {"Resource": ["*"]}, "REDUNDANT_STATEMENT"),
        ({"Effect": "Deny"}, {}, "silent"),
        ({"Action": "s3:GetObject"}, {"Action": "s3:Get*"}, None),
        ({"Action": ["s3:Get*", "ec2:Run*"]}, {"Action": "*"}, None),
        ({"Action": ["s3:Get*", "ec2:Run*"]}, {"Action": ["s3:*", "sqs:*"]}, "silent"),
        ({"Resource": "arn:aws:s3:::a"}, {}, None),
        ({"Resource": ["arn:aws:s3:::a", "x"]}, {"Resource": "arn:aws:s3:::*"}, "silent"),
        ({"Condition": {"Bool": {"aws:SecureTransport": "true"}}}, {}, None),
        (
            {"Condition": {"Bool": {"aws:SecureTransport": "true"}}},
            {"Condition": {"bool": {"AWS:securetransport": [True]}}},
            "REDUNDANT_STATEMENT",
        ),
        (
            {"Condition": {"StringEquals": {"aws:PrincipalTag/a": ["x", "y"]}}},
            {"Condition": {"StringEquals": {"aws:PrincipalTag/a": ["x"]}}},
            None,
        ),
        ({"Condition": "${var.a}"}, {"Condition": "${var.a}"}, "REDUNDANT_STATEMENT"),
        ({"Action": "${var.a}"}, {"Action": "${var.a}"}, "REDUNDANT_STATEMENT"),
        ({"Action": "${var.a}"}, {"Action": "${var.b}"}, "silent"),
        ({"Resource": "arn:aws:s3:::${var.a}"}, {}, None),
        ({"Resource": "${var.a}"}, {}, None),
        ({"Resource": ["arn:aws:s3:::a", "${var.a}"]}, {}, None),
        ({"Resource": "${var.a}"}, {"Resource": "arn:aws:s3:::*"}, "silent"),
        ({"Resource": "${var.a}"}, {"Resource": ["arn:aws:s3:::a", "${var.b}"]}, "silent"),
        ({"Resource": "name"}, {"Resource": ["name", "other"]}, None),
        ({"Resource": "arn:aws:s3:::a"}, {"Resource": "arn:aws:s3"}, None),
        ({"Principal": "*"}, {"Principal": {"AWS": "*"}}, "REDUNDANT_STATEMENT"),
        (
            {"Principal": {"AWS": ["a", "b"]}},
            {"Principal": {"AWS": ["b", "a"]}},
            "REDUNDANT_STATEMENT",
        ),
    ],
)
def test_statements(narrow: dict[str, Any], wide: dict[str, Any], expected: str | None) -> None:
    found = lint(statements(wide, narrow))
    assert [finding.issue_code for finding in found] == ([] if expected == "silent" else [expected])


def with_not(element: str, value: object) -> dict[str, Any]:
    positive = {"Action": "s3:GetObject", "Resource": "*"}
    del positive[element.removeprefix("Not")]
    return {"Effect": "Deny", element: value, **positive}


@pytest.mark.parametrize(
    ("narrow", "wide", "fires"),
    [
        (with_not("NotAction", ["iam:*", "s3:*"]), with_not("NotAction", "iam:*"), True),
        (with_not("NotAction", "iam:*"), with_not("NotAction", ["iam:*", "s3:*"]), False),
        (with_not("NotAction", "iam:*"), with_not("Action", "*"), True),
        (with_not("Action", "s3:GetObject"), with_not("NotAction", "iam:*"), True),
        (with_not("Action", ["s3:Get*", "iam:*"]), with_not("NotAction", "iam:Get*"), False),
        (with_not("Action", "*"), with_not("NotAction", "iam:Get*"), False),
        (with_not("NotResource", ["a", "b"]), with_not("NotResource", "a"), True),
        (with_not("NotResource", "a"), with_not("NotResource", ["a", "b"]), False),
        (with_not("NotResource", "a"), with_not("Resource", "*"), True),
        (with_not("Resource", "a"), with_not("NotResource", "a"), False),
    ],
)
def test_statements_about_all_but_some(
    narrow: dict[str, Any],
    wide: dict[str, Any],
    fires: bool,  # noqa: FBT001 - a parameter
) -> None:
    for place, order in enumerate(((narrow, wide), (wide, narrow))):
        document = {"Version": "2012-10-17", "Statement": list(order)}
        found = lint(document, PolicyType.SCP)
        assert (f"/Statement/{place}" in {finding.pointer for finding in found}) is fires


def test_of_equal_statements_the_first_stays() -> None:
    same = {"Action": ["s3:Get*", "s3:GetObject"]}
    document = statements({"Sid": "A", **same}, {"Sid": "B"}, {"Sid": "C", "Action": "s3:Get*"})
    found = lint(document)
    assert [after(finding)["Statement"][0]["Sid"] for finding in found] == ["A", "A"]
    assert len(found) == 2


def on(operator: str, *values: str, key: str = "aws:PrincipalTag/a") -> dict[str, Any]:
    return {"Condition": {operator: {key: list(values)}}}


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        ({"Action": ["s3:GetObject", "s3:PutObject"]}, [{}, {"Action": ["s3:Put*", "iam:Get*"]}]),
        (
            {"Resource": ["arn:aws:s3:::a", "arn:aws:s3:::b"]},
            [{"Resource": "arn:aws:s3:::a"}, {"Resource": "arn:aws:s3:::b*"}],
        ),
        (on("StringEquals", "x", "y"), [on("StringEquals", "x"), on("StringLike", "y*", "z")]),
        ({}, [on("StringEquals", "x"), on("StringNotEquals", "x")]),
        ({}, [on("Null", "true"), on("StringLike", "*")]),
        (on("StringEqualsIfExists", "x"), [on("StringEquals", "x"), on("Null", "true")]),
        (
            on("IpAddress", "10.0.0.0/8", key="aws:SourceIp"),
            [
                on("IpAddress", "10.0.0.0/9", key="aws:SourceIp"),
                on("IpAddress", "10.128.0.0/9", key="aws:SourceIp"),
            ],
        ),
        (
            on("NumericLessThan", "9", key="s3:max-keys"),
            [
                on("NumericLessThanEquals", "3", key="s3:max-keys"),
                on("NumericGreaterThan", "2", key="s3:max-keys"),
            ],
        ),
        (
            on("DateLessThan", "2030-01-01T00:00:00Z", key="aws:CurrentTime"),
            [
                on("DateLessThan", "2029-01-01T00:00:00Z", key="aws:CurrentTime"),
                on("DateGreaterThan", "2028-01-01T00:00:00Z", key="aws:CurrentTime"),
            ],
        ),
    ],
)
@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_several_statements_together(
    narrow: dict[str, Any], wide: list[dict[str, Any]], effect: str
) -> None:
    more = ["iam:GetUser", "iam:GetRole"]
    wider = [
        {"Action": ["s3:GetObject", action]} | part for action, part in zip(more, wide, strict=True)
    ]
    document = statements(*wider, narrow)
    for statement in document["Statement"]:
        statement["Effect"] = effect
    [found] = lint(document)
    assert "together" in found.title
    assert found.pointer == f"/Statement/{len(wide)}"
    assert len(found.related) == len(wide)


def test_what_one_statement_covers_is_preferred() -> None:
    parts = [on("StringEquals", "x"), on("StringEquals", "y"), on("StringEquals", "x", "y")]
    for order in permutations(parts):
        place = order.index(parts[2])
        found = lint(statements(*order))
        assert f"/Statement/{place}" not in {finding.pointer for finding in found}
        assert len(found) == 2


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        ({}, [on("StringEquals", "x"), on("StringLike", "y*")]),
        ({}, [on("Bool", "true"), on("Bool", "false")]),
        (on("ForAllValues:StringEquals", "x", "y"), [on("ForAllValues:StringEquals", "x")]),
        (
            on("StringEquals", "x"),
            [
                {**on("StringEquals", "x"), "Resource": "arn:aws:s3:::a"},
                {**on("StringEquals", "x"), "Resource": "arn:aws:s3:::b"},
            ],
        ),
        ({"Action": "s3:Get*"}, [{"Action": "s3:GetO*"}, {"Action": "s3:GetB*"}]),
        (on("StringEquals", "x"), [on("StringEquals", "${aws:username}")]),
        (
            on("DateLessThan", "soon", key="aws:CurrentTime"),
            [on("DateLessThan", "later", key="aws:CurrentTime")],
        ),
    ],
)
def test_something_is_left(narrow: dict[str, Any], wide: list[dict[str, Any]]) -> None:
    found = lint(statements(*wide, narrow))
    assert f"/Statement/{len(wide)}" not in {finding.pointer for finding in found}


def test_a_named_principal_of_an_allow_is_covered_by_its_name_only() -> None:
    role = {"Principal": {"AWS": "arn:aws:iam::111122223333:role/app"}}
    account = {"Principal": {"AWS": "111122223333"}}
    both = {"Principal": {"AWS": [role["Principal"]["AWS"], "111122223333"]}}
    for wide in (account, {"Principal": "*"}):
        assert not lint(statements(wide, role), PolicyType.RESOURCE)
        deny = [{**part, "Effect": "Deny"} for part in (wide, role)]
        assert len(lint(statements(*deny), PolicyType.RESOURCE)) == 1
    assert len(lint(statements(both, role), PolicyType.RESOURCE)) == 1
    assert len(lint(statements(role, account, both), PolicyType.RESOURCE)) == 2


def test_a_condition_that_nothing_meets_is_not_a_reason() -> None:
    contradiction = {
        "StringEquals": {"aws:PrincipalTag/a": "x"},
        "Null": {"aws:PrincipalTag/a": "true"},
    }
    assert not lint(statements({}, {"Condition": contradiction}))


@pytest.mark.slow
def test_what_is_redundant_can_be_removed_without_a_change_of_access() -> None:
    removed = 0
    for seed in range(150):
        dice = Random(seed)  # noqa: S311 - no secrets
        kind = dice.choice(KINDS)
        policies = Policies(dice, kind, unknown=False)
        policy = policies.policy()
        policy["Statement"] += policies.changed(policy)["Statement"]
        found = {finding.pointer for finding in lint(policy, PolicyType(kind))}
        removed += len(found)
        rest = [
            statement
            for at, statement in enumerate(policy["Statement"])
            if f"/Statement/{at}" not in {pointer.removesuffix("/Sid") for pointer in found}
        ]
        for request in islice(requests(dice, kind, [policy]), 50):
            assert decide(policy, request, kind) == decide(
                {**policy, "Statement": rest}, request, kind
            )
    assert removed > 250


def test_a_statement_without_resource_is_not_included_in_one_with() -> None:
    document = statements({}, {})
    del document["Statement"][1]["Resource"]
    assert not lint(document)


def test_many_statements_that_are_the_same_are_all_found() -> None:
    found = lint(statements(*[{} for _ in range(400)]))
    assert [finding.pointer for finding in found] == [f"/Statement/{at}" for at in range(1, 400)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (on("StringEquals", "x", "y"), on("StringEquals", "x", "z")),
        ({"Resource": "arn:aws:s3:::a", **on("StringEquals", "x")}, on("Null", "true")),
        ({"Resource": "one"}, {"Resource": "other"}),
    ],
)
def test_examples_spare_a_proof(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert calls(Proof.by_one, lambda: lint(statements(one, other))) == 0


def test_what_no_statement_may_cover_alone_is_only_proved_of_several() -> None:
    get, put, other = "s3:GetObject", "s3:PutObject", "s3:ListBucket"
    document = statements(*({"Action": pair} for pair in ([get, other], [put, other], [get, put])))
    found = lint(document)
    assert len(found) == 1
    assert calls(Proof.by_one, lambda: lint(document)) == 0
