"""Denials that leave out what they are about."""

import json

import pytest

from multitool_lint.linter.engine import lint_source
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.source import Source

PUT, DELETE = "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"


def titles(*statements: object, type_: PolicyType = PolicyType.RESOURCE) -> list[str]:
    policy = {"Version": "2012-10-17", "Statement": statements}
    found = lint_source(Source("policy.json", json.dumps(policy)), type=type_).findings
    return [finding.title for finding in found if finding.rule == "incomplete-deny"]


def deny(*actions: str, **elements: object) -> object:
    element = elements or {"Action": actions}
    return {"Effect": "Deny", "Principal": "*", "Resource": "arn:aws:s3:::logs", **element}


@pytest.mark.parametrize(("statements", "bypassed"), [
    ([deny(PUT)], [(PUT, "deleted")]),
    ([deny("s3:PutObject", PUT.upper())], [(PUT.upper(), "deleted")]),
    ([deny(DELETE)], [(DELETE, "replaced")]),
    ([deny("ecr:SetRepositoryPolicy"), deny("ecr:DeleteRepository")],
     [("ecr:SetRepositoryPolicy", "deleted")]),
    ([deny(PUT, DELETE)], []),
    ([deny(PUT), deny("s3:Delete*")], []),
    ([deny(PUT), deny(NotAction="s3:GetObject")], []),
    ([deny("s3:Put*"), deny("s3:Delete*")], []),
    ([deny("s3:Put*")], []),
    ([deny(NotAction=[PUT])], []),
])  # fmt: skip
def test_a_policy_that_can_be_deleted_or_replaced_denies_nothing_then(
    statements: list[object], bypassed: list[tuple[str, str]]
) -> None:
    assert titles(*statements) == [
        f'The Deny of "{name}" can be bypassed: the policy can be {done}' for name, done in bypassed
    ]


@pytest.mark.parametrize("type_", [PolicyType.SCP, PolicyType.IDENTITY])
def test_a_policy_of_others_is_not_its_own_resource(type_: PolicyType) -> None:
    statement = {"Effect": "Deny", "Action": PUT, "Resource": "*"}
    assert titles(statement, type_=type_) == []
