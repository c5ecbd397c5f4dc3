"""The templates in a snapshot of Jest are compared as what they deploy."""

import json
from collections.abc import Mapping

import pytest

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.diffs.sources import changes_of_sources
from multitool_lint.syntax.source import Source

GET, PUT = "s3:GetObject", "s3:PutObject"
ROLE = {"Fn::GetAtt": ["R", "Arn"]}
OF_ARN = {"Fn::Select": [5, {"Fn::Split": [":", ROLE]}]}
NAME = {"Fn::Select": [1, {"Fn::Split": ["/", OF_ARN]}]}


def policy(*actions: str, role: object) -> dict[str, object]:
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    properties = {"PolicyName": "p", "PolicyDocument": document, "Roles": [role]}
    return {"Type": "AWS::IAM::Policy", "Properties": properties}


def snapshot(policies: Mapping[str, object], test: str = "stack 1") -> str:
    role = {"Type": "AWS::IAM::Role", "Properties": {}}
    value = json.dumps({"Resources": {"R": role, **policies}}, indent=2)
    return f"// Jest Snapshot v1\n\nexports[`{test}`] = `\n{value}\n`;\n"


def is_new(old: str, new: str) -> bool:
    found = changes_of_sources([Source("a.snap", text) for text in (old, new)], bundled())
    return any(changes.gained or changes.unknown for _, changes in found)


@pytest.mark.parametrize("role", [{"Ref": "R"}, NAME])
def test_statements_may_move_within_a_role(role: object) -> None:
    old = snapshot({"P": policy(GET, PUT, role={"Ref": "R"})})
    both = {"P": policy(GET, role={"Ref": "R"}), "Q": policy(PUT, role=role)}
    assert not is_new(old, snapshot(both))
    assert is_new(old, snapshot({**both, "Q": policy("s3:*", role=role)}))
    assert is_new(old, snapshot({**both, "Q": policy(PUT, role="other")}))


def test_a_snapshot_more_is_new() -> None:
    old = snapshot({"P": policy(GET, role={"Ref": "R"})})
    assert is_new(old, old + snapshot({"P": policy(GET, role={"Ref": "R"})}, "a/b 1"))
    assert not is_new(old, old + snapshot({}, "a/b 1"))


def test_other_values_are_compared_policy_by_policy() -> None:
    document = '{"Statement": [{"Effect": "Allow", "Action": "%s", "Resource": "*"}]}'
    text = f"\nexports[`other 1`] = `\n{document}\n`;\n"
    old = snapshot({"P": policy(GET, role={"Ref": "R"})})
    assert not is_new(old + text % GET, old + text % GET)
    assert is_new(old + text % GET, old + text % "s3:*")
