"""Verdicts whether identities are administrators, if their file is there."""

import json
from pathlib import Path

import pytest

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.policy.administrator import is_administrator
from multitool_lint.policy.document import Policy
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.json import fast
from multitool_lint.syntax.source import Source

FILE = Path(__file__).parents[3] / "shared" / "roles" / "effective_admin.jsonl"
ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def policy(document: object) -> Policy:
    text = json.dumps(document)
    return Policy(Source("p.json", text), fast.read(text), PolicyType.IDENTITY)


def verdict(identity: object, boundary: object) -> bool:
    limit = policy(boundary) if boundary else None
    return is_administrator(policy(identity), limit, bundled())


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([ALL], True),
        ([{**ALL, "Action": "iam:*"}], True),
        ([{**ALL, "Action": "iam:*"}, {**ALL, "Effect": "Deny", "Action": "iam:Put*"}], False),
        ([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], False),
        ([{**ALL, "Resource": "arn:aws:s3:::a/*"}], False),
        ([{**ALL, "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}], False),
    ],
)
def test_an_administrator_manages_all_permissions(
    statements: list[dict[str, str]],
    expected: bool,  # noqa: FBT001
) -> None:
    assert verdict({"Version": "2012-10-17", "Statement": statements}, None) == expected


@pytest.mark.skipif(not FILE.is_file(), reason="the verdicts are not here")
def test_verdicts_agree() -> None:
    cases = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
    agreeing = [
        case
        for case in cases
        if verdict(case["identity"], case["boundary"]) == (case["expected"] == "admin")
    ]
    assert len(agreeing) == len(cases)
