"""What rules find in statements, and what parliament confirms of it."""

import json
from collections.abc import Mapping

from multitool_lint import lint
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.diagnostics.finding import Finding
from multitool_lint.diagnostics.rule import Rule, rules
from multitool_lint.formats import read_source
from multitool_lint.linter.engine import lint_source
from multitool_lint.linter.settings import Opinion
from multitool_lint.policy.document import Policy
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.source import Source

OURS: Mapping[str, Rule] = {
    id_: rules()[id_]
    for id_ in (
        "bucket-policy-escalation",
        "bypassable-mfa-check",
        "mismatched-resource",
        "unscoped-resource",
        "unsupported-condition-key",
    )
}
CORRECT = {
    "Sid": "Read",
    "Effect": "Allow",
    "Principal": {"AWS": "111122223333", "Federated": "accounts.google.com"},
    "Action": ["s3:GetObject", "s3:PutBucketPolicy"],
    "Resource": ["arn:aws:s3:::reports", "arn:aws:s3:::reports/*"],
    "Condition": {
        "Bool": {"aws:MultiFactorAuthPresent": "true"},
        "NumericLessThan": {"aws:MultiFactorAuthAge": 3600},
        "IpAddress": {"aws:SourceIp": ["203.0.113.0/24"]},
        "DateLessThan": {"aws:CurrentTime": 1893456000},
        "ArnLike": {"aws:SourceArn": "arn:aws:s3:::other"},
        "StringEquals": {"s3:TlsVersion": 1.2, "team": "red"},
    },
}
UNKNOWN_ACTION = {"Effect": "Allow", "Action": "s3:GetObjekt", "Resource": "*"}
CRASH = {
    "Effect": "Allow",
    "Action": "s3:ListAllMyBuckets",
    "Resource": "*",
    "Condition": {"NumericGreaterThan": {"aws:MultiFactorAuthAge": 3600}},
}
"""A number, where parliament expects a text: it raises a TypeError."""


def document(*statements: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, indent=2)


def found(
    statement: object,
    type_: PolicyType | None = None,
    enabled: Mapping[str, Rule] = OURS,
    catalog: Catalog | None = None,
) -> list[Finding]:
    text = json.dumps({"Version": "2012-10-17", "Statement": statement})
    source = Source("policy.json", text)
    return list(
        lint_source(
            source, type=type_, enabled=enabled, catalog=catalog, opinion=Opinion.EVERY
        ).findings
    )


def confirmed(*statements: object, confirm_all: bool = True) -> list[str]:
    """The rules and places of the findings that parliament confirms."""
    return [
        f"{finding.rule} {finding.pointer}"
        for finding in lint(document(*statements), select=["ALL"], confirm_all=confirm_all)
        if finding.confirmed_by == ("parliament",)
    ]


def policies(text: str) -> tuple[Policy, ...]:
    return read_source(Source("policy.json", text)).json_policies
