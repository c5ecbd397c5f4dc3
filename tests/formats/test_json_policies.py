"""Which JSON is a policy, and of which type."""

import json

import pytest
from support.json_texts import STATEMENT, load_text

from multitool_lint.formats import read_source
from multitool_lint.formats.recognize import resembles_policy
from multitool_lint.linter.engine import lint_source
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.source import Source


def reason(text: str) -> str:
    (skipped,) = load_text(text).skipped
    return skipped.why.in_words()


@pytest.mark.parametrize(
    "document",
    [
        {"Version": "2012-10-17", "Statement": [STATEMENT]},
        {"Statement": STATEMENT},
        {"Statement": []},
        {"Version": "2012-10-17", "Statements": [STATEMENT]},
        {"version": "2008-10-17", "statement": [STATEMENT]},
        {"Version": "2012-10-17"},
        {"Version": "2012-10-17", "Statement": "wrong"},
    ],
    ids=json.dumps,
)
def test_a_policy(document: object) -> None:
    loaded = load_text(json.dumps(document))
    assert len(loaded.policies) == 1
    assert loaded.json_policies[0].name is None
    assert not loaded.problems
    assert not loaded.skipped


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"name": "package", "version": "1.0"}', "an object without a Statement"),
        ('{"Version": "1.0", "x": {"Statement": []}}', "an object without a Statement"),
        ('{"Statement": "I declare"}', "an object without a Statement"),
        ('{"Version": ["2012-10-17"]}', "an object without a Statement"),
        (json.dumps(STATEMENT), "a statement without a policy around it"),
        (json.dumps([{**STATEMENT, "Action": "read:users"}]), "not an object with a Statement"),
        (json.dumps([{"Statement": []}]), "not an object with a Statement"),
        ('"Statement"', "not an object with a Statement"),
        ("null", "not an object with a Statement"),
        ("{{ Statement }}", "a template placeholder"),
        ("{}", "an object without a Statement"),
        # Too deep for a policy, and none.
        (f'{{"Statements": {"[" * 150}{"]" * 150}}}', "an object without a Statement"),
    ],
)
def test_no_policy(text: str, why: str) -> None:
    assert reason(text) == why


def test_a_key_may_be_escaped() -> None:
    assert load_text(r'{"\u0053tatement": []}').policies


def test_a_file_that_is_not_a_policy_is_still_read_strictly() -> None:
    assert load_text('{"a": NaN}').problems
    assert load_text('{"a": [1,]}').problems


PRINCIPAL = {"Principal": {"AWS": "111122223333"}, "Effect": "Allow"}
ASSUME = {**PRINCIPAL, "Action": ["sts:AssumeRole", "STS:TagSession"]}


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([], PolicyType.IDENTITY),
        ([STATEMENT], PolicyType.IDENTITY),
        ([ASSUME], PolicyType.TRUST),
        ([ASSUME, {**ASSUME, "Effect": "Deny"}], PolicyType.TRUST),
        ([PRINCIPAL, ASSUME], PolicyType.TRUST),
        ([ASSUME, {**PRINCIPAL, "Action": []}], PolicyType.TRUST),
        ([PRINCIPAL, {**PRINCIPAL, "Action": "s3:GetObject"}], PolicyType.RESOURCE),
        ([{**ASSUME, "Resource": "*"}], PolicyType.TRUST),
        ([{**ASSUME, "Resource": "*", "Principal": "*"}], PolicyType.RESOURCE),
        ([{**ASSUME, "Resource": "*", "Principal": {"AWS": ["*"]}}], PolicyType.RESOURCE),
        ([ASSUME, {**PRINCIPAL, "Action": "s3:GetObject"}], PolicyType.RESOURCE),
        ([{**PRINCIPAL, "Action": "*"}], PolicyType.RESOURCE),
        ([{**PRINCIPAL, "NotAction": "sts:AssumeRole"}], PolicyType.RESOURCE),
        ([PRINCIPAL], PolicyType.TRUST),
        ([{**PRINCIPAL, "Resource": "*"}], PolicyType.RESOURCE),
        ([{**PRINCIPAL, "Principal": {"AWS": "*"}}], PolicyType.RESOURCE),
        ([{**STATEMENT, "NotPrincipal": {"AWS": "*"}}], PolicyType.RESOURCE),
        ([STATEMENT, {**STATEMENT, "Principal": "*"}], PolicyType.RESOURCE),
        ({**STATEMENT, "Principal": "*"}, PolicyType.RESOURCE),
        (["${var.statement}", 1], PolicyType.IDENTITY),
        ([{"Action": "sts:AssumeRole", "Effect": "Allow"}], PolicyType.IDENTITY),
    ],
)
def test_the_type_follows_from_the_shape(statements: object, expected: PolicyType) -> None:
    (policy,) = load_text(json.dumps({"Statement": statements})).json_policies
    assert policy.type is expected


def test_what_the_user_says_of_the_type_counts() -> None:
    source = Source("policy.json", json.dumps({"Statement": [STATEMENT]}))
    (policy,) = read_source(source, type=PolicyType.SCP).json_policies
    assert policy.type is PolicyType.SCP
    (policy,) = read_source(source, resource_type="AWS::S3::Bucket").json_policies
    assert (policy.type, policy.resource_type) == (PolicyType.RESOURCE, "AWS::S3::Bucket")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"Statement": [{"Effect": "Allow",}]}', True),
        ("{Statement: [{'NotAction' : 1}]}", True),
        ('{"compilerOptions": {}, // Statement: Effect\n}', False),
        ('{"Statement": []}', False),
    ],
)
def test_what_resembles_a_policy(text: str, expected: bool) -> None:  # noqa: FBT001 - a parameter
    assert resembles_policy(text) is expected


ARN = "arn:aws:lambda:us-east-1:111122223333:function:f"
GRANT = {"Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunction", "Resource": ARN}


@pytest.mark.parametrize(
    "response",
    [
        {"Statement": json.dumps(GRANT)},
        {"Statement": json.dumps(GRANT), "RevisionId": "1"},
        {"Statement": GRANT, "ResponseMetadata": {"HTTPStatusCode": 201}},
        {"ResponseMetadata": {"HTTPStatusCode": 201}, "Statement": GRANT},
        {"tests": {"add": {"RevisionId": "1", "Statement": GRANT}}},
        {"tests": [{"Statement": json.dumps(GRANT)}]},
    ],
    ids=json.dumps,
)
def test_the_statement_that_lambda_returns_is_linted(response: object) -> None:
    report = lint_source(Source("r.json", json.dumps(response)))
    assert [f.rule for f in report.findings] == ["public-access"]
    assert not any(finding.fixes for finding in report.findings)


def test_a_policy_whose_statement_is_a_text_is_not_a_response() -> None:
    policy = {"Version": "2012-10-17", "Statement": json.dumps(GRANT)}
    report = lint_source(Source("p.json", json.dumps(policy)))
    assert [finding.rule for finding in report.findings] == ["wrong-json-type"]


@pytest.mark.parametrize("between", ["", ",", "# Permissions:", "Attach this as well:"])
def test_policies_after_the_document_are_read(between: str) -> None:
    document = '{"Statement": [{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}]}'
    found = read_source(Source("policy.json", f"{document}\n{between}\n{document}\n"))
    assert len(found.problems) == 1
    assert len(found.policies) == 1
