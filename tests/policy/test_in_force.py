"""Statements that never apply: their date has passed, or no request meets their conditions."""

import json
from datetime import date
from typing import Any

import pytest

import multitool_lint
from multitool_lint import clock
from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.formats import read_source
from multitool_lint.policy.in_force import in_force
from multitool_lint.syntax.source import Source

Statement = dict[str, Any]

NEVER: list[dict[str, Any]] = [
    {"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}},
    {"DateLessThan": {"AWS:currenttime": "2020-01-01T00:00:00Z"}},
    {"DateLessThanIfExists": {"aws:CurrentTime": "2020-01-01"}},
    {"ForAnyValue:DateLessThan": {"aws:CurrentTime": "2020-01-01"}},
    {"DateLessThanEquals": {"aws:CurrentTime": ["2020-01-01", "2019-01-01T00:00:00+02:00"]}},
    {"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00.000Z"}},
    {"DateLessThan": {"aws:CurrentTime": "2020-06"}},
    {"DateLessThan": {"aws:CurrentTime": "2020"}},
    {"DateEquals": {"aws:CurrentTime": "2020-01-01"}},
    {"DateLessThan": {"aws:EpochTime": "1577836800"}},
    {"NumericLessThanEquals": {"aws:EpochTime": 1577836800}},
    {
        "DateGreaterThan": {"aws:CurrentTime": "2019-01-01"},
        "DateLessThan": {"aws:CurrentTime": "2020-01-01"},
        "Bool": {"aws:MultiFactorAuthPresent": "true"},
    },
    {
        "StringEquals": {"aws:PrincipalTag/team": "a"},
        "StringLike": {"aws:PrincipalTag/team": "b*"},
    },
    {
        "StringEquals": {"aws:username": ["a", "b"]},
        "StringNotEquals": {"aws:username": ["b", "a", "c"]},
    },
    {
        "DateGreaterThan": {"aws:CurrentTime": "2031-01-01T00:00:00Z"},
        "DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"},
    },
    {
        "NumericLessThan": {"aws:MultiFactorAuthAge": "10"},
        "NumericGreaterThan": {"aws:MultiFactorAuthAge": "20"},
    },
    {
        "IpAddress": {"aws:SourceIp": "203.0.113.0/25"},
        "NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"},
    },
    {
        "Bool": {"aws:SecureTransport": "true"},
        "BoolIfExists": {"aws:SecureTransport": "false"},
    },
    {
        "Null": {"aws:PrincipalTag/team": "true"},
        "StringEquals": {"aws:PrincipalTag/team": "a"},
    },
    {"Null": {"aws:CurrentTime": "true"}},
    {"DateLessThan": {"aws:TokenIssueTime": "2020-01-01"}},
    {"Null": {"aws:PrincipalArn": True}},
    {"ForAnyValue:StringNotLike": {"aws:TagKeys": "*"}},
]
SOMETIMES = [
    {"DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}},
    {"DateLessThan": {"aws:CurrentTime": "2030"}},
    {"DateLessThan": {"aws:CurrentTime": ["2020-01-01", "2030-01-01"]}},
    {"DateLessThan": {"aws:CurrentTime": "${until}"}},
    {"DateLessThan": {"aws:CurrentTime": []}},
    {"DateGreaterThan": {"aws:CurrentTime": "2020-01-01"}},
    {"DateGreaterThan": {"aws:CurrentTime": "2030-01-01"}},
    {"DateNotEquals": {"aws:CurrentTime": "2020-01-01"}},
    {"DateLessThan": {"aws:TokenIssueTime": "2030-01-01"}},
    {"DateLessThanIfExists": {"aws:TokenIssueTime": "2020-01-01"}},
    {"DateGreaterThan": {"aws:TokenIssueTime": "2020-01-01"}},
    {"DateLessThan": {"aws:PrincipalTag/hired": "2020-01-01"}},
    {"NumericLessThan": {"aws:EpochTime": "1893456000"}},
    {
        "StringEqualsIfExists": {"aws:PrincipalTag/team": "a"},
        "StringNotEquals": {"aws:PrincipalTag/team": "a"},
    },
    {
        "ForAnyValue:StringEquals": {"aws:CalledVia": "athena.amazonaws.com"},
        "ForAnyValue:StringLike": {"aws:CalledVia": "cloudformation.*"},
    },
    {"StringEquals": {"aws:username": "a"}, "StringLike": {"aws:username": "?"}},
    {
        "IpAddress": {"aws:SourceIp": "203.0.113.0/24"},
        "NotIpAddress": {"aws:SourceIp": "203.0.113.0/25"},
    },
    {"Null": {"aws:MultiFactorAuthAge": "true"}},
]
GRANTS: list[Statement] = [
    {"Action": "iam:CreatePolicyVersion", "Resource": "*"},
    {"Action": "*", "Resource": "*"},
    {"NotAction": "s3:*", "Resource": "*"},
    {"Action": "iam:*", "Resource": "*"},
    {"Action": ["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"], "Resource": "*"},
    {"Action": ["iam:CreateServiceLinkedRole", "ssm:GetParameter"], "Resource": "*"},
    {"Action": ["iam:CreateAccessKey", "lambda:UpdateFunctionCode"], "Resource": "*"},
    {"Action": "s3:GetObject", "NotResource": "arn:aws:s3:::secret/*"},
]
PUBLIC: Statement = {"Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/*"}
ABOUT_ACCESS = ["access", "escalation", "exposure", "trust"]


def policy(*statements: Statement) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def allow(statement: Statement, condition: object) -> Statement:
    return {"Effect": "Allow", **statement, "Condition": condition}


@pytest.mark.parametrize("condition", NEVER, ids=json.dumps)
def test_a_statement_that_never_applies_is_not_in_force(condition: object) -> None:
    text = policy(allow(GRANTS[0], condition), {"Effect": "Deny", **GRANTS[0]})
    [read] = read_source(Source("policy.json", text)).json_policies
    assert in_force(read, bundled()).statements == read.statements[1:]


@pytest.mark.parametrize("condition", SOMETIMES, ids=json.dumps)
def test_a_statement_that_may_apply_is_in_force(condition: object) -> None:
    [read] = read_source(Source("policy.json", policy(allow(GRANTS[0], condition)))).json_policies
    assert in_force(read, bundled()) is read


@pytest.mark.parametrize("statement", GRANTS, ids=json.dumps)
def test_no_rule_about_access_reports_what_is_not_in_force(statement: Statement) -> None:
    expired = policy(allow(statement, NEVER[0]))
    assert multitool_lint.lint(expired, select=ABOUT_ACCESS) == []
    assert multitool_lint.lint(policy(allow(statement, NEVER[12])), select=ABOUT_ACCESS) == []
    assert multitool_lint.lint(policy(allow(statement, SOMETIMES[0])), select=ABOUT_ACCESS) != []
    [found] = multitool_lint.lint(expired, select=["expired-statement"])
    assert found.severity.value == "suggestion"


def test_a_bucket_is_not_public_after_the_last_date() -> None:
    for condition, rules in ((NEVER[0], []), (SOMETIMES[0], ["public-access"])):
        found = multitool_lint.lint(policy(allow(PUBLIC, condition)), select=ABOUT_ACCESS)
        assert [finding.rule for finding in found] == rules


def test_an_expired_denial_hides_nothing() -> None:
    made = {"Effect": "Allow", "Action": ["iam:CreateRole", "iam:PutRolePolicy"], "Resource": "*"}
    made["Resource"] = "arn:aws:iam::*:role/app-*"
    without = {"Null": {"iam:PermissionsBoundary": "true"}}
    bounded = {"Effect": "Deny", "Action": "iam:CreateRole", "Resource": "*", "Condition": without}
    expired = {**bounded, "Condition": {**without, **NEVER[0]}}
    for denial, rules in ((bounded, set()), (expired, {"privilege-escalation"})):
        found = multitool_lint.lint(policy(made, denial), select=["escalation"])
        assert {finding.rule for finding in found} == rules
    [over] = multitool_lint.lint(policy(made, expired), select=["expired-statement"])
    assert over.severity.value == "warning"


def test_the_day_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    until = {"DateLessThan": {"aws:CurrentTime": "2026-12-01T00:00:00Z"}}
    at_last = {"DateLessThanEquals": {"aws:CurrentTime": "2026-12-01T00:00:00Z"}}
    hours = {"DateLessThan": {"aws:CurrentTime": "2026-12-01T12:00:00+02:00"}}
    text = policy(*(allow(GRANTS[0], condition) for condition in (until, at_last, hours)))
    for today, expired in (
        (date(2026, 11, 30), 0),
        (date(2026, 12, 1), 1),
        (date(2026, 12, 2), 3),
    ):
        monkeypatch.setattr(clock, "today", lambda today=today: today)
        found = multitool_lint.lint(text, select=["expired-statement"])
        assert len(found) == expired


def test_a_date_that_has_passed_does_not_make_policies_equal() -> None:
    new = {"Version": "2012-10-17", "Statement": [allow(GRANTS[0], NEVER[0])]}
    assert multitool_lint.diff(policy(), json.dumps(new)).gained
