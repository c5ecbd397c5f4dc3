"""Statements without a policy around them, which a tool takes below a key of its own."""

import json

import pytest
import yaml

from multitool_lint.formats import read_source
from multitool_lint.formats.endings import may_hold_policies
from multitool_lint.linter.engine import lint_source
from multitool_lint.reasons import Reason
from multitool_lint.rewrite.fix import fix
from multitool_lint.syntax.source import Source

ONE = {"Effect": "Allow", "Action": ["s3:GetObjct"], "Resource": "*"}
ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
SMALL = {"effect": "Allow", "actions": ["*"], "resources": ["*"]}


@pytest.mark.parametrize(
    ("value", "rules"),
    [
        ({"spec": {"nodes": {"extraStatements": [ONE]}}}, ["unknown-action"]),
        ({"extra": ONE}, ["unknown-action"]),
        ([ONE], ["unknown-action"]),
        ({"access": {"a": ONE, "b": {**ONE, "Effect": "Deny"}}}, ["unknown-action"] * 2),
        ({"extraStatements": [ALL]}, ["full-admin-access"]),
        ({"vars": {"statements": [SMALL]}}, ["full-admin-access"]),
        ({"iam_role": {"permissions": [SMALL]}}, ["full-admin-access"]),
        ({"rules": [{**SMALL, "actions": ["*"], "resources": ["arn:aws:s3:::*"]}]}, []),
        ({"rules": [SMALL]}, None),
        ({"rules": [{**ONE, "Action": ["books:read"]}]}, None),
        ({"rules": [{**ONE, "Effect": "Permit"}]}, None),
        ({"rules": [{"Effect": "Allow", "Action": "*"}]}, None),
        ({"rules": [{**ONE, "Action": "oss:GetObject", "Resource": "acs:oss:*"}]}, None),
    ],
    ids=str,
)
@pytest.mark.parametrize("write", [yaml.safe_dump, json.dumps])
def test_statements_are_read_below_any_key(
    value: object, rules: list[str] | None, write: object
) -> None:
    assert callable(write)
    source = Source("a.json" if write is json.dumps else "a.yaml", write(value))
    assert may_hold_policies(source.path, source.text)
    report = lint_source(source)
    if rules is None:
        assert not report.policies
        return
    assert report.policies
    loud = ("unknown-action", "full-admin-access")
    assert [finding.rule for finding in report.findings if finding.rule in loud] == rules


def test_statements_are_changed_where_they_are() -> None:
    value = {"extraStatements": [{**ONE, "Action": ["s3:GetObject", "s3:GetObject"]}]}
    fixed = fix(Source("a.yaml", yaml.safe_dump(value)))
    assert fixed.text.count("s3:GetObject") == 1


@pytest.mark.parametrize("path", ["a.json", "a.yaml"])
def test_a_file_that_is_one_statement_is_read_and_said_to_be_one(path: str) -> None:
    source = Source(path, json.dumps(ONE, indent=1))
    assert [finding.rule for finding in lint_source(source).findings] == ["unknown-action"]
    (skipped,) = read_source(source).skipped
    assert not skipped.unread
    assert skipped.why.reason is Reason.BARE_STATEMENT


def test_a_template_of_one_statement_is_read() -> None:
    text = json.dumps({**ONE, "Resource": ["${bucket}", "${bucket}/*"]})
    (finding,) = lint_source(Source("root.json.tpl", text)).findings
    assert finding.rule == "unknown-action"


def test_what_an_output_has_below_another_key_is_read() -> None:
    trust = {"Version": "2012-10-17", "Statement": []}
    policy = {"Version": "2012-10-17", "Statement": [ONE]}
    value = [
        {
            "RolePolicy": policy,
            "Role": {"RoleName": "x", "AssumeRolePolicyDocument": trust},
            "More": [{"Text": json.dumps(policy)}, {"Policies": [{"PolicyDocument": policy}]}],
        }
    ]
    source = Source("o.json", json.dumps(value, indent=1))
    report = lint_source(source)
    found = [finding for finding in report.findings if finding.rule == "unknown-action"]
    assert len(found) == 3
    texts = {source.text[slice(*finding.span)].strip('\\"') for finding in found}
    assert texts == {"s3:GetObjct"}
    assert report.format == "AWS CLI"


SERVERLESS = """\
service: s
custom:
  early:
    - {Effect: Allow, Action: "s3:GetObjct", Resource: "*"}
provider:
  name: aws
  iam:
    role:
      statements:
        - ${self:custom.early}
        - ${self:more.late}
        - {Effect: Allow, Action: "s3:PutObjct", Resource: "arn:aws:s3:::${aws:region}-x/*"}
functions:
  f:
    iamRoleStatements: ${self:more.inherited}
more:
  late: {Effect: Allow, Action: "s3:ListObjcts", Resource: "*"}
  inherited: [{Effect: Allow, Action: "s3:CopyObjct", Resource: "*"}]
"""


def test_references_to_statements_of_a_file_are_read_once_at_their_places() -> None:
    source = Source("serverless.yml", SERVERLESS)
    report = lint_source(source)
    found = [finding for finding in report.findings if finding.rule == "unknown-action"]
    texts = sorted(source.text[slice(*finding.span)].strip('"') for finding in found)
    assert texts == ["s3:CopyObjct", "s3:GetObjct", "s3:ListObjcts", "s3:PutObjct"]
    assert not any(skipped.unread for skipped in report.skipped)


def test_a_reference_to_what_is_not_there_is_listed() -> None:
    source = Source("serverless.yml", SERVERLESS.replace("  late:", "  other:"))
    assert any(skipped.unread for skipped in lint_source(source).skipped)


@pytest.mark.parametrize(
    ("principal", "rules"),
    [
        ({"awsPrincipals": [{"iamUserArnRef": {"name": "someone"}}]}, ["unknown-action"]),
        ({"allowAnon": True}, ["unknown-action"]),
        ({"service": ["cloudtrail.amazonaws.com"]}, ["unknown-action"]),
        ({"AWSS": "111122223333"}, ["unknown-action", "invalid-principal-key"]),
        ({"AWS": "*"}, ["unknown-action", "public-access"]),
    ],
    ids=str,
)
def test_principals_in_the_words_of_crossplane_are_not_known(
    principal: object, rules: list[str]
) -> None:
    statement = {
        "effect": "Allow",
        "action": ["s3:ListBukcet"],
        "principal": principal,
        "resource": ["arn:aws:s3:::reports"],
    }
    policy = {"version": "2012-10-17", "statements": [statement]}
    object_ = {
        "apiVersion": "s3.aws.crossplane.io/v1alpha3",
        "kind": "BucketPolicy",
        "metadata": {"name": "reports"},
        "spec": {"forProvider": {"bucketName": "reports", "policy": policy}},
    }
    found = lint_source(Source("policy.yaml", yaml.safe_dump(object_))).findings
    assert [finding.rule for finding in found] == rules
