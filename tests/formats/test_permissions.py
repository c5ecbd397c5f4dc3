"""Resources that are one statement of a policy: linted as it, at their properties, not changed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from multitool_lint.diagnostics.rule import Severity
from multitool_lint.formats import read_source
from multitool_lint.formats.permissions import permissions
from multitool_lint.linter.engine import lint_source
from multitool_lint.rewrite.expand import expand
from multitool_lint.rewrite.fix import fix
from multitool_lint.rewrite.in_file import rewrite_all
from multitool_lint.syntax.source import Source

INVOKE = {"Action": "lambda:InvokeFunction", "FunctionName": "orders"}
S3 = INVOKE | {"Principal": "s3.amazonaws.com"}
PUT = {"Action": "events:PutEvents", "StatementId": "Everyone", "Principal": "*"}
ARN = "arn:aws:lambda:us-east-1:111122223333:function:orders"

CONFUSED, PUBLIC = ["unrestricted-service-principal"], ["public-access"]

ATTRIBUTES = {
    "Action": "action",
    "Condition": "condition",
    "EventSourceToken": "event_source_token",
    "FunctionName": "function_name",
    "FunctionUrlAuthType": "function_url_auth_type",
    "Key": "key",
    "Principal": "principal",
    "PrincipalOrgID": "principal_org_id",
    "SourceAccount": "source_account",
    "SourceArn": "source_arn",
    "StatementId": "statement_id",
    "Type": "type",
    "Value": "value",
}
TERRAFORM = {
    "AWS::Lambda::Permission": "aws_lambda_permission",
    "AWS::Events::EventBusPolicy": "aws_cloudwatch_event_permission",
}
LAMBDA, BUS = TERRAFORM
Json = dict[str, Any]

CASES = [
    (LAMBDA, S3, CONFUSED, "s3.amazonaws.com"),
    (
        LAMBDA,
        S3 | {"SourceArn": "arn:aws:s3:::uploads"},
        ["missing-paired-condition-key"],
        "arn:aws:s3:::uploads",
    ),
    (LAMBDA, S3 | {"SourceAccount": "111122223333"}, [], ""),
    (
        LAMBDA,
        INVOKE
        | {
            "Principal": "apigateway.amazonaws.com",
            "SourceArn": "arn:aws:execute-api:us-east-1:111122223333:a1b2c3/*/GET/orders",
        },
        [],
        "",
    ),
    (LAMBDA, INVOKE | {"Principal": "alexa-appkit.amazon.com"}, CONFUSED, "alexa-appkit"),
    (
        LAMBDA,
        INVOKE | {"Principal": "alexa-connectedhome.amazon.com", "EventSourceToken": "amzn1.ask"},
        [],
        "",
    ),
    (LAMBDA, INVOKE | {"Principal": "*"}, PUBLIC, "*"),
    (LAMBDA, INVOKE | {"Principal": "*", "PrincipalOrgID": "o-a1b2c3d4e5"}, [], ""),
    (LAMBDA, INVOKE | {"Principal": "111122223333"}, [], ""),
    (LAMBDA, INVOKE | {"Principal": 111122223333}, [], ""),
    (LAMBDA, INVOKE | {"Principal": "arn:aws:iam::111122223333:role/caller"}, [], ""),
    (
        LAMBDA,
        INVOKE | {"Principal": "s3.amazonaws.con", "SourceAccount": "111122223333"},
        ["invalid-service-principal"],
        "s3.",
    ),
    (
        LAMBDA,
        {"Action": "lambda:InvokeFunctoin", "FunctionName": ARN, "Principal": "111122223333"},
        ["unknown-action"],
        "lambda:InvokeFunctoin",
    ),
    (BUS, PUT, PUBLIC, "*"),
    (
        BUS,
        PUT
        | {
            "Condition": {
                "Type": "StringEquals",
                "Key": "aws:PrincipalOrgID",
                "Value": "o-a1b2c3d4e5",
            }
        },
        [],
        "",
    ),
    (BUS, PUT | {"Principal": "111122223333"}, [], ""),
]


def template(type_: str, properties: Json) -> str:
    return json.dumps({"Resources": {"It": {"Type": type_, "Properties": properties}}}, indent=1)


def attributes(properties: Json) -> Json:
    return {
        ATTRIBUTES[key]: attributes(value) if isinstance(value, dict) else value
        for key, value in properties.items()
    }


def block(head: str, values: Json) -> str:
    lines = [
        block(key, value) if isinstance(value, dict) else f"{key} = {json.dumps(value)}"
        for key, value in values.items()
    ]
    return "\n".join([f"{head} {{", *lines, "}"])


def sources(type_: str, properties: Json) -> list[Source]:
    """The same permission in every format that has it."""
    resource, values = TERRAFORM[type_], attributes(properties)
    change = {"after": values, "after_unknown": {"id": True}}
    plan = {
        "format_version": "1.2",
        "terraform_version": "1.9.0",
        "resource_changes": [{"address": f"{resource}.it", "type": resource, "change": change}],
    }
    return [
        Source("template.json", template(type_, properties)),
        Source("main.tf", block(f'resource "{resource}" "it"', values)),
        Source("main.tf.json", json.dumps({"resource": {resource: {"it": values}}})),
        Source("plan.json", json.dumps(plan)),
    ]


@pytest.mark.parametrize(("type_", "properties", "rules", "at"), CASES)
def test_a_permission_is_linted_as_the_statement_that_it_is(
    type_: str, properties: Json, rules: list[str], at: str
) -> None:
    for source in sources(type_, properties):
        report = lint_source(source)
        assert report.policy_count == 1, source.path
        assert [finding.rule for finding in report.findings] == rules, source.path
        for finding in report.findings:
            assert source.part(finding.span).strip('"').startswith(at), source.path


@pytest.mark.parametrize(("type_", "properties", "rules", "at"), CASES)
def test_a_permission_is_not_changed(
    type_: str, properties: Json, rules: list[str], at: str
) -> None:
    del rules, at
    for source in sources(type_, properties | {"Action": "lambda:Invok*"}):
        assert fix(source, unsafe=True).text == source.text
        expanded = rewrite_all(source, expand, type=None, resource_type=None, catalog=None)
        assert expanded.text == source.text


def statements(type_: str, properties: Json) -> list[list[Json]]:
    read = read_source(Source("template.yaml", template(type_, properties)))
    return [json.loads(found.policy.source.text)["Statement"] for found in read.policies]


def test_properties_become_what_aws_writes_into_the_policy() -> None:
    properties = S3 | {
        "FunctionName": ARN,
        "SourceArn": "arn:aws:s3:::uploads",
        "SourceAccount": 111122223333,
        "FunctionUrlAuthType": "AWS_IAM",
        "InvokedViaFunctionUrl": True,
    }
    ((statement,),) = statements(LAMBDA, properties)
    statement.pop("Sid")
    assert statement == {
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "lambda:InvokeFunction",
        "Resource": ARN,
        "Condition": {
            "ArnLike": {"aws:SourceArn": "arn:aws:s3:::uploads"},
            "StringEquals": {
                "aws:SourceAccount": "111122223333",
                "lambda:FunctionUrlAuthType": "AWS_IAM",
            },
            "Bool": {"lambda:InvokedViaFunctionUrl": "true"},
        },
    }


@pytest.mark.parametrize(
    ("type_", "properties"),
    [
        ("AWS::Lambda::LayerVersionPermission", {"Action": "lambda:GetLayerVersion"}),
        ("AWS::Signer::ProfilePermission", {"Action": "signer:StartSigningJob"}),
    ],
)
def test_other_resources_are_statements_too(type_: str, properties: Json) -> None:
    for principal, rules in (("*", PUBLIC), ("111122223333", [])):
        report = lint_source(
            Source("template.json", template(type_, properties | {"Principal": principal}))
        )
        assert [finding.rule for finding in report.findings] == rules


def test_a_layer_is_named_by_an_arn_without_its_version() -> None:
    text = """resource "aws_lambda_layer_version_permission" "it" {
  layer_name     = "arn:aws:lambda:us-west-2:111122223333:layer:tools"
  version_number = 1
  principal      = "111122223333"
  action         = "lambda:GetLayerVersion"
  statement_id   = "tools"
}
"""
    assert not lint_source(Source("main.tf", text)).findings


PAIRED = ["missing-paired-condition-key"]
"""A source of Amazon S3 is a bucket, whose ARN has no account."""


@pytest.mark.parametrize(
    ("value", "rules"),
    [("aws_sns_topic.uploads.arn", []), ("var.arn", PAIRED), ('"${var.prefix}-x"', [])],
)
def test_an_unknown_source_may_restrict(value: str, rules: list[str]) -> None:
    text = block('resource "aws_lambda_permission" "it"', attributes(S3))
    with_source = text.replace("principal =", f"source_arn = {value}\nprincipal =")
    found = lint_source(Source("main.tf", with_source)).findings
    assert [finding.rule for finding in found] == rules


@pytest.mark.parametrize("value", ["null", '""'])
def test_an_empty_source_does_not_restrict(value: str) -> None:
    text = block('resource "aws_lambda_permission" "it"', attributes(S3))
    without = text.replace("principal =", f"source_arn = {value}\nprincipal =")
    assert [f.rule for f in lint_source(Source("main.tf", without)).findings] == CONFUSED


def test_an_unknown_principal_may_be_anyone_of_ones_own() -> None:
    text = block('resource "aws_lambda_permission" "it"', attributes(INVOKE))
    unknown = text.replace("action =", "principal = var.principal\naction =")
    assert not lint_source(Source("main.tf", unknown)).findings


def test_a_source_that_is_known_after_apply_may_restrict() -> None:
    plan = sources(LAMBDA, S3)[-1]
    waiting = plan.text.replace('{"id": true}', '{"source_arn": true}')
    found = lint_source(Source(plan.path, waiting)).findings
    assert [finding.rule for finding in found] == PAIRED
    deleted = json.loads(plan.text)
    deleted["resource_changes"][0]["change"]["after"] = None
    assert not lint_source(Source(plan.path, json.dumps(deleted))).policy_count


def test_each_case_of_a_condition_is_linted() -> None:
    document = json.loads(template(LAMBDA, S3))
    document["Conditions"] = {"Known": {"Fn::Equals": [{"Ref": "Stage"}, "live"]}}
    properties = document["Resources"]["It"]["Properties"]
    arn, nothing = {"Fn::GetAtt": ["Bucket", "Arn"]}, {"Ref": "AWS::NoValue"}
    for source, rules in (
        (arn, PAIRED),
        (nothing, CONFUSED),
        ({"Fn::If": ["Known", arn, nothing]}, [*CONFUSED, *PAIRED]),
        ({"Fn::If": ["Known", arn, {"Ref": "Parameter"}]}, PAIRED * 2),
    ):
        properties["SourceArn"] = source
        report = lint_source(Source("template.json", json.dumps(document)))
        assert sorted(finding.rule for finding in report.findings) == sorted(rules)


def test_parts_that_aws_expands_are_not_read() -> None:
    text = template(LAMBDA, {"Fn::Transform": {"Name": "AWS::Include"}, "Principal": "*"})
    report = lint_source(Source("template.json", text))
    assert not report.findings
    assert [skipped.unread for skipped in report.skipped] == [True]


def test_a_statement_in_a_string_is_listed_as_not_read() -> None:
    text = template(BUS, {"StatementId": "One", "Statement": json.dumps({"Effect": "Allow"})})
    report = lint_source(Source("template.json", text))
    assert not report.findings
    assert [skipped.unread for skipped in report.skipped] == [True]


def test_a_url_without_authentication_is_for_everyone() -> None:
    url = {"Action": "lambda:InvokeFunctionUrl", "FunctionName": "hook", "Principal": "*"}
    for type_, severity in (("NONE", Severity.WARNING), ("AWS_IAM", Severity.SECURITY)):
        source = sources(LAMBDA, url | {"FunctionUrlAuthType": type_})[0]
        assert [finding.severity for finding in lint_source(source).findings] == [severity]


WORDS = ["*", "s3.amazonaws.com", "${x}", "$${x}", "arn:aws:s3:::b", "", "lambda:*", "StringEquals"]
SCALARS = st.none() | st.booleans() | st.integers() | st.sampled_from(WORDS) | st.text(max_size=4)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["Ref", "Fn::Sub", "Type", "Key"]), inner, max_size=2)
    ),
    max_leaves=4,
)


@pytest.mark.parametrize("type_", TERRAFORM)
@settings(max_examples=100)
@given(st.data())
@pytest.mark.slow
def test_no_value_is_too_awkward(type_: str, data: st.DataObject) -> None:
    names = sorted({name.partition(".")[0] for name in permissions()[type_].properties})
    properties = data.draw(st.dictionaries(st.sampled_from(names), VALUES, max_size=5))
    document = {"resource": {TERRAFORM[type_]: {"it": attributes_of(properties)}}}
    for source in (
        Source("template.json", template(type_, properties)),
        Source("main.tf.json", json.dumps(document)),
    ):
        assert "internal-error" not in {finding.rule for finding in lint_source(source).findings}
        assert fix(source, unsafe=True).text == source.text


def attributes_of(properties: Json) -> Json:
    return {ATTRIBUTES.get(key, key.lower()): value for key, value in properties.items()}


def test_events_of_a_sam_function_are_not_statements() -> None:
    event = {"Type": "S3", "Properties": {"Bucket": {"Ref": "Bucket"}, "Principal": "*"}}
    text = template("AWS::Serverless::Function", {"Events": {"Upload": event}})
    assert not read_source(Source("template.json", text)).policies


def test_the_table_names_elements_and_known_condition_keys() -> None:
    for type_, permission in permissions().items():
        elements = {part.path[0] for part in permission.parts}
        assert {"Action", "Principal", "Resource"} <= elements, type_
        assert len(set(permission.properties)) == len(permission.properties), type_
