"""Policies of each type that the schemas find valid, and what is reported of others."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.diagnostics.finding import Finding
from multitool_lint.diagnostics.rule import DIRECTORY, rules
from multitool_lint.engines.json_schema.engine import findings
from multitool_lint.policy.document import Policy
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.json.parser import parse
from multitool_lint.syntax.source import Source

TYPES = [policy_type.value for policy_type in PolicyType]
SCHEMAS = {
    f"{name}.json": json.loads(
        (Path(DIRECTORY) / "schemas" / f"{name}.json").read_text(encoding="utf-8")
    )
    for name in ("elements", "identity", "resource", "trust", "scp", "rcp")
}
Json = Any
ROLE = {"AWS": "arn:aws:iam::111122223333:role/ci"}
STATEMENTS: Mapping[str, dict[str, Json]] = {
    "identity": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/*"},
    "resource": {"Effect": "Allow", "Principal": ROLE, "Action": ["s3:*"], "Resource": "*"},
    "trust": {"Effect": "Allow", "Principal": ROLE, "Action": "sts:AssumeRole"},
    "scp": {"Effect": "Deny", "NotAction": ["iam:*"], "NotResource": "arn:aws:s3:::a/*"},
    "rcp": {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["*"]},
    "boundary": {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"},
    "session": {"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::a/*"},
}
CONDITION = {
    "Bool": {"aws:SecureTransport": True, "aws:ViaAWSService": "false"},
    "NumericLessThanIfExists": {"aws:MultiFactorAuthAge": 3600},
    "ForAllValues:StringLike": {"aws:TagKeys": ["team", "cost*"]},
}
REMOVED = object()


def policy_of(policy_type: str, **changes: Json) -> dict[str, Json]:
    statement = {**STATEMENTS[policy_type], **changes}
    statement = {key: value for key, value in statement.items() if value is not REMOVED}
    return {"Version": "2012-10-17", "Statement": [statement]}


def explain(policy_type: str, document: Json, *without: str) -> list[Finding]:
    text = document if isinstance(document, str) else json.dumps(document, indent=2)
    policy = Policy(Source("policy.json", text), parse(text), PolicyType(policy_type))
    enabled = {name: rule for name, rule in rules().items() if name not in without}
    return list(findings(policy, bundled(), enabled))


def reported(policy_type: str, document: Json, *without: str) -> list[tuple[str, str]]:
    found = explain(policy_type, document, *without)
    return sorted((finding.rule, finding.pointer) for finding in found)
