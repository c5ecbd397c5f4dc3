"""The types and values of conditions, of which parliament often says what is not so."""

import json

import pytest

from multitool_lint.diagnostics.finding import Finding
from multitool_lint.diagnostics.rule import rules
from multitool_lint.linter.engine import lint_source
from multitool_lint.syntax.source import Source


def found(rule: str, statement: object) -> list[Finding]:
    text = json.dumps({"Version": "2012-10-17", "Statement": statement})
    return list(lint_source(Source("p.json", text), enabled={rule: rules()[rule]}).findings)


@pytest.mark.parametrize(
    ("effect", "condition", "count"),
    [
        ("Deny", {"Bool": {"aws:MultiFactorAuthPresent": "false"}}, 1),
        ("Deny", {"Bool": {"aws:multifactorauthpresent": False}}, 1),
        ("Deny", {"BoolIfExists": {"aws:MultiFactorAuthPresent": ["false"]}}, 0),
        ("Deny", {"Bool": {"aws:MultiFactorAuthPresent": "true"}}, 0),
        ("Deny", {"Null": {"aws:MultiFactorAuthPresent": "true"}}, 1),
        ("Allow", {"Bool": {"aws:MultiFactorAuthPresent": "true"}}, 0),
        ("Allow", {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}, 1),
        ("Allow", {"Null": {"aws:MultiFactorAuthPresent": "false"}}, 1),
        ("Allow", {"Bool": {"aws:SecureTransport": "false"}}, 0),
    ],
)
def test_a_check_for_mfa(effect: str, condition: object, count: int) -> None:
    statement = {"Effect": effect, "Action": "s3:*", "Resource": "*", "Condition": condition}
    assert len(found("bypassable-mfa-check", statement)) == count


@pytest.mark.parametrize(
    ("condition", "codes"),
    [
        ({"NotIpAddress": {"aws:SourceIp": ["2001:db8::/32", "203.0.113.7"]}}, []),
        ({"IpAddress": {"aws:SourceIp": "203.0.113.0/33"}}, ["TYPE_MISMATCH_IP_RANGE"]),
        ({"IpAddress": {"aws:SourceIp": "any"}}, ["TYPE_MISMATCH_IP_RANGE"]),
        ({"DateLessThan": {"aws:CurrentTime": ["2026-12-31", 1893456000]}}, []),
        ({"DateLessThan": {"aws:CurrentTime": "31/12/2026"}}, ["TYPE_MISMATCH_DATE"]),
        ({"NumericLessThan": {"aws:EpochTime": 1893456000}}, []),
        ({"NumericLessThan": {"aws:MultiFactorAuthAge": "one hour"}}, ["TYPE_MISMATCH_NUMBER"]),
        ({"Bool": {"aws:SecureTransport": ["true", "yes"]}}, ["TYPE_MISMATCH_BOOLEAN"]),
        ({"Null": {"aws:SourceIp": "yes"}}, ["TYPE_MISMATCH_BOOLEAN"]),
        ({"BinaryEquals": {"saml:x509": "QmluYXJ5"}}, []),
        ({"Bool": {"aws:MultiFactorAuthAge": "true"}}, ["TYPE_MISMATCH"]),
        ({"IpAddress": {"aws:PrincipalTag/office": "203.0.113.0/24"}}, ["TYPE_MISMATCH"]),
        ({"ArnLike": {"aws:PrincipalTag/role": "admin"}}, ["TYPE_MISMATCH"]),
        ({"ArnLike": {"aws:PrincipalTag/role": "arn:aws:iam::*:role/*"}}, []),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::reports"}}, []),
        ({"ArnLike": {"aws:SourceArn": "reports"}}, [None]),
        ({"StringEquals": {"aws:SecureTransport": "true"}}, ["TYPE_MISMATCH"]),
        ({"StringLike": {"aws:SourceIp": "203.0.113.*"}}, []),
        ({"StringEquals": {"aws:SourceIp": "203.0.113.0/24"}}, [None]),
        ({"StringEquals": {"aws:MultiFactorAuthAge": "bad"}}, [None]),
        ({"StringEquals": {"aws:ViaAWSService": True}}, ["TYPE_MISMATCH"]),
        ({"StringEquals": {"aws:MultiFactorAuthAge": "3600"}}, []),
        ({"Bool": {"no:SuchKey": "true"}}, []),
        ({"NumericLessThan": {"aws:MultiFactorAuthAge": "${aws:PrincipalTag/age}"}}, []),
    ],
)
def test_types_of_conditions(condition: object, codes: list[str | None]) -> None:
    statement = {"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": condition}
    assert [finding.issue_code for finding in found("condition-type-mismatch", statement)] == codes


@pytest.mark.parametrize(
    ("condition", "code", "severity"),
    [
        (
            {"StringLike": {"aws:SourceArn": "arn:aws:sns:*:111122223333:*"}},
            "STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS",
            "security",
        ),
        (
            {"StringLike": {"aws:SourceArn": "arn:aws:s3:*:*:x"}},
            "STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS",
            "suggestion",
        ),
        (
            {"StringLike": {"aws:SourceArn": "arn:aws:s3:*:x"}},
            "STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS",
            "security",
        ),
        ({"StringEqualsIgnoreCase": {"ec2:InstanceProfile": "x"}}, None, "suggestion"),
    ],
)
def test_strings_on_arn_keys(condition: object, code: str | None, severity: str) -> None:
    statement = {
        "Effect": "Deny",
        "Action": "ec2:TerminateInstances",
        "Resource": "*",
        "Condition": condition,
    }
    (finding,) = found("string-operator-on-arn-key", statement)
    assert (finding.issue_code, finding.severity.value) == (code, severity)
