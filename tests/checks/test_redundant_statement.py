import json
from typing import Any

import pytest
from support.statement_samples import after, statements

from multitool_lint.diagnostics.finding import Finding
from multitool_lint.diagnostics.rule import rules
from multitool_lint.linter.engine import lint_source
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
            "silent",
        ),
        ({"Condition": "${var.condition}"}, {"Condition": "${var.condition}"}, "silent"),
        ({"Action": "${var.action}"}, {"Action": "${var.action}"}, "silent"),
        ({"Resource": "arn:aws:s3:::${var.a}"}, {}, None),
        ({"Resource": "${var.a}"}, {}, "silent"),
        ({"Principal": "*"}, {"Principal": {"AWS": "*"}}, "silent"),
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


def test_a_statement_without_resource_is_not_included_in_one_with() -> None:
    document = statements({}, {})
    del document["Statement"][1]["Resource"]
    assert not lint(document)
