"""Statements with principals and conditions, and what rules find in them."""

import json

from multitool_lint.diagnostics.rule import rules
from multitool_lint.linter.engine import lint_source
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.source import Source

BUCKET = "AWS::S3::Bucket"
ACCOUNT = "arn:aws:iam::111122223333:"
ORG = {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
UNKNOWN = "${var.value}"


def statement(principal: object, condition: object = None, **other: object) -> dict[str, object]:
    given = {
        "Effect": "Allow",
        "Principal": principal,
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::reports/*",
        "Condition": condition,
    }
    return {key: value for key, value in {**given, **other}.items() if value is not None}


def found(
    rule: str,
    *statements: dict[str, object],
    type: PolicyType = PolicyType.RESOURCE,
    resource_type: str | None = None,
) -> list[tuple[str | None, str]]:
    """The issue codes and pointers of what one rule finds."""
    document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    findings = lint_source(
        Source("policy.json", document),
        type=type,
        resource_type=resource_type,
        enabled={rule: rules()[rule]},
    ).findings
    assert {finding.rule for finding in findings} <= {rule}
    return [(finding.issue_code, finding.pointer) for finding in findings]


def codes(
    rule: str,
    *statements: dict[str, object],
    type: PolicyType = PolicyType.RESOURCE,
    resource_type: str | None = None,
) -> list[str | None]:
    return [code for code, _ in found(rule, *statements, type=type, resource_type=resource_type)]
